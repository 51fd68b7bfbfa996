"""Memory of caches: what all of them keep is weighed together, and what is heavy and long unused goes where that is too much.

``QUANTLAB_CACHE_MB`` caps it, 2000 where nothing is said. What several results share is counted with each, so that less is held than is
counted. A result that weighs little is not counted, and the last one that came stays whatever it weighs.
"""

from __future__ import annotations

import itertools
import os
import types
from collections.abc import Hashable, Iterator, MutableMapping
from dataclasses import is_dataclass
from threading import Lock
from typing import Any, Generic, TypeVar

import numpy as np

K = TypeVar("K")
V = TypeVar("V")
SETTING = "QUANTLAB_CACHE_MB"
LIGHT = 1 << 16  # bytes below which a result is not counted
_MOST_PARTS = 50_000  # of a result that are looked at
_questions = itertools.count()
_OPAQUE = (type, types.ModuleType, types.BuiltinFunctionType, str, int, float, complex, type(None))


def weigh(value: object) -> int:
    """Bytes of the arrays, tensors and byte strings that a value holds, each once; a view counts what it keeps alive.

    >>> x = np.zeros(1000)
    >>> weigh(x), weigh([x, x[:10], {"same": x}]), weigh((b"12345", "text"))
    (8000, 8000, 5)
    """
    seen: set[int] = set()
    parts, total = [value], 0
    while parts and len(seen) < _MOST_PARTS:
        part = parts.pop()
        while isinstance(part, np.ndarray) and isinstance(part.base, np.ndarray):
            part = part.base
        if isinstance(part, _OPAQUE) or id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, bytes | bytearray):
            total += len(part)
        elif not is_dataclass(part) and isinstance(size := getattr(part, "nbytes", None), int):
            total += size  # a dataclass of ours may speak so of a file: what it holds is looked at
        else:
            parts += _inside(part)
    return total


def _inside(part: Any) -> Iterator[object]:  # of any type: what a result is made of
    if isinstance(part, dict | types.MappingProxyType):
        yield from list(part.values())  # at once: another thread may add to it
    elif isinstance(part, list | tuple | set | frozenset):
        yield from list(part)
    elif isinstance(part, types.FunctionType):
        yield from (cell.cell_contents for cell in part.__closure__ or () if cell != types.CellType())
    elif isinstance(part, types.MethodType):
        yield part.__self__
    elif hasattr(part, "func") and hasattr(part, "keywords"):  # of functools.partial
        yield from (part.func, part.args, part.keywords)
    yield from list(vars(part).values()) if hasattr(part, "__dict__") else ()
    yield from (getattr(part, name, None) for name in getattr(type(part), "__slots__", ()) if isinstance(name, str))


class _Entry(Generic[V]):
    """A result in a cache. used : when it was asked for last, by a clock that counts questions."""

    __slots__ = ("nbytes", "used", "value")

    def __init__(self, value: V, nbytes: int) -> None:
        self.value, self.nbytes, self.used = value, nbytes, next(_questions)


class Ledger:
    """What caches hold that is heavy. most : bytes of all.

    What weighs most times the questions since it was used goes first, of equal weights the least recently used: networks that are loaded
    would else push out hundreds of results of a hundredth of their weight.
    """

    def __init__(self, most: int) -> None:
        self.most, self.held = most, 0
        self._entries: dict[tuple[int, Hashable], tuple[Cache[Any, Any], _Entry[Any]]] = {}
        self._lock = Lock()

    def note(self, cache: Cache[Any, Any], key: Hashable, entry: _Entry[Any]) -> None:
        """A cache keeps something new: others give way where that is too much."""
        too_much = []
        with self._lock:
            self._remove(id(cache), key)
            self._entries[id(cache), key] = cache, entry
            self.held += entry.nbytes
            while self.held > self.most and len(self._entries) > 1:
                others = (place for place in self._entries if place != (id(cache), key))
                now = next(_questions)
                oldest = max(others, key=lambda place: self._cost(place, now))
                too_much.append((self._entries[oldest][0], oldest[1]))
                self._remove(*oldest)
        for other, old in too_much:  # without the lock: a cache has its own
            other.discard(old)

    def _cost(self, place: tuple[int, Hashable], now: int) -> int:
        entry = self._entries[place][1]
        return entry.nbytes * (now - entry.used)

    def forget(self, cache: Cache[Any, Any], key: Hashable) -> None:
        """The cache holds it no longer."""
        with self._lock:
            self._remove(id(cache), key)

    def _remove(self, cache: int, key: Hashable) -> None:
        if (cache, key) in self._entries:
            self.held -= self._entries.pop((cache, key))[1].nbytes


def most_of(text: str) -> int:
    """Bytes from a setting in MB; ValueError with the remedy for what is no number.

    >>> most_of(""), most_of("500")
    (2000000000, 500000000)
    """
    text = text.strip() or "2000"
    if not text.isdecimal():
        raise ValueError(f"{SETTING} is {text!r}; write a whole number of MB")
    return int(text) * 10**6


LEDGER = Ledger(most_of(os.environ.get(SETTING, "")))


class Cache(MutableMapping[K, V]):
    """The last results by key, at most ``maxsize`` (None for any number), weighed with those of all other caches; for several threads.

    A look-up takes no lock: sixty pages that look up at once would stand in line for it, each for as long as one thread runs.
    """

    def __init__(self, maxsize: int | None, ledger: Ledger | None = None) -> None:
        self.maxsize, self._ledger = maxsize, ledger or LEDGER
        self._values: dict[K, _Entry[V]] = {}
        self._lock = Lock()

    def __getitem__(self, key: K) -> V:
        entry = self._values[key]
        entry.used = next(_questions)
        return entry.value

    def __setitem__(self, key: K, value: V) -> None:
        entry, gone = _Entry(value, weigh(value)), []
        with self._lock:
            before = self._values.pop(key, None)
            if self.maxsize != 0:
                self._values[key] = entry
            while self.maxsize is not None and len(self._values) > self.maxsize:
                oldest = min(self._values, key=lambda known: self._values[known].used)
                gone += [oldest] if self._values.pop(oldest).nbytes >= LIGHT else []
        for old in gone:
            self._ledger.forget(self, old)
        if entry.nbytes >= LIGHT and self.maxsize != 0:
            self._ledger.note(self, key, entry)
        elif before is not None and before.nbytes >= LIGHT:
            self._ledger.forget(self, key)

    def __delitem__(self, key: K) -> None:
        with self._lock:
            entry = self._values.pop(key)
        if entry.nbytes >= LIGHT:
            self._ledger.forget(self, key)

    def discard(self, key: K) -> None:
        """Drop what the ledger has counted out already."""
        with self._lock:
            self._values.pop(key, None)

    def __iter__(self) -> Iterator[K]:
        """The least recently used first."""
        with self._lock:
            return iter(sorted(self._values, key=lambda key: self._values[key].used))

    def __len__(self) -> int:
        return len(self._values)

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__
