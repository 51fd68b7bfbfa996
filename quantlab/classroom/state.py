"""What everybody in a class may know: the question, how many answered, and the distribution after the reveal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select

from quantlab.classroom.results import Results, results_of
from quantlab.classroom.rows import answer_rows, count, question_row, stand_of, student_row
from quantlab.classroom.rules import Answer, Mode, Phase
from quantlab.classroom.tables import ANSWERS, QUESTIONS, STUDENTS


@dataclass(frozen=True)
class State:
    """A class as a projector may show it.

    question, description, phase, round : of the question that is posed, "" and None before. joined, answered : students.
    offered : the lessons that students may go through on their own, in their order. results : after the reveal alone.
    mine : the asking student's own answer in this round. student : their number and nickname.
    """

    code: str
    mode: Mode
    closed: bool
    version: int
    expires_at: float
    joined: int = 0
    question: str = ""
    description: Mapping[str, Any] | None = None
    phase: Phase = Phase.OPEN
    round: int = 1
    answered: int = 0
    offered: tuple[str, ...] = ()
    results: Results | None = None
    mine: Answer = None
    student: tuple[int, str] | None = None

    @property
    def stand(self) -> str:
        """Where the class is, without how many joined and answered: a page that shows another one is drawn anew."""
        return "|".join([self.mode, self.question, self.phase, str(self.round), "closed" if self.closed else "", *self.offered])

    def as_json(self) -> dict[str, Any]:
        """For a student's browser: of the results counts alone, never single answers."""
        return {
            "code": self.code,
            "mode": self.mode,
            "closed": self.closed,
            "version": self.version,
            "stand": self.stand,
            "joined": self.joined,
            "question": self.question,
            "description": self.description,
            "phase": self.phase,
            "round": self.round,
            "answered": self.answered,
            "offered": self.offered,
            "results": self.results.as_json() if self.results else None,
            "mine": self.mine,
            "student": {"number": self.student[0], "nickname": self.student[1]} if self.student else None,
        }


def state_of(connection: Connection, row: Row[Any], token: str = "") -> State:
    """The state of a class's row, read in the transaction at hand."""
    found: dict[str, Any] = {name: getattr(row, name) for name in ("code", "closed", "version", "expires_at")}
    found |= {"mode": Mode(row.mode), "joined": count(connection, select(func.count()).where(STUDENTS.c.class_id == row.id))}
    if row.mode == Mode.OWN:
        keys = select(QUESTIONS.c.key).where(QUESTIONS.c.class_id == row.id).order_by(QUESTIONS.c.offered_at, QUESTIONS.c.key)
        found["offered"] = tuple(dict.fromkeys(key.partition(":")[0] for key in connection.execute(keys).scalars()))
    student = student_row(connection, row.id, token) if token else None
    if student:
        found["student"] = (student.number, student.nickname)
    if row.question is None:
        return State(**found)
    question = question_row(connection, row.id, row.question)
    stand, description = stand_of(question), json.loads(question.description)
    found |= {"question": question.key, "description": description, "phase": stand.phase, "round": stand.round}
    here = [ANSWERS.c.class_id == row.id, ANSWERS.c.question == question.key, ANSWERS.c.round == stand.round]
    found["answered"] = count(connection, select(func.count()).where(*here))
    if student:
        mine = connection.execute(select(ANSWERS.c.answer).where(*here, ANSWERS.c.student_id == student.id)).scalar()
        found["mine"] = None if mine is None else json.loads(mine)
    if stand.phase is Phase.REVEALED:
        found["results"] = results_of(answer_rows(connection, row.id, question.key), description, stand.round)
    return State(**found)
