"""Do jobs of somebody slow the pages of others? Page runs of twenty sessions, first idle, then while long trainings run.

    python -m tests.benchmarks.others [--people 20] [--runs 15] [--jobs 2] [--page tensor] [--pause 1]

Starts the app with a cache folder of its own, so that the jobs are computed; twenty sessions ask for runs of their pages, a pause between
two. Then so many sessions train with rounding, one training after the other, and the twenty ask again. Prints median and p95 of both,
their ratio, and how many trainings ended meanwhile. The goal is a p95 of at most 1.5 times idle.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Sequence

import numpy as np

from tests.benchmarks.load import ROOT, start, stop
from tests.benchmarks.visits import Visit, visit

JOBS = [f"train?room=network&epochs=16&width={width}&seed={seed}" for width in range(2, 9) for seed in range(5)]
GOAL = 1.5


async def people(url: str, page: str, count: int, runs: int, pause: float) -> list[float]:
    """Seconds of the page runs of so many sessions, the first of each left out: it opens the page."""

    async def person(n: int) -> list[Visit]:
        await asyncio.sleep(pause * n / count)
        return await visit(url, page, runs + 1, pause=pause)

    found = [run for runs_ in await asyncio.gather(*(person(n) for n in range(count))) for run in runs_[1:]]
    if wrong := [error for run in found for error in run.errors]:
        raise SystemExit(f"{len(wrong)} runs failed: {wrong[0]}")
    return [run.seconds for run in found if run.seconds is not None]


async def beside(url: str, page: str, count: int, runs: int, pause: float, jobs: int) -> tuple[list[float], int]:
    """The same while so many train, one training after the other, and how many trainings ended meanwhile."""
    ended = []

    async def trains(first: int) -> None:
        for address in JOBS[first::jobs]:
            ended.extend(await visit(url, address))

    working = [asyncio.create_task(trains(n)) for n in range(jobs)]
    await asyncio.sleep(10)  # the workers load PyTorch
    found = await people(url, page, count, runs, pause)
    if wrong := [error for run in ended for error in run.errors] or [str(job) for job in working if job.done()]:
        raise SystemExit(f"the trainings ended: {wrong}")
    for job in working:
        job.cancel()
    return found, len(ended)


def said(seconds: Sequence[float]) -> str:
    """Median and p95 in words.

    >>> said([0.01] * 19 + [0.1])
    'p50 10 ms, p95 14 ms'
    """
    return "p50 {:.0f} ms, p95 {:.0f} ms".format(*(1000 * np.quantile(seconds, [0.5, 0.95])))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for name, usual in (("people", 20), ("runs", 15), ("jobs", 2)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--page", default="tensor")
    parser.add_argument("--pause", type=float, default=1.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["QUANTLAB_CACHE"] = folder
        server, url, _ = start(ROOT)
        try:
            for _ in range(2):
                asyncio.run(visit(url, asked.page))
            time.sleep(20)  # what the server prepares while people rest
            print(
                f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {asked.people} sessions on /{asked.page}, {asked.runs} runs each"
            )
            common = url, asked.page, asked.people, asked.runs, asked.pause
            idle = asyncio.run(people(*common))
            print(f"idle: {said(idle)}")
            busy, ended = asyncio.run(beside(*common, asked.jobs))
            print(f"while {asked.jobs} train, one after the other, {ended} ended: {said(busy)}")
            ratio = float(np.quantile(busy, 0.95) / np.quantile(idle, 0.95))
            print(f"p95 is {ratio:.2f} × idle; the goal is {GOAL}: {'met' if ratio <= GOAL else 'missed'}")
        finally:
            stop(server)


if __name__ == "__main__":
    main()
