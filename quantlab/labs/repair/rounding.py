"""The third room: which weights AdaRound rounds the other way, and why that is right.

Rounded one by one, every weight is nearest and the error of the weights is least. But inputs move together: two weights
that both err upwards add up in the layer's output. What counts is the error there, d H dᵀ, and not d dᵀ.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from quantlab.film import Strip, figures, image_film, numbers_film
from quantlab.film.figures import OTHER, QUANTIZED, Chart
from quantlab.labs.network.subject import maker
from quantlab.labs.repair.request import LABELS, RepairRequest
from quantlab.labs.repair.result import RepairResult, evaluator, lines, words_of
from quantlab.labs.text import fixed, rounded_percent
from quantlab.networks import engine
from quantlab.progress import Steps, counted
from quantlab.tasks import Task

VIEWS = {
    "upwards": "how many weights are rounded up, by how far they lie above the level below",
    "wrong-way": "which weights are rounded the other way",
    "errors": "the error of the weights and of the layer's output, AdaRound against nearest",
}
BINS = 10


@dataclass(frozen=True, eq=False)
class Rounding:
    """One layer at one width: nearest and AdaRound.

    fraction : how far each weight lies above the level below, 0 to 1, NaN where it is clipped. up, other : bool (out, K),
    rounded up by AdaRound, and to another code than the nearest. weights, output : sums of squared errors, (nearest, AdaRound).
    """

    fraction: np.ndarray
    up: np.ndarray
    other: np.ndarray
    weights: tuple[float, float]
    output: tuple[float, float]

    @property
    def share(self) -> float:
        """The share of weights that go the other way."""
        return float(self.other.mean())


def tasks(request: RepairRequest) -> tuple[Task[RepairResult], ...]:
    """The room, computed as a whole."""
    return (Task(("repair rounding", request), partial(_steps, request), f"Learning how to round {request.layer}"),)


def _steps(request: RepairRequest) -> Steps[RepairResult]:
    asked = evaluator(request.source, request.images)
    yield 0, 100 * len(LABELS)
    case = engine.layer_case(asked.runner, request.layer, request.setting.calibration)
    levels = []
    for i, label in enumerate(LABELS):
        spec = request.setting.weight_spec.replace(bits=int(label))
        steps = engine.rounding_steps(asked.store, case, spec, "adaround")
        codes = yield from counted(_of_hundred(steps), 100 * i, 100 * len(LABELS))
        levels.append(rounding(case, spec.bits, codes, request))
    return result(request, levels)


def _of_hundred(steps: Steps[np.ndarray]) -> Steps[np.ndarray]:
    while True:
        try:
            done, total = next(steps)
        except StopIteration as end:
            return end.value
        yield min(99, 100 * done // max(total, 1)), 100


def rounding(case: engine.LayerCase, bits: int, codes: np.ndarray, request: RepairRequest) -> Rounding:
    """What AdaRound's codes (out, K) of a layer are beside the nearest ones."""
    grid = case.grid(request.setting.weight_spec.replace(bits=bits))
    place, nearest = grid.place(case.weight), grid.nearest(case.weight)
    inside = (place > grid.qmin) & (place < grid.qmax)
    fraction = np.where(inside, place - np.floor(place), np.nan)
    values = [grid.value(c) for c in (nearest, codes)]
    weights = [float(((case.weight - value) ** 2).sum()) for value in values]
    output = [float(case.error(value).sum()) for value in values]
    return Rounding(fraction, codes > np.floor(place), codes != nearest, (weights[0], weights[1]), (output[0], output[1]))


def result(request: RepairRequest, levels: list[Rounding]) -> RepairResult:
    """The room's films, sentences and numbers."""
    texts = {label: notice(request.layer, int(label), level) for label, level in zip(LABELS, levels, strict=True)}
    films = {
        "upwards": upwards_film(levels),
        "wrong-way": map_film(request.layer, levels),
        "errors": tiles_film(levels),
        "words": words_of(texts),
    }
    return RepairResult(request, films, texts, csv(levels), program)


