"""What do you expect, and why?

The page's address only: which part of it, which lesson and step, which exercise with whose numbers. What stands there is content of
``quantlab.learn``, which asks the labs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from quantlab.labs.address import Address, Parameter, Table, Values
from quantlab.labs.forms import Choice, Number, Text
from quantlab.labs.lab import Lab
from quantlab.progress import Steps
from quantlab.tasks import Task

PARTS = {"lessons": "Lessons", "exercises": "Exercises", "inventory": "Inventory", "class": "Class", "reading": "Reading"}
SCREENS = {"projector": "For the projector", "private": "For the teacher alone"}
OWN = "own"  # the lesson that this person brought
MOST_STEPS = 40
_CODE = re.compile(r"[A-Za-z]{5}")
_SLUG = re.compile(r"[a-z0-9]{1,40}(-[a-z0-9]{1,40}){0,8}")


@dataclass(frozen=True)
class LearnResult:
    """Nothing is computed here: lessons ask the labs."""

    films: Mapping[str, bytes] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    stage: int = 0

    def words(self, label: str) -> str:
        """No words of its own."""
        return ""

    def program(self, label: str) -> str:
        """No program."""
        return ""

    def csv(self) -> str:
        """No numbers."""
        return ""


def tasks(address: Address, views: Sequence[str]) -> tuple[Task[LearnResult], ...]:
    """One task that is done at once."""

    def steps() -> Steps[LearnResult]:
        yield 0, 1
        return LearnResult()

    return (Task(("learn",), steps, "Opening"),)


def _in_part(part: str, values: Values) -> bool:
    return bool(values["part"] == part)


def _is_slug(raw: str) -> bool:
    return not raw or _SLUG.fullmatch(raw) is not None


def _is_code(raw: str) -> bool:
    return not raw or _CODE.fullmatch(raw) is not None


LAB = Lab(
    slug="learn",
    title="Learn",
    icon=":material/school:",
    question="What do you expect, and why?",
    blurb="Lessons that ask before they show, and exercises with your own numbers that know the usual mistakes.",
    table=Table(
        (
            Parameter(
                "part",
                "of the page",
                Choice(PARTS, buttons=True),
                "lessons",
                "Part",
                "rooms",
                advice="Lessons, exercises, 25 questions before and after, a class, what to read.",
            ),
            Parameter(
                "lesson",
                "the lesson, by the name of its file",
                Text(_is_slug, "choose one on the map"),
                place="hidden",
                when=lambda values: _in_part("lessons", values),
            ),
            Parameter(
                "step",
                "of the lesson",
                Number(1, MOST_STEPS),
                1,
                place="hidden",
                when=lambda values: _in_part("lessons", values) and bool(values["lesson"]),
            ),
            Parameter(
                "exercise",
                "the exercise, by its name",
                Text(_is_slug, "choose one of the list"),
                place="hidden",
                when=lambda values: _in_part("exercises", values),
            ),
            Parameter(
                "numbers",
                "which numbers the exercise has: their seed",
                Number(0, 2**31 - 1),
                0,
                place="hidden",
                when=lambda values: _in_part("exercises", values) and bool(values["exercise"]),
            ),
            Parameter(
                "code",
                "of the class",
                Text(_is_code, "a class has a code of 5 letters"),
                place="hidden",
                when=lambda values: _in_part("class", values),
            ),
            Parameter(
                "screen",
                "which of its pages a teacher looks at",
                Choice(SCREENS),
                "projector",
                place="hidden",
                when=lambda values: _in_part("class", values) and bool(values["code"]),
            ),
        )
    ),
    views={},
    tasks=tasks,
    rank=5,
)
