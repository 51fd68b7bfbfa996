"""Caches of computations that let one thread in and the others wait: a drop-in for ``functools.cache`` and ``lru_cache``.

Those of functools let all in until one is done: sixty people who open a page at once compute the same thing sixty times, each
sixty times slower. A computation that fails is kept by none, and the next who waits tries. What all of them keep is weighed together
(``quantlab/memory.py``).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable
from threading import Lock, RLock
from typing import Any, NamedTuple, ParamSpec, Protocol, Self, TypeVar, cast, overload

from quantlab.memory import Cache

P = ParamSpec("P")
R = TypeVar("R", covariant=True)


class Info(NamedTuple):
    """How often a result was at hand, how often it was computed, how many may be kept and are."""

    hits: int
    misses: int
    maxsize: int | None
    currsize: int


class Cached(Protocol[P, R]):
    """A function with results kept."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R: ...

    def cache_info(self) -> Info: ...

    def cache_clear(self) -> None: ...


class _Turns:
    """A lock for each key that somebody is asking for; forgotten with the last who asks."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._locks: dict[Hashable, tuple[RLock, int]] = {}

    def take(self, key: Hashable) -> RLock:
        with self._guard:
            lock, asking = self._locks.get(key, (None, 0))
            lock = lock or RLock()
            self._locks[key] = lock, asking + 1
        return lock

    def leave(self, key: Hashable) -> None:
        with self._guard:
            lock, asking = self._locks.pop(key)
            if asking > 1:
                self._locks[key] = lock, asking - 1


def lru_cache(maxsize: int | None = 128) -> Callable[[Callable[P, R]], Cached[P, R]]:
    """Keep the last ``maxsize`` results, all of them where it is None; one thread computes what several ask for at once.

    >>> square = lru_cache(maxsize=2)(lambda x: x * x)
    >>> square(3), square(3), square.cache_info().misses
    (9, 9, 1)
    """

    def keeping(function: Callable[P, R]) -> Cached[P, R]:
        results: Cache[Hashable, R] = Cache(maxsize)
        turns, counts, missing = _Turns(), [0, 0], object()

        @functools.wraps(function)
        def ask(*args: P.args, **kwargs: P.kwargs) -> R:
            key = (args, tuple(sorted(kwargs.items()))) if kwargs else args
            found = results.get(key, missing)
            if found is missing:
                try:
                    with turns.take(key):
                        found = results.get(key, missing)
                        if found is missing:
                            counts[1] += 1
                            results[key] = value = function(*args, **kwargs)
                            return value
                finally:
                    turns.leave(key)
            counts[0] += 1
            return cast(R, found)

        kept = cast(Cached[P, R], ask)

        def clear() -> None:
            results.clear()
            counts[:] = [0, 0]

        kept.cache_info = lambda: Info(counts[0], counts[1], maxsize, len(results))  # type: ignore[method-assign]
        kept.cache_clear = clear  # type: ignore[method-assign]
        return kept

    return keeping


class cached_property(functools.cached_property[R]):  # noqa: N801  (named as the one that it stands for)
    """A property computed once for each instance, by one thread while others wait; Python's own lets all in from 3.12 on.

    >>> class Circle:
    ...     @cached_property
    ...     def area(self):
    ...         return 3.14
    >>> circle = Circle()
    >>> circle.area, "area" in vars(circle)
    (3.14, True)
    """

    _turns = _Turns()  # of all of them, by instance and name

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> R: ...
    def __get__(self, instance: object | None, owner: type[Any] | None = None) -> Any:  # as functools has it
        if instance is None or self.attrname is None:
            return super().__get__(instance, owner)
        values, key = vars(instance), (id(instance), self.attrname)
        try:
            with self._turns.take(key):
                if self.attrname not in values:
                    values[self.attrname] = self.func(instance)
                return values[self.attrname]
        finally:
            self._turns.leave(key)


def cache(function: Callable[P, R]) -> Cached[P, R]:
    """Keep every result."""
    return lru_cache(maxsize=None)(function)
