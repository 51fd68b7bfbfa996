"""Long work as generators that yield (done, total) and return their result."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

Progress = tuple[int, int]
T = TypeVar("T")
Steps = Generator[Progress, None, T]


def finish(steps: Steps[T]) -> T:
    """What a generator returns, its progress passed over."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def counted(steps: Steps[T], done: int, total: int) -> Steps[T]:
    """The same steps as a part of a longer work: ``done`` of ``total`` came before them."""
    while True:
        try:
            i, _ = next(steps)
        except StopIteration as end:
            return end.value
        yield done + i, total


def part(steps: Steps[T], i: int, count: int, parts: int = 1) -> Steps[T]:
    """The same steps as part ``i`` of ``count`` that take as long as each other, or as ``parts`` of them, in hundredths of a part.

    >>> def three():
    ...     yield 1, 4
    ...     return "done"
    >>> list(part(three(), 2, 5)), list(part(three(), 2, 5, parts=2))
    ([(225, 500)], [(250, 500)])
    """
    while True:
        try:
            done, total = next(steps)
        except StopIteration as end:
            return end.value
        yield round(100 * (i + parts * done / max(total, 1))), 100 * count
