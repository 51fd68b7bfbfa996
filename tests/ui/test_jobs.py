"""Is long work done once for all who wait for it, do errors reach each of them, and can it be cancelled?"""

import threading
import time

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from quantlab.tasks import Cancelled, Engine, Job, Task
from quantlab.ui import jobs


class Stub:
    """Streamlit as ``jobs`` sees it, outside of a page: widgets that draw nothing, one session a thread."""

    def __init__(self):
        self._of_thread = threading.local()
        self.texts: list[str] = []

    @property
    def session_state(self) -> dict:
        return self._of_thread.__dict__

    def __getattr__(self, name):
        return lambda *args, **kwargs: self

    def progress(self, share, text=""):
        assert 0 <= share <= 1
        self.texts.append(text)
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


@pytest.fixture(autouse=True)
def stub(monkeypatch):
    stub = Stub()
    monkeypatch.setattr(jobs, "st", stub)
    monkeypatch.setattr(jobs, "ENGINE", Engine())
    return stub


class Work:
    """A generator that can be held and that counts how often it was begun, and how it ended."""

    def __init__(self, result=None, error=None, steps=3, held=False):
        self.result, self.error, self.steps = result, error, steps
        self.go, self.begun, self.closed = threading.Event(), 0, threading.Event()
        if not held:
            self.go.set()

    def __call__(self):
        self.begun += 1
        try:
            for i in range(self.steps):
                yield i, self.steps
                while not self.go.wait(0.01):
                    yield i, self.steps
            if self.error:
                raise self.error
            return self.result
        finally:
            self.closed.set()


