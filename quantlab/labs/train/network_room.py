"""A network that trains with rounding: loss and Top-1 over the epochs, latent and used weights, steps, codes that flip.

First the training of one seed, a result after each epoch; then as many epochs in float, the control; then both with other
seeds, and only then is a gain claimed or not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import mean, stdev
from typing import TypeVar

import numpy as np
from scipy.special import stdtrit  # Student's quantile; scipy.stats takes half a second to load

from quantlab import workers
from quantlab.cache_folder import cache_folder
from quantlab.film import Strip, numbers_film
from quantlab.labs.text import fixed, plain, probability, rounded_percent, signed
from quantlab.labs.train.network_films import films_of
from quantlab.labs.train.result import TrainResult
from quantlab.networks import engine
from quantlab.networks.statistics import Difference
from quantlab.networks.trained import slug_of
from quantlab.networks.training import SEEDS, Control, Training, TrainingRequest
from quantlab.progress import Steps
from quantlab.tasks import Task

T = TypeVar("T")
NOT_YET = "…"


@dataclass(frozen=True)
class Gain:
    """A gain in points over several seeds: mean and 95 % interval of Student's t."""

    value: float
    low: float
    high: float
    seeds: int

    def __str__(self) -> str:
        return f"{signed(self.value)} points ({signed(self.low)} to {signed(self.high)}, {self.seeds} seeds)"

    @property
    def verdict(self) -> str:
        """What may be claimed."""
        return "a gain" if self.low > 0 else "a loss" if self.high < 0 else "no gain seen"


def gain_of(trainings: Sequence[Training], epoch: int, controls: Sequence[Control] = ()) -> Gain:
    """The gain at an epoch over rounding after training, or with controls over as many epochs in float and rounding then; at least two seeds.

    The interval is that of the mean over seeds: images and the float network are the same in all, so that it speaks of these.
    """
    pairs = zip(trainings, controls, strict=True)
    differences = [control.gain(x, epoch) for x, control in pairs] if controls else [x.gain(epoch) for x in trainings]
    values = [100 * difference.value for difference in differences]
    half = float(stdtrit(len(values) - 1, 0.975)) * stdev(values) / len(values) ** 0.5
    return Gain(mean(values), mean(values) - half, mean(values) + half, len(values))


def tasks(request: TrainingRequest, layer: str) -> tuple[Task[TrainResult], ...]:
    """One seed, epoch by epoch where epochs are kept on disk, else as a whole; its control; then the other seeds too."""
    ends = range(1, request.epochs + 1) if cache_folder() is not None else (request.epochs,)
    epochs = [
        _task(request, layer, stage, f"Epoch {end} of {request.epochs} with rounding", partial(_one, until=end))
        for stage, end in enumerate(ends)
    ]
    control = _task(request, layer, len(ends), "As many epochs in float", partial(_several, seeds=(request.seed,)))
    seeds = tuple(dict.fromkeys((request.seed, *SEEDS)))[: max(3, len(SEEDS))]
    return *epochs, control, _task(request, layer, len(ends) + 1, "The same with other seeds", partial(_several, seeds=seeds))


def _task(
    request: TrainingRequest,
    layer: str,
    stage: int,
    title: str,
    steps: Callable[[TrainingRequest], Steps[tuple[list[Training], list[Control]]]],
) -> Task[TrainResult]:
    return Task(("training room", request, layer, stage), partial(_steps, request, layer, stage, steps), title, resumes=True)


def _steps(
    request: TrainingRequest, layer: str, stage: int, steps: Callable[[TrainingRequest], Steps[tuple[list[Training], list[Control]]]]
) -> Steps[TrainResult]:
    trainings, controls = yield from steps(request)
    if not controls:  # a finished one from disk comes at the first stage
        stage = max(stage, trainings[0].epochs - 1) if cache_folder() is not None else 0
    return _result(trainings, controls, layer, stage)


def _one(request: TrainingRequest, until: int) -> Steps[tuple[list[Training], list[Control]]]:
    """A training up to an epoch, without its control."""
    network, data = engine.shipped(request.network)
    work = partial(engine.kept_steps, network, data, request, until=until)
    return [(yield from workers.steps(work, request.network))], []


def _several(request: TrainingRequest, seeds: tuple[int, ...]) -> Steps[tuple[list[Training], list[Control]]]:
    """Trainings of several seeds and the control of each."""
    network, data = engine.shipped(request.network)
    wanted = [request.replace(seed=seed) for seed in seeds]
    work: list[Callable[[], Steps[Training | Control]]] = []
    for of in wanted:
        work += [partial(engine.kept_steps, network, data, of), partial(engine.control_steps, network, data, of)]
    found = yield from workers.each(work, request.network)
    return [one for one in found if isinstance(one, Training)], [one for one in found if isinstance(one, Control)]


COLUMNS = (
    "epoch", "top1", "top1_low", "top1_high", "loss", "flips", "moved", "mcnemar_p", "top1_float", "top1_rounded", "gain_points",
    "top1_float_as_long", "top1_rounded_as_long", "gain_over_float_points", "gain_over_float_p",
)  # fmt: skip


def _result(trainings: Sequence[Training], controls: Sequence[Control], layer: str, stage: int) -> TrainResult:
    x = trainings[0]
    labels = tuple(map(str, range(x.request.epochs + 1)))
    strip = Strip(labels)
    films = films_of(strip, trainings, controls, layer) | {"numbers": numbers_film(strip, _tiles(x, controls, layer), layout="pairs")}
    sentences = [_sentence(trainings, controls, epoch) for epoch in range(x.request.epochs + 1)]
    rows = [_row(x, controls, epoch) for epoch in range(x.epochs + 1)]
    slug = slug_of(engine.key_of(*engine.shipped(x.request.network), x.request)) if x.finished else ""
    return TrainResult(labels, films, sentences, COLUMNS, rows, partial(_program, x.request), stage, slug)


