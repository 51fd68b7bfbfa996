"""Results of a question: the histogram, mistakes by name, drawn curves, and who changed between two votes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quantlab.classroom.rules import Answer, as_number

_MOST_BARS = 12
RIGHT = 1.0  # the score of a right answer


@dataclass(frozen=True)
class AnswerRow:
    """One answer as it is stored. student : their number in the class. score : None until it is graded."""

    student: int
    nickname: str
    question: str
    round: int
    answer: Answer
    score: float | None
    mistake: str
    received_at: float

    @property
    def name(self) -> str:
        """The nickname, or the number where there is none."""
        return self.nickname or f"student {self.student}"


@dataclass(frozen=True)
class Changes:
    """Who changed from the first vote to the second: ``counts[i][j]`` students went from ``labels[i]`` to ``labels[j]``."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Results:
    """The distribution of one vote.

    bars : (label, students), every option of a choice among them. mistakes : (slug, students), the most frequent first.
    curves : what students drew or marked, in no order that tells who. right : students whose answer is right, None where none is graded.
    """

    answered: int
    bars: tuple[tuple[str, int], ...] = ()
    mistakes: tuple[tuple[str, int], ...] = ()
    curves: tuple[tuple[float, ...], ...] = ()
    right: int | None = None
    changes: Changes | None = None

    def as_json(self) -> dict[str, Any]:
        """For students: counts alone, no single answer."""
        return {"answered": self.answered, "bars": self.bars, "mistakes": self.mistakes, "right": self.right}


def results_of(rows: Sequence[AnswerRow], description: Mapping[str, Any], round: int) -> Results:
    """The results of a question's vote from all answers to it; with the second vote, who changed."""
    votes = [row for row in rows if row.round == round]
    graded = [row.score for row in votes if row.score is not None]
    drawn = description.get("kind") in ("draw", "mark")
    return Results(
        answered=len(votes),
        bars=() if drawn else bars([row.answer for row in votes], description),
        mistakes=tuple(Counter(row.mistake for row in votes if row.mistake).most_common()),
        curves=tuple(sorted(tuple(row.answer) for row in votes)) if drawn else (),
        right=sum(score >= RIGHT for score in graded) if graded else None,
        changes=changes(rows, description) if round == 2 else None,
    )


def bars(answers: Sequence[Answer], description: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    """How many chose what. Numbers of many values fall into 12 equal parts of their range.

    >>> bars([0, 2, 2], {"kind": "choice", "options": ["floor", "round", "ceil"]})
    (('floor', 1), ('round', 0), ('ceil', 2))
    >>> bars(["6,02", 6.02, 3], {"kind": "number"})
    (('3', 1), ('6.02', 2))
    """
    options = description.get("options") or ()
    if description.get("kind") == "choice":
        chosen = Counter(answers)
        return tuple((str(option), chosen[place]) for place, option in enumerate(options))
    numbers = [number for answer in answers if (number := as_number(answer)) is not None]
    if numbers and len(numbers) == len(answers):
        return _bars_of_numbers(numbers)
    counted = Counter(map(_label, answers))
    return tuple(counted.most_common(_MOST_BARS))


def _bars_of_numbers(numbers: Sequence[float]) -> tuple[tuple[str, int], ...]:
    counted = sorted(Counter(numbers).items())
    if len(counted) <= _MOST_BARS:
        return tuple((f"{number:g}", students) for number, students in counted)
    low, high = counted[0][0], counted[-1][0]
    width = (high - low) / _MOST_BARS
    parts = Counter(min(int((number - low) / width), _MOST_BARS - 1) for number in numbers)
    return tuple((f"{low + part * width:.4g} to {low + (part + 1) * width:.4g}", parts[part]) for part in range(_MOST_BARS))


def changes(rows: Iterable[AnswerRow], description: Mapping[str, Any]) -> Changes:
    """From the first vote to the second, of the students who took part in both: between options, else between right and wrong."""
    votes: dict[int, dict[int, AnswerRow]] = {1: {}, 2: {}}
    for row in rows:
        votes[row.round][row.student] = row
    if description.get("kind") == "choice":
        labels = tuple(map(str, description.get("options") or ()))
        places = {number: {student: row.answer for student, row in vote.items()} for number, vote in votes.items()}
    else:
        labels = ("right", "wrong")
        places = {
            number: {student: int(row.score < RIGHT) for student, row in vote.items() if row.score is not None}
            for number, vote in votes.items()
        }
    pairs = Counter((place, places[2][student]) for student, place in places[1].items() if student in places[2])
    return Changes(labels, tuple(tuple(pairs[i, j] for j in range(len(labels))) for i in range(len(labels))))


def _label(answer: Answer) -> str:
    return answer[:40] if isinstance(answer, str) else json.dumps(answer)[:40]
