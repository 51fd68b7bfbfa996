"""Limited runs: what is brought is read and run in a worker process, and too much of it is refused in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

from quantlab import workers
from quantlab.progress import Steps
from quantlab.sources.upload import Refused
from quantlab.workers.slot import WorkerLost

T = TypeVar("T")
SECONDS = 600.0  # that a brought model may take in all


def limited(work: Callable[[], Steps[T]], near: Hashable = None, seconds: float = SECONDS) -> Steps[T]:
    """The work's steps in a worker; ValueError where it needs too much memory or time, or ends its process.

    A runtime that a hostile file brings to a crash takes the worker with it, and neither the page nor the command.
    """
    try:
        return (yield from workers.steps(work, near, seconds))
    except MemoryError as problem:
        raise Refused(f"the model with its examples does not fit into memory ({problem}): bring fewer examples.") from problem
    except TimeoutError as problem:
        raise Refused(
            f"the test took more than {seconds:.0f} seconds and was ended: bring fewer examples, or a smaller model."
        ) from problem
    except WorkerLost as problem:
        raise Refused("this model ended the process that ran it: export it anew with ONNX's standard operators.") from problem
