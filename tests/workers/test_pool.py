"""Worker processes: the same bits as here, ended at once, limited, fair, and never silent about what went wrong."""

import os
import subprocess
import sys
import threading
import time
from functools import partial

import numpy as np
import pytest

from quantlab.progress import finish
from quantlab.workers.pool import COUNT, MEMORY, NICE, Pool, Waiting, pool_of, waiting
from quantlab.workers.slot import WorkerLost

from . import works

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pool():
    pool = Pool(1, 0)
    yield pool
    pool.end()


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def until(holds, seconds=60.0):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def test_a_worker_gives_the_same_bits_from_another_process(pool):
    here, there = finish(works.numbers(7)), finish(pool.steps(partial(works.numbers, 7)))
    assert np.array_equal(here[0], there[0]) and there[1] != os.getpid()
    assert finish(pool.steps(partial(works.numbers, 8)))[1] == there[1], "the process is used again"


def test_a_pool_that_is_warm_holds_torch_before_the_first_work():
    for warm in (False, True):
        pool = Pool(1, 0)
        try:
            if warm:
                pool.warm()
            assert finish(pool.steps(partial(works.loaded, "torch"))) is warm
        finally:
            pool.end()


def test_a_process_that_came_to_hold_much_is_used_again(pool):
    """loky ends one that grew by 300 MB, which here is a worker that loaded torch and a network: 2.5 s lost at every such time."""
    first = finish(pool.steps(partial(works.grown, 0)))
    assert finish(pool.steps(partial(works.grown, 400))) == first
    time.sleep(1.1)  # loky looks once a second, after work
    assert [finish(pool.steps(partial(works.grown, 0))) for _ in range(2)] == [first, first]


