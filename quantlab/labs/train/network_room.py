"""A network that trains with rounding: loss and Top-1 over the epochs, latent and used weights, steps, codes that flip.

First the training of one seed; then of three, and only then is a gain claimed or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from statistics import mean, stdev

import numpy as np
from scipy.stats import t as student

from quantlab import workers
from quantlab.film import Strip, numbers_film
from quantlab.film.figures import CLIPPED, ERROR, ORIGINAL, OTHER, QUANTIZED, THEORY, Chart
from quantlab.film.figures import steps as stairs
from quantlab.labs.text import fixed, plain, probability, rounded_percent, signed
from quantlab.labs.train.result import TrainResult
from quantlab.networks import engine
from quantlab.networks.statistics import Difference
from quantlab.networks.training import SEEDS, Training, TrainingRequest
from quantlab.progress import Steps
from quantlab.tasks import Task


@dataclass(frozen=True)
class Gain:
    """The gain of training over rounding after it, in points, over several seeds: mean and 95 % interval of Student's t."""

    value: float
    low: float
    high: float
    seeds: int

    def __str__(self) -> str:
        return f"{signed(self.value)} points ({signed(self.low)} to {signed(self.high)}, {self.seeds} seeds)"


def gain_of(trainings: Sequence[Training], epoch: int) -> Gain:
    """The gain at an epoch; at least two seeds.

    The interval is that of the mean over seeds: images and the float network are the same in all, so that it speaks of these.
    """
    values = [100 * x.gain(epoch).value for x in trainings]
    half = float(student.ppf(0.975, len(values) - 1)) * stdev(values) / len(values) ** 0.5
    return Gain(mean(values), mean(values) - half, mean(values) + half, len(values))


def tasks(request: TrainingRequest, layer: str) -> tuple[Task[TrainResult], ...]:
    """One seed; then the others too."""
    first = Task(("training room", request, layer, 0), partial(_steps, request, layer, (request.seed,)), "Training with rounding")
    seeds = tuple(dict.fromkeys((request.seed, *SEEDS)))[: max(3, len(SEEDS))]
    return first, Task(("training room", request, layer, 1), partial(_steps, request, layer, seeds), "The same with other seeds")


def _steps(request: TrainingRequest, layer: str, seeds: tuple[int, ...]) -> Steps[TrainResult]:
    network, data = engine.shipped(request.network)
    trainings: list[Training] = []
    for done, seed in enumerate(seeds):
        training = workers.steps(partial(engine.kept_steps, network, data, request.replace(seed=seed)), request.network)
        trainings.append((yield from counted_of(training, done, len(seeds))))
    return _result(trainings, layer)


def counted_of(inner: Steps[Training], done: int, parts: int) -> Steps[Training]:
    """The steps of one of several trainings of the same length."""
    while True:
        try:
            i, total = next(inner)
        except StopIteration as end:
            training: Training = end.value
            return training
        yield done * total + i, parts * total


def _result(trainings: Sequence[Training], layer: str) -> TrainResult:
    x = trainings[0]
    labels = tuple(map(str, range(x.epochs + 1)))
    strip = Strip(labels)
    films = {
        "curves": _curves(strip, trainings),
        "loss": _loss(strip, trainings),
        "weights": _weights(strip, x, layer),
        "steps": _moving(strip, x),
        "flips": _flips(strip, x),
        "numbers": numbers_film(strip, _tiles(x, layer), layout="pairs"),
    }
    sentences = [_sentence(trainings, epoch) for epoch in range(x.epochs + 1)]
    columns = ("epoch", "top1", "top1_low", "top1_high", "loss", "flips", "moved", "mcnemar_p", "top1_float", "top1_rounded", "gain_points")
    rows = [
        (e, x.top1(e).value, x.top1(e).low, x.top1(e).high, x.loss[e], x.flips[e], x.moved[e], x.loss_from_float(e).p, x.top1_float.value, x.top1(0).value, 100 * x.gain(e).value)
        for e in range(x.epochs + 1)
    ]  # fmt: skip
    return TrainResult(labels, films, sentences, columns, rows, partial(_program, x.request), stage=int(len(trainings) > 1))


def _at(x: Training) -> np.ndarray:
    return np.arange(x.epochs + 1.0)


