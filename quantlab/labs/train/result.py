"""A result of the training lab, whatever the room."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from quantlab.film import Strip, words_film


@dataclass(frozen=True, eq=False)
class TrainResult:
    """sentences : what to notice at each label. rows : the table, one row a label, its first column the label. network : the slug under which
    the network labs offer what was trained, "" where nothing is."""

    labels: tuple[str, ...]
    pictures: Mapping[str, bytes]
    sentences: Sequence[str]
    columns: tuple[str, ...]
    rows: Sequence[Sequence[object]]
    write_program: Callable[[str], str]
    stage: int = 0
    network: str = ""

    @property
    def films(self) -> Mapping[str, bytes]:
        return {**self.pictures, "words": words_film(Strip(self.labels), list(self.sentences))}

    def words(self, label: str) -> str:
        """What to notice at this level."""
        return self.sentences[self.labels.index(label)]

    def program(self, label: str) -> str:
        """The program that reproduces this level."""
        return self.write_program(label)

    def csv(self) -> str:
        """Every level and its numbers."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(self.rows)
        return text.getvalue()
