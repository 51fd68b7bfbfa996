"""JPEG's rounding: the 64 cosine waves of every 8×8 block, each with a step of its own from a table.

    C = DCT-II of a block less 128, orthonormal       code = rint(C / T)       C_hat = code · T
    T(quality) = clip(floor((base · s + 50) / 100), 1, 255),  s = 5000 // quality below 50, else 200 - 2 quality

With a dead zone the bin around 0 is r steps wide, r from 1 (plain) to 2, and the others lie outside it, h = (r - 1) T / 2:

    code = sign(C) rint(max(|C| - h, 0) / T)          C_hat = code · T + sign(code) · h

so that small waves, which noise mostly makes, cost nothing. The rounding is the core's: 64 groups of known scale.
Sources: ITU-T T.81 Annex K; the scaling is libjpeg's; Sullivan 1996, doi:10.1109/18.532878 (dead zone).
"""

from __future__ import annotations

import numpy as np

from quantlab.coding import read_back
from quantlab.images.light import from_ycbcr, to_ycbcr
from quantlab.images.spaces import to_bytes
from quantlab.types import QParams, QuantSpec

_LUMA = """16 11 10 16 24 40 51 61  12 12 14 19 26 58 60 55  14 13 16 24 40 57 69 56  14 17 22 29 51 87 80 62
18 22 37 56 68 109 103 77  24 35 55 64 81 104 113 92  49 64 78 87 103 121 120 101  72 92 95 98 112 100 103 99"""
_CHROMA = """17 18 24 47 99 99 99 99  18 21 26 66 99 99 99 99  24 26 56 99 99 99 99 99  47 66 99 99 99 99 99 99
99 99 99 99 99 99 99 99  99 99 99 99 99 99 99 99  99 99 99 99 99 99 99 99  99 99 99 99 99 99 99 99"""
LUMA, CHROMA = (np.array(text.split(), int).reshape(8, 8) for text in (_LUMA, _CHROMA))
_INTEGERS = QuantSpec("int-symmetric", bits=12)  # JPEG's coefficients of 8-bit samples have 11 bits and a sign


def table(base: np.ndarray, quality: int) -> np.ndarray:
    """The steps at a quality of 1 (coarsest) to 100, int (8, 8).

    >>> table(LUMA, 50)[0, :4].tolist(), table(LUMA, 75)[0, :4].tolist()  # at 50 the base itself
    ([16, 11, 10, 16], [8, 6, 5, 8])
    """
    if not 1 <= quality <= 100:
        raise ValueError(f"quality={quality} is out of range; choose 1 (coarsest) to 100")
    s = 5000 // quality if quality < 50 else 200 - 2 * quality
    return np.clip((base * s + 50) // 100, 1, 255)


def coefficients(picture: np.ndarray) -> np.ndarray:
    """The waves of every block of Y, Cb, Cr: float32 (3, R, C, 8, 8); edges repeated to whole blocks."""
    from scipy.fft import dctn

    height, width = picture.shape[:2]
    padded = np.pad(picture, ((0, -height % 8), (0, -width % 8), (0, 0)), mode="edge")
    planes = to_ycbcr(padded).transpose(2, 0, 1) - np.array([128, 0, 0], np.float32)[:, None, None]
    blocks = planes.reshape(3, padded.shape[0] // 8, 8, padded.shape[1] // 8, 8).swapaxes(2, 3)
    return dctn(np.ascontiguousarray(blocks), axes=(3, 4), norm="ortho", overwrite_x=True)


def quantize_waves(waves: np.ndarray, quality: int, dead_zone: float = 1.0) -> np.ndarray:
    """The waves (3, R, C, 8, 8) after rounding by the tables of that quality; ``dead_zone`` r from 1 to 2."""
    if not 1 <= dead_zone <= 2:
        raise ValueError(f"dead_zone={dead_zone} is out of range; choose 1 (all bins equal) to 2 (the one at 0 twice as wide)")
    out = np.empty_like(waves)
    for planes, base in ((slice(0, 1), LUMA), (slice(1, 3), CHROMA)):
        steps = table(base, quality).astype(np.float32)
        h = steps * np.float32((dead_zone - 1) / 2)
        inner = waves[planes] if dead_zone == 1 else np.copysign(np.maximum(np.abs(waves[planes]) - h, 0), waves[planes])
        rows = np.ascontiguousarray(inner.reshape(-1, 64).T)  # (64, n): a group for each wave
        qparams = QParams(steps.ravel(), np.zeros(64, np.int32), -2047, 2047)
        rounded = read_back(rows, qparams, _INTEGERS).T.reshape(inner.shape)
        out[planes] = rounded if dead_zone == 1 else rounded + np.sign(rounded) * h
    return out


def codes_of(waves: np.ndarray, quality: int, dead_zone: float = 1.0) -> np.ndarray:
    """The whole numbers that a file would hold of rounded waves (3, R, C, 8, 8), int16."""
    codes = np.empty(waves.shape, np.int16)
    for planes, base in ((slice(0, 1), LUMA), (slice(1, 3), CHROMA)):
        steps = table(base, quality).astype(np.float32)
        h = steps * np.float32((dead_zone - 1) / 2)
        codes[planes] = np.rint((waves[planes] - np.sign(waves[planes]) * h) / steps)
    return codes


def from_coefficients(waves: np.ndarray, height: int, width: int) -> np.ndarray:
    """The picture of the waves, uint8 (H, W, 3)."""
    from scipy.fft import idctn

    blocks = idctn(waves, axes=(3, 4), norm="ortho")
    planes = blocks.swapaxes(2, 3).reshape(3, waves.shape[1] * 8, waves.shape[2] * 8)[:, :height, :width]
    planes = planes + np.array([128, 0, 0], np.float32)[:, None, None]
    return to_bytes(from_ycbcr(planes.transpose(1, 2, 0)))


def round_trip(picture: np.ndarray, quality: int, dead_zone: float = 1.0) -> np.ndarray:
    """The picture as JPEG would give it back without thinned-out chroma (4:4:4), uint8 (H, W, 3)."""
    return from_coefficients(quantize_waves(coefficients(picture), quality, dead_zone), *picture.shape[:2])
