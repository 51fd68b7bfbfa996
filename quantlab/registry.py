"""Registries: mappings from a slug to the entry of that name."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

T = TypeVar("T")


def lookup(registry: Mapping[str, T], slug: str, what: str) -> T:
    """The entry, or a ValueError that names the nearest slug and all others."""
    try:
        return registry[slug]
    except (KeyError, TypeError):
        near = get_close_matches(str(slug), registry, n=1)
        hint = f"; did you mean {near[0]!r}" if near else ""
        raise ValueError(f"{what} {slug!r} is unknown{hint}; there are {', '.join(registry)}") from None
