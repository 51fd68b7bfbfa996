"""Exercises that are answered by a state: the address that a student hands in is read and measured."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from quantlab.labs.text import markdown_safe
from quantlab.learn.measures import MEASURES, State, problems_of, state_of, value

_LONGEST = 600  # characters
Goal = tuple[str, str, float]  # measure, "<" or ">", bound


def judge(page: str, goals: tuple[Goal, ...], fixed: dict[str, str]) -> Callable[[str], tuple[float, str]]:
    """What reads an address of this page, whose fixed parameters stay, and measures it against goals."""

    def judged(text: str) -> tuple[float, str]:
        state = _state(text, page)
        if problems := problems_of(state):
            raise ValueError(markdown_safe(problems[0]))
        asked = dict(state.query)
        if strange := next((name for name, wanted in fixed.items() if asked.get(name, state.address().defaults.get(name)) != wanted), ""):
            raise ValueError(f"Leave {strange} at {fixed[strange]}; the question is about that.")
        found = [(measure, sign, bound, value(state, measure)) for measure, sign, bound in goals]
        met = [now < bound if sign == "<" else now > bound for _, sign, bound, now in found]
        said = ", ".join(f"{MEASURES[measure].title} {MEASURES[measure].write(now)}" for measure, _, _, now in found)
        return sum(met) / len(met), f"{'Reached' if all(met) else 'Not yet'}: {said}."

    return judged


def _state(text: str, page: str) -> State:
    parts = urlsplit(text.strip()[:_LONGEST])
    path = parts.path.rstrip("/").rsplit("/", 1)[-1]
    if len(text) > _LONGEST or path != page:
        raise ValueError(f"Paste the address of a state of the {page} page, such as {page}?bits=4.")
    return state_of(f"{page}?{parts.query}" if parts.query else page)
