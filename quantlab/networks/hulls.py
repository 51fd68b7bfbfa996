"""Lower hulls: the least loss for given bytes, if the options of a layer could be mixed. Hulls add edge by edge."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def undominated(sizes: np.ndarray, losses: np.ndarray) -> np.ndarray:
    """Places of the pairs with more bytes and less loss than all before, the fewest bytes first.

    >>> undominated(np.array([3, 1, 2]), np.array([5.0, 9, 6])).tolist(), undominated(np.array([1, 2]), np.array([4.0, 4])).tolist()
    ([1, 2, 0], [0])
    """
    order = np.lexsort((losses, sizes))
    least = np.minimum.accumulate(losses[order])
    better = np.ones(len(order), bool)
    better[1:] = losses[order][1:] < least[:-1]
    return order[better]


def hull(sizes: np.ndarray, losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The falling lower convex hull of one layer's options: bytes and losses of its corners.

    >>> hull(np.array([0, 1, 2]), np.array([8.0, 7, 0]))  # halfway along the edge from 8 to 0 is less than 7
    (array([0, 2]), array([8., 0.]))
    """
    points: list[tuple[int, float]] = []
    for i in undominated(sizes, losses):
        point = int(sizes[i]), float(losses[i])
        while len(points) > 1 and _slope(points[-2], points[-1]) >= _slope(points[-1], point):
            points.pop()
        points.append(point)
    return np.array([p[0] for p in points]), np.array([p[1] for p in points])


def _slope(a: tuple[int, float], b: tuple[int, float]) -> float:
    return (b[1] - a[1]) / (b[0] - a[0])


def sum_of_hulls(hulls: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """The hull of all sums of one point of each: every edge, in the order of the slopes. No hulls: the point (0, 0).

    >>> sum_of_hulls([(np.array([0, 2]), np.array([8.0, 0])), (np.array([1, 2]), np.array([6.0, 5]))])
    (array([1., 3., 4.]), array([14.,  6.,  5.]))
    """
    run = np.concatenate([np.diff(b) for b, _ in hulls] + [np.empty(0)])
    fall = np.concatenate([np.diff(s) for _, s in hulls] + [np.empty(0)])
    order = np.argsort(fall / run, kind="stable")
    first = sum(float(b[0]) for b, _ in hulls), sum(float(s[0]) for _, s in hulls)
    return np.cumsum(np.append(first[0], run[order])), np.cumsum(np.append(first[1], fall[order]))
