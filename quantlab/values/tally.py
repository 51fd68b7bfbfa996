"""Sums and counts of what quantizing did to each value, in one pass over a tensor and its codes, block by block.

    error = x_hat - x = granular (rounding, between the first and the last level) or overload (clipping, outside of them)

Sums are of float64; the histograms are counts in bins that the caller fixes, so that many settings can share them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from quantlab.schemes import SCHEMES
from quantlab.schemes.base import no_noise
from quantlab.types import QParams, Quantized, QuantSpec
from quantlab.values.blocks import SIZE, Block, blocks, in_threads

OCTAVE = 4  # bins of the error histogram per factor of two
_TAME = (-50, 63)  # powers of two of the largest error between which float32 holds its square
_NARROW = 1e-30  # of a histogram's span: what is narrower has bins whose inverse float32 cannot hold
_SOME = 1 << 12  # borders, from which on many share a key: looking for them takes longer than their curve
_SLACK = 1e-6  # what lies outside the levels by less than this share of their span counts as inside


@dataclass(frozen=True)
class Bins:
    """Bins for histograms: ``edges`` (B + 1,), equally spaced, for values; for magnitudes of errors the octaves 2^e, each
    of the consecutive whole ``exponents``, in ``OCTAVE`` parts."""

    edges: np.ndarray
    exponents: np.ndarray

    @property
    def error_edges(self) -> np.ndarray:
        """The edges of the errors' bins, float64 (E + 1,)."""
        inner = np.ldexp(1 + np.arange(OCTAVE) / OCTAVE, self.exponents[:, None]).ravel()
        return np.append(inner, 2 * np.ldexp(1.0, int(self.exponents[-1])))

    @property
    def first(self) -> int:
        """The leading bits of a float32 in the errors' first bin."""
        return OCTAVE * (int(self.exponents[0]) + 127)

    @property
    def precision(self) -> type[np.floating[Any]]:
        """The type in which differences of such values, and their squares, neither overflow nor vanish: float32 as a rule."""
        return np.float32 if _TAME[0] < self.exponents[-1] < _TAME[1] and self.edges[-1] - self.edges[0] > _NARROW else np.float64

    def apart(self, error: np.ndarray, outside: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Histograms of errors inside and ``outside`` (a mask) the levels."""
        every = self.errors(error)
        clipping = np.zeros_like(every) if outside is None else self.errors(error[outside])
        return every - clipping, clipping

    def values(self, x: np.ndarray, each: np.ndarray | None = None) -> np.ndarray:
        """Counts of values, int64 (B,); what lies outside counts in the first or the last. each : how often every value counts."""
        count = len(self.edges) - 1
        place = np.subtract(x.ravel(), self.edges[0], dtype=np.float64 if x.dtype == np.float64 else self.precision)
        place *= place.dtype.type(count / (self.edges[-1] - self.edges[0]))
        places = np.clip(place, 0, count - 1, out=place).astype(np.intp)
        return np.bincount(places, each, minlength=count).astype(np.int64, copy=False)

    def errors(self, error: np.ndarray) -> np.ndarray:
        """Counts of |error|, int64 (E,), smaller ones in the first, larger ones in the last; zeros left out.

        A float32's bits, shifted, are exponent and leading mantissa bits: the number of its bin.
        """
        count = OCTAVE * len(self.exponents)
        with np.errstate(over="ignore"):  # beyond float32 is beyond the last bin
            error = error.ravel().astype(np.float32)
        exact = error.size - int(np.count_nonzero(error))
        places = error.view(np.int32)
        places &= 0x7FFFFFFF
        places >>= 21
        places -= self.first
        counts = np.bincount(np.clip(places, 0, count - 1, out=places), minlength=count)
        counts[0] -= exact
        return counts


@dataclass(frozen=True, eq=False)
class Tally:
    """Sums and counts over values.

    power, squared, overload : sums of x², of the squared error, and of its part outside the levels.
    largest : the largest magnitude of an error. clipped : how many values lie outside the levels.
    codes : how often each code from qmin on occurs, int64 (L,).
    histograms : of the reconstruction (B,) and of the error inside (E,) and outside (E,) the levels, int64; () without bins.
    """

    power: float
    squared: float
    overload: float
    largest: float
    clipped: int
    codes: np.ndarray
    histograms: tuple[np.ndarray, ...]

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.power + other.power,
            self.squared + other.squared,
            self.overload + other.overload,
            max(self.largest, other.largest),
            self.clipped + other.clipped,
            self.codes + other.codes,
            tuple(a + b for a, b in zip(self.histograms, other.histograms, strict=True)),
        )


def tally(x: np.ndarray, q: Quantized, bins: Bins | None = None, squares: bool = False) -> tuple[Tally, np.ndarray | None]:
    """The sums and counts of a tensor of at least one value and its codes; with ``squares`` the squared errors too.

    >>> from quantlab.quantizer import quantize
    >>> x = np.array([-1.0, 0.1, 0.5, 1.0], np.float32)
    >>> sums, _ = tally(x, quantize(x, QuantSpec("int-symmetric", bits=2)))  # 0.5 is a tie and goes to 0, the even code
    >>> sums.codes, round(sums.squared, 6)  # 0.01 + 0.25
    (array([1, 2, 1]), 0.26)
    """
    tallies: list[Tally] = []
    squared: list[np.ndarray] = []
    first = 0
    for rows, codes in zip(q.spec.granularity.split(x), q.spec.granularity.split(q.codes), strict=True):
        qparams = q.qparams.groups(slice(first, first + len(rows)))
        first += len(rows)
        out = np.empty_like(rows, np.float32 if bins is None else bins.precision, order="K") if squares else None
        tallies += in_threads(_Work(rows, codes, qparams, q.spec, bins, out), blocks(rows))
        squared += [] if out is None else [out]
    return reduce(Tally.__add__, tallies), q.spec.granularity.join(squared, x.shape) if squares else None


@dataclass(frozen=True, eq=False)
class _Work:
    """What there is to do on rows (G, N) and their codes; called with the blocks of one thread."""

    rows: np.ndarray
    codes: np.ndarray
    qparams: QParams
    spec: QuantSpec
    bins: Bins | None
    squares: np.ndarray | None

    def __call__(self, cuts: Sequence[Block]) -> Tally:
        return reduce(Tally.__add__, map(self._block, cuts))

    def _block(self, cut: Block) -> Tally:
        scheme, qparams, x, codes = SCHEMES[self.spec.scheme], self.qparams.groups(cut[0]), self.rows[cut], self.codes[cut]
        x_hat = scheme.decode(codes.astype(np.float32), qparams, self.spec).astype(np.float32, copy=False)
        error = np.subtract(x_hat, x, dtype=np.float64)
        square = np.square(error)
        if self.squares is not None:
            self.squares[cut] = square
        beyond, far = _beyond(x, scheme.ends(qparams, self.spec))
        clipped = 0 if far is None else int(np.count_nonzero(far))
        values = x.ravel().astype(np.float64)
        return Tally(
            power=float(np.einsum("i,i", values, values)),
            squared=float(square.sum()),
            overload=0.0 if far is None else float(np.square(beyond, dtype=np.float64).sum()),
            largest=float(np.sqrt(square.max())),
            clipped=clipped,
            codes=np.bincount(codes.ravel().astype(np.intp) - qparams.qmin, minlength=qparams.qmax - qparams.qmin + 1),
            histograms=() if self.bins is None else (self.bins.values(x_hat), *self.bins.apart(error, far if clipped else None)),
        )


def error_counts(
    x: np.ndarray, spec: QuantSpec, qparams: QParams, crossings: np.ndarray, bins: Bins, squares: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """What sorted values do not tell of one deterministic quantizer for all of x: half the work of ``tally``.

    Counts of the errors inside and outside the levels, int64 (E,) each; with ``squares`` the squared errors, x's shape.
    crossings : of the scheme for these qparams.
    """
    scheme, rows = SCHEMES[spec.scheme], x.reshape(1, -1)
    levels, ends = scheme.levels(qparams, spec)[0], scheme.ends(qparams, spec)
    out = np.empty_like(rows, bins.precision) if squares else None
    slack = _slack(*ends.T.astype(x.dtype))[0]
    borders, guide = _guided(crossings)

    def counted(cuts: Sequence[Block]) -> np.ndarray:
        from quantlab.loops.errors import count_errors
        from quantlab.loops.levels import read_levels

        counts, space = np.zeros((2, OCTAVE * len(bins.exponents)), np.int64), np.empty((1, SIZE), np.float32)
        for cut in cuts:
            part = rows[cut]
            x_hat = space[:, : part.size]
            if not scheme.read_back(part, qparams, spec, x_hat):
                if len(borders) < _SOME:
                    read_levels(part.ravel().astype(np.float32, copy=False), borders, guide, levels, x_hat[0])
                else:
                    codes = scheme.encode(part, qparams, spec, no_noise)
                    x_hat = levels.take(codes.astype(np.intp) - qparams.qmin)
            arithmetic = np.result_type(bins.precision, x_hat, part)
            a, b = (one.astype(arithmetic, copy=False).ravel() for one in (part, x_hat))
            least, most = arithmetic.type(ends[0].astype(x.dtype))
            squared = np.empty(0, bins.precision) if out is None else out[cut].ravel()
            count_errors(a, b, least, most, arithmetic.type(slack), bins.first, counts, squared)
        return counts

    inside, outside = np.sum(in_threads(counted, blocks(rows)), axis=0)
    return inside, outside, None if out is None else out.reshape(x.shape)


def _guided(crossings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Crossings as float32, which they are, and where to look among them."""
    from quantlab.loops.levels import KEYS, fill_keys

    with np.errstate(over="ignore"):  # what no float32 crosses lies at infinity
        borders, guide = crossings.astype(np.float32) + np.float32(0), np.empty(KEYS + 1, np.int32)  # no -0
    fill_keys(borders, guide)
    return borders, guide


def _beyond(x: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """How far x (G, N) lies outside of each group's first and last level (G, 2), and where that is more than rounding, or None."""
    low, high = (end[:, None].astype(x.dtype) for end in ends.T)  # (G, 1)
    beyond = x - np.clip(x, low, high)
    return beyond, np.abs(beyond) > _slack(low, high) if beyond.any() else None


def _slack(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    return _SLACK * high - _SLACK * low  # of finite ends the difference may be none
