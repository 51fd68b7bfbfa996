"""Thresholds that a dither lays over the picture: Bayer's matrices, white noise, blue noise; all in (0, 1).

Bayer: M(1) = [[0]], M(2n) = [[4 M, 4 M + 2], [4 M + 3, 4 M + 1]], threshold (M + ½) / n².
Blue noise: void and cluster. Points spread as evenly as they can get a rank each; a point's crowding is a Gaussian of
the distances on the torus (sigma 1.5). From a start of one tenth of the points, evened out by moving the tightest
cluster into the largest void until that changes nothing:

    ranks below the start      take the tightest cluster away, again and again
    ranks above                fill the largest void, again and again

It is computed here (4096 ranks, a fifth of a second once a process) and kept in memory: no file.
Sources: Bayer 1973; Ulichney 1993, doi:10.1117/12.152707.
"""

from __future__ import annotations

import numpy as np

from quantlab.caching import cache

SIDE = 64
_SIGMA = 1.5
_START = 10  # one point in so many


@cache
def bayer(n: int) -> np.ndarray:
    """Thresholds float32 (n, n), n a power of two.

    >>> bayer(2) * 8  # (M + 1/2) / 4 with M = [[0, 2], [3, 1]]
    array([[1., 5.],
           [7., 3.]], dtype=float32)
    """
    if n < 1 or n & (n - 1):
        raise ValueError(f"Bayer matrices have sides of 2, 4, 8, 16, not {n}; take the power of two next to it")
    m = np.zeros((1, 1), int)
    while len(m) < n:
        m = np.block([[4 * m, 4 * m + 2], [4 * m + 3, 4 * m + 1]])
    return _read_only(((m + 0.5) / n**2).astype(np.float32))


def white(height: int, width: int, channels: int, seed: int) -> np.ndarray:
    """White noise, even in (0, 1), each pixel and channel for itself, float32 (H, W, C); the same seed repeats it."""
    rng = np.random.default_rng(seed)
    return (rng.integers(0, 1 << 16, (height, width, channels), np.uint16) + np.float32(0.5)) / np.float32(1 << 16)


@cache
def blue(side: int = SIDE, seed: int = 1) -> np.ndarray:
    """Thresholds float32 (side, side): (rank + ½) / side², each rank once."""
    ranks = _void_and_cluster(side, np.random.default_rng(seed))
    return _read_only(((ranks + 0.5) / side**2).astype(np.float32))


def tiled(mask: np.ndarray, height: int, width: int) -> np.ndarray:
    """The mask repeated over a picture, (H, W)."""
    rows, cols = np.arange(height) % mask.shape[0], np.arange(width) % mask.shape[1]
    return mask[np.ix_(rows, cols)]


def _void_and_cluster(side: int, rng: np.random.Generator) -> np.ndarray:
    n = side * side
    d = np.minimum(np.arange(side), side - np.arange(side)) ** 2
    crowd = np.exp(-(d[:, None] + d) / (2 * _SIGMA**2))
    around = np.tile(crowd, (2, 2))  # around[a:a + side, b:b + side] is the Gaussian at any place of the torus
    points, energy = np.zeros(n, bool), np.zeros((side, side))

    def put(at: int, sign: int) -> None:
        points[at] = sign > 0
        y, x = divmod(at, side)
        energy.__iadd__(sign * around[side - y : 2 * side - y, side - x : 2 * side - x])

    def cluster() -> int:
        return int(np.where(points, energy.ravel(), -np.inf).argmax())

    def void() -> int:
        return int(np.where(points, np.inf, energy.ravel()).argmin())

    for at in rng.choice(n, n // _START, replace=False):
        put(int(at), 1)
    while True:
        tight = cluster()
        put(tight, -1)
        free = void()
        put(free, 1)
        if free == tight:
            break
    ranks = np.empty(n, int)
    start, energy_then = points.copy(), energy.copy()
    for rank in range(start.sum() - 1, -1, -1):
        at = cluster()
        ranks[at] = rank
        put(at, -1)
    points[:], energy[...] = start, energy_then
    for rank in range(start.sum(), n):
        at = void()
        ranks[at] = rank
        put(at, 1)
    return ranks.reshape(side, side)


def _read_only(a: np.ndarray) -> np.ndarray:
    a.flags.writeable = False
    return a
