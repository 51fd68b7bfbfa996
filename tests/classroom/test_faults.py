"""What goes wrong with a database is said in a sentence, nothing that was acknowledged is lost, and the class goes on after it."""

import os
import sqlite3

import pytest

from quantlab.classroom import database
from quantlab.classroom.database import Database, database_address
from quantlab.classroom.problem import StoreProblem
from quantlab.classroom.store import Store
from tests.classroom.test_store import CHOICE, Class


@pytest.fixture
def path(tmp_path):
    return tmp_path / "classes.db"


def opened(path) -> Store:
    return Store(Database(f"sqlite:///{path}"))


def answered(store) -> tuple[Class, str]:
    """A class with one answer that was acknowledged."""
    room = Class(store)
    token = store.join(room.code)
    room.teacher.pose("a:1", CHOICE)
    assert room.answer(token, 1)
    return room, token


def test_a_locked_file_is_said_and_taken_again_once_it_is_free(path, monkeypatch):
    monkeypatch.setattr(database, "WAIT", 0.1)
    room, token = answered(opened(path))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreProblem, match="busy"):
        room.answer(token, 2)
    assert room.store.state(room.code).answered == 1, "reading goes on"
    other.execute("ROLLBACK")
    assert room.answer(token, 2)


def test_a_full_disk_is_said_and_what_was_acknowledged_stays(path):
    room, _ = answered(opened(path))
    with room.store.database.writing() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    room.store.database.close()

    store = opened(path)
    from sqlalchemy import event

    event.listen(store.database._engine, "connect", lambda connection, _: connection.execute(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(StoreProblem, match="full"):
        for number in range(1000):
            store.join(room.code, "x" * 30, f"join-key-{number}")
    assert store.state(room.code).answered == 1
    assert opened(path).state(room.code).answered == 1


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_damaged_file_is_said_and_not_touched(path, content):
    path.write_bytes(content)
    with pytest.raises(StoreProblem, match="damaged"):
        opened(path).open_class()
    assert path.read_bytes() == content


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreProblem, match="cannot be written"):
        opened(tmp_path / "file" / "classes.db").open_class()


@pytest.mark.parametrize("address", ["", "mysql://a:secret@b/c", "sqlite://", "nonsense", "postgresql//x", "sqlite:///:memory:"])
def test_an_address_that_names_no_database_is_said_without_its_password(address):
    with pytest.raises(StoreProblem) as found:
        Database(address)
    assert "secret" not in str(found.value)


def test_a_server_that_cannot_be_reached_is_said(postgresql):
    store = Store(Database(postgresql.address("no_such_database")))
    with pytest.raises(StoreProblem, match="cannot be reached"):
        store.open_class()
    with pytest.raises(StoreProblem, match="cannot be reached"):
        Store(Database("postgresql://127.0.0.1:1/x")).open_class()


@pytest.mark.slow
def test_a_server_that_was_killed_comes_back_with_all_that_was_acknowledged(postgresql):
    room, token = answered(Store(Database(postgresql.new_database())))
    postgresql.stop()
    try:
        with pytest.raises(StoreProblem, match="cannot be reached"):
            room.answer(token, 2)
    finally:
        postgresql.start()
    assert room.store.state(room.code).answered == 1
    assert room.answer(token, 2)


def test_the_file_is_private_and_lies_where_it_is_named(tmp_path):
    assert database_address({"QUANTLAB_DATABASE": " sqlite:////srv/x.db "}) == "sqlite:////srv/x.db"
    answered(opened(tmp_path / "deep" / "classes.db"))
    if os.name == "posix":
        assert (tmp_path / "deep" / "classes.db").stat().st_mode & 0o077 == 0
