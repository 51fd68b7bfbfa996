"""The built-in tensors, a registry: ten, each with one reason to look at it.

Every source fills ``shape_for(size)`` with float32 values and is repeatable by its ``seed``. To add one: a function
``(rng, shape, **knobs) -> array`` and an entry in ``TENSOR_SOURCES``.
"""

from __future__ import annotations

import numpy as np

from quantlab.sources.tensor_source import Knob, TensorSource

PHOTOS = ("camera", "astronaut", "coffee", "chelsea", "coins", "moon", "page", "brick", "grass", "gravel", "rocket")


def _normal(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    return rng.standard_normal(shape, dtype=np.float32)


def _weights(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    x = _normal(rng, shape)
    x *= 0.02 * np.exp(0.5 * rng.standard_normal((shape[0], 1))).astype(np.float32)  # each row its own scale
    at = rng.choice(x.size, size=min(6, 1 + x.size // 1024), replace=False, shuffle=False)
    sigmas = rng.uniform(15, 25, at.size) * rng.choice([-1, 1], at.size)
    x.reshape(-1)[at] = sigmas * max(float(x.std()), 1e-3)
    return x


def _channels(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    x = _normal(rng, shape)
    x *= rng.permutation(np.geomspace(0.01, 1.0, shape[0])).astype(np.float32)[:, None]
    return x


def _laplace(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    x = rng.standard_exponential(shape, dtype=np.float32)
    x -= rng.standard_exponential(shape, dtype=np.float32)  # the difference of two exponentials is Laplace, variance 2
    x *= np.float32(0.5**0.5)
    return x


def _student_t(rng: np.random.Generator, shape: tuple[int, int], df: float) -> np.ndarray:
    x = _normal(rng, shape)
    g = rng.standard_gamma(df / 2, shape, dtype=np.float32)
    g *= np.float32(2 / df)  # chi-square over df
    np.sqrt(g, out=g)
    np.maximum(g, np.float32(1e-6), out=g)
    x /= g
    return x


def _uniform(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    x = rng.random(shape, dtype=np.float32)
    x *= np.float32(2)
    x -= np.float32(1)
    return x


def _bimodal(rng: np.random.Generator, shape: tuple[int, int], separation: float) -> np.ndarray:
    x = _normal(rng, shape)
    x *= np.float32(0.25)
    x += np.where(rng.random(shape, dtype=np.float32) < 0.5, np.float32(-separation / 2), np.float32(separation / 2))
    return x


def _relu(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    x = _normal(rng, shape)
    return np.maximum(x, np.float32(0), out=x)


def _sine(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    cycles = (5**0.5 - 1) / 128  # golden ratio / 64: about 104 values a period, and no phase ever comes again
    phase = np.arange(shape[0] * shape[1]) * cycles + rng.random()
    phase -= np.floor(phase)
    phase *= 2 * np.pi
    return np.sin(phase, out=phase).astype(np.float32).reshape(shape)


def _photo(rng: np.random.Generator, shape: tuple[int, int], photo: str) -> np.ndarray:
    from skimage import color, data

    image = getattr(data, photo)()  # (H, W) or (H, W, 3), uint8
    grey = color.rgb2gray(image) if image.ndim == 3 else image / 255
    rows, cols = (_mirrored(n, m, int(rng.integers(m))) for n, m in zip(shape, grey.shape, strict=True))
    return grey.astype(np.float32)[np.ix_(rows, cols)]


def _mirrored(count: int, length: int, start: int) -> np.ndarray:
    """Indices 0 .. length-1 and back, for ever: ``count`` of them from ``start`` on, centred where count fits."""
    offset = start % (length - count + 1) if count <= length else 0
    i = (np.arange(count) + offset) % (2 * length)
    return np.where(i < length, i, 2 * length - 1 - i)


TENSOR_SOURCES: dict[str, TensorSource] = {
    source.slug: source
    for source in (
        TensorSource(
            "weights",
            "Weights with outliers",
            "Each row has a scale of its own and up to six values stand 15 to 25 standard deviations out: one scale "
            "for all is ruined at 4 bits, groups of 64 repair it.",
            _weights,
        ),
        TensorSource(
            "channels",
            "Channels of different range",
            "The rows' standard deviations run from 0.01 to 1: one scale rounds the small channels away, a scale per channel keeps all.",
            _channels,
        ),
        TensorSource("normal", "Normal", "Mean 0, variance 1: the case in which theory gives every number.", _normal),
        TensorSource("laplace", "Laplace", "A sharper peak and longer tails at variance 1, closer to weights.", _laplace),
        TensorSource(
            "student-t",
            "Student's t",
            "Heavy tails with outliers of their own; fewer degrees of freedom make them wilder.",
            _student_t,
            (Knob("df", "Degrees of freedom", 3.0, 1.5, 30.0),),
        ),
        TensorSource("uniform", "Uniform", "Evenly from -1 to 1: here a uniform quantizer is the best there is.", _uniform),
        TensorSource(
            "bimodal",
            "Two humps",
            "Two narrow humps with nothing between: a uniform grid wastes its middle levels, a codebook does not.",
            _bimodal,
            (Knob("separation", "Distance of the humps", 2.0, 0.0, 8.0),),
        ),
        TensorSource("relu", "ReLU activations", "Half are zero, none is negative: a symmetric grid wastes a bit.", _relu),
        TensorSource(
            "sine",
            "Full-scale sine",
            "Amplitude 1 at a frequency that hits every phase: the tone behind the rule of 6.02 dB a bit.",
            _sine,
        ),
        TensorSource(
            "photo",
            "Photograph",
            "Grey pixels from 0 to 1, a random crop of the picture, or mirrored tiles of it where more are asked for.",
            _photo,
            (Knob("photo", "Photograph", "camera", choices=PHOTOS),),
        ),
    )
}
