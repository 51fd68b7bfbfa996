"""Times of a network's forms on this machine, with their spread: the forms take turns, another first each time, so that what else runs
disturbs all alike.

A form counts as faster or slower than another only where the 95 % interval of the median of the paired ratios lies on one side
of 1 (bootstrap over the turns, which are counted as independent).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quantlab.integer.export import FORMS, export
from quantlab.integer.network import IntegerNetwork
from quantlab.integer.runtime import Latency, Session, as_read, latency
from quantlab.progress import Steps

BATCHES = (1, 2, 4, 8, 16, 32, 64)
TURNS, WARM = 40, 5
_DRAWS = 2000


@dataclass(frozen=True)
class Ratio:
    """Time of one form over that of the float one: the median of the turns' ratios and its 95 % interval."""

    median: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """In a word, what the interval allows to say."""
        return "slower" if self.low > 1 else "faster" if self.high < 1 else "no difference seen"


@dataclass(frozen=True)
class Timing:
    """All that was measured. latencies : by (form, batch). ratios : of a form to float, by (form, batch)."""

    latencies: dict[tuple[str, int], Latency]
    ratios: dict[tuple[str, int], Ratio]
    threads: int


def ratio(times: np.ndarray, exact: np.ndarray, seed: int = 0) -> Ratio:
    """The ratio of paired times (T,), by the bootstrap of its median.

    >>> ratio(np.full(9, 2.0), np.full(9, 4.0))
    Ratio(median=0.5, low=0.5, high=0.5)
    """
    each = times / exact
    drawn = np.median(np.random.default_rng(seed).choice(each, (_DRAWS, len(each))), axis=1)
    low, high = (float(x) for x in np.percentile(drawn, [2.5, 97.5]))
    return Ratio(float(np.median(each)), low, high)


def timing_steps(
    network: IntegerNetwork, pixels: np.ndarray, threads: int = 1, batches: Sequence[int] = BATCHES, turns: int = TURNS
) -> Steps[Timing]:
    """Every form at every batch, in turns, at onnxruntime's usual level; yields (done, total). pixels : uint8 (N, H, W, C), N the largest batch."""
    sessions = {form: Session(export(network, form), "all", threads) for form in FORMS}
    latencies, ratios = {}, {}
    for done, batch in enumerate(batches):
        some = as_read(pixels[np.arange(batch) % len(pixels)])
        times: dict[str, list[float]] = {form: [] for form in FORMS}
        for turn in range(turns + WARM):
            yield done * (turns + WARM) + turn, len(batches) * (turns + WARM)
            for place in range(len(sessions)):  # another one first in every turn: what runs first finds other caches
                form = list(sessions)[(turn + place) % len(sessions)]
                times[form].append(sessions[form].seconds(some))
        measured = {form: np.array(values[WARM:]) for form, values in times.items()}
        for form, values in measured.items():
            latencies[form, batch] = latency(form, values, batch, threads)
            ratios[form, batch] = ratio(values, measured["float"])
    return Timing(latencies, ratios, threads)
