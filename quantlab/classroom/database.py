"""The database of classes: SQLite in one file, or PostgreSQL where ``QUANTLAB_DATABASE`` names one.

The file is ``classes.db`` in the folder that ``QUANTLAB_CACHE`` names, else in the system's folder for a program's data. A write is
one transaction that begins by locking (SQLite: ``BEGIN IMMEDIATE``, one writer of this process at a time), and what returned is on
the disk. The schema is brought up to date at first use, under a lock, so that two servers may start at once.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from platformdirs import PlatformDirs
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError

from quantlab.cache_folder import cache_folder
from quantlab.classroom.problem import StoreProblem

FILE = "classes.db"
MIGRATIONS = Path(__file__).parent / "migrations"
WAIT = 5.0  # seconds for a lock
_ADVISORY = 0x716C_636C  # PostgreSQL's lock of who changes the schema

_BUSY = "The database of classes is busy: another program holds it. What was sent is kept in the browser and sent again."
_FULL = "The disk of the database of classes is full. What was stored is safe; free some space, and answers are sent again."
_GONE = "The database of classes cannot be reached. Labs and lessons work; answers are kept in the browser until it is back."
_READ_ONLY = "The database of classes cannot be written by this server. Its owner has to allow it, or QUANTLAB_DATABASE name another."
_DAMAGED = "The file of the database of classes is damaged or not one. Move it away, and a new one is made."
_NEWER = "The database of classes was written by a newer QuantLab. Install that version, or let QUANTLAB_DATABASE name another."
_OTHER = "The database of classes does not answer as it should; `quantlab doctor` names it."
_STATES = {"53100": _FULL, "53200": _FULL, "55P03": _BUSY, "57014": _BUSY, "40P01": _BUSY, "40001": _BUSY, "53300": _BUSY}
_STATES |= {"25006": _READ_ONLY, "42501": _READ_ONLY, "3D000": _GONE, "57P01": _GONE, "57P02": _GONE, "57P03": _GONE}


def database_address(environment: Mapping[str, str] = os.environ) -> str:
    """The address that ``QUANTLAB_DATABASE`` gives, else that of the SQLite file.

    >>> database_address({"QUANTLAB_DATABASE": "postgresql://teacher@db.school/quantlab"})
    'postgresql://teacher@db.school/quantlab'
    """
    if named := environment.get("QUANTLAB_DATABASE", "").strip():
        return named
    folder = cache_folder() if environment.get("QUANTLAB_CACHE") else None
    folder = folder or PlatformDirs("quantlab", appauthor=False).user_data_path
    return URL.create("sqlite", database=str(folder / FILE)).render_as_string()


class Database:
    """Transactions on the database of an address; whatever goes wrong there is a StoreProblem."""

    def __init__(self, address: str, migrations: Sequence[Path] = (MIGRATIONS,)) -> None:
        self.url = _url(address)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._migrations = migrations
        self._engine = _sqlite(self.url) if self.is_sqlite else _postgresql(self.url)
        self._writer, self._current, self._first = threading.Lock(), False, threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database."""
        with _told():
            self._bring_up_to_date()
            with self._engine.begin() as connection:
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that holds the lock of writers; it is on the disk when this returns."""
        with _told():
            self._bring_up_to_date()
            with self._lock(), self._begin() as connection:
                yield connection

    def forget(self) -> None:
        """Write what was deleted out of SQLite's journal too, where nobody reads."""
        if self.is_sqlite:
            with _told(), self._lock(), self._engine.connect() as connection:
                connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Let all connections go."""
        self._engine.dispose()

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            writer = connection.execution_options(writes=True)
            with writer.begin():
                yield writer

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """SQLite has one writer; threads that wait here wait no longer than they must, unlike in SQLite."""
        if not self.is_sqlite:
            yield
            return
        if not self._writer.acquire(timeout=2 * WAIT):
            raise StoreProblem(_BUSY)
        try:
            yield
        finally:
            self._writer.release()

    def _bring_up_to_date(self) -> None:
        if self._current:
            return
        with self._first:
            if self._current:
                return
            script = ScriptDirectory(MIGRATIONS, version_locations=[str(folder) for folder in self._migrations])
            with self._engine.connect() as connection:
                is_current = _is_current(connection, script)
            if not is_current:
                with self._lock(), self._begin() as connection:
                    if not self.is_sqlite:
                        connection.execute(text("SET LOCAL lock_timeout = '60s'"))
                        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY})
                    if not _is_current(connection, script):
                        _upgrade(connection, script)
            self._current = True


def _is_current(connection: Connection, script: ScriptDirectory) -> bool:
    """Whether the schema is the one of this version; StoreProblem where it is a newer one."""
    here = MigrationContext.configure(connection).get_current_revision()
    if here is not None and here not in {step.revision for step in script.walk_revisions()}:
        raise StoreProblem(_NEWER)
    return here == script.get_current_head()


def _upgrade(connection: Connection, script: ScriptDirectory) -> None:
    """Every step that is missing, within the transaction at hand."""

    def steps(here: Any, _: MigrationContext) -> Any:  # alembic's own types of revisions
        return script._upgrade_revs("head", here)

    with EnvironmentContext(Config(), script, fn=steps, destination_rev="head") as environment:
        environment.configure(connection=connection)
        environment.run_migrations()


def _url(address: str) -> URL:
    """The address as SQLAlchemy wants it; StoreProblem, without the address, which may hold a password."""
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise StoreProblem("QUANTLAB_DATABASE is no address like postgresql://user:password@host/database.") from None
    name = url.drivername.partition("+")[0]
    if name in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if name == "sqlite" and url.database not in (None, "", ":memory:"):
        return url.set(drivername="sqlite")
    raise StoreProblem("QUANTLAB_DATABASE has to begin with postgresql:// or name a file, like sqlite:////srv/classes.db.")


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": WAIT}, hide_parameters=True, pool_size=10, pool_timeout=WAIT)
    path = Path(str(url.database))

    @event.listens_for(engine, "do_connect")
    def private(*_: object) -> None:
        """A file that only its owner reads."""
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # the transactions are begun below
        _to_wal(connection)
        for pragma in ("synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")

    return engine


def _to_wal(connection: sqlite3.Connection) -> None:
    """Readers beside the writer. SQLite does not wait for others where it changes this, so it is tried again."""
    end = time.monotonic() + WAIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(0.05)


def _postgresql(url: URL) -> Engine:
    options = f"-c lock_timeout={WAIT:.0f}s -c statement_timeout={3 * WAIT:.0f}s"
    arguments = {"connect_timeout": "3", "options": options, "application_name": "quantlab"}
    arguments = {name: value for name, value in arguments.items() if name not in url.query}
    try:
        return create_engine(
            url, connect_args=arguments, hide_parameters=True, pool_size=10, max_overflow=0, pool_timeout=WAIT, pool_pre_ping=True
        )
    except ImportError:
        raise StoreProblem(
            "PostgreSQL is named by QUANTLAB_DATABASE, but its driver is not installed: pip install psycopg[binary]."
        ) from None


@contextmanager
def _told() -> Iterator[None]:
    """What the database reports, as a StoreProblem."""
    try:
        yield
    except IntegrityError:
        raise
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StoreProblem(_sentence(error)) from error


def _sentence(error: Exception) -> str:
    """The sentence for what went wrong, by SQLSTATE or by SQLite's own words."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(cause, OSError):
        return _FULL if cause.errno == 28 else _READ_ONLY
    if isinstance(cause, sqlite3.Error):
        said = str(cause)
        words = {"locked": _BUSY, "busy": _BUSY, "full": _FULL, "readonly": _READ_ONLY, "unable to open": _READ_ONLY}
        words |= {"not a database": _DAMAGED, "malformed": _DAMAGED}
        return next((sentence for word, sentence in words.items() if word in said), _OTHER)
    state = getattr(cause, "sqlstate", None)
    if isinstance(error, DBAPIError):
        return _STATES.get(state or "", _GONE if state is None or state.startswith(("08", "28")) else _OTHER)
    return _BUSY if type(error).__name__ == "TimeoutError" else _OTHER  # the pool's: all connections are in use
