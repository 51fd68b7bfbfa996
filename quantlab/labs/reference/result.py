"""The reference's result, one room: pictures, a table, and the facts of what is looked up there."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quantlab.film import Strip, words_film
from quantlab.labs.address import Address
from quantlab.labs.reference import words
from quantlab.labs.reference.bits import Reading
from quantlab.labs.reference.request import ReferenceRequest, request_of
from quantlab.labs.reference.views import film_task
from quantlab.progress import Steps
from quantlab.schemes import SCHEMES, Scheme
from quantlab.tasks import ENGINE, Task


@dataclass(frozen=True, eq=False)
class ReferenceResult:
    """One room. table : its entries, a row each, none in the room of bits."""

    request: ReferenceRequest
    films: Mapping[str, bytes]
    table: words.Table
    stage: int = 0

    @property
    def labels(self) -> tuple[str, ...]:
        return self.request.labels

    @property
    def scheme(self) -> Scheme | None:
        """The scheme that is looked up, in the room of schemes."""
        return SCHEMES.get(self.request.scheme)

    @property
    def reading(self) -> Reading | None:
        """The reading of the word, in the room of bits."""
        return self.request.reading

    def words(self, label: str) -> str:
        """The sentences on what is looked up, at any level."""
        return words.ABOUT[self.request.room](self.request)

    def program(self, label: str) -> str:
        """No program: the reference computes nothing that a person chose."""
        return ""

    def csv(self) -> str:
        """The table."""
        text = io.StringIO()
        if self.table:
            writer = csv.DictWriter(text, list(self.table[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.table)
        return text.getvalue()


def tasks(address: Address, views: Sequence[str]) -> tuple[Task[ReferenceResult], ...]:
    """The room, with those of the views that hang in it."""
    request, views = request_of(address), tuple(views)
    return (Task(("reference", request, views), lambda: _steps(request, views), "Drawing"),)


def _steps(request: ReferenceRequest, views: tuple[str, ...]) -> Steps[ReferenceResult]:
    films: dict[str, bytes] = {}
    for view in views:
        if view == "words":
            films |= _words(request)
        elif (task := film_task(view, request)) is not None:
            films[view] = yield from ENGINE.once(task)
    return ReferenceResult(request, films, words.TABLES[request.room](request))


def _words(request: ReferenceRequest) -> dict[str, bytes]:
    """What is said about the room, where there is something to say: the same at every level."""
    text = words.ABOUT[request.room](request)
    return {"words": words_film(Strip(request.labels), [text] * max(1, len(request.labels)))} if text else {}
