"""Every scheme there is: a file of this folder that ends in ``SCHEME = Scheme(...)`` is registered by being here."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeVar

from quantlab.schemes.base import Knob, Scheme

T = TypeVar("T")


def lookup(registry: Mapping[str, T], slug: str, what: str) -> T:
    """The entry, or a ValueError that names the nearest slug and all others."""
    try:
        return registry[slug]
    except (KeyError, TypeError):
        near = get_close_matches(str(slug), registry, n=1)
        hint = f"; did you mean {near[0]!r}" if near else ""
        raise ValueError(f"{what} {slug!r} is unknown{hint}; there are {', '.join(registry)}") from None


def _registered() -> dict[str, Scheme]:
    found = [
        import_module(f"{__name__}.{module.name}").SCHEME
        for module in iter_modules(__path__)
        if module.name != "base" and not module.name.startswith("_")
    ]
    return {scheme.slug: scheme for scheme in sorted(found, key=lambda s: (s.rank, s.slug))}


SCHEMES: dict[str, Scheme] = _registered()

__all__ = ["SCHEMES", "Knob", "Scheme", "lookup"]
