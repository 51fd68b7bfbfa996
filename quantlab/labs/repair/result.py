"""A result of the repair lab, and the network that its rooms look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock

from cachetools import cached

from quantlab.film import Strip, words_film
from quantlab.labs.of_request import OfRequest
from quantlab.labs.repair.request import RepairRequest
from quantlab.memory import Cache
from quantlab.networks import engine


@dataclass(frozen=True, eq=False)
class RepairResult(OfRequest):
    """One room at all levels. texts, programs : what to notice, and the program, at each level. table : the CSV.

    gains : points that the person's own repairs win at each level, in the room that measures it. rows : the ablation as a
    table, a mapping for each repair. bounds : places that a caption names.
    """

    request: RepairRequest
    films: Mapping[str, bytes]
    texts: Mapping[str, str]
    table: str
    programs: Callable[[RepairRequest, str], str]
    stage: int = 0
    gains: Mapping[str, float] = field(default_factory=dict)
    rows: tuple[Mapping[str, str], ...] = ()
    note: str = ""

    def words(self, label: str) -> str:
        """What to notice at this level."""
        return self.texts[label]

    def program(self, label: str) -> str:
        """The program that reproduces this level."""
        return self.programs(self.request, label)

    def csv(self) -> str:
        """The numbers of all levels."""
        return self.table


def words_of(texts: Mapping[str, str]) -> bytes:
    """The film of the sentences."""
    return words_film(Strip(tuple(texts)), list(texts.values()))


def lines(header: list[str], rows: list[list[str]]) -> str:
    """A table as CSV."""
    return "\n".join(",".join(row) for row in [header, *rows]) + "\n"


@cached(Cache(6), lock=Lock())
def evaluator(source: str, images: int) -> engine.Evaluator:
    """The network on its first test images."""
    return engine.Evaluator(engine.Runner(*engine.named(source), images=images))
