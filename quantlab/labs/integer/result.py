"""The result of one room: films, and for every stop of the slider a sentence and a program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quantlab.film import Strip, words_film

Cell = str | int | float
NOT_YET = "This level is being computed."


@dataclass(frozen=True)
class IntegerResult:
    """One room. sentences, programs : of each label. table : the CSV. facts : what the room says once, as Markdown, below its films."""

    room: str
    labels: tuple[str, ...]
    films: Mapping[str, bytes]
    sentences: tuple[str, ...]
    programs: tuple[str, ...]
    table: str
    stage: int = 0
    facts: str = ""

    def words(self, label: str) -> str:
        """What to notice at this level."""
        return self.sentences[self.labels.index(label)]

    def program(self, label: str) -> str:
        """The program that reproduces this level."""
        return self.programs[self.labels.index(label)]

    def csv(self) -> str:
        """The numbers of all levels."""
        return self.table


def table_of(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Rows as CSV, floats in full.

    >>> table_of(["bits", "top1"], [[8, 0.5]])
    'bits,top1\\n8,0.5\\n'
    """
    return "".join(",".join(map(str, row)) + "\n" for row in (head, *rows))


def spoken(strip: Strip, sentences: Sequence[str]) -> bytes:
    """The film of the sentences."""
    return words_film(strip, sentences)
