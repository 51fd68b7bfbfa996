"""Companding, shared by mu-law and A-law: equal steps of a curve F(u), or the straight segments of G.711.

    u = x / max|x|,   q = round(n·F(u)),   n = 2^(b-1) - 1        x_hat = max|x|·F^-1(q / n)

Rounding happens in the companded domain, so a border lies where F is half way, not half way between levels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from quantlab.schemes import _codebook, _g711
from quantlab.schemes.base import Knob, Scheme, column
from quantlab.types import KnobValue, QParams, QuantSpec
from quantlab.values.rows import Rows

_MANY = 4  # codes for each level, from which on a look-up is quicker than the curve
Curve = Callable[[np.ndarray, float], np.ndarray]


def scheme(
    law: str, compress: Curve, expand: Curve, standard: float, lowest: float, **words: Any
) -> Scheme:  # Any: fields of Scheme, each with its own type
    """The scheme of one law, whose name ("mu" or "a") is also its knob's.

    compress, expand : F(u, law's parameter) and its inverse, odd, float64 in and out, with F(1) = 1.
    standard, lowest : the parameter that G.711 fixes, and the least one allowed. words : whatever else a Scheme is told.
    """

    def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
        top = np.maximum(-low, high)
        if spec.variant == "g711":
            return _g711.choose_qparams(law, top)
        n = 2 ** (spec.bits - 1) - 1
        return QParams(_codebook.unit_scale(top), np.zeros(len(rows), np.int32), -n, n)

    def place(x: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
        if spec.variant == "g711":
            return _g711.place(x, qparams, spec)
        return compress(x / column(qparams.scale, np.float64), spec.knobs[law]) * qparams.qmax

    def value(codes: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
        if spec.variant == "g711":
            return _g711.value(codes, qparams, spec)
        n, scale = qparams.qmax, column(qparams.scale, np.float64)
        whole = codes.astype(np.intp) if codes.size > _MANY * n else None
        if whole is not None and np.array_equal(whole, codes) and np.abs(whole).max() <= n:
            return expand(np.arange(-n, n + 1) / n, spec.knobs[law]).take(whole + n) * scale  # once for each code
        return expand(codes.astype(np.float64) / n, spec.knobs[law]) * scale

    def bits(knobs: Mapping[str, KnobValue]) -> Sequence[int]:
        if knobs["variant"] == "smooth":
            return range(2, 17)
        if knobs[law] != standard:
            reason = f"because variant='g711' fixes it at {standard:g}"
            raise ValueError(f"{law}={knobs[law]:g} is not supported here, {reason}; leave {law} out")
        return (8,)

    return Scheme(
        choose_qparams=choose_qparams,
        place=place,
        value=value,
        codes=_g711.codes,
        bits=bits,
        knobs={
            "variant": Knob("smooth", "the curve itself, or the straight segments of G.711", ("smooth", "g711")),
            law: Knob(
                standard,
                "how strongly small values are favoured",
                low=lowest,
                high=65535.0,
                applies=lambda knobs: knobs["variant"] == "smooth",
            ),
        },
        variants=({}, {"variant": "g711"}),
        borders_lie="curved",
        full_scale=True,
        **words,
    )
