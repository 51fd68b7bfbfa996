"""Statistics of accuracy: intervals, and a test whether two settings differ on the same images.

Wilson's interval for k hits in n, with z = 1.96 for 95 %:

    (k/n + z²/2n ± z sqrt(k/n (1 - k/n)/n + z²/4n²)) / (1 + z²/n)

McNemar's exact test looks only at the b + c images on which the two disagree about being right: under "no difference"
b is binomial with n = b + c and p = 1/2.
Sources: Wilson 1927, doi:10.1080/01621459.1927.10502953; McNemar 1947, doi:10.1007/BF02295996; Efron 1979,
doi:10.1214/aos/1176344552 (bootstrap).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, sqrt

import numpy as np

Z95 = 1.959963984540054


@dataclass(frozen=True)
class Interval:
    """A value and the ends of its 95 % interval; ``n`` images."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.value:.1%} ({self.low:.1%} to {self.high:.1%}, n = {self.n})"


def wilson(hits: int, n: int) -> Interval:
    """A share and Wilson's 95 % interval.

    >>> print(wilson(8, 10))
    80.0% (49.0% to 94.3%, n = 10)
    """
    if not 0 <= hits <= n or n < 1:
        raise ValueError(f"{hits} hits among {n} images is no share; there must be at least one image")
    p, z2 = hits / n, Z95 * Z95
    middle, half = p + z2 / (2 * n), Z95 * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    ends = ((middle + sign * half) / (1 + z2 / n) for sign in (-1, 1))
    low, high = (min(max(end, 0.0), 1.0) for end in ends)
    return Interval(p, 0.0 if hits == 0 else low, 1.0 if hits == n else high, n)


def mcnemar(right_a: np.ndarray, right_b: np.ndarray) -> float:
    """Two-sided p value of "both are right equally often"; bool (N,) each, for the same images in the same order.

    >>> a = np.array([True] * 10 + [False] * 2)  # a alone is right 9 times, b alone once: 2 (1 + 10) / 2^10
    >>> b = np.array([True] + [False] * 9 + [True, False])
    >>> round(mcnemar(a, b), 4)
    0.0215
    """
    if right_a.shape != right_b.shape:
        raise ValueError(f"{right_a.shape} and {right_b.shape}: McNemar's test compares two answers to the same images")
    only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    n = only_a + only_b
    tail = sum(comb(n, k) for k in range(min(only_a, only_b) + 1))
    return min(1.0, 2 * tail / 2**n)


@dataclass(frozen=True)
class Difference:
    """Two answers to the same images. lost, gained : images right before only, and after only. p : McNemar's.

    ``seen`` : whether p is below .05; else no difference was seen, which does not prove that there is none.
    """

    lost: int
    gained: int
    n: int
    p: float

    @property
    def value(self) -> float:
        """Accuracy after minus before, -1 to 1."""
        return (self.gained - self.lost) / self.n

    @property
    def seen(self) -> bool:
        return self.p < 0.05


def difference(before: np.ndarray, after: np.ndarray) -> Difference:
    """The change between two lists of right answers, bool (N,) each.

    >>> difference(np.array([True, True, False]), np.array([True, False, False]))
    Difference(lost=1, gained=0, n=3, p=1.0)
    """
    p = mcnemar(before, after)
    return Difference(int((before & ~after).sum()), int((after & ~before).sum()), len(before), p)


def confusion(true: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Counts of images of class i (row) that were called j (column), int64 (classes, classes).

    >>> confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    return np.bincount(true * classes + predicted, minlength=classes * classes).reshape(classes, classes)


def f1_of_confusion(matrix: np.ndarray) -> np.ndarray:
    """Macro F1 of confusion matrices (..., C, C): the mean over the classes that occur of 2 TP / (2 TP + FP + FN).

    >>> float(f1_of_confusion(np.array([[1, 1], [0, 1]])))  # 2/3 both
    0.6666666666666666
    """
    hits = np.diagonal(matrix, axis1=-2, axis2=-1)
    occurrences = matrix.sum(axis=-1) + matrix.sum(axis=-2)
    each = 2 * hits / np.maximum(occurrences, 1)
    return each.sum(axis=-1) / np.maximum((occurrences > 0).sum(axis=-1), 1)


def f1_interval(matrix: np.ndarray, draws: int = 1000, seed: int = 0) -> Interval:
    """Macro F1 and its 95 % interval by bootstrap: images drawn anew, which is a multinomial draw of the cells.

    Where all answers are right, or all wrong, every draw gives the same; there the ends of Wilson's interval for that share stand.

    >>> print(f1_interval(np.diag([5, 5])), f1_interval(np.array([[0, 5], [5, 0]])))
    100.0% (72.2% to 100.0%, n = 10) 0.0% (0.0% to 27.8%, n = 10)
    """
    n = int(matrix.sum())
    if not n:
        raise ValueError("a confusion matrix without images has no F1; give at least one")
    occurs = np.flatnonzero(matrix.sum(axis=0) + matrix.sum(axis=1))  # few of 1000 classes, where there are few images
    matrix = matrix[np.ix_(occurs, occurs)]
    drawn = np.random.default_rng(seed).multinomial(n, matrix.ravel() / n, size=draws).reshape(draws, *matrix.shape)
    low, high = np.quantile(f1_of_confusion(drawn), [0.025, 0.975])
    value, share = float(f1_of_confusion(matrix)), wilson(int(np.trace(matrix)), n)
    if share.value in (0.0, 1.0):
        return Interval(value, share.low, share.high, n)
    return Interval(value, min(float(low), value), max(float(high), value), n)
