"""Sorted values: the exact error of any scalar quantizer on them, without another pass.

Sort once; keep sums of x and x². A quantizer is levels and borders, the values between two borders are a run
of the sorted array, and the run's squared error is sum(x²) - 2·l·sum(x) + n·l². Plain prefix sums lose the
small difference of large numbers, so the sorted values are cut into segments and the sums are of x minus the
segment's own centre: an evaluation costs as many steps as there are segments and levels (~4096), not values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quantlab.caching import cached_property

_SEGMENTS = 4096


@dataclass(frozen=True)
class Distortion:
    """Mean squared errors, float64: ``mse = granular + overload``.

    granular : of the values between the first and the last level (rounding).
    overload : of the values outside of them (clipping).
    counts : how many values each level received, int64 (L,).
    clipped : the share of values outside the levels by more than a millionth of their span, 0 to 1.
    """

    mse: float
    granular: float
    overload: float
    counts: np.ndarray
    clipped: float


class Distribution:
    """The values of a tensor, sorted, with sums that answer any scalar quantizer exactly.

    Parameters
    ----------
    x : finite real values of any shape; ValueError where it is empty or holds NaN or infinity.

    >>> d = Distribution(np.array([0.0, 1.0, 2.0, 10.0]))
    >>> d.distortion(np.array([0.0, 2.0])).mse  # (0 + 1 + 0 + 64) / 4, the tie at 1 costs the same either way
    16.25
    """

    def __init__(self, x: np.ndarray):
        values = np.asarray(x)
        values = values.astype(np.float64 if values.dtype.itemsize > 4 or values.dtype.kind not in "fiub" else np.float32)
        if values.size == 0:
            raise ValueError("the tensor is empty; a distribution needs at least one value")
        self.sorted = np.sort(values, axis=None)
        if not (np.isfinite(self.sorted[0]) and np.isfinite(self.sorted[-1])):
            raise ValueError("the tensor holds NaN or infinity; drop or clip them first")
        self._shift = ((self.size - 1) // _SEGMENTS).bit_length()

    @property
    def size(self) -> int:
        return self.sorted.size

    @cached_property
    def _sums(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Centres (S,) and, from each segment's start, running sums of x - centre and of its square (S, m + 1)."""
        m = 1 << self._shift
        padded = np.append(self.sorted, np.full(-self.size % m, self.sorted[-1], self.sorted.dtype)).reshape(-1, m)
        starts = np.arange(0, self.size, m)
        centre = self.sorted[(starts + np.minimum(starts + m, self.size)) // 2].astype(np.float64)  # of what is no padding
        first, second = np.zeros((2, len(padded), m + 1))
        residual = padded - centre[:, None]
        np.cumsum(residual, axis=1, out=first[:, 1:])
        np.cumsum(np.square(residual, out=residual), axis=1, out=second[:, 1:])
        return centre, first, second

    def ranks(self, borders: np.ndarray, right: np.ndarray | bool = False) -> np.ndarray:
        """How many values lie below each border, or (where ``right``) at or below it; int64 (K,)."""
        borders = np.asarray(borders, np.float64)
        with np.errstate(over="ignore"):  # beyond float32 is beyond all values
            cut = borders.astype(self.sorted.dtype)  # compared in the values' own type: no copy of them is made
            up = np.nextafter(cut, np.inf, dtype=cut.dtype)
        # the smallest value of that type that counts as above the border
        cut = np.where((cut < borders) | (right & (cut == borders)), up, cut)
        from quantlab.loops.runs import ranks

        out = np.empty(cut.shape, np.int64)
        ranks(self.sorted, *self._guide, cut.astype(self.sorted.dtype, copy=False), out)
        return out

    @cached_property
    def _guide(self) -> tuple[float, float, np.ndarray]:
        """Where the guide's bins begin, how many are in a unit, and how many values lie before each, int64 (B + 1,)."""
        from quantlab.loops.runs import fill_guide

        low, span = float(self.sorted[0]), float(self.sorted[-1]) - float(self.sorted[0])
        apart = 1e-300 < span < np.inf
        bins = 1 << min(max(self.size.bit_length() - 6, 0), 16) if apart else 1
        density, guide = bins / span if apart else 1.0, np.empty(bins + 1, np.int64)
        fill_guide(self.sorted, low, density, guide)
        return low, density, guide

    def distortion(self, levels: np.ndarray, borders: np.ndarray | None = None, ties_up: bool | None = None) -> Distortion:
        """The exact error of the quantizer with these ascending levels (L,) and borders (L - 1,).

        Without borders every value goes to its nearest level. A value on a border goes to the upper level where
        ``ties_up`` is true, to the lower where it is false; without it, to the nearer one.
        """
        levels = np.asarray(levels, np.float64)
        middles = (levels[1:] + levels[:-1]) / 2
        borders = middles if borders is None else np.asarray(borders, np.float64)
        if levels.ndim != 1 or levels.size == 0 or borders.shape != middles.shape or not (_ascend(levels) and _ascend(borders)):
            raise ValueError(f"levels {levels.shape} and borders {borders.shape} must ascend, with one border between two levels")
        slack = 1e-6 * (levels[-1] - levels[0])
        ends = (levels[0], levels[-1], levels[0] - slack, levels[-1] + slack)
        lower = borders < middles if ties_up is None else np.full(borders.shape, not ties_up)
        ranks = self.ranks(np.concatenate((borders, ends)), right=np.concatenate((lower, (False, True, False, True))))
        ends_at, far_below, far_above = ranks[-4:-2], ranks[-2], ranks[-1]
        cuts = np.concatenate(([0], np.maximum.accumulate(ranks[:-4]), [self.size]))  # (L + 1,), also for borders that coincide
        # The cells in which the first and the last level lie are cut there: squares on both sides never mix.
        at = np.minimum(np.searchsorted(cuts, ends_at, side="right"), len(levels))
        squares = self._squared(np.insert(cuts, at, ends_at), np.insert(levels, at, levels[at - 1]))  # (L + 2,)
        inside = slice(at[0], at[1] + 1)
        granular = squares[inside].sum()
        overload = squares[: inside.start].sum() + squares[inside.stop :].sum()
        return Distortion(
            mse=float((granular + overload) / self.size),
            granular=float(granular / self.size),
            overload=float(overload / self.size),
            counts=np.diff(cuts),
            clipped=float((far_below + self.size - far_above) / self.size),
        )

    def _squared(self, cuts: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """For each level k the sum of (x - level)² over the sorted values cuts[k]:cuts[k + 1]; float64 (L,)."""
        from quantlab.loops.runs import run_errors

        total = np.empty(len(levels))
        run_errors(cuts, levels, *self._sums, self._shift, total)
        return total

    def sums(self, start: np.ndarray, stop: np.ndarray) -> np.ndarray:
        """Sum of the sorted values start:stop, for many runs at once; float64."""
        return self._prefix[stop] - self._prefix[start]

    @cached_property
    def _prefix(self) -> np.ndarray:
        return np.concatenate(([0.0], np.cumsum(self.sorted, dtype=np.float64)))

    def quantile(self, q: np.ndarray) -> np.ndarray:
        """Quantiles with linear interpolation, float64, from the sorted values; q in [0, 1]."""
        place = np.asarray(q, np.float64) * (self.size - 1)
        low = np.floor(place).astype(np.int64)
        high = np.minimum(low + 1, self.size - 1)
        a, b = self.sorted[low].astype(np.float64), self.sorted[high].astype(np.float64)
        return a + (b - a) * (place - low)

    def histogram(self, edges: np.ndarray) -> np.ndarray:
        """Counts between ascending edges (K,), int64 (K - 1,); the last bin holds its right edge."""
        ranks = self.ranks(edges)
        ranks[-1:] = self.ranks(edges[-1:], right=True)
        return np.diff(ranks)


def _ascend(x: np.ndarray) -> bool:
    """Whether all are finite and none is less than the one before; an array without values does."""
    return bool((x[1:] >= x[:-1]).all() and np.isfinite(x[:1]).all() and np.isfinite(x[-1:]).all())
