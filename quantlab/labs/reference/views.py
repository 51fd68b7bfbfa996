"""The pictures of the reference: the room of each, and the part of a request that it shows."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from quantlab.labs.reference import films
from quantlab.labs.reference.request import ReferenceRequest
from quantlab.progress import Steps
from quantlab.tasks import Task

Arguments = tuple[Any, ...]  # of the function that draws; each picture has its own


@dataclass(frozen=True)
class View:
    """A picture of one room. arguments : what of a request it shows, None where there is nothing to draw."""

    room: str
    meaning: str
    draw: Callable[..., bytes]
    arguments: Callable[[ReferenceRequest], Arguments | None] = lambda request: ()


def _word(request: ReferenceRequest) -> Arguments | None:
    """Format and value of the word, of a format whose values fit on a line."""
    reading = request.reading
    return None if reading is None or request.format is None or request.format.bits > 8 else (request.format, reading.value)


VIEWS = {
    "scheme-lines": View("schemes", "the levels of every scheme on one number line", films.scheme_lines),
    "format-lines": View("formats", "the values of small formats", films.format_lines, lambda request: (request.format,)),
    "value-line": View("bits-of", "all values of the format, that of the word marked", films.value_line, _word),
    "ranges": View("ranges", "rounding and clipping error against the range, with every rule's choice", films.range_film),
    "roundings": View("roundings", "each rounding's error against the place between two codes", films.rounding_lines),
}


def film_task(name: str, request: ReferenceRequest) -> Task[bytes] | None:
    """Drawing this view, None where the request has nothing to draw in it. Views that show the same are drawn once."""
    view = VIEWS[name]
    arguments = view.arguments(request) if view.room == request.room else None
    if arguments is None:
        return None
    key: Hashable = ("reference film", name, arguments)
    return Task(key, lambda: _steps(view, arguments), "Drawing")


def _steps(view: View, arguments: Arguments) -> Steps[bytes]:
    yield 0, 1
    return view.draw(*arguments)
