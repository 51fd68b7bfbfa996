"""What one person has answered: kept by their browser as JSON, and read back from there as from any stranger.

>>> diary = Diary().with_answer("rounding", 2, 1.0, "6.02").with_exercise("scale", 0.5)
>>> read(diary.text) == diary, diary.done("rounding"), diary.exercises["scale"]
(True, 1, (0.5, 1))
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

LONGEST = 200_000  # characters that are read
_MOST = 300  # lessons, and exercises
_MOST_STEPS = 60
_MOST_TEXTS = 24  # fields of an exercise
_LONGEST_TEXT = 2000
_SLUG = re.compile(r"[a-z0-9-]{1,120}")
Answer = Any  # a text, the place of an option, an order, the heights of a curve


@dataclass(frozen=True)
class Diary:
    """lessons : slug -> step -> (score, answer), scores 0 to 1. exercises : slug -> (best score, tries).

    work : exercise -> (which numbers, what was typed) of the best try.
    """

    lessons: Mapping[str, Mapping[int, tuple[float, Answer]]] = field(default_factory=dict)
    exercises: Mapping[str, tuple[float, int]] = field(default_factory=dict)
    work: Mapping[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)

    def answer(self, lesson: str, step: int) -> Answer | None:
        """The answer to a step, None where there is none yet."""
        entry = self.lessons.get(lesson, {}).get(step)
        return None if entry is None else entry[1]

    def done(self, lesson: str) -> int:
        """How many steps of a lesson are answered."""
        return len(self.lessons.get(lesson, {}))

    def with_answer(self, lesson: str, step: int, score: float, answer: Answer) -> Diary:
        """The diary with an answer more; the first score of a step stays, because that was the prediction."""
        steps = dict(self.lessons.get(lesson, {}))
        steps[step] = (steps[step][0] if step in steps else score, answer)
        return replace(self, lessons={**self.lessons, lesson: steps})

    def without(self, lesson: str) -> Diary:
        """The diary without a lesson, to go through it again."""
        return replace(self, lessons={slug: steps for slug, steps in self.lessons.items() if slug != lesson})

    def with_exercise(self, slug: str, score: float, numbers: int = 0, texts: Sequence[str] = ()) -> Diary:
        """The diary with a try more; numbers, texts : which of the exercise's, and what was typed."""
        best, tries = self.exercises.get(slug, (0.0, 0))
        work = {**self.work, slug: (numbers, tuple(texts))} if texts and (score > best or slug not in self.work) else self.work
        return replace(self, exercises={**self.exercises, slug: (max(best, score), tries + 1)}, work=work)

    @property
    def text(self) -> str:
        """The diary as JSON; "" where it is empty."""
        if not self.lessons and not self.exercises:
            return ""
        lessons = {slug: {str(step): [score, answer] for step, (score, answer) in steps.items()} for slug, steps in self.lessons.items()}
        exercises = {slug: list(entry) for slug, entry in self.exercises.items()}
        work = {slug: [numbers, list(texts)] for slug, (numbers, texts) in self.work.items()}
        return json.dumps({"lessons": lessons, "exercises": exercises} | ({"work": work} if work else {}), separators=(",", ":"))

    def csv(self) -> str:
        """A row for each answer: a transcript to hand in."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["kind", "name", "step", "score", "tries"])
        for slug, steps in sorted(self.lessons.items()):
            writer.writerows(["lesson", slug, step, f"{score:.2f}", 1] for step, (score, _) in sorted(steps.items()))
        writer.writerows(["exercise", slug, "", f"{best:.2f}", tries] for slug, (best, tries) in sorted(self.exercises.items()))
        return text.getvalue()


def read(text: str) -> Diary:
    """The diary in a text; what is not of its form is left out.

    >>> read("no JSON"), read('{"lessons": {"<b>": {"1": [1, "x"]}, "a": {"1": [7, "x"], "2": [0.5, 1]}}}').lessons
    (Diary(lessons={}, exercises={}, work={}), {'a': {2: (0.5, 1)}})
    """
    try:
        found = json.loads(text) if 0 < len(text) <= LONGEST else {}
    except (ValueError, RecursionError):
        found = {}
    lessons: dict[str, dict[int, tuple[float, Answer]]] = {}
    for slug, steps in _entries(found, "lessons"):
        entries = {int(step): (float(entry[0]), entry[1]) for step, entry in _items(steps) if step.isdecimal() and _is_step(step, entry)}
        if entries:
            lessons[slug] = entries
    exercises = {
        slug: (float(entry[0]), entry[1]) for slug, entry in _entries(found, "exercises") if _is_pair(entry) and _is_count(entry[1])
    }
    work = {slug: (entry[0], tuple(entry[1])) for slug, entry in _entries(found, "work") if _is_work(entry)}
    return Diary(lessons, exercises, work)


def _entries(found: Any, part: str) -> list[tuple[str, Any]]:
    return [(slug, value) for slug, value in _items(found.get(part) if isinstance(found, dict) else None) if _SLUG.fullmatch(slug)][:_MOST]


def _items(found: Any) -> list[tuple[str, Any]]:
    return list(found.items()) if isinstance(found, dict) else []


def _is_pair(entry: Any) -> bool:
    return isinstance(entry, list) and len(entry) == 2 and _is_number(entry[0]) and 0 <= entry[0] <= 1


def _is_work(entry: Any) -> bool:
    """Whether an entry is which numbers, and a few short texts."""
    if not isinstance(entry, list) or len(entry) != 2 or not isinstance(entry[1], list) or not 0 < len(entry[1]) <= _MOST_TEXTS:
        return False
    whole = isinstance(entry[0], int) and not isinstance(entry[0], bool) and 0 <= entry[0] < 2**31
    return whole and all(isinstance(text, str) and len(text) <= _LONGEST_TEXT for text in entry[1])


def _is_step(step: str, entry: Any) -> bool:
    return len(step) <= 3 and int(step) <= _MOST_STEPS and _is_pair(entry) and _is_answer(entry[1])


def _is_answer(answer: Any) -> bool:
    if isinstance(answer, list):
        return len(answer) <= 64 and all(_is_number(v) for v in answer)
    return (isinstance(answer, str) and len(answer) <= 60) or _is_count(answer)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**6


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12 and math.isfinite(value)
