"""A mistake: a wrong idea by which exercises are often answered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """A wrong idea. title : its name. hint : what to say, ``{said}`` is what the student answered. see : a state that refutes it."""

    slug: str
    title: str
    hint: str
    see: str