def _row(x: Training, controls: Sequence[Control], e: int) -> tuple[object, ...]:
    top, gain = x.top1(e), x.gain(e)
    row = (e, top.value, top.low, top.high, x.loss[e], x.flips[e], x.moved[e], x.loss_from_float(e).p, x.top1_float.value, x.top1(0).value)
    over = controls[0].gain(x, e) if controls else None
    as_long = ("", "", "", "") if over is None else (controls[0].top1(e).value, controls[0].top1_rounded(e).value, 100 * over.value, over.p)
    return (*row, 100 * gain.value, *as_long)


def _tiles(x: Training, controls: Sequence[Control], layer: str) -> list[tuple[str, str, list[str]]]:
    epochs, later = range(x.epochs + 1), [NOT_YET] * (x.request.epochs - x.epochs)
    n, film = len(x.labels), x.layers[layer]

    def share(e: int) -> str:
        i = x.top1(e)
        return f"{rounded_percent(i.value, 1)}\n{fixed(100 * i.low)} to {fixed(100 * i.high)}"

    def against(d: Difference) -> str:
        return f"{'none seen' if not d.seen else 'worse' if d.value < 0 else 'better'}\n{probability(d.p)}"

    tiles = [
        ("Top-1", f"The share of right first answers of {n} test images, with its 95 % interval (Wilson)", [share(e) for e in epochs]),
        ("Rounded after", "Difference in Top-1 from rounding after training, same images, McNemar", [against(x.gain(e)) for e in epochs]),
        ("From float", "Difference in Top-1 from the float network, same images, McNemar", [against(x.loss_from_float(e)) for e in epochs]),
        ("Loss", "Mean over the epoch's training images", [fixed(v, 3) for v in x.loss]),
        ("Flips", "Changes of a code from one batch to the next, in this epoch", [str(v) for v in x.flips]),
        ("Step", f"Mean step of the weights of {layer}", [plain(v) if np.isfinite(v) else "–" for v in film.step]),
        ("Steps below 0", "Learned steps at zero or below", [str(v) for v in x.negative]),
    ]
    if controls:
        as_long = [f"{rounded_percent(controls[0].top1_rounded(e).value, 1)}\n{against(controls[0].gain(x, e))}" for e in epochs]
        said = "As many epochs in float, rounded then; below it whether training with rounding is better, same images, McNemar"
        tiles.insert(2, ("Float as long, rounded", said, as_long))
    return [(name, said, [*texts, *later]) for name, said, texts in tiles]


def _sentence(trainings: Sequence[Training], controls: Sequence[Control], e: int) -> str:
    x = trainings[0]
    if e > x.epochs:
        return f"Epoch {e} is still to come: {x.epochs} of {x.request.epochs} are done."
    r, i = x.request, x.top1(e)
    start = f"Rounded to {r.width} bits after training (least-error ranges) the network answers {rounded_percent(x.top1(0).value, 1)} of {len(x.labels)} test images correctly, float {rounded_percent(x.top1_float.value, 1)}. "
    if e == 0:
        return f"**Before the first epoch.** {start}Move the slider to train."
    said = f"{start}After **{e} epoch{'s' if e > 1 else ''}** with rounding it is **{rounded_percent(i.value, 1)}** ({fixed(100 * i.low)} to {fixed(100 * i.high)}). "
    said += _against_control(trainings, controls, e)
    if len(trainings) > 1:
        gain = gain_of(trainings, e)
        said += f"Over rounding after training, with {gain.seeds} seeds: {gain}: **{gain.verdict}**. "
    else:
        said += f"One seed claims no gain yet; seeds {', '.join(map(str, SEEDS))} follow. "
    if x.negative[e]:
        said += f"**{x.negative[e]} learned step{'s are' if x.negative[e] > 1 else ' is'} at zero or below**: hold steps above zero, or learn their logarithm. "
    back = int(x.flips[e] - x.moved[e])
    said += f"Codes flipped {x.flips[e]} times among {x.weights} weights, {back} of them back and forth."
    if x.finished and e == x.epochs and x.resorted:
        said += (
            f" **{x.resorted} answers change when the same images come in another order**: an observer goes on while the network answers."
        )
    return said


def _against_control(trainings: Sequence[Training], controls: Sequence[Control], e: int) -> str:
    """What of it is due to the rounding, and what to epochs alone."""
    if not controls:
        return ""
    control = controls[0]
    said = f"As many epochs in float give {rounded_percent(control.top1(e).value, 1)}, and {rounded_percent(control.top1_rounded(e).value, 1)} once rounded"
    if len(controls) < 2:
        return f"{said}. "
    gain = gain_of(trainings, e, controls)
    return f"{said}; over that, training with rounding wins {gain}: **{gain.verdict}**. "


def _program(r: TrainingRequest, label: str) -> str:
    changed = ", ".join(f"{name}={value!r}" for name, value in vars(r).items())
    return f"""from quantlab.networks.engine import kept_steps, shipped
from quantlab.networks.training import TrainingRequest
from quantlab.progress import finish

request = TrainingRequest({changed})
training = finish(kept_steps(*shipped(request.network), request))
print(training.top1({label}), training.gain({label}))
"""
