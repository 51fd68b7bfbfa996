"""The same work on Dask distributed: a scheduler and two workers on loopback, progress and cancel included, equal bits."""

import os
import re
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from quantlab.progress import finish
from quantlab.workers import remote
from quantlab.workers.pool import Pool

from . import works
from .test_pool import until

pytest.importorskip("distributed", reason="distributed is not installed: pip install -r tests/requirements.txt")
pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def scheduler():
    """The address of a scheduler with two workers, all on this machine."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment, cwd=ROOT)]
    address = ""
    for line in started[0].stderr:
        if found := re.search(r"Scheduler at:\s*(tcp://\S+)", line):
            address = found[1]
            break
    for _ in range(2):
        command = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        started.append(subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment, cwd=ROOT))
    from distributed import Client

    with Client(address, timeout=20, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=40)
    yield address, started
    for process in started[::-1]:
        process.kill()
        process.wait()


@pytest.fixture
def pool(scheduler, monkeypatch):
    monkeypatch.setenv(remote.ADDRESS, scheduler[0])
    return Pool(0, 0)


def test_the_same_bits_from_another_process(pool):
    here, there = finish(works.numbers(7)), finish(pool.steps(partial(works.numbers, 7)))
    assert np.array_equal(here[0], there[0]) and there[1] != os.getpid()


def test_progress_arrives_and_errors_as_they_are(pool, tmp_path):
    told = set(pool.steps(partial(works.slow, tmp_path / "note", 1.0)))
    assert len(told) > 2 and max(done for done, _ in told) > 10
    with pytest.raises(ValueError, match="take fewer bits"):
        finish(pool.steps(partial(works.failing, "take fewer bits")))


@pytest.mark.flaky(reruns=2)  # its time is bounded, and other work may hold the machine
def test_who_does_not_wait_any_more_ends_it_within_a_second(pool, tmp_path):
    note = tmp_path / "note"
    steps = pool.steps(partial(works.slow, note))
    until(lambda: next(steps) and note.exists() and note.read_text() == "runs")
    start = time.monotonic()
    steps.close()
    until(lambda: note.read_text() == "ended", 1)
    assert time.monotonic() - start < 1


def test_a_worker_that_is_killed_in_the_middle_is_replaced_by_the_other(pool, scheduler, tmp_path):
    note = tmp_path / "note"
    steps = pool.steps(partial(works.dying, note, 1))
    assert finish(steps) == 1
    assert sum(process.poll() is None for process in scheduler[1]) == 2  # the scheduler and one worker


def test_where_no_scheduler_answers_the_work_is_done_here(monkeypatch, caplog):
    monkeypatch.setenv(remote.ADDRESS, "tcp://127.0.0.1:9")
    monkeypatch.setattr(remote, "TIMEOUT", 0.5)
    for _ in range(2):
        assert finish(Pool(0, 0).steps(partial(works.numbers, 3)))[1] == os.getpid()
    assert caplog.text.count("does not answer") == 1
