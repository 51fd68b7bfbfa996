"""Formats that a group's scale is stored in, shared by the schemes whose groups have one scale and choose its format.

    float32   32 bits: as it was computed
    float16   16 bits: the nearest; GGUF's blocks keep theirs so
    e5m3       8 bits: 5 of exponent, 3 of fraction, no sign, 2^-17 to 122880; the nearest
    e8m0       8 bits: a power of two, the next above, so that nothing is clipped; OCP's MX blocks keep theirs so, rounded down

The quantizer uses the scale that is stored, so what a coarse one costs is in every error.

>>> coarse(np.float32([0.3, 0.1]), "e8m0").tolist(), coarse(np.float32([0.3]), "e5m3").tolist()  # 1.25 / 4 is nearer than 1.125 / 4
([0.5, 0.125], [0.3125])
"""

from __future__ import annotations

from typing import Any

import numpy as np

from quantlab.types import QuantSpec

BITS = {"float32": 32.0, "float16": 16.0, "e5m3": 8.0, "e8m0": 8.0}

_LEAST, _LARGEST = 2.0**-17, 1.875 * 2.0**16  # of e5m3, whose exponents are all for numbers


def bits(spec: QuantSpec) -> float:
    """How many bits a scale takes."""
    return BITS[_format(spec)]


def stored(scale: np.ndarray, spec: QuantSpec) -> np.ndarray:
    """The scales (G,) as their format keeps them, float32, above zero."""
    return coarse(scale, _format(spec))


def coarse(scale: np.ndarray, form: str) -> np.ndarray:
    """Positive numbers as this format has them, float32; those beyond it become its least or its largest."""
    if form == "float32":
        return scale
    if form == "float16":
        return np.clip(scale, 2.0**-24, float(np.finfo(np.float16).max)).astype(np.float16).astype(np.float32)
    if form == "e8m0":
        significand, exponent = np.frexp(scale.astype(np.float64))
        return np.ldexp(1.0, np.clip(exponent - (significand == 0.5), -126, 127)).astype(np.float32)
    x = np.clip(scale.astype(np.float64), _LEAST, _LARGEST)
    ulp = np.ldexp(1.0, np.maximum(np.frexp(x)[1] - 1, -14) - 3)
    return (np.rint(x / ulp) * ulp).astype(np.float32)


def written(scale: np.ndarray, spec: QuantSpec) -> np.ndarray:
    """Scales that are ``stored`` as a file keeps them: float32, float16 or uint8."""
    form = _format(spec)
    if form in ("float32", "float16"):
        return scale.astype(form)
    if form == "e8m0":
        return (np.frexp(scale)[1] - 1 + 127).astype(np.uint8)
    exponent = np.maximum(np.frexp(scale)[1] - 1, -14)
    fraction = np.ldexp(scale.astype(np.float64), 3 - exponent)  # 8 to 15, below the least normal 1 to 7
    return (fraction + 8 * (exponent + 14)).astype(np.uint8)


def read(array: np.ndarray, spec: QuantSpec) -> np.ndarray:
    """``written`` backwards, float32."""
    form = _format(spec)
    if form in ("float32", "float16"):
        return array.astype(np.float32)
    if form == "e8m0":
        return np.ldexp(1.0, array.astype(np.int64) - 127).astype(np.float32)
    code = array.astype(np.int64)
    exponent = np.maximum(code // 8 - 1, 0)
    return np.ldexp((code - 8 * exponent).astype(np.float64), exponent - 14 - 3).astype(np.float32)


def dtype(spec: QuantSpec) -> np.dtype[Any]:
    """The type of ``written`` scales."""
    form = _format(spec)
    return np.dtype(form if form in ("float32", "float16") else np.uint8)


def follow(spec: QuantSpec) -> bool:
    """Whether the scale of x * 2^k is that of x times 2^k: not where the format ends soon."""
    return _format(spec) in ("float32", "e8m0")


def _format(spec: QuantSpec) -> str:
    return str(spec.knobs.get("scales", "float32"))
