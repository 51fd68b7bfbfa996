"""Work at the speed of memory: blocks that fit a core's cache, spread over threads.

Each block goes through all steps while it is still in the cache. A thread takes a run of neighbouring blocks, so
that no two threads ask the system for the same page of a new array, and keeps its scratch space from block to block.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import current_thread
from typing import TypeVar

import numpy as np

from quantlab.caching import cache

Block = tuple[slice, slice]
T = TypeVar("T")

_NAME = "quantlab-blocks"
SIZE = 1 << 17  # values at a time: 512 kB of float32


def blocks(rows: np.ndarray, row_by_row: bool = False, size: int = SIZE) -> list[Block]:
    """Where to cut rows (G, N), in the order of memory, ``size`` values at a time; ``row_by_row`` makes every block whole rows or one row's part.

    >>> blocks(np.zeros((3, SIZE), np.float32))[1]
    (slice(1, 2, None), slice(0, 131072, None))
    """
    turned = not row_by_row and abs(rows.strides[0]) < abs(rows.strides[1])  # neighbours belong to different groups
    outer, inner = rows.shape[::-1] if turned else rows.shape
    tall = max(1, size // inner)
    wide = inner if tall > 1 else size
    cuts = [(slice(a, min(a + tall, outer)), slice(b, min(b + wide, inner))) for a in range(0, outer, tall) for b in range(0, inner, wide)]
    return [(b, a) for a, b in cuts] if turned else cuts


def in_threads(work: Callable[[Sequence[Block]], T], cuts: Sequence[Block]) -> list[T]:
    """``work`` on runs of neighbouring blocks, in threads where there is enough to do; the results in order."""
    if len(cuts) < 4 or _threads() is None:
        return [work(cuts)]
    run = -(-len(cuts) // (4 * _cores()))
    return together([partial(work, cuts[i : i + run]) for i in range(0, len(cuts), run)])


def together(works: Sequence[Callable[[], T]]) -> list[T]:
    """The results of all, in order, worked out side by side.

    Work that is in one of these threads already stays there: all of them might wait for what none is left to do.
    """
    pool = _threads()
    if pool is None or current_thread().name.startswith(_NAME):
        return [work() for work in works]
    return [one.result() for one in [pool.submit(work) for work in works]]


def _cores() -> int:
    return min(os.cpu_count() or 1, 8)


@cache
def _threads() -> ThreadPoolExecutor | None:
    return ThreadPoolExecutor(_cores(), _NAME) if _cores() > 1 else None