def _curves(strip: Strip, trainings: Sequence[Training]) -> bytes:
    """Top-1 of all seeds beside the float line and the line of rounding after training."""
    x, at = trainings[0], _at(trainings[0])
    chart = Chart(
        strip, 300, "Top-1 over the epochs of training with rounding, beside float and rounded after training", "epoch", "Top-1, %"
    )
    chart.axes((-0.2, x.epochs + 0.2), (0, 103), yaxis_dtick=25)
    ends = np.array([-0.2, x.epochs + 0.2])
    chart.line("float", ends, np.full(2, 100 * x.top1_float.value), ORIGINAL, dash="dash")
    chart.line("rounded after training", ends, np.full(2, 100 * x.top1(0).value), THEORY, dash="dot")
    for k, other in enumerate(trainings[1:]):
        chart.line("other seeds", at, np.array([100 * other.top1(e).value for e in range(x.epochs + 1)]), OTHER, width=1.2, legend=not k)
    intervals = [x.top1(e) for e in range(x.epochs + 1)]
    chart.line(
        "95 % interval",
        np.concatenate([at, at[::-1]]),
        np.array([100 * i.low for i in intervals] + [100 * i.high for i in intervals[::-1]]),
        QUANTIZED,
        width=0.6,
        opacity=0.6,
        legend=False,
    )
    top = np.array([100 * i.value for i in intervals])
    chart.line("trained with rounding", at, top, QUANTIZED, width=2.6)
    chart.points(
        "this epoch",
        [at[e : e + 1] for e in range(x.epochs + 1)],
        [top[e : e + 1] for e in range(x.epochs + 1)],
        QUANTIZED,
        size=11,
        legend=False,
    )
    return chart.film()


def _loss(strip: Strip, trainings: Sequence[Training]) -> bytes:
    x, at = trainings[0], _at(trainings[0])
    most = max(float(np.nanmax(t.loss)) for t in trainings)
    chart = Chart(strip, 220, "Mean loss on the training images, each epoch", "epoch", "loss")
    chart.axes((-0.2, x.epochs + 0.2), (0, 1.08 * most))
    for k, other in enumerate(trainings[1:]):
        chart.line("other seeds", at, other.loss, OTHER, width=1.2, legend=not k)
    chart.line("loss", at, x.loss, QUANTIZED)
    chart.points(
        "this epoch",
        [at[e : e + 1] for e in range(x.epochs + 1)],
        [x.loss[e : e + 1] for e in range(x.epochs + 1)],
        QUANTIZED,
        legend=False,
    )
    return chart.film()


def _weights(strip: Strip, x: Training, layer: str) -> bytes:
    """Latent weights above, what the forward pass uses of them, at each epoch: shares of the layer's weights."""
    film = x.layers[layer]
    total = float(film.latent[0].sum())
    most = 100 * max(float(film.latent.max()), float(np.quantile(film.counts, 0.995))) / total
    chart = Chart(strip, 300, f"Weights of {layer}: latent ones and the levels that they become", "weight", "share of the weights, %")
    chart.axes((float(film.edges[0]), float(film.edges[-1])), (0, 1.1 * most))
    used = [stairs(film.edges, 100 * c / total) for c in film.counts]
    latent = [stairs(film.edges, 100 * c / total) for c in film.latent]
    chart.line("used, quantized", [a for a, _ in used], [b for _, b in used], QUANTIZED, width=1.4, fill=True)
    chart.line("latent, float", [a for a, _ in latent], [b for _, b in latent], ORIGINAL, width=2)
    return chart.film()


def _moving(strip: Strip, x: Training) -> bytes:
    """Each layer's step and range of activations, over what it began with."""
    at = _at(x)
    chart = Chart(strip, 220, "Steps of the weights and ranges of the activations, over what they began with", "epoch", "times the first")
    curves = [
        (name, part, values / values[0])
        for name, f in x.layers.items()
        for part, values in (("step", f.step), ("range", f.clip))
        if np.isfinite(values).all() and values[0]
    ]
    reach = np.concatenate([v for _, _, v in curves] or [np.ones(1)])
    chart.axes((-0.2, x.epochs + 0.2), (float(min(0, reach.min())) - 0.05, float(reach.max()) * 1.1))
    seen: set[str] = set()
    for _, part, values in curves:
        title = "steps of weights, a line a layer" if part == "step" else "ranges of activations"
        chart.line(
            title,
            at,
            values,
            QUANTIZED if part == "step" else CLIPPED,
            dash="solid" if part == "step" else "dot",
            width=1.6,
            legend=part not in seen,
        )
        seen.add(part)
    where = [np.full(2, e, float) for e in range(x.epochs + 1)]
    chart.line("this epoch", where, np.array([float(min(0, reach.min())), float(reach.max())]), THEORY, width=1, dash="dash", legend=False)
    return chart.film()


