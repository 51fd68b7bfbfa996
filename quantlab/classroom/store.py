"""Classes as they are stored: opened by a teacher, joined and answered by students, read by whoever has the code.

Every change of a class locks its row and raises its version, so that an answer comes either before a close or after it, and a page
that polls compares one number. What a teacher does is in `teacher`.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, case, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from quantlab.classroom import rules
from quantlab.classroom.database import Database, database_address
from quantlab.classroom.rows import class_row, count, question_row, raise_version, stand_of, student_row
from quantlab.classroom.rules import Mode, Refusal, Vote
from quantlab.classroom.state import State, state_of
from quantlab.classroom.tables import ANSWERS, CLASSES, RECEIPTS, STUDENTS
from quantlab.classroom.teacher import Teacher

_TOKEN_BYTES = 24


@dataclass(frozen=True)
class OpenedClass:
    """What opening a class gives: the code for students, and the secret of the teacher's link, of which a hash alone is stored."""

    code: str
    secret: str


class Store:
    """All classes of one database. ``clock`` gives seconds since 1970."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self.database, self.clock = database, clock

    def open_class(self, mode: str = Mode.FOLLOW, days: int = rules.RETENTION_DAYS) -> OpenedClass:
        """A new class, kept for so many days. Those whose time is over are deleted first."""
        self.sweep()
        secret, now = secrets.token_urlsafe(_TOKEN_BYTES), self.clock()
        row = {"secret_hash": rules.digest(secret), "mode": rules.check_mode(mode), "version": 1, "closed": False}
        row |= {"opened_at": now, "expires_at": now + rules.check_days(days) * rules.DAY}
        for _ in range(20):
            code = rules.new_code()
            try:
                with self.database.writing() as connection:
                    if count(connection, select(func.count()).select_from(CLASSES)) >= rules.MOST_CLASSES:
                        raise Refusal("This server holds as many classes as it can; delete one first.", 503)
                    connection.execute(insert(CLASSES).values(code=code, **row))
            except IntegrityError:  # the code is taken
                continue
            return OpenedClass(code, secret)
        raise Refusal("No free code was found; try again.", 503)

    def teacher(self, code: str, secret: str) -> Teacher:
        """What a teacher may do with their class; Refusal (403) for a wrong secret. `limits.Guard` limits how often one may try."""
        code = rules.read_code(code)
        with self.database.reading() as connection:
            row = class_row(connection, code, self.clock())
        if not hmac.compare_digest(row.secret_hash, rules.digest(secret)):
            raise Refusal("This is not the teacher's link of the class.", 403)
        return Teacher(self.database, self.clock, code, row.id)

    def join(self, code: str, nickname: str = "", key: str = "") -> str:
        """A new student's token. With the same ``key``, which the browser drew by chance, a join that is sent again is the same
        student's and gives the same token: the first one may come last, from a browser that had given up waiting for it."""
        code = rules.read_code(code)
        token = rules.token_of(code, rules.check_key(key)) if key else secrets.token_urlsafe(_TOKEN_BYTES)
        student = {"token_hash": rules.digest(token), "nickname": rules.clean_name(nickname)}
        join_hash = rules.digest(key) if key else None
        with self.database.writing() as connection:
            row = class_row(connection, code, self.clock(), locked=True)
            if row.closed:
                raise Refusal("The class is closed; nobody can join it any more.", 410)
            again = update(STUDENTS).where(STUDENTS.c.class_id == row.id, STUDENTS.c.join_hash == join_hash).values(student)
            if join_hash is None or connection.execute(again).rowcount == 0:
                number = 1 + count(connection, select(func.max(STUDENTS.c.number)).where(STUDENTS.c.class_id == row.id))
                if number > rules.MOST_STUDENTS:
                    raise Refusal(f"The class is full: it has {rules.MOST_STUDENTS} students.", 409)
                place = {"class_id": row.id, "number": number, "join_hash": join_hash, "joined_at": self.clock()}
                connection.execute(insert(STUDENTS).values(**student, **place))
                raise_version(connection, row.id)
        return token

    def answer(self, code: str, token: str, vote: Vote, score: float | None = None, mistake: str = "") -> bool:
        """Store an answer; True where it was new, False where its key was acknowledged before.

        While the vote is open a student's later answer takes the place of their earlier one. ``score`` (0 to 1) and ``mistake`` are
        for callers on the server; a browser has no say in them.
        """
        code, now = rules.read_code(code), self.clock()
        rules.check_key(vote.key)
        with self.database.writing() as connection:
            row = class_row(connection, code, now, locked=True)
            student = student_row(connection, row.id, token)
            receipts, same = func.count(), func.sum(case((RECEIPTS.c.key == vote.key, 1), else_=0))
            sent, again = connection.execute(select(receipts, same).where(RECEIPTS.c.student_id == student.id)).one()
            if again:
                return False
            text = rules.check_vote(vote, _description(connection, row, vote))
            if sent >= rules.MOST_KEYS:
                raise Refusal("This browser has sent more answers than a class takes.", 409)
            connection.execute(insert(RECEIPTS).values(student_id=student.id, key=vote.key))
            place = {"class_id": row.id, "question": vote.question, "round": vote.round, "student_id": student.id}
            values = {"answer": text, "score": score, "mistake": mistake or None, "made": vote.made, "received_at": now}
            here = [ANSWERS.c[name] == value for name, value in place.items()]
            earlier = connection.execute(select(ANSWERS.c.made).where(*here)).scalar()
            if earlier is None:
                connection.execute(insert(ANSWERS).values(**place, **values))
            elif earlier <= vote.made:
                connection.execute(update(ANSWERS).where(*here).values(values))
            raise_version(connection, row.id)
        return True

    def version(self, code: str) -> int:
        """A number that rises with every change of the class."""
        with self.database.reading() as connection:
            return class_row(connection, rules.read_code(code), self.clock()).version

    def state(self, code: str, token: str = "") -> State:
        """What everybody may know, and of the student with this token their own answer."""
        code = rules.read_code(code)
        with self.database.reading() as connection:
            return state_of(connection, class_row(connection, code, self.clock()), token)

    def sweep(self) -> int:
        """Delete the classes whose time is over; how many they were."""
        over = CLASSES.c.expires_at <= self.clock()
        with self.database.reading() as connection:
            if not count(connection, select(func.count()).where(over)):
                return 0
        with self.database.writing() as connection:
            gone = connection.execute(delete(CLASSES).where(over)).rowcount
        self.database.forget()
        return gone


def _description(connection: Connection, row: Row[Any], vote: Vote) -> Mapping[str, Any]:
    """The description of the question; Refusal unless it takes this vote now."""
    if row.closed:
        raise Refusal("The class is closed; the answer does not count.", 410)
    rules.check_round(vote.round)
    question = question_row(connection, row.id, rules.check_question(vote.question))
    if row.mode == Mode.FOLLOW and vote.question != row.question:
        raise Refusal("The class is at another question; the answer does not count.", 409)
    stand_of(question).check_open(vote.round)
    return json.loads(question.description)


_stores: dict[str, Store] = {}
_opening = threading.Lock()


def shared() -> Store:
    """This process's store of the database that the environment names; StoreProblem where the address is none."""
    address = database_address()
    with _opening:
        if address not in _stores:
            _stores[address] = Store(Database(address))
        return _stores[address]
