"""Forms of parameters: which values one can have, how each is read from a text and written, and what it is called."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Value = Any  # of a parameter: of the type that its form reads
LONGEST = 1500  # characters of a text that an address holds
_NONE = "none-of-them"


@dataclass(frozen=True)
class Choice:
    """A choice of one slug. options : slug -> title. buttons : whether all stand side by side."""

    options: Mapping[str, str]
    buttons: bool = False

    def parse(self, raw: str) -> str | None:
        return raw if raw in self.options else None

    def holds(self, value: Value) -> bool:  # of a session that may keep what another form left
        return value in self.options

    def write(self, value: str) -> str:
        return value

    def title_of(self, value: str) -> str:
        return self.options[value]

    @property
    def remedy(self) -> str:
        return f"choose one of {_listed(list(self.options))}"


@dataclass(frozen=True)
class OpenChoice(Choice):
    """A choice of one slug, or of another that a person knows.

    other : the title of such a one, None where it cannot be used. limit : what bounds it, for the remedy.
    """

    other: Callable[[str], str | None] = lambda raw: None
    limit: str = ""

    @property
    def remedy(self) -> str:
        return super().remedy + (f" ({self.limit})" if self.limit else "")

    def parse(self, raw: str) -> str | None:
        return raw if self.holds(raw) else None

    def holds(self, value: Value) -> bool:
        return value in self.options or (isinstance(value, str) and self.other(value) is not None)

    def title_of(self, value: str) -> str:
        return self.options.get(value) or self.other(value) or value


@dataclass(frozen=True)
class GroupedChoice(Choice):
    """One of many slugs, told apart by groups and by sight.

    group_of : the title of a slug's group. marks_of : places from 0 to 1 of the strokes that draw what a slug stands for.
    """

    group_of: Callable[[str], str] = lambda slug: ""
    marks_of: Callable[[str], Sequence[float]] = lambda slug: ()


@dataclass(frozen=True)
class Levels(Choice):
    """The stops of the live slider; made by ``levels``."""

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(self.options)


def levels(labels: Sequence[str]) -> Levels:
    """Stops of the slider, each label its own title."""
    return Levels({label: label for label in labels})


@dataclass(frozen=True)
class Number:
    """A number from low to high; whole ones where both ends are ``int``."""

    low: float
    high: float
    step: float | None = None

    @property
    def whole(self) -> bool:
        return isinstance(self.low, int) and isinstance(self.high, int)

    def parse(self, raw: str) -> float | None:
        try:
            value = int(raw) if self.whole else float(raw)
        except ValueError:
            return None
        return value if self.holds(value) else None

    def holds(self, value: Value) -> bool:
        return isinstance(value, int | float) and self.low <= value <= self.high

    def write(self, value: float) -> str:
        return exact(value)

    def title_of(self, value: float) -> str:
        return exact(value)

    @property
    def remedy(self) -> str:
        return f"choose a number from {exact(self.low)} to {exact(self.high)}"


@dataclass(frozen=True)
class Text:
    """Words that a person or a link writes. allowed : which of them can be used, all if nothing is said."""

    allowed: Callable[[str], bool] = lambda raw: True
    remedy: str = ""
    placeholder: str = ""
    area: bool = False

    def parse(self, raw: str) -> str | None:
        return raw if self.allowed(raw) else None

    def holds(self, value: Value) -> bool:
        return isinstance(value, str) and self.allowed(value)

    def write(self, value: str) -> str:
        return value

    def title_of(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class File(Text):
    """A file that was brought, by its name in addresses. kind : what it is, where a lab takes several kinds."""

    kind: str = ""
    endings: tuple[str, ...] = ()
    most: int = 0  # bytes
    notes: Callable[[str], Sequence[str]] | None = None  # on how a file was read, in sentences


@dataclass(frozen=True)
class Several:
    """A choice of any slugs, joined by commas."""

    options: Mapping[str, str]

    def parse(self, raw: str) -> tuple[str, ...] | None:
        chosen = () if raw == _NONE else tuple(raw.split(","))
        return chosen if self.holds(chosen) and len(set(chosen)) == len(chosen) else None

    def holds(self, value: Value) -> bool:
        return isinstance(value, tuple | list) and all(slug in self.options for slug in value)

    def write(self, value: Sequence[str]) -> str:
        return ",".join(value) or _NONE

    def title_of(self, value: Sequence[str]) -> str:
        return ", ".join(self.options[slug] for slug in value) or "none"

    @property
    def remedy(self) -> str:
        return f"choose one of {_listed(list(self.options))}"


Form = Choice | Number | Text | Several


def exact(value: float) -> str:
    """The shortest text that reads back as this very number.

    >>> exact(3), exact(1.0), exact(99.9), exact(99.99999), exact(1e-7)
    ('3', '1', '99.9', '99.99999', '1e-07')
    """
    short = f"{value:g}"
    return str(value) if isinstance(value, int) else short if float(short) == value else repr(value)


def _listed(slugs: Sequence[str]) -> str:
    shown = ", ".join(slugs[:8])
    return f"{shown} and {len(slugs) - 8} more" if len(slugs) > 8 else shown


def finite_number(raw: str) -> float | None:
    """The finite number that a text writes, None for others.

    >>> finite_number("0.5"), finite_number("nan"), finite_number("x")
    (0.5, None, None)
    """
    try:
        value = float(raw)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
