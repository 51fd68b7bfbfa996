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
