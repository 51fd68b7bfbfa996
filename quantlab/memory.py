"""Memory of caches: what all of them keep is weighed together, and the least recently used goes where that is too much.

``QUANTLAB_CACHE_MB`` caps it, 2000 where nothing is said. What several results share is counted with each, so that less is held than is
counted. A result that weighs little is not counted, and the last one that came stays whatever it weighs.
"""

from __future__ import annotations

import os
import types
from collections import OrderedDict
from collections.abc import Hashable, Iterator, MutableMapping
from dataclasses import is_dataclass
from threading import Lock
from typing import Any, TypeVar

import numpy as np

K = TypeVar("K")
V = TypeVar("V")
SETTING = "QUANTLAB_CACHE_MB"
LIGHT = 1 << 16  # bytes below which a result is not counted
_MOST_PARTS = 50_000  # of a result that are looked at
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


class Ledger:
    """What caches hold, the least recently used first. most : bytes of all."""

    def __init__(self, most: int) -> None:
        self.most, self.held = most, 0
        self._entries: OrderedDict[tuple[int, Hashable], tuple[Cache[Any, Any], int]] = OrderedDict()
        self._lock = Lock()

    def note(self, cache: Cache[Any, Any], key: Hashable, nbytes: int) -> None:
        """A cache keeps something new: others give way where that is too much."""
        too_much = []
        with self._lock:
            self._remove(id(cache), key)
            self._entries[id(cache), key] = cache, nbytes
            self.held += nbytes
            while self.held > self.most and len(self._entries) > 1:
                (_, old), (other, size) = self._entries.popitem(last=False)
                self.held -= size
                too_much.append((other, old))
        for other, old in too_much:  # without the lock: a cache has its own
            other.discard(old)

    def touch(self, cache: Cache[Any, Any], key: Hashable) -> None:
        """It was used."""
        with self._lock:
            if (id(cache), key) in self._entries:
                self._entries.move_to_end((id(cache), key))

    def forget(self, cache: Cache[Any, Any], key: Hashable) -> None:
        """The cache holds it no longer."""
        with self._lock:
            self._remove(id(cache), key)

    def _remove(self, cache: int, key: Hashable) -> None:
        _, nbytes = self._entries.pop((cache, key), (None, 0))
        self.held -= nbytes


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
    """The last results by key, at most ``maxsize`` (None for any number), weighed with those of all other caches; for several threads."""

    def __init__(self, maxsize: int | None, ledger: Ledger | None = None) -> None:
        self.maxsize, self._ledger = maxsize, ledger or LEDGER
        self._values: OrderedDict[K, tuple[V, bool]] = OrderedDict()  # with whether it is counted
        self._lock = Lock()

    def __getitem__(self, key: K) -> V:
        with self._lock:
            value, heavy = self._values[key]
            self._values.move_to_end(key)
        if heavy:
            self._ledger.touch(self, key)
        return value

    def __setitem__(self, key: K, value: V) -> None:
        nbytes, gone = weigh(value), []
        with self._lock:
            before = self._values.pop(key, None)
            if self.maxsize != 0:
                self._values[key] = value, nbytes >= LIGHT
            while self.maxsize is not None and len(self._values) > self.maxsize:
                old, (_, heavy) = self._values.popitem(last=False)
                gone += [old] if heavy else []
        for old in gone:
            self._ledger.forget(self, old)
        if nbytes >= LIGHT and self.maxsize != 0:
            self._ledger.note(self, key, nbytes)
        elif before is not None and before[1]:
            self._ledger.forget(self, key)

    def __delitem__(self, key: K) -> None:
        with self._lock:
            _, heavy = self._values.pop(key)
        if heavy:
            self._ledger.forget(self, key)

    def discard(self, key: K) -> None:
        """Drop what the ledger has counted out already."""
        with self._lock:
            self._values.pop(key, None)

    def __iter__(self) -> Iterator[K]:
        with self._lock:
            return iter(list(self._values))

    def __len__(self) -> int:
        return len(self._values)

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__
