"""What a teacher does with a class and sees of it, having shown the secret of its link."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from quantlab.classroom import rules
from quantlab.classroom.database import Database
from quantlab.classroom.results import RIGHT, AnswerRow, Results, results_of
from quantlab.classroom.rows import answer_rows, class_row, question_row, raise_version, stand_of
from quantlab.classroom.rules import Answer, Phase, Refusal, Stand
from quantlab.classroom.state import State, state_of
from quantlab.classroom.statistics import Gain, Item, Scores, hake_gain, item_statistics
from quantlab.classroom.tables import ANSWERS, CLASSES, QUESTIONS, STUDENTS

Grader = Callable[[str, Mapping[str, Any], Answer], tuple[float, str]]  # question, description, answer -> score, mistake
_STUCK = 2  # wrong answers in a row
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class TeacherView:
    """What the teacher alone sees.

    live : the distribution of the vote, before its reveal too; None where nothing is posed. waiting : students without an answer to it.
    stuck : students whose last two graded answers are wrong. questions : key -> (phase, round), in the order in which they were offered.
    """

    state: State
    live: Results | None
    answers: tuple[AnswerRow, ...]
    waiting: tuple[str, ...]
    stuck: tuple[str, ...]
    questions: Mapping[str, tuple[Phase, int]]


@dataclass(frozen=True)
class Teacher:
    """A class in the hands of its teacher; made by `Store.teacher`."""

    database: Database
    clock: Callable[[], float]
    code: str
    class_id: int

    def offer(self, questions: Mapping[str, Mapping[str, Any]]) -> None:
        """Questions, key -> description, which students who go on their own may answer. What was answered already keeps its description.

        A description goes to students' browsers: it holds no truth. kind : choice, order, number or draw; options, labels.
        """
        texts = _texts(questions)
        with self._changing() as (connection, row):
            self._offer(connection, texts)
            raise_version(connection, row.id)

    def pose(self, key: str, description: Mapping[str, Any] | None = None) -> None:
        """The question that the class is at now; one that was posed before stands where it stood. Without description: offered before."""
        texts = {} if description is None else _texts({key: description})
        with self._changing() as (connection, row):
            self._offer(connection, texts)
            question_row(connection, row.id, key)
            raise_version(connection, row.id, question=key)

    def freeze(self) -> None:
        """Close the vote: what is stored stays."""
        self._move(Stand.freeze)

    def reveal(self) -> None:
        """Show the distribution to everybody; a vote that is still open is closed."""
        self._move(Stand.reveal)

    def vote_again(self) -> None:
        """Open the second vote."""
        self._move(Stand.again)

    def set_mode(self, mode: str) -> None:
        """Let the class follow, or let each go on alone."""
        found = rules.check_mode(mode)
        with self._changing() as (connection, row):
            raise_version(connection, row.id, mode=found)

    def set_days(self, days: int) -> None:
        """How many days after its opening the class is deleted."""
        rules.check_days(days)
        with self._changing() as (connection, row):
            raise_version(connection, row.id, expires_at=row.opened_at + days * rules.DAY)

    def close(self) -> None:
        """Take no students and answers any more; results stay until the class is deleted."""
        with self._changing() as (connection, row):
            raise_version(connection, row.id, closed=True)

    def reopen(self) -> None:
        """Take students and answers again."""
        with self._changing() as (connection, row):
            raise_version(connection, row.id, closed=False)

    def opened_at(self) -> float:
        """When it was opened, in seconds since 1970."""
        with self._reading() as (_, row):
            return float(row.opened_at)

    def delete(self) -> None:
        """Remove the class with all that belongs to it, at once and for good."""
        with self.database.writing() as connection:
            connection.execute(delete(CLASSES).where(CLASSES.c.id == self.class_id))
        self.database.forget()

    def grade(self, grader: Grader) -> int:
        """Give every answer that has no score its own, once; how many they were."""
        with self._reading() as (connection, row):
            query = select(ANSWERS).where(ANSWERS.c.class_id == row.id, ANSWERS.c.score.is_(None))
            ungraded = connection.execute(query).all()
            descriptions = {q.key: json.loads(q.description) for q in self._questions(connection)}
        grades = [(row, grader(row.question, descriptions[row.question], json.loads(row.answer))) for row in ungraded]
        if not grades:
            return 0
        graded = 0
        with self._changing() as (connection, row):
            for answer, (score, mistake) in grades:
                place = [ANSWERS.c[name] == getattr(answer, name) for name in ("class_id", "question", "round", "student_id", "answer")]
                values = {"score": min(max(float(score), 0.0), 1.0), "mistake": mistake[:80] or None}
                graded += connection.execute(update(ANSWERS).where(*place, ANSWERS.c.score.is_(None)).values(values)).rowcount
            raise_version(connection, row.id)
        return graded

    def state(self) -> State:
        """What the projector shows; after a reveal with what students drew."""
        with self._reading() as (connection, row):
            return state_of(connection, row)

    def view(self) -> TeacherView:
        """What the teacher alone sees."""
        with self._reading() as (connection, row):
            state, rows = state_of(connection, row), answer_rows(connection, row.id)
            names = {
                student.number: student.nickname or f"student {student.number}"
                for student in connection.execute(select(STUDENTS).where(STUDENTS.c.class_id == row.id).order_by(STUDENTS.c.number))
            }
            questions = {question.key: (Phase(question.phase), question.round) for question in self._questions(connection)}
        here = [answer for answer in rows if answer.question == state.question]
        votes = tuple(answer for answer in here if answer.round == state.round)
        answered = {answer.student for answer in votes}
        return TeacherView(
            state=state,
            live=results_of(here, state.description or {}, state.round) if state.question else None,
            answers=votes,
            waiting=tuple(name for number, name in names.items() if state.question and number not in answered),
            stuck=tuple(names[number] for number in _stuck(rows)),
            questions=questions,
        )

    def results(self, question: str) -> Results:
        """The distribution of any question's last vote."""
        with self._reading() as (connection, row):
            found = question_row(connection, row.id, question)
            return results_of(answer_rows(connection, row.id, question), json.loads(found.description), found.round)

    def items(self) -> list[Item]:
        """Difficulty and discrimination of every question, by the first vote."""
        return item_statistics(self._scores())

    def gain(self, before: str = "pre:", after: str = "post:") -> Gain | None:
        """Hake's gain between the questions whose keys begin with ``before`` and with ``after``."""
        scores = self._scores()
        return hake_gain(*({key: s for key, s in scores.items() if key.startswith(prefix)} for prefix in (before, after)))

    def csv(self) -> str:
        """A row for each answer. A text that a spreadsheet would take for a formula begins with an apostrophe."""
        with self._reading() as (connection, row):
            rows = answer_rows(connection, row.id)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["number", "student", "question", "vote", "answer", "score", "mistake", "received (UTC)"])
        for a in rows:
            answer = a.answer if isinstance(a.answer, int | float | str) else json.dumps(a.answer)
            received = datetime.fromtimestamp(a.received_at, UTC).strftime("%Y-%m-%d %H:%M:%S")
            score = "" if a.score is None else f"{a.score:.2f}"
            writer.writerow(map(safe_cell, [a.student, a.name, a.question, a.round, answer, score, a.mistake, received]))
        return text.getvalue()

    def _scores(self) -> Scores:
        """Question -> student -> score of the first vote."""
        with self._reading() as (connection, row):
            rows = answer_rows(connection, row.id)
        scores: dict[str, dict[int, float]] = {}
        for answer in rows:
            if answer.round == 1 and answer.score is not None:
                scores.setdefault(answer.question, {})[answer.student] = answer.score
        return scores

    def _offer(self, connection: Connection, texts: Mapping[str, str]) -> None:
        there = {question.key for question in self._questions(connection)}
        if len(there | texts.keys()) > rules.MOST_QUESTIONS:
            raise Refusal(f"A class has at most {rules.MOST_QUESTIONS} questions.", 409)
        answered = set(connection.execute(select(ANSWERS.c.question).where(ANSWERS.c.class_id == self.class_id).distinct()).scalars())
        for key, text in texts.items():
            if key not in there:
                values = {"phase": Phase.OPEN, "round": 1, "offered_at": self.clock()}
                connection.execute(insert(QUESTIONS).values(class_id=self.class_id, key=key, description=text, **values))
            elif key not in answered:
                where = QUESTIONS.c.class_id == self.class_id, QUESTIONS.c.key == key
                connection.execute(update(QUESTIONS).where(*where).values(description=text))

    def _questions(self, connection: Connection) -> Sequence[Row[Any]]:
        query = select(QUESTIONS).where(QUESTIONS.c.class_id == self.class_id).order_by(QUESTIONS.c.offered_at, QUESTIONS.c.key)
        return connection.execute(query).all()

    def _move(self, move: Callable[[Stand], Stand]) -> None:
        with self._changing() as (connection, row):
            if row.question is None:
                raise Refusal("No question is posed yet.", 409)
            stand = move(stand_of(question_row(connection, row.id, row.question)))
            where = QUESTIONS.c.class_id == row.id, QUESTIONS.c.key == row.question
            connection.execute(update(QUESTIONS).where(*where).values(phase=stand.phase, round=stand.round))
            raise_version(connection, row.id)

    @contextmanager
    def _reading(self) -> Iterator[tuple[Connection, Row[Any]]]:
        with self.database.reading() as connection:
            yield connection, self._row(connection)

    @contextmanager
    def _changing(self) -> Iterator[tuple[Connection, Row[Any]]]:
        with self.database.writing() as connection:
            yield connection, self._row(connection, locked=True)

    def _row(self, connection: Connection, locked: bool = False) -> Row[Any]:
        row = class_row(connection, self.code, self.clock(), locked)
        if row.id != self.class_id:
            raise Refusal("The class was deleted.", 404)
        return row


def _texts(questions: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Descriptions as JSON, under keys that are ones."""
    longest, what = rules.LONGEST_DESCRIPTION, "A question's description"
    return {rules.check_question(key): rules.to_json(dict(description), longest, what) for key, description in questions.items()}


def safe_cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula: such a text begins with an apostrophe; numbers stay.

    >>> safe_cell("=HYPERLINK(...)"), safe_cell(-2.5), safe_cell("Ada")
    ("'=HYPERLINK(...)", -2.5, 'Ada')
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _stuck(rows: Sequence[AnswerRow]) -> list[int]:
    """Students whose last two graded answers are wrong, by number."""
    last: dict[int, list[float]] = {}
    for row in rows:
        if row.score is not None:
            last[row.student] = [*last.get(row.student, []), row.score][-_STUCK:]
    return sorted(student for student, scores in last.items() if len(scores) == _STUCK and max(scores) < RIGHT)
