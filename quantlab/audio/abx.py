"""Blind ABX tests: X is A or B by chance; a listener who guesses is right half of the time.

    p = P(at least k of n right by guessing) = sum_{i >= k} C(n, i) / 2^n

A ``Run`` lives on the server. What the client may see before it answers is ``view``: it is the same whatever the answers are.
The sounds come as ``sounds``: wavs of one size, each with a dither of its own at 24 bits, so that X equals neither A nor B byte
for byte. (Who subtracts samples in the browser's tools cheats himself.)

>>> [round(p_value(k, 16), 3) for k in (8, 12, 13)]  # 12 of 16: the usual bar of 5 %
[0.598, 0.038, 0.011]
>>> run = Run(seed=7, trials=4)
>>> run = run.answer("A").answer("B")
>>> run.view()["done"], run.view()["of"], run.finished
(2, 4, False)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

MOST_TRIALS = 16
SIDES = ("A", "B")


def p_value(right: int, trials: int) -> float:
    """The chance of at least so many right answers by guessing; 1 before the first trial."""
    from scipy import stats

    return float(stats.binomtest(right, trials, 0.5, alternative="greater").pvalue) if trials else 1.0


@dataclass(frozen=True)
class Run:
    """One listener's trials: immutable; ``answer`` returns the next state. The seed decides the order and is never shown."""

    seed: int = field(repr=False)
    trials: int = MOST_TRIALS
    given: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.trials <= MOST_TRIALS:
            raise ValueError(f"trials={self.trials}; choose 1 to {MOST_TRIALS}")
        if len(self.given) > self.trials:
            raise ValueError(f"{len(self.given)} answers to {self.trials} trials; start a new run")

    @property
    def finished(self) -> bool:
        return len(self.given) == self.trials

    @property
    def right(self) -> int:
        """The number of right answers."""
        return sum(a == b for a, b in zip(self._order(), self.given, strict=False))

    def answer(self, side: str) -> Run:
        """The state after "X is ``side``"; ValueError where the run is over or the side unknown."""
        if side not in SIDES:
            raise ValueError(f"answer {side!r}; say A or B")
        if self.finished:
            raise ValueError(f"all {self.trials} trials are answered; start a new run")
        return replace(self, given=(*self.given, side))

    def view(self) -> dict[str, Any]:  # JSON
        """The state for the client: the trials done; the score and its p-value only after the last answer."""
        known: dict[str, Any] = {"done": len(self.given), "of": self.trials, "given": list(self.given)}
        if self.finished:
            known |= {"right": self.right, "p": p_value(self.right, self.trials), "order": list(self._order())}
        return known

    def sounds(self, a: np.ndarray, b: np.ndarray, rate: int) -> dict[str, bytes]:
        """A, B and the X of the next trial as 24-bit wavs; a and b (N, C) of one shape, so that no size tells anything."""
        from quantlab.sources.sounds import to_wav

        if a.shape != b.shape:
            raise ValueError(f"A has the shape {a.shape} and B {b.shape}; their length would tell them apart: cut both to one length")
        if self.finished:
            raise ValueError(f"all {self.trials} trials are answered; start a new run")
        sounds = {"A": a, "B": b, "X": {"A": a, "B": b}[self._order()[len(self.given)]]}
        chance = np.random.default_rng()  # fresh from the system: nobody can foretell it, and nobody is to repeat it
        steps = 2.0**-23
        return {
            name: to_wav(sound + steps * (chance.random(sound.shape) + chance.random(sound.shape) - 1), rate, "PCM_24")
            for name, sound in sounds.items()
        }

    def _order(self) -> tuple[str, ...]:
        coins = np.random.Generator(np.random.Philox(key=self.seed)).integers(0, 2, MOST_TRIALS)
        return tuple(SIDES[coin] for coin in coins[: self.trials])


def threshold(scores: Mapping[int, tuple[int, int]], bar: float = 0.05) -> int | None:
    """The most bits at which the listener still hears it, from (right, trials) at each bit width; None where at none.

    >>> threshold({4: (16, 16), 8: (13, 16), 12: (9, 16)})  # heard at 4 and 8, not at 12
    8
    """
    heard = [bits for bits, (right, trials) in scores.items() if p_value(right, trials) < bar]
    return max(heard, default=None)
