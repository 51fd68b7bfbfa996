"""MP3's rounding: overlapping cosine transforms rounded by a power law, loud tones coarsely, faint ones finely.

Of each window of 2N samples, half of it shared with the next, N coefficients:

    X[k] = sqrt(2/N) sum_n w[n] x[n] cos(pi/N (n + 1/2 + N/2)(k + 1/2))       w: w[n]^2 + w[n+N]^2 = 1 (sine or Kaiser-Bessel)
    q = sign(X) floor(|X / g|^(3/4) + 0.4054)        X_hat = sign(q) |q|^(4/3) g          g = 2^(gain / 4)

What one window folds over (aliasing in time), its neighbour folds back: without rounding the sum is x again. AAC has 2N = 2048
and no other filter; MP3 gets near 2N = 1152 by a filter bank and a short transform behind it. A real encoder chooses g for each
band by a model of hearing; here one gain rules all, and ``kbps`` counts the entropy of the codes in 21 bands.
Sources: Princen and Bradley 1986, doi:10.1109/TASSP.1986.1164954; ISO/IEC 14496-3 (the power law, 0.4054).

>>> x = np.sin(np.arange(5000) / 7)[:, None]
>>> bool(np.abs(inverse(forward(x, 2048), 2048, 5000) - x).max() < 1e-6)
True
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quantlab import metrics
from quantlab.quantizer import dequantize, quantize
from quantlab.types import QParams, Quantized, QuantSpec

SIZES = (2048, 1152)
WINDOWS = ("sine", "kbd")
MOST = 8191  # the largest code of AAC
_POWER = 0.75
_DOWN = 0.5 - 0.4054  # how much an encoder rounds toward zero
_SPEC = QuantSpec("int-symmetric", bits=14)
_UNIT = QParams(np.ones(1, np.float32), np.zeros(1, np.int32), -MOST, MOST)
_BANDS = 21


@dataclass(frozen=True, eq=False)
class Encoding:
    """A sound as an encoder would keep it. codes : int16 (M, N, C). heard : float32 (samples, C). kbps : 1000 bits a second."""

    codes: np.ndarray
    heard: np.ndarray
    gain: int
    kbps: float
    zeros: float


def window(size: int, shape: str = "sine") -> np.ndarray:
    """w, float64 (size,)."""
    from scipy import signal

    if size not in SIZES or shape not in WINDOWS:
        raise ValueError(f"no window {shape!r} of {size}; choose one of {', '.join(WINDOWS)} of {' or '.join(map(str, SIZES))} samples")
    if shape == "kbd":
        return signal.windows.kaiser_bessel_derived(size, beta=np.pi * 4)
    return np.sin(np.pi / size * (np.arange(size) + 0.5))


def forward(x: np.ndarray, size: int, shape: str = "sine") -> np.ndarray:
    """Coefficients of x (samples, C), float64 (M, N, C), N = size / 2; zeros are put before and behind."""
    from scipy import fft

    half = size // 2
    count = -(-len(x) // half) + 1
    padded = np.zeros(((count + 1) * half, x.shape[1]))
    padded[half : half + len(x)] = x
    blocks = padded.reshape(count + 1, half, -1)
    w = window(size, shape)[:, None]
    first, second = blocks[:-1] * w[:half], blocks[1:] * w[half:]  # (M, N, C) each
    a, b = np.split(first, 2, axis=1)
    c, d = np.split(second, 2, axis=1)
    folded = np.concatenate((-c[:, ::-1] - d, a - b[:, ::-1]), axis=1)
    return fft.dct(folded, type=4, norm="ortho", axis=1)


def inverse(coefficients: np.ndarray, size: int, length: int, shape: str = "sine") -> np.ndarray:
    """The sound again, float64 (length, C)."""
    from scipy import fft

    half = size // 2
    folded = fft.idct(coefficients, type=4, norm="ortho", axis=1)
    left, right = np.split(folded, 2, axis=1)
    w = window(size, shape)[:, None]
    first = np.concatenate((right, -right[:, ::-1]), axis=1) * w[:half]
    second = np.concatenate((-left[:, ::-1], -left), axis=1) * w[half:]
    return (second[:-1] + first[1:]).reshape(-1, coefficients.shape[2])[:length]


def gain_for(coefficients: np.ndarray, bits: int) -> int:
    """The global gain (quarters of an octave) at which the largest coefficient's code just needs ``bits`` with its sign."""
    largest = float(np.abs(coefficients).max()) or 1.0
    return int(np.ceil(4 * np.log2(largest / (2.0 ** (bits - 1) - 0.5) ** (1 / _POWER))))


def encode(coefficients: np.ndarray, gain: int) -> np.ndarray:
    """Codes, int16: the core's quantizer with step 1 on the power law's curve."""
    y = np.abs(coefficients * 2.0 ** (-gain / 4)) ** _POWER
    return quantize(np.copysign(np.maximum(y - _DOWN, 0), coefficients), _SPEC, _UNIT).codes


def decode(codes: np.ndarray, gain: int) -> np.ndarray:
    """Coefficients, float64."""
    y = dequantize(Quantized(codes, _UNIT, _SPEC)).astype(np.float64)
    return np.copysign(np.abs(y) ** (1 / _POWER), y) * 2.0 ** (gain / 4)


def code(x: np.ndarray, rate: float, gain: int, size: int = 2048, shape: str = "sine", coefficients: np.ndarray | None = None) -> Encoding:
    """x (samples, C) there and back; ``coefficients`` saves the transform where many gains are asked for."""
    coefficients = forward(x, size, shape) if coefficients is None else coefficients
    codes = encode(coefficients, gain)
    heard = inverse(decode(codes, gain), size, len(x), shape).astype(np.float32)
    bits = sum(metrics.entropy_bits(band) * band.size for band in _bands(codes))
    return Encoding(codes, heard, gain, bits / len(x) * rate / 1000, float((codes == 0).mean()))


def _bands(codes: np.ndarray) -> list[np.ndarray]:
    """Coefficients by frequency, narrow at the bottom, as an encoder keeps tables for."""
    n = codes.shape[1]
    edges = np.unique(np.concatenate(([0], np.geomspace(4, n, _BANDS).round().astype(int))))
    return [codes[:, a:b] for a, b in zip(edges[:-1], edges[1:], strict=True)]