def test_a_worker_does_not_outlive_a_server_that_was_killed():
    program = "from functools import partial\nfrom quantlab.progress import finish\nfrom quantlab.workers.pool import Pool\n"
    program += (
        "from tests.workers import works\nprint(finish(Pool(1, 0).steps(partial(works.grown, 0))), flush=True)\nimport time; time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as server:
        worker = int(server.stdout.readline())
        assert alive(worker)
        server.kill()
    until(lambda: not alive(worker), 10)


def test_progress_arrives(pool, tmp_path):
    told = set(pool.steps(partial(works.slow, tmp_path / "note", 0.6)))
    assert len(told) > 3 and max(done for done, _ in told) > 10


def test_errors_arrive_as_they_are(pool):
    with pytest.raises(ValueError, match="take fewer bits"):
        finish(pool.steps(partial(works.failing, "take fewer bits")))


@pytest.mark.flaky(reruns=2)  # its time is bounded, and other work may hold the machine
def test_who_does_not_wait_any_more_ends_it_within_a_second(pool, tmp_path):
    note = tmp_path / "note"
    steps = pool.steps(partial(works.slow, note))
    until(lambda: next(steps) and note.exists())
    start = time.monotonic()
    steps.close()
    assert time.monotonic() - start < 1
    assert note.read_text() == "ended"
    assert finish(pool.steps(partial(works.numbers, 1)))[0].shape == (1000,)


@pytest.mark.flaky(reruns=2)  # its time is bounded, and other work may hold the machine
def test_work_that_never_yields_is_killed(pool, tmp_path):
    note = tmp_path / "note"
    steps = pool.steps(partial(works.deaf, note))
    until(lambda: next(steps) and note.exists() and note.read_text())
    start = time.monotonic()
    steps.close()
    assert time.monotonic() - start < 1
    until(lambda: not alive(int(note.read_text())), 2)
    assert finish(pool.steps(partial(works.numbers, 1)))[0].shape == (1000,)


def test_work_that_takes_too_long_ends_in_a_sentence(pool, tmp_path):
    finish(pool.steps(partial(works.numbers, 1)))  # the process runs
    note = tmp_path / "note"
    with pytest.raises(TimeoutError, match="more than the 1 seconds"):
        finish(pool.steps(partial(works.deaf, note), seconds=1))
    until(lambda: not alive(int(note.read_text())), 2)
    assert finish(pool.steps(partial(works.numbers, 1), seconds=60))[0].shape == (1000,)


def test_one_that_is_killed_from_outside_begins_once_more_and_not_twice(pool, tmp_path):
    assert finish(pool.steps(partial(works.dying, tmp_path / "once", 1))) == 1
    with pytest.raises(WorkerLost, match="try again"):
        finish(pool.steps(partial(works.dying, tmp_path / "twice", 2)))
    assert finish(pool.steps(partial(works.numbers, 1)))[0].shape == (1000,)


def test_too_much_memory_ends_in_a_sentence():
    pool = Pool(1, 400_000_000)
    try:
        with pytest.raises(MemoryError, match="more than the 0.4 GB that a worker may hold"):
            finish(pool.steps(partial(works.hungry, 50_000_000)))
        assert finish(pool.steps(partial(works.numbers, 1)))[0].shape == (1000,)
    finally:
        pool.end()


def test_nobody_has_a_second_process_while_somebody_has_none(tmp_path):
    """Three works of one person and one of another, on two processes: the other's is the second to begin."""
    pool = Pool(2, 0)

    def ask(person, name, places):
        one = Waiting(person)
        waiting(one)
        for _ in pool.steps(partial(works.held, tmp_path / name, tmp_path / f"{name} ends")):
            places.append(one.place)

    try:
        pool.warm()
        threads, places = [], {}
        for person, name in (("ada", "a1"), ("ada", "a2"), ("ada", "a3"), ("bob", "b1")):
            places[name] = []
            threads.append(threading.Thread(target=ask, args=(person, name, places[name])))
            threads[-1].start()
            if name == "a2":
                until(lambda: (tmp_path / "a1").exists() and (tmp_path / "a2").exists())
            elif name == "a3":
                until(lambda: places["a3"])
        until(lambda: 2 in places["a3"] and 1 in places["b1"])  # they are told their place
        (tmp_path / "a1 ends").touch()
        until(lambda: (tmp_path / "a3").exists() or (tmp_path / "b1").exists())
        assert not (tmp_path / "a3").exists()
        for name in places:
            (tmp_path / f"{name} ends").touch()
        for thread in threads:
            thread.join()
    finally:
        pool.end()


def test_a_line_that_is_left_before_its_turn_is_shorter(tmp_path):
    pool = Pool(1, 0)
    try:
        first = pool.steps(partial(works.slow, tmp_path / "a", 5))
        until(lambda: next(first) and (tmp_path / "a").exists())
        second = pool.steps(partial(works.numbers, 1))
        next(second)
        assert len(pool._line) == 1
        second.close()
        assert not pool._line
        first.close()
        assert len(pool._free) == 1 and not pool._served
    finally:
        pool.end()


def test_without_processes_the_work_is_done_here(monkeypatch, caplog):
    assert finish(Pool(0, 0).steps(partial(works.numbers, 3)))[1] == os.getpid()
    pool = Pool(1, 0)
    monkeypatch.setattr(pool.slots[0], "start", lambda: (_ for _ in ()).throw(OSError("no more processes")))
    for _ in range(2):
        assert finish(pool.steps(partial(works.numbers, 3)))[1] == os.getpid()
    assert caplog.text.count("no worker process can be started") == 1


def test_a_worker_gives_way(pool):
    """By so much more than the server itself, where that is not as far as it goes."""
    assert finish(pool.steps(works.niceness)) == min(os.nice(0) + pool.nice, 19)
    assert pool_of({}).nice > pool.nice == Pool(1, 0).nice


def test_the_environment_says_how_many_and_how_much():
    pool = pool_of({COUNT: "3", MEMORY: "1.5", NICE: "7"})
    assert pool.count == 3 and pool.most == 1_500_000_000 and pool.nice == 7
    for wrong in ("many", "-1", "nan"):
        with pytest.raises(ValueError, match="write a number"):
            pool_of({COUNT: wrong})
