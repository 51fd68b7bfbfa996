"""The second room: the ranges of the channels that pass from one layer to the next, before and after equalisation.

With one scale for a layer its widest channel sets the step of all. A channel whose largest weight is less than half a step
is rounded to zero as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from quantlab.film import Strip, figures, numbers_film
from quantlab.film.figures import ORIGINAL, QUANTIZED, Chart
from quantlab.labs.network.subject import maker
from quantlab.labs.repair.request import LABELS, RepairRequest
from quantlab.labs.repair.result import RepairResult, evaluator, lines, words_of
from quantlab.labs.text import fixed, plain
from quantlab.networks import engine
from quantlab.networks.repairs import Recipe
from quantlab.progress import Steps
from quantlab.tasks import Task

VIEWS = {
    "written": "the range of each channel in the layer that writes it, before and after equalisation",
    "read": "the range of each channel in the layer that reads it",
    "lost": "channels that are rounded to zero as a whole",
}


@dataclass(frozen=True, eq=False)
class Side:
    """One layer's ranges of the channels, ordered by what they were written with at first. before, after : float64 (channels,)."""

    layer: str
    before: np.ndarray
    after: np.ndarray

    def half_step(self, bits: int, after: bool) -> float:
        """Half a step of one scale for all channels, as the core's int-symmetric has it: range / (2^(b-1) - 1) / 2."""
        return float((self.after if after else self.before).max()) / (2 ** (bits - 1) - 1) / 2

    def lost(self, bits: int, after: bool) -> int:
        """How many channels are rounded to zero as a whole."""
        return int(((self.after if after else self.before) < self.half_step(bits, after)).sum())


@dataclass(frozen=True, eq=False)
class Meeting:
    """Where two layers meet: ranges in the one that writes the channels and in the one that reads them."""

    written: Side
    read: Side


def tasks(request: RepairRequest) -> tuple[Task[RepairResult], ...]:
    """The room, at once."""
    return (Task(("repair channels", request), partial(_steps, request), "Equalising the channels"),)


def _steps(request: RepairRequest) -> Steps[RepairResult]:
    runner = evaluator(request.source, request.images).runner
    pixels, network = runner.data.calibration.pixels, runner.networks[False]
    folded = yield from engine.repair_steps(network, pixels, request.setting, Recipe(("fold",)))
    equal = yield from engine.repair_steps(network, pixels, request.setting, Recipe(("equalise",)))
    before, after = (next(r for r in engine.channel_ranges(piece.network) if r.first == request.layer) for piece in (folded, equal))
    order = np.argsort(-before.written, kind="stable")
    written = Side(before.first, before.written[order], after.written[order])
    return result(request, Meeting(written, Side(before.second, before.read[order], after.read[order])))


def result(request: RepairRequest, m: Meeting) -> RepairResult:
    """The room's films, sentences and numbers."""
    texts = {label: notice(m, int(label)) for label in LABELS}
    films = {
        "written": side_film(m.written, "written by"),
        "read": side_film(m.read, "read by"),
        "lost": lost_film(m),
        "words": words_of(texts),
    }
    return RepairResult(request, films, texts, csv(m), program)


def side_film(side: Side, how: str) -> bytes:
    """Ranges on a logarithmic axis; the lines are half a step, below which a channel is lost."""
    alive = np.concatenate([side.before[side.before > 0], side.after[side.after > 0]])
    low, high = float(np.log10(min(alive.min(), side.half_step(4, True)))) - 0.15, float(np.log10(alive.max())) + 0.2
    alt = f"Largest weight of each channel {how} {side.layer}, before and after equalisation, and half a step at these bits"
    chart = Chart(Strip(LABELS), 270, alt, "channels, the widest first", f"largest weight in {side.layer}")
    x = np.arange(len(side.before), dtype=float)
    chart.axes((-1, len(x)), (low, high), yaxis_type="log", yaxis=figures.decades(low, high))
    ends = np.array([-1.0, len(x)])
    for name, values, color, symbol, after in (
        ("before", side.before, ORIGINAL, "circle", False),
        ("after", side.after, QUANTIZED, "diamond", True),
    ):
        chart.points(name, x, np.maximum(values, 10.0**low), color, symbol=symbol, size=7)
        steps = [np.full(2, side.half_step(int(label), after)) for label in LABELS]
        chart.line(f"half a step {name}", ends, steps, color, dash="dash" if after else "dot", width=1.6, hover=False)
    return chart.film()


def lost_film(m: Meeting) -> bytes:
    """Tiles: channels that are zero in the layer that writes them, and how far the ranges lie apart."""

    def counts(side: Side, after: bool) -> list[str]:
        return [f"{side.lost(int(label), after)}\nof {len(side.before)}" for label in LABELS]

    entries = []
    for side in (m.written, m.read):
        for after in (False, True):
            name = f"{side.layer} {'after' if after else 'before'}"
            entries.append((name, "Channels whose every weight is rounded to zero, of all channels", counts(side, after)))
    return numbers_film(Strip(LABELS), entries, layout="pairs")


def notice(m: Meeting, bits: int) -> str:
    """What the one step does to the channels, and what equalisation changes."""
    w, r = m.written, m.read
    apart = [float(values.max() / values[values > 0].min()) for values in (w.before, w.after)]
    words = f"In *{w.layer}* the widest channel is {fixed(apart[0])} times as wide as the narrowest, after equalisation {fixed(apart[1])} times. "
    before, after = w.lost(bits, False) + r.lost(bits, False), w.lost(bits, True) + r.lost(bits, True)
    words += f"At **{bits} bits** half a step of *{w.layer}* is {plain(w.half_step(bits, False))}: "
    if not before and not after:
        return words + "no channel lies below it as a whole, before or after."
    return words + f"in both layers **{before}** channels lie below half a step as a whole and become zero, after equalisation **{after}**."


def csv(m: Meeting) -> str:
    """Channels that are lost at every width, and the spread of the ranges."""
    names = [f"{side}_lost_{when}" for side in ("written", "read") for when in ("before", "after")]
    cells = []
    for label in LABELS:
        lost = [side.lost(int(label), after) for side in (m.written, m.read) for after in (False, True)]
        spread = [values.max() / values[values > 0].min() for values in (m.written.before, m.written.after)]
        cells.append([label, *map(str, lost), str(len(m.written.before)), *(f"{v:.6g}" for v in spread)])
    return lines(["bits", *names, "channels", "spread_before", "spread_after"], cells)


def program(request: RepairRequest, label: str) -> str:
    """The program that counts the lost channels at this level."""
    return f"""from quantlab.networks.engine import channel_ranges, repair_steps, {maker(request.source)}
from quantlab.networks.repairs import Recipe
from quantlab.networks.settings import Setting
from quantlab.progress import finish

network, data = {maker(request.source)}("{request.source}")
for repairs in ("fold",), ("equalise",):
    piece = finish(repair_steps(network, data.calibration.pixels, Setting(), Recipe(repairs)))
    ranges = next(r for r in channel_ranges(piece.network) if r.first == "{request.layer}")
    for layer, range_ in (ranges.first, ranges.written), (ranges.second, ranges.read):
        half = range_.max() / {2 ** (int(label) - 1) - 1} / 2
        print(f"{{repairs[0]}}, {{layer}}: {{(range_ < half).sum()}} of {{len(range_)}} channels below half a step, {{half:.3g}}")
"""
