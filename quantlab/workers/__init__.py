"""Worker processes: long work outside of the server's own process, limited in memory, ended at once when nobody waits.

>>> from functools import partial
>>> from quantlab.progress import finish
>>> finish(steps(partial(counting, 3)))
3

``steps`` takes what can be pickled: a module's generator function with its arguments. It runs in one of a few processes
(``QUANTLAB_WORKERS``, as many as there are cores; 0 for none: then it runs where it is asked for), or on the scheduler of
Dask distributed that ``QUANTLAB_DASK`` names. Who waits in a line is served by turns: nobody has a second process while
somebody else has none.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from quantlab.progress import Steps
from quantlab.workers.pool import POOL, Waiting, waiting

__all__ = ["POOL", "Waiting", "counting", "each", "shares", "steps", "waiting"]
S = TypeVar("S")
T = TypeVar("T")


def steps(work: Callable[[], Steps[T]], near: Hashable = None, seconds: float = 0) -> Steps[T]:
    """The same steps, computed by a worker: progress and result are handed on, and its errors raised here.

    near : work of equal ``near`` goes to the same process where that is free, since it holds what they share.
    seconds : that it may run, 0 for any number; TimeoutError, and its process ended, where it needs more. It holds in a process alone.
    Closing the generator ends the work within a second, also where it never yields.
    """
    return POOL.steps(work, near, seconds)


def each(works: Sequence[Callable[[], Steps[T]]], near: Hashable = None) -> Steps[list[T]]:
    """Several pieces of one work, what they return in their order: on a scheduler each is a task of its own, and all go on at once; on this
    machine one follows the other, since one person has one worker. Where one fails the others end."""
    return POOL.each(works, near)


def shares(sweep: Sequence[S], least: int = 1) -> list[Sequence[S]]:
    """A sweep in pieces of equal length for ``each``, in its order: two for each worker of a scheduler, one where this machine does it.

    least : of a piece, where there is more than one.

    >>> shares(range(5))
    [range(0, 5)]
    """
    pieces = 1 if POOL.width == 1 else max(1, min(2 * POOL.width, len(sweep) // least))
    ends = [len(sweep) * i // pieces for i in range(pieces + 1)]
    return [sweep[a:b] for a, b in zip(ends, ends[1:], strict=False)]


def counting(most: int) -> Steps[int]:
    """Work that only counts: to try a worker."""
    for done in range(most):
        yield done, most
    return most