def upwards_film(levels: list[Rounding]) -> bytes:
    """The share that is rounded up against the fraction: a step at one half to nearest, a slope with AdaRound."""
    edges = np.linspace(0, 1, BINS + 1)
    middle = (edges[1:] + edges[:-1]) / 2
    alt = "Share of weights rounded up, by how far they lie above the level below: to nearest a step at one half, with AdaRound a slope"
    chart = Chart(Strip(LABELS), 270, alt, "above the level below, in steps", "rounded up, %").axes((0, 1), (-3, 103))
    chart.line("nearest", np.array([0, 0.5, 0.5, 1]), np.array([0, 0, 100, 100]), OTHER, dash="dot")
    shares, x = [], []
    for level in levels:
        all_, up = (
            np.histogram(level.fraction[chosen], edges)[0]
            for chosen in (np.isfinite(level.fraction), level.up & np.isfinite(level.fraction))
        )
        x.append(middle[all_ > 0])
        shares.append(100 * up[all_ > 0] / all_[all_ > 0])
    chart.line("AdaRound", x, shares, QUANTIZED, width=1.6)
    chart.points("AdaRound, a bin of weights", x, shares, QUANTIZED, size=8, legend=False)
    return chart.film()


def map_film(layer: str, levels: list[Rounding]) -> bytes:
    """A row for each output channel, a column for each of its weights; bright ones go the other way."""
    frames = np.stack([np.where(level.other, 230, 40).astype(np.uint8) for level in levels])
    alt = f"Weights of {layer}, a row for each output channel: bright ones are rounded the other way"
    return image_film(Strip(LABELS), frames, figures.magma(), alt, "nearest", "the other way")


def tiles_film(levels: list[Rounding]) -> bytes:
    """The share that goes the other way, and both errors in units of what nearest gives."""

    def times(pair: tuple[float, float]) -> str:
        return f"{fixed(pair[1] / pair[0], 2)} ×\nnearest" if pair[0] else "no error"

    entries = [
        ("The other way", "The share of weights that AdaRound gives another code than the nearest", [f"{rounded_percent(v.share, 1)}\nof {v.other.size}" for v in levels]),
        ("Weights' error", "The sum of the weights' squared errors, in units of what rounding to nearest gives", [times(v.weights) for v in levels]),
        ("Output's error", "The mean squared error of the layer's output on the calibration images, in units of what rounding to nearest gives", [times(v.output) for v in levels]),
    ]  # fmt: skip
    return numbers_film(Strip(LABELS), entries, layout="pairs")


def notice(layer: str, bits: int, level: Rounding) -> str:
    """Why the other way is right."""
    count = int(level.other.sum())
    if not count:
        return f"At **{bits} bits** AdaRound rounds every weight of *{layer}* to nearest: no other rounding was found that moves the output less."
    grown, left = level.weights[1] / level.weights[0], level.output[1] / level.output[0]
    return (
        f"At **{bits} bits** AdaRound rounds **{count} of {level.other.size}** weights of *{layer}* the other way. The weights' squared error grows "
        f"to {fixed(grown, 2)} times that of nearest, and the error of the layer's output falls to **{fixed(left, 2)}** times. Inputs move "
        "together, so that errors of one sign add up in the output: a weight that goes the other way cancels what its neighbours leave."
    )


def csv(levels: list[Rounding]) -> str:
    """Every width: the share that goes the other way, and both errors relative to nearest."""
    cells = []
    for label, v in zip(LABELS, levels, strict=True):
        ratios = [after / before if before else 1.0 for before, after in (v.weights, v.output)]
        cells.append([label, f"{v.share:.6f}", *(f"{ratio:.6f}" for ratio in ratios), str(v.other.size)])
    return lines(["bits", "other_way", "weight_error_ratio", "output_error_ratio", "weights"], cells)


def program(request: RepairRequest, label: str) -> str:
    """The program that rounds the layer both ways at this level."""
    return f"""import quantlab as ql
from quantlab.networks.engine import Runner, layer_case, rounding_steps, {maker(request.source)}
from quantlab.networks.store import Store
from quantlab.progress import finish

case = layer_case(Runner(*{maker(request.source)}("{request.source}"), images=1), "{request.layer}", {request.setting.calibration})
spec = ql.QuantSpec("int-symmetric", bits={label}, granularity=ql.{request.setting.weight_spec.granularity!r})
grid = case.grid(spec)
nearest = grid.nearest(case.weight)
codes = finish(rounding_steps(Store(None), case, spec, "adaround"))
print(f"{{(codes != nearest).sum()}} of {{codes.size}} weights go the other way")
for name, chosen in ("nearest", nearest), ("AdaRound", codes):
    value = grid.value(chosen)
    print(f"{{name}}: weights {{((case.weight - value) ** 2).sum():.3g}}, output {{case.error(value).sum():.3g}}")
"""
