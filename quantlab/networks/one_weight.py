"""One weight that trains with rounding, step by step: what is seen forward, the gradient, the latent value, the code.

    loss = (w_hat - t)^2 / 2,   w_hat = s clip(rint(w / s), qmin, qmax),   w <- w - rate * (w_hat - t) [inside]

Where no level is t, the gradient never vanishes: the latent value creeps over a border, the code jumps, and back. Where the step
learns as well (LSQ), a level moves to t. Source of the oscillation: Nagel et al. 2022, arXiv:2203.11086.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STEPS = 60
RULES = {
    "fixed": "the step stays",
    "learned": "the step learns (LSQ)",
    "fast": "the step learns too fast",
    "cured": "too fast, held above zero",
}
LEAST = 0.05
_START, _TARGET, _STEP = 0.32, 0.57, 0.25
_RATE = 0.15


@dataclass(frozen=True, eq=False)
class Walk:
    """float64 (STEPS + 1,) each: before each update. step : s. slope : the gradient that the latent value gets. code : int64."""

    latent: np.ndarray
    used: np.ndarray
    step: np.ndarray
    slope: np.ndarray
    code: np.ndarray
    target: float
    rate: float
    qmin: int
    qmax: int

    @property
    def jumps(self) -> int:
        """How often the code changes."""
        return int((np.diff(self.code) != 0).sum())


def walk(rule: str, bits: int = 3) -> Walk:
    """The walk of one weight under a rule of ``RULES``.

    >>> fixed, learned = walk("fixed"), walk("learned")
    >>> fixed.jumps > 20, learned.jumps <= 10, bool(abs(learned.used[-1] - learned.target) < 0.01)
    (True, True, True)
    """
    if rule not in RULES:
        raise ValueError(f"there is no rule {rule!r}; choose one of {', '.join(RULES)}")
    qmin, qmax = 0, 2**bits - 1
    rate_of_step = {"fixed": 0.0, "learned": 0.05}.get(rule, 2.5)
    w, s = _START, _STEP
    rows = []
    for _ in range(STEPS + 1):
        place = w / s
        code = int(np.clip(np.rint(place), qmin, qmax))
        inside = qmin <= np.rint(place) <= qmax
        error = s * code - _TARGET
        slope = error if inside else 0.0
        rows.append((w, s * code, s, slope, code))
        of_step = error * ((code - place) if inside else code)
        w, s = w - _RATE * slope, s - rate_of_step * of_step
        s = max(s, LEAST) if rule == "cured" else s
    latent, used, step, slopes, codes = (np.array(column) for column in zip(*rows, strict=True))
    return Walk(latent, used, step, slopes, codes.astype(np.int64), _TARGET, _RATE, qmin, qmax)
