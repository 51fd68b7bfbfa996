"""ggml's blocks of 32 with 16 uneven levels: IQ4_NL with a float16 step each, IQ4_XS with 6-bit multiples of one for eight.

    x_hat = d·t[q]          t = -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113

d is the best of 16 guesses by x²-weighted least squares: the block's value of largest magnitude at each place from -134 to -120, and
then the fit of d to the codes that this gives. The levels are not symmetric, so d may have either sign; where it is below zero the
axis of codes is turned round (here codes ascend with the values). No level is zero: the nearest one is d.
Source: ggml-quants.c, quantize_row_iq4_nl_impl, kvalues_iq4nl.
"""

from __future__ import annotations

import numpy as np

from quantlab.schemes._ggml_fit import F16_MAX, LEAST, Array, Fit, Format, by_pieces, float16, in_runs, over, scaled_down

LEVELS = np.array([-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113], np.float32)
_BORDERS = (LEVELS[1:] + LEVELS[:-1]) / 2  # multiples of ½, so floor(2u) tells on which side of each u lies
_REACH = 256
_INDEX = np.searchsorted(_BORDERS, np.arange(-_REACH, _REACH + 1) / 2, side="right").astype(np.int8)
_OF_HALVES = LEVELS[_INDEX]
_TRIES = 7


def _halves(u: Array) -> Array:
    """The place of values in the tables of half steps."""
    return (np.clip(np.floor(u + u), -_REACH, _REACH) + np.float32(_REACH)).astype(np.intp)


def _nearest(u: Array) -> Array:
    """The index of the nearest level, ties to the upper one."""
    return _INDEX[_halves(u)]


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def _search(x: Array) -> tuple[Array]:
    x, power = scaled_down(x)
    x = np.ascontiguousarray(x.T)  # (N, G)
    extreme = np.take_along_axis(x, np.abs(x).argmax(axis=0)[None], axis=0)[0]
    none = np.abs(extreme) < LEAST
    extreme = np.where(none, np.float32(0), extreme)
    weight, scale, best = x * x, np.zeros_like(extreme), np.zeros_like(extreme)
    first = over(1, -extreme / LEVELS[0])
    guesses = (over(np.float32(k) + LEVELS[0], extreme) for k in range(-_TRIES, _TRIES + 1))
    for number, inverse in enumerate((first, *guesses)):
        q = _OF_HALVES[_halves(inverse * x)]
        along, length = (weight * q * x).sum(axis=0), (weight * q * q).sum(axis=0)
        better = (length > 0) & (along * along > best * length) if number else length > 0
        ratio = over(along, length)
        scale, best = np.where(better, ratio, scale), np.where(better, ratio * along, best)
    scale = np.ldexp(np.where(none, 0, scale).astype(np.float64), power)
    return (np.clip(scale, -float(F16_MAX), float(F16_MAX)).astype(np.float32),)


def _fit(step: Array, exact: Array) -> Fit:
    """step : as it is stored, with its sign. exact : the one by which the encoder divides."""
    zero = np.zeros(len(step), np.float32)
    inverse = np.where(step == 0, np.float32(0), over(1, exact))
    return Fit(np.where(step == 0, np.float32(1), np.abs(step)), zero, inverse, zero, zero)


def _nl_fit(x: Array) -> Fit:
    (scale,) = by_pieces(_search, x)
    return _fit(float16(scale), scale)


def _xs_fit(x: Array) -> Fit:
    (scale,) = by_pieces(_search, x)
    runs = in_runs(scale, 8)
    d = -np.take_along_axis(runs, np.abs(runs).argmax(axis=1)[:, None], axis=1) / np.float32(32)
    multiple = np.clip(np.rint(over(1, d) * runs), -32, 31)
    step, exact = ((part * multiple).ravel()[: len(x)] for part in (float16(d), d))
    return _fit(step, exact)


def _codes(x: Array, inverse: Array, base: Array) -> Array:
    i = _nearest(x * inverse)
    return np.where(inverse < 0, 15 - i, i).astype(np.float32)


_TABLE = tuple(LEVELS.tolist())
IQ4 = {
    "iq4_nl": Format(4, 0, 15, _nl_fit, _codes, table=_TABLE),
    "iq4_xs": Format(4, 0, 15, _xs_fit, _codes, 32, 6, 8, 16, "signed multiples", 6, _TABLE),
}
