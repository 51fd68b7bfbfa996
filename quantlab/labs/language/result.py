"""A result of the language lab, and what is known of one request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from quantlab.film import Strip, words_film
from quantlab.labs.language.request import LanguageRequest
from quantlab.labs.of_request import OfRequest
from quantlab.language.evaluation import Scores
from quantlab.language.few_bits import cache_bytes
from quantlab.language.methods import FLOAT


@dataclass(frozen=True, eq=False)
class Frames:
    """What is known of a request. exact : of the model as it is. levels : by stop, those that are known yet."""

    request: LanguageRequest
    exact: Scores
    levels: Mapping[str, Scores]

    @property
    def unit(self) -> str:
        """What one token is called: a byte, or a token."""
        return self.request.model.unit

    @property
    def known(self) -> list[str]:
        """Stops that are known, in the slider's order."""
        return [stop for stop in self.request.labels if stop in self.levels]

    @property
    def coming(self) -> str:
        """What a chart of all stops says as long as some are not known, "" once all are."""
        missing = len(self.request.labels) - len(self.known)
        return f"{missing} more stop{'s are' if missing > 1 else ' is'} being measured" if missing else ""

    def bits(self, stop: str) -> float:
        """Bits a weight over all tensors, scales counted."""
        return self.request.plan(stop).bits_per_weight(self.request.model.config)

    def linear_bits(self, stop: str) -> float:
        """Bits a weight of the linear layers alone."""
        config, plan = self.request.model.config, self.request.plan(stop)
        parts = [(n, s) for n, s in config.shapes().items() if len(s) == 2 and "proj" in n]
        return sum(s[0] * s[1] * plan.bits(config, n) for n, s in parts) / sum(s[0] * s[1] for _, s in parts)

    def bytes(self, stop: str) -> float:
        """Bytes of all weights."""
        return self.request.plan(stop).bytes(self.request.model.config)

    @property
    def cache(self) -> float:
        """Bytes of the cache of one whole context."""
        config = self.request.model.config
        return cache_bytes(config.layers, config.key_heads, config.head, config.context, self.request.few)

    def untouched(self, stop: str) -> bool:
        """Whether nothing is rounded there."""
        r = self.request
        return stop == FLOAT and r.few.idle and r.embedding == r.head == FLOAT


@dataclass(frozen=True, eq=False)
class LanguageResult(OfRequest):
    """One room at all levels. texts : what to notice at each. table : the CSV. programs : of a request and a level. frames : where whole models were scored."""

    request: LanguageRequest
    films: Mapping[str, bytes]
    texts: Mapping[str, str]
    table: Callable[[], str]
    programs: Callable[[LanguageRequest, str], str]
    stage: int
    frames: Frames | None = None

    def words(self, label: str) -> str:
        """What to notice at this level."""
        return self.texts[label]

    def program(self, label: str) -> str:
        """The program that reproduces this level."""
        return self.programs(self.request, label)

    def csv(self) -> str:
        """The numbers of all levels."""
        return self.table()


def words_of(texts: Mapping[str, str]) -> bytes:
    """The film of the sentences."""
    return words_film(Strip(tuple(texts)), list(texts.values()))


def lines(header: list[str], rows: list[list[str]]) -> str:
    """A table as CSV."""
    return "\n".join(",".join(row) for row in [header, *rows]) + "\n"
