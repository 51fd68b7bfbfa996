"""Questions of lessons: what is predicted, the truth that the core computes at the state, and how near an answer is to it.

number   a value of a measure, within a distance; a wrong one is compared with what wrong ideas would give
choice   one of several; true is the one whose comparison holds, or whose state is best by a measure
order    several states, the least of a measure first
draw     the measure at every level of the slider, as a curve
mark     where the range ends, or where the levels lie, on a picture of the values
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from quantlab.labs.text import fixed, plain
from quantlab.learn.answers import read_number
from quantlab.learn.marks import NAMES, decibels, places, read_marks
from quantlab.learn.measures import MEASURES, State, curve, evaluate, holds, terms_of

KINDS = ("number", "choice", "order", "draw", "mark")
NEAR = 0.15  # of a curve's span: a mean distance below it is near


@dataclass(frozen=True)
class Hint:
    """What to say to somebody with a wrong idea. see : the state of a lab that refutes it, "" for none."""

    text: str
    see: str = ""


def hint_of(text: str) -> Hint:
    """The hint that a lesson writes, the state that refutes the idea at its end.

    >>> hint_of("That is the error of one scale. See tensor?granularity=tensor")
    Hint(text='That is the error of one scale.', see='tensor?granularity=tensor')
    """
    found = re.fullmatch(r"(.*?)(?:\s+See (\S+?)\.?)?", text.strip())
    return Hint(found[1], found[2] or "") if found else Hint(text)


@dataclass(frozen=True)
class Option:
    """An answer to choose. truth : the comparison that makes it the right one, or the state that it stands for.

    hint : for who chooses it though it is wrong.
    """

    label: str
    truth: str = ""
    hint: Hint | None = None


@dataclass(frozen=True)
class Grade:
    """How near an answer is: 0 to 1. said : a sentence. hint : to the wrong idea that gives this answer."""

    score: float
    said: str
    hint: Hint | None = None

    @property
    def right(self) -> bool:
        return self.score >= 1


@dataclass(frozen=True)
class Question:
    """What is predicted. best : "max sqnr_db" for options that are states. by : the expression that options are ordered by.

    wrong : for a number, what wrong ideas give, as expressions, and the hint to each.
    """

    kind: str
    text: str
    options: tuple[Option, ...] = ()
    measure: str = ""
    within: float | None = None
    best: str = ""
    by: str = ""
    wrong: tuple[tuple[str, Hint], ...] = ()

    def problem(self) -> str:
        """What is missing of the question, with the remedy; "" where nothing is."""
        if not self.text:
            return "the question is missing; write it below its header"
        if self.kind in ("number", "draw", "mark") and not self.measure:
            return "what is measured is missing; write a line such as measure: sqnr_db"
        if self.kind in ("number", "mark") and not self.within:
            return "how near is near enough is missing; write a line such as within: 1"
        if self.kind in ("choice", "order") and len(self.options) < 2:
            return "there is nothing to choose; write two lines or more that begin with a hyphen"
        if self.kind == "order" and not self.by:
            return "what the order goes by is missing; write a line such as by: sqnr_db"
        if self.best and self.best.split()[0] not in ("max", "min"):
            return f"best is {self.best!r}; write max or min and a measure"
        return ""

    def truth(self, state: State) -> Any:
        """The right answer at this state: a number, the place of an option, the order of the options, values by label, or places."""
        if self.kind == "number":
            return evaluate(self.measure, state)
        if self.kind == "draw":
            return curve(state, self.measure)
        if self.kind == "mark":
            return places(self.measure, state)
        if self.kind == "order":
            return sorted(
                range(len(self.options)), key=[evaluate(self.by, state.changed(option.truth)) for option in self.options].__getitem__
            )
        if self.best:
            which, measure = self.best.split(maxsplit=1)
            values = [evaluate(measure, state.changed(option.truth)) for option in self.options]
            return values.index(max(values) if which == "max" else min(values))
        true = [k for k, option in enumerate(self.options) if option.truth and holds(option.truth, state)]
        if not true and sum(not option.truth for option in self.options) == 1:
            return next(k for k, option in enumerate(self.options) if not option.truth)
        if len(true) != 1:
            raise ValueError(f"{len(true)} of the options are true at this state; exactly one has to be, or one without a comparison")
        return true[0]

    def grade(self, state: State, answer: Any) -> Grade:
        """How near the answer is; ValueError in one sentence for what is no answer."""
        truth = self.truth(state)
        if self.kind == "number":
            return self._grade_number(state, truth, self._read(str(answer)))
        if self.kind == "draw":
            return self._grade_curve(truth, answer)
        if self.kind == "mark":
            return self._grade_marks(state, truth, read_marks(answer, len(truth)))
        if self.kind == "order":
            return self._grade_order(truth, answer)
        if answer not in range(len(self.options)):
            raise ValueError("Choose one of the answers.")
        if answer == truth:
            return Grade(1.0, "Right.")
        return Grade(0.0, f"No: {self.options[truth].label}.", self.options[answer].hint)

    def written(self, number: float) -> str:
        """A number as the question's measure is written."""
        first = terms_of(self.measure)[0][0].partition(" @ ")[0]
        return MEASURES[first].write(number) if first in MEASURES else plain(number)

    @property
    def written_name(self) -> str:
        """What is asked for, in words."""
        first = terms_of(self.measure)[0][0].partition(" @ ")[0] if self.measure else ""
        return NAMES.get(first, "value") if first not in MEASURES else MEASURES[first].title

    @property
    def unit(self) -> str:
        """The unit of what is asked."""
        first = terms_of(self.measure)[0][0].partition(" @ ")[0] if self.measure else ""
        return MEASURES[first].unit if first in MEASURES else ""

    def _read(self, text: str) -> float:
        """The number that a person typed; of a share ``89 %``, ``89`` and ``0.89`` are the same.

        >>> Question("number", "How many?", measure="top5")._read("89 %")
        0.89
        """
        guess, first = read_number(text), terms_of(self.measure)[0][0].partition(" @ ")[0]
        percent = first in MEASURES and MEASURES[first].share and ("%" in text or abs(guess) > 1)
        return guess / 100 if percent else guess

    def _grade_number(self, state: State, truth: float, guess: float) -> Grade:
        assert self.within is not None
        if abs(guess - truth) <= self.within:
            return Grade(1.0, f"Near enough: it is {self.written(truth)}.")
        said = f"It is {self.written(truth)}; you said {self.written(guess)}."
        for expression, hint in self.wrong:
            if abs(guess - evaluate(expression, state)) <= self.within / 2:
                return Grade(0.0, said, hint)
        return Grade(0.0, said)

    def _grade_curve(self, truth: Mapping[str, float], answer: Any) -> Grade:
        values = np.array(list(truth.values()))
        guess = _numbers(answer, len(values))
        finite = np.isfinite(values)
        span = float(np.ptp(values[finite])) or 1.0
        apart = float(np.abs(guess - values)[finite].mean())
        unit = f" {self.unit}" if self.unit else ""
        said = f"On average your curve lies {fixed(apart)}{unit} from the measured one."
        return Grade(
            1.0 if apart <= NEAR * span else max(0.0, 1 - apart / span), f"{said} {'That is near.' if apart <= NEAR * span else ''}".strip()
        )

    def _grade_marks(self, state: State, truth: Sequence[float], marks: Sequence[float]) -> Grade:
        """By the mean distance of the marks; what they cost is said in dB."""
        assert self.within is not None
        apart = float(np.abs(np.subtract(marks, truth)).mean())
        where = (
            f"It is at {plain(truth[0], 3)}, you put it at {plain(marks[0], 3)}."
            if len(truth) == 1
            else f"On average your marks lie {plain(apart, 2)} from the places."
        )
        said = f"{where} With yours the SQNR is {fixed(decibels(self.measure, state, marks))} dB, with these {fixed(decibels(self.measure, state, truth))} dB."
        if apart <= self.within:
            return Grade(1.0, f"Near enough. {said}")
        ideas = [
            (float(np.abs(np.subtract(marks, wrong)).mean()), hint) for wrong, hint in self.wrong_places(state) if len(wrong) == len(marks)
        ]
        nearest, hint = min(ideas, key=lambda idea: idea[0], default=(math.inf, None))
        return Grade(max(0.0, 1 - apart / (4 * self.within)), said, hint if nearest < apart else None)

    def wrong_places(self, state: State) -> list[tuple[tuple[float, ...], Hint]]:
        """Where wrong ideas put the marks, with the hint to each; who is nearer to one than to the truth meets it."""
        return [(places(expression, state), hint) for expression, hint in self.wrong]

    def _grade_order(self, truth: Sequence[int], answer: Any) -> Grade:
        try:
            order = [int(k) for k in answer]
        except (TypeError, ValueError):
            order = []
        if sorted(order) != list(range(len(self.options))):
            raise ValueError(f"Put all {len(self.options)} in order, each once.")
        pairs = [(a, b) for i, a in enumerate(truth) for b in truth[i + 1 :]]
        right = sum(order.index(a) < order.index(b) for a, b in pairs)
        names = " < ".join(self.options[k].label for k in truth)
        return Grade(1.0 if right == len(pairs) else right / len(pairs) * 0.9, f"{right} of {len(pairs)} pairs are in order: {names}.")


def axis_of(truth: Mapping[str, float]) -> tuple[float, float, float]:
    """Ends and step of a curve's axis, in round numbers and with room to be wrong in.

    >>> axis_of({"2": 8.1, "3": 14.2, "4": 20.1})
    (-5.0, 30.0, 5.0)
    """
    finite = [v for v in truth.values() if math.isfinite(v)]
    low, high = min(0.0, *finite), max(finite)
    low, high = low - 0.1 * (high - low), high + 0.25 * (high - low)
    power = 10.0 ** math.floor(math.log10((high - low) / 4 or 1))
    step = next(m * power for m in (1, 2, 5, 10) if (high - low) / (m * power) <= 6)
    return math.floor(low / step) * step, math.ceil(high / step) * step, step


def _numbers(answer: Any, count: int) -> np.ndarray:
    """The heights of a curve that a browser sent; ValueError for anything else."""
    if not isinstance(answer, list | tuple) or len(answer) != count:
        raise ValueError("Draw the curve over all levels.")
    if not all(isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) and abs(v) < 1e12 for v in answer):
        raise ValueError("Draw the curve over all levels.")
    return np.array(answer, float)
