"""Rows of the tables that several callers read: a class, a question, a student, answers."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Row, select, update

from quantlab.classroom import rules
from quantlab.classroom.results import AnswerRow
from quantlab.classroom.rules import Phase, Refusal, Stand
from quantlab.classroom.tables import ANSWERS, CLASSES, QUESTIONS, STUDENTS


def class_row(connection: Connection, code: str, now: float, locked: bool = False) -> Row[Any]:
    """The row of a class that exists and whose time is not over; Refusal (404) else. ``locked``: changes wait for this transaction."""
    query = select(CLASSES).where(CLASSES.c.code == code, CLASSES.c.expires_at > now)
    row = connection.execute(query.with_for_update() if locked else query).first()
    if row is None:
        raise Refusal(f"There is no class {code}. It was deleted, its time is over, or the code is another one.", 404)
    return row


def question_row(connection: Connection, class_id: int, key: str) -> Row[Any]:
    """The row of a question that the teacher offered; Refusal (404) else."""
    row = connection.execute(select(QUESTIONS).where(QUESTIONS.c.class_id == class_id, QUESTIONS.c.key == key)).first()
    if row is None:
        raise Refusal("The class has no such question.", 404)
    return row


def student_row(connection: Connection, class_id: int, token: str) -> Row[Any]:
    """The row of the student with this token; Refusal (403) else."""
    query = select(STUDENTS).where(STUDENTS.c.class_id == class_id, STUDENTS.c.token_hash == rules.digest(token))
    row = connection.execute(query).first()
    if row is None:
        raise Refusal("This browser has not joined the class; join again.", 403)
    return row


def answer_rows(connection: Connection, class_id: int, question: str | None = None) -> list[AnswerRow]:
    """The answers of a class, or of one of its questions, in the order in which they came."""
    query = select(ANSWERS, STUDENTS.c.number, STUDENTS.c.nickname).join(STUDENTS, STUDENTS.c.id == ANSWERS.c.student_id)
    query = query.where(ANSWERS.c.class_id == class_id).order_by(ANSWERS.c.received_at, STUDENTS.c.number)
    if question is not None:
        query = query.where(ANSWERS.c.question == question)
    return [
        AnswerRow(r.number, r.nickname, r.question, r.round, json.loads(r.answer), r.score, r.mistake or "", r.received_at)
        for r in connection.execute(query)
    ]


def stand_of(question: Row[Any]) -> Stand:
    """Phase and round of a question's row."""
    return Stand(Phase(question.phase), question.round)


def raise_version(connection: Connection, class_id: int, **changes: object) -> None:
    """Change a class's row, and its version with it."""
    connection.execute(update(CLASSES).where(CLASSES.c.id == class_id).values(version=CLASSES.c.version + 1, **changes))


def count(connection: Connection, query: Any) -> int:  # a select of one number, whose type says nothing of it
    """The number that a query gives, 0 for none."""
    return int(connection.execute(query).scalar() or 0)
