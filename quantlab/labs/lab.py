"""A lab: a function of its address that returns films, words, the program and the numbers of one question.

Page, lesson, report, embed and exported file all ask for "this lab at this address, these views"; none computes by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from quantlab.labs.address import Address, Subject, Table
from quantlab.progress import Steps
from quantlab.tasks import ENGINE, Task


class LabResult(Protocol):
    """The result of a lab at one address, whatever the level. films : view -> bytes, those that were asked for and are known.

    stage : how much of the address is computed, from 0; the last of the lab's tasks gives everything.
    """

    @property
    def films(self) -> Mapping[str, bytes]: ...
    @property
    def labels(self) -> tuple[str, ...]: ...
    @property
    def stage(self) -> int: ...
    def words(self, label: str) -> str:
        """What to notice at this level, as Markdown."""

    def program(self, label: str) -> str:
        """The Python program that reproduces this level."""

    def csv(self) -> str:
        """The numbers of all levels."""


@dataclass(frozen=True)
class Try:
    """A state worth a look: its title, and what of the address it sets; everything else is the default."""

    title: str
    query: Mapping[str, str]


@dataclass(frozen=True)
class Number:
    """The number that a lab is about. of : a result's, at a level. at : an address's by itself; both None where it is not known.

    unit : of its differences. looked_up : whether ``at`` only looks for what was computed before; else it computes one level.
    """

    unit: str
    of: Callable[[Any, str], float | None]
    at: Callable[[Address], float | None]
    looked_up: bool = False


Tasks = Callable[[Address, Sequence[str]], Sequence[Task[Any]]]  # each gives the lab's own result


@dataclass(frozen=True)
class Lab:
    """A question with its parameters, its views and what computes them.

    slug : of its page, its address and its folder. blurb : one or two sentences for its card. views : what can be shown, name ->
    what it is. tasks : for an address and some views, tasks that each give a ``LabResult``, the quickest first, the whole last.
    extra : the optional part of the installation that it needs. compared : the view that stands beside that of a kept setting
    (``kept.py``), "" where a lab keeps none or draws it in a way of its own.
    eager : with ``extra``, whether all that it opens on is computed before somebody asks, and not its first picture alone.
    number : the one that a try changes, if there is one. section : of the navigation in which it lies folded, "" for one that always
    stands there. rank : its place in lists.
    """

    slug: str
    title: str
    icon: str
    question: str
    blurb: str
    table: Table
    views: Mapping[str, str]
    tasks: Tasks
    tries: tuple[Try, ...] = ()
    number: Number | None = None
    extra: str = ""
    eager: bool = False
    compared: str = ""
    section: str = ""
    rank: int = 100

    @property
    def parameters(self) -> Table:
        """Name, default, choices and meaning of everything in the address."""
        return self.table

    def read(self, query: Mapping[str, str], instead: Subject = None) -> Address:
        """The address that a query writes, with notices of what cannot be used. instead : a subject in place of the query's."""
        return self.table.read(query, instead=instead)

    def show(self, address: Address, views: Sequence[str] | None = None) -> Steps[LabResult]:
        """Progress, and in the end films, words, program and numbers; ValueError for a view that there is none of."""
        return ENGINE.once(self.tasks(address, self.checked(views))[-1])

    def checked(self, views: Sequence[str] | None) -> tuple[str, ...]:
        """The views, all if none are named; ValueError for one that there is none of."""
        if strange := [view for view in views or () if view not in self.views]:
            raise ValueError(f"{self.slug} has no view {strange[0]!r}; it has {', '.join(self.views)}")
        return tuple(self.views) if views is None else tuple(views)

    def compute_ahead(self, most: int | None = None) -> None:
        """Compute what the lab opens on, up to its task number ``most``."""
        for task in self.tasks(self.read({}), tuple(self.views))[:most]:
            ENGINE.ahead(task)
