"""Readers: what people bring is decoded in processes of their own, limited in memory and time, so that no file harms the server.

A decoder that crashes, hangs or fills memory takes its process along and nothing else, and as many files are decoded at once as there are
readers: several large pictures at once need no more memory than that. What is cheap by its size alone is read where it is asked for,
since a process costs more than that. Readers stand apart from the pool of long work: nobody's picture waits for somebody's training.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from quantlab.progress import Steps, finish
from quantlab.workers.pool import POOL, Pool
from quantlab.workers.slot import WorkerLost

T = TypeVar("T")

SECONDS = 60  # for one file
MOST = 2_000_000_000  # bytes that a reader may hold: 40 megapixels in 16 bits with an alpha channel, and a copy
READERS = Pool(min(2, POOL.count), MOST)


class TooMuch(ValueError):
    """A file that cannot be read within the limits; the text is one sentence: what is wrong and what to do."""


def read(name: str, work: Callable[[], T], cheap: bool = False, near: str = "") -> T:
    """What ``work`` returns, computed by a reader; cheap : here, since the file's size bounds its cost.

    name : the file's own, for messages. near : what the work loads first, so that the reader that holds it is preferred.
    Raises what ``work`` raises, and TooMuch where that is more than a reader may.
    """
    return finish(read_steps(name, work, cheap, near))


def read_steps(name: str, work: Callable[[], T], cheap: bool = False, near: str = "") -> Steps[T]:
    """The same as steps: closing them ends the reader's work."""
    if cheap or not READERS.count:
        yield 0, 1
        return work()
    try:
        return (yield from READERS.here(partial(_one_step, work), near or None, SECONDS))
    except MemoryError:
        reason = f"needs more than {MOST / 1e9:.0f} GB of memory to be read: make it smaller, or save it anew and bring that"
    except TimeoutError:
        reason = f"takes more than {SECONDS} s to be read: make it smaller, or save it anew and bring that"
    except WorkerLost:
        reason = "ended the process that read it, so it is damaged or made to do harm: save it anew and bring that"
    raise TooMuch(f"{name!r:.60} {reason}.") from None


def _one_step(work: Callable[[], T]) -> Steps[T]:
    yield 0, 1
    return work()