def people(count, ask):
    """``ask`` in so many threads; their answers or errors, in a list that fills as they finish."""
    answers = []

    def one():
        try:
            answers.append(ask())
        except Exception as error:
            answers.append(error)

    threads = [threading.Thread(target=one, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads, answers


def until(condition, limit=5.0):
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def task(key, work=None, title=""):
    return Task(key, work, title)


def run(key, work, title):
    return jobs.run(task(key, work, title))


def known(key):
    return jobs.ENGINE.known(task(key))


def waiting(key):
    return jobs.ENGINE.waiting(task(key))


def test_work_gives_its_result_and_is_not_done_again():
    work = Work("made")
    assert known("k") is None
    assert [run("k", work, "w") for _ in range(3)] == ["made"] * 3
    assert work.begun == 1 and known("k") == "made"


def test_several_people_who_ask_for_the_same_wait_for_one_work():
    work = Work("made", held=True)
    threads, answers = people(5, lambda: run("k", work, "w"))
    until(lambda: waiting("k") == 5)
    work.go.set()
    for thread in threads:
        thread.join(5)
    assert answers == ["made"] * 5 and work.begun == 1
    assert jobs.ENGINE._running == {}


def test_other_keys_are_other_works():
    assert [run(k, Work(k), "w") for k in ("a", "b")] == ["a", "b"]


def test_an_error_reaches_everyone_who_waits_and_is_not_kept():
    work = Work(error=ValueError("3 bits are too few"), held=True)
    threads, answers = people(3, lambda: run("k", work, "w"))
    until(lambda: waiting("k") == 3)
    work.go.set()
    for thread in threads:
        thread.join(5)
    assert [str(answer) for answer in answers] == ["3 bits are too few"] * 3
    assert all(isinstance(answer, ValueError) for answer in answers)
    assert run("k", Work("now it works"), "w") == "now it works"


def test_an_error_before_the_first_step_reaches_the_one_who_waits():
    def broken():
        raise ValueError("no generator")

    with pytest.raises(ValueError, match="no generator"):
        run("k", broken, "w")
    assert jobs.ENGINE._running == {}


def test_work_that_makes_none_is_kept_too():
    work = Work(None)
    assert run("k", work, "w") is run("k", work, "w") is None
    assert work.begun == 1


def test_work_that_takes_no_step_gives_its_result():
    assert run("k", Work("at once", steps=0), "w") == "at once"


def test_progress_is_drawn_with_what_is_done_and_the_time_left(stub):
    work = Work("made", steps=4, held=True)
    threads, _ = people(1, lambda: run("k", work, "Counting sheep"))
    until(lambda: any("0 of 4" in text for text in stub.texts))
    work.go.set()
    threads[0].join(5)
    assert all(text.startswith("Counting sheep") for text in stub.texts)


def test_short_work_draws_nothing(stub):
    run("k", Work("made"), "w")
    assert stub.texts == []


def leave(key):
    """What the end of a script run does to the one who waits: an exception at the next drawing."""

    class Rerun(BaseException):
        pass

    def progress(*args, **kwargs):
        raise Rerun

    return Rerun, progress


def test_work_that_nobody_waits_for_any_more_ends(stub, monkeypatch):
    rerun, progress = leave("k")
    monkeypatch.setattr(stub, "progress", progress, raising=False)
    work = Work("made", held=True)
    with pytest.raises(rerun):
        run("k", work, "w")
    assert work.closed.wait(5)
    until(lambda: "k" not in jobs.ENGINE._running)
    assert known("k") is None


def test_one_who_leaves_does_not_take_the_work_from_the_others(stub, monkeypatch):
    work = Work("made", held=True)
    threads, answers = people(1, lambda: run("k", work, "w"))
    until(lambda: stub.texts)
    rerun, progress = leave("k")
    with monkeypatch.context() as m:
        m.setattr(jobs, "_show", lambda *a: progress())
        with pytest.raises(rerun):
            run("k", work, "w")
    assert not work.closed.is_set()
    work.go.set()
    threads[0].join(5)
    assert answers == ["made"] and work.begun == 1


def test_one_who_comes_while_cancelled_work_winds_down_gets_work_of_their_own(monkeypatch):
    stuck = threading.Event()

    def slow():
        yield 0, 2
        stuck.wait(5)
        yield 1, 2
        return "old"

    rerun, progress = leave("k")
    with monkeypatch.context() as m:
        m.setattr(jobs, "_show", lambda *a: progress())
        with pytest.raises(rerun):
            run("k", slow, "w")
    assert run("k", Work("new"), "w") == "new"
    stuck.set()
    time.sleep(0.1)
    assert known("k") == "new"


def test_cancelled_work_is_refused_to_that_session_until_it_is_asked_for_again():
    jobs._cancel(task("k"))
    work = Work("made")
    with pytest.raises(Cancelled):
        run("k", work, "w")
    assert work.begun == 0 and run("another", Work("other"), "w") == "other"
    threads, answers = people(1, lambda: run("k", work, "w"))  # another session is not concerned
    threads[0].join(5)
    assert answers == ["made"]
    jobs.again()
    assert run("k", work, "w") == "made"


def test_results_are_kept_up_to_a_number_and_the_least_recently_used_go_first(monkeypatch):
    monkeypatch.setattr(jobs, "ENGINE", Engine(keep=3))
    for key in "abc":
        run(key, Work(key), "w")
    run("a", Work("not again"), "w")
    run("d", Work("d"), "w")
    assert [known(key) for key in "abcd"] == ["a", None, "c", "d"]


def test_the_time_left_is_that_of_the_steps_to_come():
    job = Job(done=1, total=4, started=time.monotonic() - 10)
    assert job.seconds_left == pytest.approx(30, rel=0.05)


def test_old_work_that_ends_leaves_the_new_work_under_its_key_to_those_who_come(monkeypatch):
    stuck, ended = threading.Event(), threading.Event()

    def slow():
        try:
            yield 0, 2
            stuck.wait(5)
            yield 1, 2
        finally:
            ended.set()

    rerun, progress = leave("k")
    with monkeypatch.context() as m:
        m.setattr(jobs, "_show", lambda *a: progress())
        with pytest.raises(rerun):
            run("k", slow, "w")
    work = Work("new", held=True)
    first, answers = people(1, lambda: run("k", work, "w"))
    until(lambda: waiting("k") == 1)
    stuck.set()
    assert ended.wait(5)
    time.sleep(0.1)
    second, others = people(1, lambda: run("k", work, "w"))
    until(lambda: waiting("k") == 2)
    work.go.set()
    for thread in first + second:
        thread.join(5)
    assert answers + others == ["new", "new"] and work.begun == 1


def test_work_done_ahead_goes_on_when_one_who_joined_it_leaves(monkeypatch):
    work = Work("made", held=True)
    thread = threading.Thread(target=jobs.ENGINE.ahead, args=(task("k", work),), daemon=True)
    thread.start()
    until(lambda: waiting("k") == 1)
    rerun, progress = leave("k")
    with monkeypatch.context() as m:
        m.setattr(jobs, "_show", lambda *a: progress())
        with pytest.raises(rerun):
            run("k", work, "w")
    work.go.set()
    thread.join(5)
    assert known("k") == "made" and work.begun == 1


def test_work_is_under_way_from_its_beginning_to_its_end():
    work = Work("done", held=True)
    assert not jobs.ENGINE.under_way(task("key"))
    thread = threading.Thread(target=run, args=("key", work, "Working"))
    thread.start()
    until(lambda: work.begun)
    assert jobs.ENGINE.under_way(task("key")) and not jobs.ENGINE.under_way(task("other"))
    work.go.set()
    thread.join(10)
    assert not jobs.ENGINE.under_way(task("key")) and known("key") == "done"


def drained(steps):
    """The progress that steps yield, and their result."""
    seen = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as end:
            return seen, end.value


def test_a_part_of_other_work_shows_its_progress_and_is_kept():
    engine, work = Engine(), Work("part", steps=2)
    assert drained(engine.once(task("k", work))) == ([(0, 2), (1, 2)], "part")
    assert drained(engine.once(task("k", work))) == ([], "part") and work.begun == 1


def test_two_works_with_a_common_part_compute_it_once():
    engine, part = Engine(), Work("part", held=True)

    def whole():
        result = yield from engine.once(task("part", part))
        return f"whole with {result}"

    threads, answers = people(2, lambda: engine.ahead(Task(threading.get_ident(), whole)))
    until(lambda: engine.waiting(task("part")) == 2)
    part.go.set()
    for thread in threads:
        thread.join(5)
    assert answers == ["whole with part"] * 2 and part.begun == 1


def test_who_waits_for_a_part_takes_it_over_when_its_worker_gives_up():
    engine, part = Engine(), Work("part", held=True)
    first = engine.once(task("part", part))
    next(first)
    threads, answers = people(1, lambda: engine.ahead(task("part", part)))
    until(lambda: engine.waiting(task("part")) == 2)
    first.close()
    until(lambda: part.begun == 2)
    part.go.set()
    threads[0].join(5)
    assert answers == ["part"]


def test_an_error_of_a_part_is_raised_in_the_whole_and_not_kept():
    engine = Engine()
    with pytest.raises(ValueError, match="no part"):
        drained(engine.once(task("k", Work(error=ValueError("no part")))))
    assert drained(engine.once(task("k", Work("now", steps=0)))) == ([], "now")


def test_what_a_task_needs_is_waited_for_first_under_its_own_title(stub):
    need = Work("need", held=True)
    threads, answers = people(1, lambda: jobs.run(Task("k", Work("whole"), "Whole", (Task("n", need, "Fetching"),))))
    until(lambda: any(text.startswith("Fetching") for text in stub.texts))
    need.go.set()
    threads[0].join(5)
    assert answers == ["whole"] and known("n") == "need"


@pytest.mark.parametrize(("place", "said"), [(0, "1 of 4"), (1, "next in line"), (3, "2 before you")])
def test_who_waits_for_a_worker_reads_their_place(place, said):
    job = Job(done=1, total=4)
    job.line.place = place
    assert said in jobs._said(job)


def test_one_run_draws_several_works_of_one_title(monkeypatch):
    """What is shown in place of what failed is often computed under the same title, in the same run."""
    monkeypatch.setattr(jobs, "st", streamlit)

    def script():
        import time

        import streamlit as st

        from quantlab.tasks import Task
        from quantlab.ui import jobs

        def steps(error):
            for i in range(6):
                yield i, 6
                time.sleep(0.1)
            if error:
                raise ValueError("There is no connection.")
            return "made"

        jobs.begin_run()
        for key, error in (("brought", True), ("default", False)):
            try:
                st.write(jobs.run(Task(key, lambda error=error: steps(error), "Reading pictures")))
            except ValueError as problem:
                st.error(str(problem))

    app = AppTest.from_function(script).run(timeout=60)
    assert not app.exception and [box.value for box in app.error] == ["There is no connection."] and app.markdown[-1].value == "made"
