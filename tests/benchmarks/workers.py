"""Worker processes: ``python -m tests.benchmarks.workers`` measures what asking one costs, how soon it ends, and what others feel.

What others feel is the time of a page run in the server's process, alone and while two networks are taught, in threads of the
server and in workers.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from quantlab.progress import Steps, finish
from quantlab.workers import counting
from quantlab.workers.pool import Pool

ROUNDS = 40


def main() -> None:
    pool = Pool(2, 0)
    start = time.perf_counter()
    finish(pool.steps(partial(counting, 1)))
    print(f"first answer of a new process: {time.perf_counter() - start:.2f} s")
    asked = [_seconds(lambda: finish(pool.steps(partial(counting, 1)))) for _ in range(ROUNDS)]
    print(f"asking a process that stands: median {1e3 * np.median(asked):.1f} ms, p95 {1e3 * np.quantile(asked, 0.95):.1f} ms")
    from quantlab.networks.engine import shipped, training_steps

    _, data = shipped("plain")
    teach = partial(training_steps, "plain", data)
    ended = []
    for _ in range(5):
        steps = pool.steps(teach)
        while next(steps)[0] < 1:
            pass
        ended.append(_seconds(steps.close))
    print(f"ending a training: median {np.median(ended):.2f} s, longest {max(ended):.2f} s")
    print(f"page run of another, alone: {_felt(None, 2)}")
    print(f"while two trainings run in threads: {_felt(teach, 2)}")
    print(f"while two trainings run in workers: {_felt(lambda: pool.steps(teach), 2)}")
    pool.end()


def _felt(work: Callable[[], Steps[object]] | None, count: int) -> str:
    """Median and p95 of a page's runs while ``work`` runs so many times."""
    os.environ["QUANTLAB_CACHE"] = "off"
    from streamlit.testing.v1 import AppTest

    page = AppTest.from_file(Path(__file__).parents[2] / "pages" / "tensor.py", default_timeout=120).run()
    ends = threading.Event()

    def busy() -> None:
        while not ends.is_set():
            steps = work()
            for _ in steps:
                if ends.is_set():
                    steps.close()
                    return

    threads = [threading.Thread(target=busy) for _ in range(count if work else 0)]
    for thread in threads:
        thread.start()
    time.sleep(4 if work else 0)
    taken = [_seconds(page.run) for _ in range(ROUNDS)]
    ends.set()
    for thread in threads:
        thread.join()
    return f"median {1e3 * np.median(taken):.0f} ms, p95 {1e3 * np.quantile(taken, 0.95):.0f} ms"


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
