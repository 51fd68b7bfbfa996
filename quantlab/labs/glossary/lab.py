"""What does this word mean?"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from quantlab.glossary import TERMS, Term, find
from quantlab.labs.address import Address, Parameter, Table
from quantlab.labs.forms import Text
from quantlab.labs.lab import Lab
from quantlab.progress import Steps
from quantlab.tasks import Task

_LONGEST = 100  # characters


@dataclass(frozen=True)
class GlossaryResult:
    """The terms that were looked for."""

    terms: Sequence[Term]
    films: Mapping[str, bytes] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    stage: int = 0

    def words(self, label: str) -> str:
        """How many terms were found."""
        if not self.terms:
            return f"No term holds these words. Try one of them alone, or empty the field: the glossary has {len(TERMS)} terms."
        return f"{len(self.terms)} of {len(TERMS)} terms" if len(self.terms) < len(TERMS) else f"{len(TERMS)} terms"

    def program(self, label: str) -> str:
        """No program: nothing is computed."""
        return ""

    def csv(self) -> str:
        """A row for each term."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["term", "also", "line", "related", "source", "state"])
        writer.writerows([t.name, ", ".join(t.also), t.line, ", ".join(t.related), t.source, t.address] for t in self.terms)
        return text.getvalue()


def tasks(address: Address, views: Sequence[str]) -> tuple[Task[GlossaryResult], ...]:
    """The terms that hold the words of the address."""

    def steps() -> Steps[GlossaryResult]:
        yield 0, 1
        return GlossaryResult(find(address["q"]))

    return (Task(("glossary", address["q"]), steps, "Looking up"),)


LAB = Lab(
    slug="glossary",
    title="Glossary",
    icon=":material/dictionary:",
    question="What does this word mean?",
    blurb="Every term in one plain line, with a state of a lab that shows it.",
    table=Table(
        (
            Parameter(
                "q",
                "of the glossary: words that a term's name or line holds",
                Text(
                    lambda raw: len(raw) <= _LONGEST, f"write {_LONGEST} characters at most", placeholder="zero point, Huffman, training …"
                ),
                title="Find a term",
                place="page",
                advice="All terms whose name or line holds these words.",
            ),
        )
    ),
    views={},
    tasks=tasks,
    section="Look up",
    rank=60,
)
