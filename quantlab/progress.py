"""Long work as generators that yield (done, total) and return their result."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
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


def two_at_a_time(works: Sequence[Callable[[], T]]) -> Steps[list[T]]:
    """The results of all works, in order: what one thread leaves of a second core, another takes. Where one fails the others end.

    They are threads of their own, for works that wait for each other's caches or spread over the threads of blocks themselves.

    >>> finish(two_at_a_time([lambda: 1, lambda: 2, lambda: 3]))
    [1, 2, 3]
    """
    pool = ThreadPoolExecutor(2)
    try:
        results = []
        for i, one in enumerate([pool.submit(work) for work in works]):
            yield i, len(works)
            results.append(one.result())
        return results
    finally:
        pool.shutdown(cancel_futures=True)


def side_by_side(all_of_them: Sequence[Steps[T]]) -> Steps[list[T]]:
    """Several pieces of work whose steps go on by turns; what they return, in their order. Where one fails the others end."""
    results: dict[int, T] = {}
    shares = [0.0] * len(all_of_them)
    try:
        while len(results) < len(all_of_them):
            for i, steps in enumerate(all_of_them):
                if i in results:
                    continue
                try:
                    done, total = next(steps)
                    shares[i] = max(shares[i], done / max(total, 1))
                except StopIteration as end:
                    results[i], shares[i] = end.value, 1.0
            yield round(1000 * sum(shares)), 1000 * len(shares)
    finally:
        for steps in all_of_them:
            steps.close()
    return [results[i] for i in range(len(all_of_them))]
