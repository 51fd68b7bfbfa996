"""Caches of computations that let one thread in and the others wait: a drop-in for ``functools.cache`` and ``lru_cache``.

Those of functools let all in until one is done: sixty people who open a page at once compute the same thing sixty times, each
sixty times slower. A computation that fails is kept by none, and the next who waits tries.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from threading import Condition
from typing import Any, NamedTuple, ParamSpec, Protocol, TypeVar, cast

from cachetools import LRUCache, cached

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


def lru_cache(maxsize: int | None = 128) -> Callable[[Callable[P, R]], Cached[P, R]]:
    """Keep the last ``maxsize`` results, all of them where it is None; one thread computes what several ask for at once.

    >>> square = lru_cache(maxsize=2)(lambda x: x * x)
    >>> square(3), square(3), square.cache_info().misses
    (9, 9, 1)
    """

    def keeping(function: Callable[P, R]) -> Cached[P, R]:
        results: MutableMapping[Any, R] = {} if maxsize is None else LRUCache(maxsize)
        return cast(Cached[P, R], cached(results, condition=Condition(), info=True)(function))

    return keeping


def cache(function: Callable[P, R]) -> Cached[P, R]:
    """Keep every result."""
    return lru_cache(maxsize=None)(function)