def _flips(strip: Strip, x: Training) -> bytes:
    """Codes that changed from batch to batch, and those that differ from an epoch before: the rest went back and forth."""
    at = _at(x)
    chart = Chart(strip, 220, "How often codes flip in each epoch, and how many end at another one", "epoch", "codes")
    chart.axes((-0.2, x.epochs + 0.2), (0, 1.1 * float(max(1, x.flips.max()))))
    chart.line("flips from batch to batch", at[1:], x.flips[1:].astype(float), ERROR)
    chart.line("codes changed since the epoch before", at[1:], x.moved[1:].astype(float), QUANTIZED, dash="dot")
    chart.points(
        "this epoch",
        [at[e : e + 1] for e in range(x.epochs + 1)],
        [x.flips[e : e + 1].astype(float) for e in range(x.epochs + 1)],
        ERROR,
        legend=False,
    )
    return chart.film()


def _tiles(x: Training, layer: str) -> list[tuple[str, str, list[str]]]:
    epochs = range(x.epochs + 1)
    n, film = len(x.labels), x.layers[layer]

    def share(e: int) -> str:
        i = x.top1(e)
        return f"{rounded_percent(i.value, 1)}\n{fixed(100 * i.low)} to {fixed(100 * i.high)}"

    def against(d: Difference) -> str:
        return f"{'none seen' if not d.seen else 'worse' if d.value < 0 else 'better'}\n{probability(d.p)}"

    return [
        ("Top-1", f"The share of right first answers of {n} test images, with its 95 % interval (Wilson)", [share(e) for e in epochs]),
        ("Rounded after", "Difference in Top-1 from rounding after training, same images, McNemar", [against(x.gain(e)) for e in epochs]),
        ("From float", "Difference in Top-1 from the float network, same images, McNemar", [against(x.loss_from_float(e)) for e in epochs]),
        ("Loss", "Mean over the epoch's training images", [fixed(v, 3) for v in x.loss]),
        ("Flips", "Changes of a code from one batch to the next, in this epoch", [str(v) for v in x.flips]),
        ("Step", f"Mean step of the weights of {layer}", [plain(v) if np.isfinite(v) else "–" for v in film.step]),
        ("Steps below 0", "Learned steps at zero or below", [str(v) for v in x.negative]),
    ]


def _sentence(trainings: Sequence[Training], e: int) -> str:
    x = trainings[0]
    r, i = x.request, x.top1(e)
    start = f"Rounded to {r.width} bits after training (least-error ranges) the network answers {rounded_percent(x.top1(0).value, 1)} of {len(x.labels)} test images rightly, float {rounded_percent(x.top1_float.value, 1)}. "
    if e == 0:
        return f"**Before the first epoch.** {start}Move the slider to train."
    said = f"{start}After **{e} epoch{'s' if e > 1 else ''}** with rounding it is **{rounded_percent(i.value, 1)}** ({fixed(100 * i.low)} to {fixed(100 * i.high)}). "
    if len(trainings) > 1:
        gain = gain_of(trainings, e)
        verdict = "a gain" if gain.low > 0 else "a loss" if gain.high < 0 else "no gain seen"
        said += f"Over {gain.seeds} seeds: {gain}: **{verdict}**. "
    else:
        said += f"One seed claims no gain yet; seeds {', '.join(map(str, SEEDS))} follow. "
    if x.negative[e]:
        said += f"**{x.negative[e]} learned step{'s are' if x.negative[e] > 1 else ' is'} at zero or below**: hold steps above zero, or learn their logarithm. "
    back = int(x.flips[e] - x.moved[e])
    said += f"Codes flipped {x.flips[e]} times among {x.weights} weights, {back} of them back and forth."
    if e == x.epochs and x.resorted:
        said += (
            f" **{x.resorted} answers change when the same images come in another order**: an observer goes on while the network answers."
        )
    return said


def _program(r: TrainingRequest, label: str) -> str:
    changed = ", ".join(f"{name}={value!r}" for name, value in vars(r).items())
    return f"""from quantlab.networks.engine import kept_steps, shipped
from quantlab.networks.training import TrainingRequest
from quantlab.progress import finish

request = TrainingRequest({changed})
training = finish(kept_steps(*shipped(request.network), request))
print(training.top1({label}), training.gain({label}))
"""
