"""Registries: mappings from a slug to the entry of that name, filled by the files of a folder.

This file imports nothing of the project: types, schemes and range rules stand above it, so none of them needs the others
to be found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, TypeVar

from quantlab.caching import cached_property

T = TypeVar("T")


class Entry(Protocol):
    """What every entry says of itself: its name in code and addresses, and its place in lists (small ones first)."""

    @property
    def slug(self) -> str: ...

    @property
    def rank(self) -> int: ...


E = TypeVar("E", bound=Entry)


class Registry(Mapping[str, E]):
    """The entries of a folder by slug, ordered by rank; read-only.

    Every module of the package that binds the constant is an entry by being there; names that begin with ``_``, and
    ``base``, are shared parts. The folder is read when an entry is first asked for: importing the registry imports no entry.

    Parameters
    ----------
    package : the folder, as a dotted name. constant : the name to which each of its modules binds its entry.

    Raises (when first asked)
    ------
    ValueError : a module without the constant, or two with the same slug.
    """

    def __init__(self, package: str, constant: str):
        self.package, self.constant = package, constant

    @cached_property
    def _entries(self) -> dict[str, E]:
        names = [module.name for module in iter_modules(import_module(self.package).__path__)]
        entries: dict[str, E] = {}
        for name in (n for n in names if n != "base" and not n.startswith("_")):
            entry = getattr(import_module(f"{self.package}.{name}"), self.constant, None)
            if entry is None:
                raise ValueError(
                    f"{self.package}.{name} binds no {self.constant}; end it with {self.constant} = ..., or begin its name with _"
                )
            if entry.slug in entries:
                raise ValueError(f"{self.package}.{name} has the slug {entry.slug!r}, and so has another file; choose a new one")
            entries[entry.slug] = entry
        return dict(sorted(entries.items(), key=lambda item: (item[1].rank, item[0])))

    def __getitem__(self, slug: str) -> E:
        return self._entries[slug]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"<{self.package}: {', '.join(self)}>"


def lookup(registry: Mapping[str, T], slug: str, what: str) -> T:
    """The entry, or a ValueError that names the nearest slug and all others."""
    try:
        return registry[slug]
    except (KeyError, TypeError):
        near = get_close_matches(str(slug), registry, n=1)
        hint = f"; did you mean {near[0]!r}" if near else ""
        raise ValueError(f"{what} {slug!r} is unknown{hint}; there are {', '.join(registry)}") from None
