"""The same work on Dask distributed: a scheduler and two workers on loopback, progress and cancel included, equal bits."""

import os
import re
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from quantlab import workers
from quantlab.progress import finish
from quantlab.workers import remote
from quantlab.workers.pool import Pool

from . import works
from .test_pool import until

pytest.importorskip("distributed", reason="distributed is not installed: pip install -r tests/requirements.txt")
pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


class Cluster:
    """A scheduler and its workers, all on this machine. started : the scheduler's process first."""

    def __init__(self):
        self.address, self.started = "tcp://127.0.0.1:0", []

    def begin(self, workers):
        """Start the scheduler, at the address that it had before, and so many workers."""
        command = ["dask_scheduler", "--host", "127.0.0.1", "--port", self.address.rpartition(":")[2], "--no-dashboard"]
        self.started = [self._process(command, subprocess.PIPE)]
        for line in self.started[0].stderr:
            if found := re.search(r"Scheduler at:\s*(tcp://\S+)", line):
                self.address = found[1]
                break
        for _ in range(workers):
            command = ["dask_worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
            self.started.append(self._process(command, subprocess.DEVNULL))
        from distributed import Client

        with Client(self.address, timeout=20, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=40)

    def kill(self, *places):
        for place in places:
            self.started[place].kill()
            self.started[place].wait()

    @staticmethod
    def _process(command, stderr):
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", f"distributed.cli.{command[0]}", *command[1:]]
        return subprocess.Popen(command, stderr=stderr, text=True, env=environment, cwd=ROOT)


@pytest.fixture(scope="module")
def scheduler():
    """A scheduler with two workers."""
    cluster = Cluster()
    cluster.begin(2)
    yield cluster
    cluster.kill(*range(len(cluster.started))[::-1])


@pytest.fixture
def pool(scheduler, monkeypatch):
    monkeypatch.setenv(remote.ADDRESS, scheduler.address)
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


def test_one_sweep_is_shared_by_all_workers_and_ends_on_all_of_them(pool, tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "POOL", pool)
    assert pool.width == 2 and [list(piece) for piece in workers.shares(range(7))] == [[0], [1, 2], [3, 4], [5, 6]]
    assert [list(piece) for piece in workers.shares(range(7), 3)] == [[0, 1, 2], [3, 4, 5, 6]]
    works_ = [partial(works.held_numbers, tmp_path / str(i), tmp_path / str(1 - i), i) for i in range(2)]  # each waits for the other
    steps, told = pool.each(works_), []
    try:
        while True:
            told.append(next(steps))
    except StopIteration as end:
        found = end.value
    assert all(np.array_equal(there[0], finish(works.numbers(i))[0]) for i, there in enumerate(found))
    assert len({process for _, process in found}) == 2 and told == sorted(told) and told[-1][1] == 2000
    notes = [tmp_path / f"note {i}" for i in range(2)]
    steps = pool.each([partial(works.slow, note) for note in notes])
    until(lambda: next(steps) and all(note.exists() and note.read_text() == "runs" for note in notes))
    steps.close()
    until(lambda: all(note.read_text() == "ended" for note in notes), 5)
    with pytest.raises(ValueError, match="take fewer bits"):
        finish(pool.each([partial(works.slow, notes[0]), partial(works.failing, "take fewer bits")]))
    until(lambda: notes[0].read_text() == "ended", 5)


def test_costs_of_layers_from_two_workers_are_those_of_this_process(pool, monkeypatch):
    pytest.importorskip("torch")
    from quantlab.networks.engine import Evaluator, Runner, sensitivity_steps, shipped
    from quantlab.networks.settings import Setting
    from quantlab.networks.store import Store

    monkeypatch.setattr(workers, "POOL", pool)
    handed = []
    monkeypatch.setattr(workers, "each", lambda pieces, near=None: handed.append(len(pieces)) or pool.each(pieces, near))
    evaluator, here = (Evaluator(Runner(*shipped("plain"), images=50), Store(None)) for _ in range(2))
    for cost in finish(sensitivity_steps(evaluator, Setting(), 3)):
        assert np.array_equal(cost.alone.logits, here.runner.logits(Setting().only(cost.layer, 3)))
    assert handed and set(handed) == {4}


def test_a_worker_that_is_killed_in_the_middle_is_replaced_by_the_other(pool, scheduler, tmp_path):
    note = tmp_path / "note"
    steps = pool.steps(partial(works.dying, note, 1))
    assert finish(steps) == 1
    assert sum(process.poll() is None for process in scheduler.started) == 2  # the scheduler and one worker


def test_where_no_scheduler_answers_the_work_is_done_here(monkeypatch, caplog):
    monkeypatch.setenv(remote.ADDRESS, "tcp://127.0.0.1:9")
    monkeypatch.setattr(remote, "TIMEOUT", 0.5)
    for _ in range(2):
        assert finish(Pool(0, 0).steps(partial(works.numbers, 3)))[1] == os.getpid()
    assert caplog.text.count("does not answer") == 1


def test_a_scheduler_that_starts_anew_in_the_middle_gets_what_was_not_finished(pool, scheduler, tmp_path, monkeypatch, caplog):
    note, gate = tmp_path / "note", tmp_path / "gate"
    steps = pool.each([partial(works.numbers, 7), partial(works.held, note, gate)])
    until(lambda: next(steps)[0] >= 1000 and note.exists())
    before = {process.pid for process in scheduler.started}
    scheduler.kill(*range(len(scheduler.started)))
    note.unlink()
    starting = threading.Thread(target=scheduler.begin, args=(1,))
    starting.start()
    until(lambda: next(steps) and note.exists())
    gate.touch()
    (values, process), rest = finish(steps)
    starting.join()
    assert np.array_equal(values, finish(works.numbers(7))[0]) and process in before and rest is None, "what was finished is not done again"
    assert caplog.text.count("was lost in the middle") == 1


@pytest.mark.parametrize("part, said", [(1, "has no workers"), (0, "does not answer")], ids=["its last worker", "the scheduler"])
def test_what_is_lost_for_good_is_done_on_this_machine(pool, scheduler, tmp_path, monkeypatch, caplog, part, said):
    monkeypatch.setattr(remote, "PATIENCE", 2.0)
    note, gate = tmp_path / "note", tmp_path / "gate"
    steps = pool.steps(partial(works.held, note, gate))
    if part:
        until(lambda: next(steps) and note.exists())
    else:
        next(steps)
    scheduler.kill(part)
    gate.touch()
    assert finish(steps) is None and f"{said}; long work is done on this machine" in caplog.text
