"""The range of least squared error: a search over the factor by which the range shrinks, coarse to fine.

    factor = 2^-octave:  octave = 0, 1/8, ... 8;  then 1/32 apart round each group's best;  1/256;  1/2048

For schemes that are not symmetric each end is then moved alone, the other held. Clipping error only grows as the range
shrinks: a group whose clipping alone exceeds its least error leaves the search, since the rest is worse.
One long group is asked of its sorted values (``Distribution``), where a trial costs levels instead of values. Short ones
are quantized at every trial, many at a time, in blocks that stay in the cache; their errors are float32 sums.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

import numpy as np

from quantlab.coding import read_back
from quantlab.ranges.base import Range, symmetric, widest
from quantlab.rounding import ROUNDINGS
from quantlab.schemes import SCHEMES
from quantlab.types import QuantSpec
from quantlab.values.blocks import Block, in_threads
from quantlab.values.rows import Rows

Errors = tuple[np.ndarray, np.ndarray]  # squared error in all and by clipping alone, (G,) each
Search = Callable[[Rows, QuantSpec, np.ndarray, np.ndarray], Errors]

_COARSE, _FINER = 1 / 8, (1 / 32, 1 / 256, 1 / 2048)  # octaves
_OCTAVES = 8
_SIZE = 1 << 18  # values at a time: fewer would spend the time on the numbers of their groups
_LONG = 1 << 15  # values of a group from which on sorting it is the faster way


def least_error_range(rows: Rows, spec: QuantSpec) -> Range:
    """(low, high), float64 (G,) each."""
    length, random = rows.values.shape[1], ROUNDINGS[spec.rounding].random
    if len(rows) == 1:
        return _search(rows, spec, direct_errors if random else exact_errors)
    if length >= _LONG:
        ranges = [least_error_range(rows.part(slice(g, g + 1)), spec) for g in range(len(rows))]
    else:
        tall = max(1, _SIZE // length)
        cuts = [(slice(g, min(g + tall, len(rows))), slice(None)) for g in range(0, len(rows), tall)]

        def searched(blocks: Sequence[Block]) -> list[Range]:
            return [_search(rows.part(groups), spec, direct_errors) for groups, _ in blocks]

        ranges = list(chain.from_iterable(in_threads(searched, cuts)))
    low, high = zip(*ranges, strict=True)
    return np.concatenate(low), np.concatenate(high)


def _search(rows: Rows, spec: QuantSpec, errors: Search) -> Range:
    def shrink(low: np.ndarray, high: np.ndarray, moves_low: bool = True, moves_high: bool = True) -> Range:
        def cost(factor: np.ndarray, of: np.ndarray) -> Errors:
            part = rows if len(of) == len(rows) else rows.part(of)
            return errors(part, spec, low[of] * factor if moves_low else low[of], high[of] * factor if moves_high else high[of])

        best, step = _scan(cost, np.ones(len(rows)), np.arange(0.0, _OCTAVES, _COARSE)), _COARSE
        for fine in _FINER:
            best, step = _scan(cost, best, np.arange(-step + fine, step, fine)), fine
        return low * best if moves_low else low, high * best if moves_high else high

    both_ends = shrink(*widest(rows, spec))
    return both_ends if symmetric(spec) else shrink(*shrink(*both_ends, moves_low=False), moves_high=False)


def _scan(cost: Callable[[np.ndarray, np.ndarray], Errors], start: np.ndarray, octaves: np.ndarray) -> np.ndarray:
    """For each group the best of the factors start·2^-octave, at most 1; (G,). ``cost`` is of (factors, groups)."""
    left = np.arange(len(start))  # groups
    best, least = start.copy(), cost(start, left)[0]
    for octave in octaves:
        factor = np.minimum(start[left] * 2.0**-octave, 1.0)
        here, clipping = cost(factor, left)
        better = here < least[left]
        best[left[better]], least[left[better]] = factor[better], here[better]
        left = left[clipping <= least[left]]
        if not left.size:
            break
    return best


def exact_errors(rows: Rows, spec: QuantSpec, low: np.ndarray, high: np.ndarray) -> Errors:
    """Mean squares of the only group, from its sorted values."""
    scheme = SCHEMES[spec.scheme]
    qparams = scheme.choose_qparams(rows, low, high, spec)
    result = rows.distribution.distortion(scheme.levels(qparams, spec)[0], scheme.borders(qparams, spec)[0])
    return np.array([result.mse]), np.array([result.overload])


def direct_errors(rows: Rows, spec: QuantSpec, low: np.ndarray, high: np.ndarray) -> Errors:
    """Sums of squares of each group, by quantizing it."""
    scheme, x = SCHEMES[spec.scheme], rows.values.astype(np.float32, copy=False)  # what is encoded, so that a wider type changes no tie
    qparams = scheme.choose_qparams(rows, low, high, spec)
    if (sums := scheme.row_errors(x, qparams, spec)) is not None:
        return sums[0], sums[1]
    first, last = scheme.ends(qparams, spec).astype(np.float32).T[:, :, None]
    x = np.ascontiguousarray(x)  # sums are taken in one order, however the values lie in memory
    error = np.ascontiguousarray(read_back(x, qparams, spec))
    error -= x
    beyond = x - np.clip(x, first, last)
    return np.einsum("gn,gn->g", error, error), np.einsum("gn,gn->g", beyond, beyond)
