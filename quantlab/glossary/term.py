"""One term of the glossary."""

from __future__ import annotations

from dataclasses import dataclass

from quantlab.caching import cached_property


@dataclass(frozen=True)
class Term:
    """A term in one plain line.

    also : other names of it. shown : what ``address`` shows, a few words. address : a state of a lab that shows it, as
    "tensor?bits=2". related : names of other terms. source : where the line makes a claim, who says so.
    """

    name: str
    line: str
    shown: str
    address: str
    related: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    source: str = ""

    @cached_property
    def text(self) -> str:
        """All that a search looks through."""
        return " ".join((self.name, *self.also, self.line)).casefold()
