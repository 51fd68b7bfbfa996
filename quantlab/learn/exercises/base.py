"""An exercise: a question with numbers of one's own, its right answer by the core, and what wrong ideas would give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np

from quantlab.labs.text import markdown_safe
from quantlab.learn.answers import read_number
from quantlab.learn.mistakes import MISTAKES, Mistake

_TRIES = 200


@dataclass(frozen=True)
class Asked:
    """One number that is asked for. within : how far from the right one an answer may be."""

    label: str
    answer: float
    within: float = 1e-9
    unit: str = ""

    def holds(self, value: float) -> bool:
        """Whether the answer is near enough."""
        return abs(value - self.answer) <= self.within * (1 + 1e-9)


@dataclass(frozen=True)
class Problem:
    """An exercise with its numbers. text, hints, solution : Markdown. wrong : mistake -> what it gives for each number asked for.

    judge : for an exercise that is answered by the address of a state, which is measured: (score, sentence).
    """

    text: str
    asked: tuple[Asked, ...]
    hints: tuple[str, str, str]
    solution: str
    wrong: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    judge: Callable[[str], tuple[float, str]] | None = None

    def ambiguous(self) -> bool:
        """Whether a wrong idea gives the right answer with these numbers."""
        return any(all(a.holds(v) for a, v in zip(self.asked, values, strict=True)) for values in self.wrong.values())


@dataclass(frozen=True)
class Grade:
    """How right an answer is, 0 to 1, in a sentence; the mistake that gives such an answer, with its hint."""

    score: float
    said: str
    mistake: Mistake | None = None
    hint: str = ""


@dataclass(frozen=True)
class Exercise:
    """make : a problem of random numbers. see : the state of a lab that shows it."""

    slug: str
    title: str
    topic: str
    rank: int
    make: Callable[[np.random.Generator], Problem]
    see: str

    def generate(self, seed: int) -> Problem:
        """The problem of this seed; numbers with which a wrong idea would be right are drawn again."""
        rng = np.random.default_rng([seed, crc32(self.slug.encode())])
        for _ in range(_TRIES):
            problem = self.make(rng)
            if not problem.ambiguous():
                return problem
        raise ValueError(f"{self.slug}: in {_TRIES} draws a wrong idea always gave the right answer; ask for a finer one")


def grade(problem: Problem, texts: Sequence[str]) -> Grade:
    """The grade of what a person typed; ValueError in one sentence for what cannot be read."""
    if problem.judge is not None:
        score, said = problem.judge(texts[0] if texts else "")
        return Grade(score, said)
    if len(texts) != len(problem.asked):
        raise ValueError(f"Answer all {len(problem.asked)} of them.")
    values = [read_number(text) for text in texts]
    right = [asked.holds(value) for asked, value in zip(problem.asked, values, strict=True)]
    if all(right):
        return Grade(1.0, "Right.")
    score, told = sum(right) / len(right), _told(problem, right)
    off = [k for k, ok in enumerate(right) if not ok]
    met = {slug: [k for k in off if _meets(problem.asked[k], values[k], wrong[k])] for slug, wrong in problem.wrong.items()}
    slug = max(met, key=lambda slug: len(met[slug]), default="")
    if not slug or not met[slug]:
        return Grade(score, told)
    said = ", ".join(markdown_safe(texts[k].strip()) for k in met[slug])
    return Grade(score, told, MISTAKES[slug], MISTAKES[slug].hint.format(said=said))


def _meets(asked: Asked, value: float, wrong: float) -> bool:
    """Whether an answer is what a wrong idea gives, where that idea gives something wrong."""
    return abs(value - wrong) <= asked.within * (1 + 1e-9) and not asked.holds(wrong)


def _told(problem: Problem, right: Sequence[bool]) -> str:
    if len(right) == 1:
        return "Not yet."
    return f"{sum(right)} of {len(right)} are right; look again at {', '.join(a.label for a, ok in zip(problem.asked, right, strict=True) if not ok)}."
