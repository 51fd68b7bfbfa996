"""The concept inventory: 25 questions with five answers each, asked before a course and after it.

Every wrong answer is a misconception with a name, and a comparison that the core computes refutes it; ``questions.md`` has the form of
a lesson. Before and after are the same questions under two names, so that a class can tell them apart.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from quantlab.caching import cache
from quantlab.learn.lesson import Lesson, parse

BEFORE, AFTER = "inventory-before", "inventory-after"
_FILE = Path(__file__).parent / "questions.md"


@cache
def inventories() -> dict[str, Lesson]:
    """The inventory before and after, by slug; the tests check its states and answers."""
    lesson = parse(_FILE.read_text("utf-8"), "inventory", check=False)
    titles = {BEFORE: f"{lesson.title}, before", AFTER: f"{lesson.title}, after"}
    return {slug: replace(lesson, slug=slug, title=title) for slug, title in titles.items()}


def hake(before: int, after: int, count: int) -> float | None:
    """Hake's gain of one person: what was won of what could be; None where there was nothing to win.

    >>> hake(10, 19, 25), hake(25, 25, 25)
    (0.6, None)
    """
    return (after - before) / (count - before) if before < count else None
