"""Subtractive dither: noise that is taken off again makes the error independent of the signal.

    d even over one step        x_hat = Q(x + d) - d        error: mean 0, variance step^2 / 12, whatever x is

The receiver must draw the same noise, so this is no rounding of codes (what a code stands for would not be its level)
but a way to use one: the noise follows from ``spec.seed`` and a value's place in the tensor. Nonsubtractive dither is
the roundings ``dither-rpdf`` and ``dither-tpdf``.
Source: Roberts 1962, doi:10.1109/TIT.1962.1057702; Schuchman 1964, doi:10.1109/TCOM.1964.1088973.
"""

from __future__ import annotations

import numpy as np

from quantlab.quantizer import as_real, choose_qparams, dequantize, quantize
from quantlab.rounding import ROUNDINGS, uniform_noise
from quantlab.schemes import SCHEMES
from quantlab.types import QuantSpec


def subtractive_dither(x: np.ndarray, spec: QuantSpec) -> np.ndarray:
    """x quantized with noise of one step added before and taken off after; float32, in x's shape.

    spec : a scheme of equal steps (affine integers) with a rounding to nearest. The range is that of x itself, so
    values within half a step of its ends may be clipped.

    >>> x = np.full(100_000, 0.3); x[:2] = -7, 7
    >>> error = (subtractive_dither(x, QuantSpec("int-symmetric", bits=4)) - x)[2:]  # step 1
    >>> abs(round(float(error.mean()), 2)), round(float(error.var()), 3)  # 1 / 12
    (0.0, 0.083)
    """
    if not SCHEMES[spec.scheme].equal_steps:
        raise ValueError(f"{spec.scheme} has steps of different size, so no dither fits them; use int-symmetric or int-asymmetric")
    if not ROUNDINGS[spec.rounding].nearest:
        raise ValueError(f"subtractive dither needs a rounding to nearest, not {spec.rounding}; use nearest-even")
    x = as_real(x)
    qparams = choose_qparams(x, spec)
    step = qparams.scale.astype(np.float64)
    if qparams.codebook is not None:  # one bit: two levels
        step = step * np.diff(np.atleast_2d(qparams.codebook), axis=1)[:, 0]
    noise = (uniform_noise(x.shape, spec.seed, 0) - 0.5) * step[spec.granularity.group_index(x.shape)]
    return (dequantize(quantize(x + noise, spec, qparams)) - noise).astype(np.float32)
