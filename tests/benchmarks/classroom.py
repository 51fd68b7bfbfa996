"""A class of many students on one server, or two: how long an answer takes to be acknowledged, and whether any is lost or counted twice.

    python -m tests.benchmarks.classroom [--students 200] [--seconds 10]

Every student joins, looks at the class every 1.5 seconds as a browser does, and answers once at a random moment of the time; what
gets no acknowledgement is sent again, with the same key. The servers have been up for some seconds. Runs on SQLite, on PostgreSQL, on two servers with one PostgreSQL, and once
on each with the server killed (``kill -9``) in the middle. Prints p50, p95 and the longest time until an answer was acknowledged.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import random
import signal
import statistics
import tempfile
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from quantlab.classroom.database import Database
from quantlab.classroom.store import Store
from tests.browser.lab import Server
from tests.classroom.conftest import PostgreSQL, find_postgresql

QUESTION = "bench:1"
CHOICE = {"kind": "choice", "options": ["floor", "round", "ceil"]}
POLL = 1.5  # seconds


@dataclass
class Student:
    """One browser: where it asks, what it answers, and how long the answer took."""

    number: int
    server: Server
    code: str
    begins: float  # seconds after the class begins at which it answers
    token: str = ""
    took: float = 0.0
    tries: int = 0
    problems: list[str] = field(default_factory=list)
    _line: http.client.HTTPConnection | None = None

    def ask(self, what: str, sent: dict | None = None) -> dict:
        host = urlsplit(self.server.url).netloc
        if self._line is None:
            self._line = http.client.HTTPConnection(host, timeout=8)
        try:
            head = {"Authorization": f"Bearer {self.token}"} if self.token else {}
            self._line.request("POST" if sent else "GET", f"/ql/class/{self.code}/{what}", json.dumps(sent) if sent else None, head)
            answer = self._line.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            self._line.close()
            self._line = None
            raise ConnectionError("no line") from None
        if answer.status >= 500 or answer.status == 429:
            raise ConnectionError(str(answer.status))
        told = json.loads(body)
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {told}")
        return told

    def again(self, what: str, sent: dict) -> dict:
        """Until it is acknowledged, as a browser does."""
        wait = 1.0
        while True:
            self.tries += 1
            try:
                return self.ask(what, sent)
            except ConnectionError:
                time.sleep(wait)
                wait = min(2 * wait, 8)

    def take_part(self, start: float, end: float) -> None:
        try:
            answered = False
            while (now := time.monotonic() - start) < end or not answered:
                if not answered and now >= self.begins:
                    vote = {"question": QUESTION, "round": 1, "key": f"bench-{self.number:08d}", "answer": self.number % 3, "made": 1}
                    begun = time.monotonic()
                    self.again("answer", vote)
                    self.took, answered = time.monotonic() - begun, True
                    continue
                with contextlib.suppress(ConnectionError):
                    self.ask("state")
                time.sleep(min(POLL * random.uniform(0.8, 1.2), max(0.0, self.begins - now) if not answered else POLL))
        except Exception as problem:
            self.problems.append(repr(problem))


def run(address: str, students: int, seconds: float, servers: int = 1, kill: bool = False, warm: float = 8.0) -> dict[str, float]:
    """One class; AssertionError where an answer is lost or counted twice."""
    there = [Server(QUANTLAB_DATABASE=address) for _ in range(servers)]
    store = Store(Database(address))
    time.sleep(warm)
    try:
        opened = store.open_class()
        teacher = store.teacher(opened.code, opened.secret)
        teacher.pose(QUESTION, CHOICE)
        chance = random.Random(7)
        people = [Student(k, there[k % servers], opened.code, chance.uniform(0, seconds)) for k in range(students)]
        joined = [threading.Thread(target=lambda one=one: setattr(one, "token", one.again("join", {"name": f"s{one.number}", "key": f"join-{one.number:08d}"})["token"])) for one in people]  # fmt: skip
        _all(joined)
        for one in people:
            one.tries = 0
        start = time.monotonic()
        threads = [threading.Thread(target=one.take_part, args=(start, seconds)) for one in people]
        if kill:
            threading.Timer(seconds / 2, lambda: there[0].kill_and_start()).start()
        _all(threads)
        problems = [problem for one in people for problem in one.problems]
        assert not problems, problems[:3]
        view = teacher.view()
        given = {answer.student: answer.answer for answer in view.answers}
        assert len(view.answers) == len(given) == students, f"{len(view.answers)} answers of {students} students"
        assert dict(view.live.bars) == {
            option: sum(k % 3 == place for k in range(students)) for place, option in enumerate(CHOICE["options"])
        }
        times = sorted(one.took for one in people)
        return {
            "p50": statistics.median(times),
            "p95": times[int(0.95 * (len(times) - 1))],
            "max": times[-1],
            "sent again": sum(one.tries - 1 for one in people),
        }
    finally:
        store.database.close()
        for server in there:
            server.stop()


def _all(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main() -> None:
    """Run all of them and print a table."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=10)
    given = parser.parse_args()
    programs = find_postgresql()
    postgresql = PostgreSQL(programs) if programs else None
    print(f"{given.students} students within {given.seconds:g} s; milliseconds until an answer was acknowledged")
    try:
        with tempfile.TemporaryDirectory() as folder:
            for kill in (False, True):
                cases = {"SQLite": (f"sqlite:///{folder}/{kill}.db", 1)}
                if postgresql:
                    cases |= {"PostgreSQL": (postgresql.new_database(), 1), "two servers, PostgreSQL": (postgresql.new_database(), 2)}
                for name, (address, servers) in cases.items():
                    found = run(address, given.students, given.seconds, servers, kill)
                    told = ", ".join(f"{what} {1000 * found[what]:.0f}" for what in ("p50", "p95", "max"))
                    print(f"{name + (', killed' if kill else ''):<34} {told}, sent again {found['sent again']:.0f}", flush=True)
    finally:
        if postgresql:
            postgresql.remove()


if __name__ == "__main__":
    main()
