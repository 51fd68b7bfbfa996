"""The best codebook for a known density, or for the values themselves by Lloyd's iterations.

    normal, laplace:  levels = mean + std·t_k,  t_k the Lloyd-Max levels of the unit density
    data:             from the normal ones, borders half way and levels at the mean of their cell, until nothing moves

A level is the mean of the density between its borders, a border half way between its levels. For a density only
mean and standard deviation are taken from the values and stored; for data all levels are.
"""

from __future__ import annotations

import numpy as np

from quantlab import theory
from quantlab.schemes import _codebook
from quantlab.schemes._clustering import lloyd
from quantlab.schemes._stored import CODEBOOK, Arrays, Counts, Storage, take
from quantlab.schemes.base import Knob, Scheme
from quantlab.types import QParams, QuantSpec
from quantlab.values.rows import Rows

DATA = "data"
LARGEST = np.finfo(np.float32).max


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    moments = np.stack(rows.moments, axis=1).astype(np.float32)  # (G, 2)
    book = _levels(moments, spec)
    if spec.density == DATA:
        ordered = rows.distribution.sorted[None] if len(rows) == 1 else np.sort(rows.values, axis=1)
        ordered = ordered.astype(np.float64)  # so that borders fall alike for one group and for many
        for step in lloyd(ordered, np.clip(book, ordered[:, :1], ordered[:, -1:]), iterations=1000):
            book = step
    return _qparams(book, None if spec.density == DATA else moments)


def _levels(moments: np.ndarray, spec: QuantSpec) -> np.ndarray:
    """Those of the density with this mean and standard deviation (G, 2), float64 (G, L)."""
    mean, std = moments.astype(np.float64).T[:, :, None]
    return mean + std * theory.lloyd_max("normal" if spec.density == DATA else spec.density, 2**spec.bits)[0]


def _qparams(levels: np.ndarray, moments: np.ndarray | None) -> QParams:
    book = np.maximum.accumulate(np.clip(levels, -LARGEST, LARGEST).astype(np.float32), axis=1) + np.float32(0)  # never -0
    return QParams(np.ones(len(book), np.float32), np.zeros(len(book), np.int32), 0, book.shape[1] - 1, book, moments)


def _write(q: QParams, spec: QuantSpec, counts: Counts) -> dict[str, np.ndarray]:
    return CODEBOOK.write(q, spec, counts) if q.extra is None else {"moments": q.extra.ravel()}


def _read(arrays: Arrays, spec: QuantSpec, counts: Counts) -> QParams:
    if spec.density == DATA:
        return CODEBOOK.read(arrays, spec, counts)
    moments = take(arrays, "moments", 2 * sum(counts)).reshape(-1, 2)
    return _qparams(_levels(moments, spec), moments)


SCHEME = Scheme(
    slug="lloyd-max",
    title="Lloyd-Max",
    formula=r"t_k=\mathrm{E}[X\mid b_{k-1}<X\le b_k],\quad b_k=\tfrac12(t_k+t_{k+1})",
    blurb="What the values would deserve if they really were normal or Laplace; or what they do deserve.",
    source="Max 1960, doi:10.1109/TIT.1960.1057548; Lloyd 1982, doi:10.1109/TIT.1982.1056489",
    family="learned",
    used_by="theory: the least error for a known density",
    choose_qparams=choose_qparams,
    place=_codebook.place,
    value=_codebook.value,
    codes=_codebook.codes,
    bits=lambda knobs: range(1, 9),
    knobs={"density": Knob("normal", "the density assumed, or the data's own", ("normal", "laplace", DATA))},
    ranged=False,
    roundings=("nearest-even", "half-away", "half-up", "floor", "ceil", "stochastic"),
    fitted=lambda spec: True,
    symmetric=False,
    zero_exact=lambda spec: False,
    group_bits=lambda spec: 32.0 * 2**spec.bits if spec.density == DATA else 64.0,
    storage=Storage(_write, _read),
    variants=({}, {"density": "laplace"}, {"density": DATA}),
    rank=60,
)
