"""Excerpts for a blind test: the seconds in which two sounds differ most, faded at the ends, equally loud.

>>> x = np.sin(np.arange(80_000) / 9)[:, None].astype(np.float32)
>>> y = np.where(np.arange(80_000)[:, None] < 40_000, x, np.rint(x))  # only the second half is bad
>>> where = most_different(x, y, 8000, 3.0)
>>> where.start >= 40_000, where.stop - where.start
(True, 24000)
"""

from __future__ import annotations

import numpy as np

from quantlab.audio import measure
from quantlab.audio.weighting import loudness

SECONDS = 3.0
_WITHIN = 30.0  # dB below the loudest stretch: what is fainter is no fair question
_MOST = 12.0  # dB by which the louder one is turned down
_FADE = 0.02  # seconds


def most_different(x: np.ndarray, y: np.ndarray, rate: int, seconds: float = SECONDS) -> slice:
    """The stretch of two sounds (N, C) with the least segmental ratio that is not much fainter than the loudest; all of a short one."""
    n = round(seconds * rate)
    if len(x) <= n:
        return slice(0, len(x))
    starts = range(0, len(x) - n + 1, max(1, rate // 2))
    levels = np.array([measure.level_db(x[s : s + n]) for s in starts])
    ratios = np.array([measure.segmental_db(x[s : s + n], y[s : s + n], rate) for s in starts])
    fair = (levels > levels.max() - _WITHIN) & np.isfinite(ratios)
    start = starts[int(np.where(fair, ratios, np.inf).argmin())]
    return slice(start, start + n)


def equally_loud(a: np.ndarray, b: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Both float32 with faded ends, the louder turned down to the other, neither past full scale."""
    ends = _ends(len(a), rate)
    a, b = a * ends, b * ends
    by = np.clip(loudness(a, rate) - loudness(b, rate), -_MOST, _MOST)
    gains = np.array([10 ** (-max(by, 0) / 20), 10 ** (min(by, 0) / 20)])
    peak = max(float(np.abs(sound).max()) * gain for sound, gain in zip((a, b), gains, strict=True))
    gains = (gains / max(peak, 1.0)).astype(np.float32)
    return a * gains[0], b * gains[1]


def _ends(n: int, rate: int) -> np.ndarray:
    size = min(round(_FADE * rate), n // 2)
    ramp = np.ones((n, 1), np.float32)
    if size:
        ramp[:size, 0] = (np.arange(size) + 0.5) / size
        ramp[-size:, 0] = ramp[:size, 0][::-1]
    return ramp
