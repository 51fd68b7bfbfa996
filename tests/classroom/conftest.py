"""Both databases: a SQLite file of every test's own, and one PostgreSQL server of a worker with a database for every test."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from quantlab.classroom.database import Database
from quantlab.classroom.store import Store
from tests.browser.lab import free_port

_numbers = itertools.count()


def find_postgresql() -> Path | None:
    """The folder of PostgreSQL's programs: that of the newest Debian package, or of the ``initdb`` on the path."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True)
    found = shutil.which("initdb")
    return next((folder for folder in folders if (folder / "initdb").exists()), Path(found).parent if found else None)


class PostgreSQL:
    """A server of its own on a free port, in a folder that goes with it; it keeps nothing safe, for it is quick so."""

    def __init__(self, programs: Path) -> None:
        self._programs, self.port = programs, free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="quantlab-pg-"))
        if os.geteuid() == 0:  # PostgreSQL does not run as root
            shutil.chown(self._folder, "postgres", "postgres")
        self.run("initdb", "-D", str(self.data), "-U", "quantlab", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self.start()

    @property
    def data(self) -> Path:
        return self._folder / "data"

    def run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(command, cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=60)
        assert done.returncode == 0, f"{program}: {done.stderr}"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self._folder} -c fsync=off -c max_connections=60"
        self.run("pg_ctl", "-D", str(self.data), "-w", "-s", "-l", str(self._folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-D", str(self.data), "-w", "-s", "-m", "immediate", "stop")

    def address(self, database: str = "postgres") -> str:
        return f"postgresql://quantlab@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The address of an empty database."""
        name = f"test{next(_numbers)}"
        self.run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "quantlab", name)
        return self.address(name)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    programs = find_postgresql()
    if programs is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("PostgreSQL is not installed: no initdb was found")
    server = PostgreSQL(programs)
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path) -> str:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'classes.db'}"
    return request.getfixturevalue("postgresql").new_database()


class Clock:
    """A time that tests set."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def new_store(address, clock) -> Iterator[Callable[[], Store]]:
    """Gives stores of the same database, as several servers have them."""
    opened: list[Store] = []

    def give() -> Store:
        opened.append(Store(Database(address), clock))
        return opened[-1]

    yield give
    for store in opened:
        store.database.close()


@pytest.fixture
def store(new_store) -> Store:
    return new_store()
