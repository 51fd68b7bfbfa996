"""Metrics: how far a copy is from its original. Each a function of two arrays of the same shape, or of codes.

Sums run in float64 over pieces that fit the cache, so ten million float32 need no float64 copy. The order is always
(original, copy) and the error is copy - original. NaN in gives NaN out; an empty array has no error and is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

Array = np.ndarray[Any, Any]
CHUNK = 1 << 13  # two float64 buffers of this fit the cache, and BLAS starts no threads for a product this short


def mse(a: ArrayLike, b: ArrayLike) -> float:
    """Mean squared error, >= 0, the unit squared.

    >>> mse([0, 0, 0, 0], [1, 1, 1, 3])  # (1 + 1 + 1 + 9) / 4
    3.0
    """
    a, b = _pair(a, b)
    return sum(float(e @ e) for _, e in _errors(a, b)) / a.size


def mae(a: ArrayLike, b: ArrayLike) -> float:
    """Mean absolute error, >= 0.

    >>> mae([0, 0, 0, 0], [1, -1, 1, -3])
    1.5
    """
    a, b = _pair(a, b)
    return sum(float(np.abs(e, out=e).sum()) for _, e in _errors(a, b)) / a.size


def max_error(a: ArrayLike, b: ArrayLike) -> float:
    """Largest absolute error, >= 0.

    >>> max_error([0, 0, 0], [1, -3, 2])
    3.0
    """
    a, b = _pair(a, b)
    return float(np.max([np.abs(e, out=e).max() for _, e in _errors(a, b)]))


def bias(a: ArrayLike, b: ArrayLike) -> float:
    """Mean error, copy - original; 0 where the errors cancel, which does not mean there are none.

    >>> bias([0, 0], [3, -1])
    1.0
    """
    a, b = _pair(a, b)
    return sum(float(e.sum()) for _, e in _errors(a, b)) / a.size


def sqnr_db(signal: ArrayLike, copy: ArrayLike) -> float:
    """10 log10(sum signal^2 / sum error^2) in dB: inf without error, -inf for an error on a signal of zeros.

    >>> sqnr_db([10, 0], [10, 1])  # 100 to 1
    20.0
    """
    signal, copy = _pair(signal, copy)
    power = noise = 0.0
    for s, e in _errors(signal, copy):
        power, noise = power + float(s @ s), noise + float(e @ e)
    return ratio_db(power, noise)


def psnr_db(a: ArrayLike, b: ArrayLike, data_range: float) -> float:
    """10 log10(data_range^2 / MSE) in dB, inf for equal arrays. Source: scikit-image's peak_signal_noise_ratio.

    data_range : largest minus smallest *possible* value, 255 for 8-bit images; it changes the result, so no default.

    >>> psnr_db([0, 0], [0.1, 0.1], data_range=1)
    20.0
    """
    return ratio_db(_range(data_range) ** 2, mse(a, b))


WINDOWS: dict[str, dict[str, bool | float]] = {  # keywords of structural_similarity
    "uniform-7": {"win_size": 7, "gaussian_weights": False},
    "gaussian-11": {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False},
}


def ssim(
    a: ArrayLike,
    b: ArrayLike,
    data_range: float,
    window: str = "uniform-7",
    channel_axis: int | None = None,
) -> float:
    """Structural similarity of two images, mean over the pixels, at most 1.

    data_range : as in ``psnr_db``.
    window : "uniform-7": 7 by 7, equal weights, scikit-image's own; "gaussian-11": sigma 1.5, 11 by 11, the paper's.
        They differ in the fourth digit: say which.
    channel_axis : the axis of the colours, whose SSIMs are averaged; None for grey.
    Source: Wang, Bovik, Sheikh, Simoncelli 2004, doi:10.1109/TIP.2003.819861; computed by scikit-image in float64.

    >>> image = np.arange(256.0).reshape(16, 16)
    >>> ssim(image, image, data_range=255)
    1.0
    """
    from skimage.metrics import structural_similarity

    if window not in WINDOWS:
        raise ValueError(f"unknown window {window!r}; choose one of {', '.join(WINDOWS)}")
    a, b = _pair(a, b)
    side, sides = int(window.split("-")[1]), list(a.shape)
    if channel_axis is not None:
        del sides[channel_axis]
    if len(sides) != 2 or min(sides) < side:
        raise ValueError(
            f"shape {a.shape} with channel_axis={channel_axis} is no image of at least {side} by {side} pixels; "
            f"name the axis of the colours, or enlarge the image"
        )
    options = WINDOWS[window] | {"data_range": _range(data_range), "channel_axis": channel_axis}
    return float(structural_similarity(a.astype(np.float64), b.astype(np.float64), **options))


def cosine(a: ArrayLike, b: ArrayLike) -> float:
    """sum a b / sqrt(sum a^2 sum b^2), -1 to 1; NaN where one of them is all zeros and has no direction.

    >>> cosine([3, 4], [4, 3])  # 24 / 25
    0.96
    """
    a, b = _pair(a, b)
    aa = bb = ab = 0.0
    for x, y in _chunks(a, b):
        aa, bb, ab = aa + float(x @ x), bb + float(y @ y), ab + float(x @ y)
    return float(np.clip(ab / aa * np.sqrt(aa / bb), -1, 1)) if aa and bb else float("nan")


def entropy_bits(codes: ArrayLike) -> float:
    """Bits per code that an ideal entropy coder needs, -sum p log2 p over the codes' frequencies; 0 to log2(distinct).

    Source: Shannon 1948, doi:10.1002/j.1538-7305.1948.tb01338.x.

    >>> entropy_bits([0, 0, 1, 2])  # 1/2 * 1 + 1/4 * 2 + 1/4 * 2
    1.5
    """
    return entropy_of_counts(_counts(codes))


def entropy_of_counts(counts: ArrayLike) -> float:
    """The same from how often each code occurs; codes that never do are passed over, no codes at all give 0.

    >>> entropy_of_counts([2, 1, 0, 1])
    1.5
    """
    counts = np.asarray(counts, np.float64)
    p = counts[counts > 0] / max(counts.sum(), 1)
    return abs(float((p * np.log2(p)).sum()))  # one code: 0, not -0


def distinct(codes: ArrayLike) -> int:
    """How many different codes occur.

    >>> distinct([7, 7, -2])
    2
    """
    return int(_counts(codes).size)


def top_k(scores: ArrayLike, labels: ArrayLike, k: int = 1) -> float:
    """Share of rows whose label is among the k highest scores, 0 to 1. scores (N, C), labels (N,) from 0 to C - 1.

    Of equal scores the class with the higher number goes first, as in scikit-learn's top_k_accuracy_score.

    >>> top_k([[0.1, 0.9], [0.8, 0.2]], [1, 1], k=1)
    0.5
    """
    scores, labels = np.asarray(scores), np.asarray(labels)
    if scores.ndim != 2 or labels.shape != scores.shape[:1] or not scores.size:
        raise ValueError(f"scores {scores.shape} and labels {labels.shape}: need (N, C) and (N,), not empty")
    classes = scores.shape[1]
    if not 1 <= k <= classes:
        raise ValueError(f"k={k} with {classes} classes; choose 1 to {classes}")
    if labels.dtype.kind not in "ui" or labels.min() < 0 or labels.max() >= classes:
        raise ValueError(f"labels must be integers from 0 to {classes - 1}, the columns of scores {scores.shape}")
    if np.isnan(scores).any():
        raise ValueError(f"{np.isnan(scores).any(axis=1).sum()} of {len(scores)} rows hold NaN and have no ranking")
    right = scores[np.arange(len(labels)), labels][:, None]  # (N, 1)
    later = np.arange(classes) > labels[:, None]  # (N, C)
    rank = ((scores > right) | ((scores == right) & later)).sum(axis=1)  # (N,)
    return float((rank < k).mean())


def f1_macro(true: ArrayLike, predicted: ArrayLike) -> float:
    """Mean over the classes that occur in either array of F1 = 2 TP / (2 TP + FP + FN), 0 to 1.

    Source: scikit-learn's f1_score(average="macro"); a class that is never hit counts 0.

    >>> f1_macro([0, 0, 1, 1], [0, 0, 0, 1])  # (4/5 + 2/3) / 2
    0.7333333333333334
    """
    true, predicted = _pair(true, predicted)
    classes, index = np.unique(np.concatenate([true.ravel(), predicted.ravel()]), return_inverse=True)
    t, p = index[: true.size], index[true.size :]
    hits = np.bincount(t[t == p], minlength=classes.size)
    occurrences = np.bincount(index, minlength=classes.size)  # 2 TP + FP + FN
    return float((2 * hits / occurrences).mean())


def _pair(a: ArrayLike, b: ArrayLike) -> tuple[Array, Array]:
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        raise ValueError(f"shapes {a.shape} and {b.shape} differ; compare arrays of one shape")
    if not a.size:
        raise ValueError(f"shapes {a.shape} and {b.shape} hold no values; there is nothing to compare")
    return a, b


def _chunks(a: Array, b: Array) -> Iterator[tuple[Array, Array]]:
    """Pieces of both as float64 vectors, in buffers that the next piece overwrites."""
    for array in (a, b):
        if array.dtype.kind not in "biuf":
            raise TypeError(f"{array.dtype} is no real number type; convert to float32 or an integer type first")
    a, b = a.reshape(-1), b.reshape(-1)
    x, y = np.empty(CHUNK), np.empty(CHUNK)
    for start in range(0, a.size, CHUNK):
        n = min(CHUNK, a.size - start)
        np.copyto(x[:n], a[start : start + n], casting="unsafe")
        np.copyto(y[:n], b[start : start + n], casting="unsafe")
        yield x[:n], y[:n]


def _errors(a: Array, b: Array) -> Iterator[tuple[Array, Array]]:
    """(original, copy - original) piece by piece."""
    for x, y in _chunks(a, b):
        y -= x
        yield x, y


def ratio_db(signal: float, noise: float) -> float:
    """10 log10(signal / noise) of two powers in dB, inf for no noise, -inf for noise on no signal.

    >>> ratio_db(2.0, 0.02)
    20.0
    """
    if noise == 0:
        return float("inf")
    return float(10 * np.log10(signal / noise)) if signal else float("-inf")


def _range(data_range: float) -> float:
    if not 0 < data_range < np.inf:
        raise ValueError(f"data_range={data_range} must be above 0 and finite; 255 for 8-bit images")
    return float(data_range)


def _counts(codes: ArrayLike) -> Array:
    """How often each code that occurs does, int64; by counting where integers span little, else by sorting."""
    codes = np.asarray(codes).reshape(-1)
    if not codes.size:
        raise ValueError("no codes, no distribution; give at least one")
    if codes.dtype.kind in "ui" and (span := int(codes.max()) - (low := int(codes.min()))) < 1 << 20:
        counts = np.zeros(span + 1, np.int64)
        for start in range(0, codes.size, 1 << 20):
            piece = codes[start : start + (1 << 20)]
            offset = piece - low if piece.itemsize == 8 else piece.astype(np.int64) - low  # no overflow either way
            counts += np.bincount(offset.astype(np.int64), minlength=span + 1)
        return counts[counts > 0]
    return np.unique(codes, return_counts=True)[1]
