"""The blind test of the audio lab: the sounds of one trial as a film, and the verdict in sentences."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np

from quantlab.audio.abx import Run, p_value, threshold
from quantlab.film import pack

NAMES = ("A", "B", "X")
BAR = 0.05


def trial_film(run: Run, a: np.ndarray, b: np.ndarray, rate: int) -> bytes:
    """The wavs of the next trial, all of one size, one behind the other; a, b (N, C) of one shape."""
    sounds = run.sounds(a, b, rate)
    payload = b"".join(sounds[name] for name in NAMES)
    header = {"names": list(NAMES), "rate": rate, "channels": a.shape[1], "length": len(a), "size": len(sounds["X"])}
    return pack(header | {"id": hashlib.sha256(payload).hexdigest()[:16]}, payload)


def verdict(right: int, trials: int) -> str:
    """The sentences of a finished test.

    >>> verdict(16, 16)
    '**16 of 16 right**: guessing does so in 0.002 % of all tests (p = 0.000015). You hear it.'
    >>> verdict(9, 16)
    '**9 of 16 right**: guessing does so in 40 % of all tests (p = 0.40). That does not show that you hear it.'
    """
    p = p_value(right, trials)
    end = "You hear it." if p < BAR else "That does not show that you hear it."
    return f"**{right} of {trials} right**: guessing does so in {100 * p:.{2 if p >= 0.01 else 1}g} % of all tests (p = {_small(p)}). {end}"


def _small(p: float) -> str:
    return f"{p:.2f}" if p >= 0.095 else np.format_float_positional(p, 2, fractional=False, trim="-")


def summary(scores: Mapping[int, tuple[int, int]]) -> str:
    """The sentence of all finished tests of one sound together; scores: bits -> (right, trials)."""
    rows = "\n".join(
        f"| {bits} | {right} of {trials} | {_small(p_value(right, trials))} |" for bits, (right, trials) in sorted(scores.items())
    )
    most = threshold(scores, BAR)
    if most is None:
        said = "At none of these bit depths have you shown to hear it; try fewer bits."
    elif any(bits > most for bits in scores):
        said = f"**You hear it up to {most} bits**, and stop hearing it above."
    else:
        said = f"You hear it at {most} bits; try more."
    return f"{said}\n\n| bits | right | p |\n|---|---|---|\n{rows}"
