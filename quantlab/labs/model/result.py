"""Results of the model lab: what both rooms have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from quantlab.film import Strip, words_film
from quantlab.labs.model.frames import Frames
from quantlab.labs.model.request import ModelRequest
from quantlab.labs.of_request import OfRequest


@dataclass(frozen=True, eq=False)
class ModelResult(OfRequest):
    """One room at all stops. frames : plans and totals of each."""

    request: ModelRequest
    films: Mapping[str, bytes]
    texts: Mapping[str, str]
    table: Callable[[], str]
    programs: Callable[[str], str]
    frames: Frames
    stage: int = 0

    def words(self, label: str) -> str:
        """What to notice at this stop."""
        return self.texts[label]

    def program(self, label: str) -> str:
        """The program that reproduces this stop."""
        return self.programs(label)

    def csv(self) -> str:
        """The numbers of all stops."""
        return self.table()


def words_of(texts: Mapping[str, str]) -> bytes:
    """The film of the sentences."""
    return words_film(Strip(tuple(texts)), list(texts.values()))
