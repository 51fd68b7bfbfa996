"""The clip of the least error."""

from __future__ import annotations

import numpy as np

from quantlab.learn.programs.base import Arguments, Program


def arguments(rng: np.random.Generator) -> Arguments:
    x = np.append(rng.standard_normal(60), rng.uniform(5, 9))
    bits = int(rng.integers(2, 5))
    return np.round(x, 3), bits, np.round(np.linspace(0.4, 1.0, 13) * np.abs(x).max(), 3)


def error(x: np.ndarray, bits: int, clip: float) -> float:
    top = 2 ** (bits - 1) - 1
    scale = clip / top
    return float(np.mean((x - scale * np.clip(np.rint(x / scale), -top, top)) ** 2))


def right(x: np.ndarray, bits: int, clips: np.ndarray) -> float:
    return float(clips[np.argmin([error(x, bits, clip) for clip in clips])])


def _inside_alone(x: np.ndarray, bits: int, clips: np.ndarray) -> float:
    return float(clips.min())


PROGRAM = Program(
    "clip-search",
    "The clip of the least error",
    60,
    "Write best_clip(x, bits, clips): that of the clips with which quantizing x to a symmetric grid (2**(bits - 1) - 1\n"
    "steps on each side, the last at the clip) has the least mean square error. Values beyond the clip go to its end.",
    'def best_clip(x, bits, clips):\n    """One of clips."""\n    raise NotImplementedError\n',
    "best_clip",
    right,
    arguments,
    {"clips-nothing": lambda x, bits, clips: float(clips.max()), "finest-steps": _inside_alone},
)
