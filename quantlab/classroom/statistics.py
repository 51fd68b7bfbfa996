"""Statistics of a test: difficulty and discrimination of its items, and Hake's gain between two tests.

difficulty        p = right answers / answers
discrimination    the point-biserial correlation of an item (1 right, 0 wrong) with the sum of the other items' scores:
                  r = (M₁ − M₀) / s · √(p (1 − p)), M₁ and M₀ the means of those who were right and wrong, s the standard deviation
Hake's gain       g = (post − pre) / (1 − pre), of the class's means, over those who took both (Hake 1998, doi:10.1119/1.18809)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

Scores = Mapping[str, Mapping[int, float]]  # item -> student -> score, 0 to 1


@dataclass(frozen=True)
class Item:
    """One item's statistics. difficulty : None without answers. discrimination : None where it is not defined (all right, all alike)."""

    name: str
    answers: int
    difficulty: float | None
    discrimination: float | None


@dataclass(frozen=True)
class Gain:
    """The means of a class before and after, as parts of 1, and Hake's gain; None where there is nothing to gain."""

    before: float
    after: float
    gain: float | None
    students: int


def item_statistics(scores: Scores) -> list[Item]:
    """Every item's difficulty and discrimination; a student's item that is not answered counts as 0 in their sum.

    >>> scores = {"a": {1: 1, 2: 1, 3: 0}, "b": {1: 1, 2: 1, 3: 0}, "c": {1: 0, 2: 1, 3: 0}}
    >>> [(i.name, round(i.difficulty, 3), round(i.discrimination, 3)) for i in item_statistics(scores)]
    [('a', 0.667, 0.866), ('b', 0.667, 0.866), ('c', 0.333, 0.5)]
    """
    found = []
    for name, of_item in scores.items():
        right = {student: score >= 1 for student, score in of_item.items()}
        rest = {student: sum(other.get(student, 0.0) for key, other in scores.items() if key != name) for student in of_item}
        difficulty = sum(right.values()) / len(right) if right else None
        found.append(Item(name, len(right), difficulty, _point_biserial(right, rest)))
    return found


def _point_biserial(right: Mapping[int, bool], rest: Mapping[int, float]) -> float | None:
    ones = [rest[student] for student, is_right in right.items() if is_right]
    zeros = [rest[student] for student, is_right in right.items() if not is_right]
    if not ones or not zeros:
        return None
    mean = sum(rest.values()) / len(rest)
    s = math.sqrt(sum((value - mean) ** 2 for value in rest.values()) / len(rest))
    p = len(ones) / len(rest)
    return (sum(ones) / len(ones) - sum(zeros) / len(zeros)) / s * math.sqrt(p * (1 - p)) if s > 1e-12 else None


def hake_gain(before: Scores, after: Scores) -> Gain | None:
    """The gain of those who answered in both tests, None where nobody did; an item that is not answered counts as wrong.

    >>> hake_gain({"a": {1: 0, 2: 1}, "b": {1: 0}}, {"a": {1: 1, 2: 1}, "b": {1: 0, 2: 1}})
    Gain(before=0.25, after=0.75, gain=0.6666666666666666, students=2)
    """
    both = _students(before) & _students(after)
    if not both:
        return None
    pre, post = _mean(before, both), _mean(after, both)
    return Gain(pre, post, (post - pre) / (1 - pre) if pre < 1 else None, len(both))


def _students(scores: Scores) -> set[int]:
    return {student for of_item in scores.values() for student in of_item}


def _mean(scores: Scores, students: set[int]) -> float:
    return sum(of_item.get(student, 0.0) for of_item in scores.values() for student in students) / (len(scores) * len(students))
