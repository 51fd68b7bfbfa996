"""The result of the room of layers: one layer from inside, all layers' errors and costs; filling up as it is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from quantlab.caching import lru_cache
from quantlab.film import Strip, words_film
from quantlab.labs.network.answers.result import NEAR
from quantlab.labs.network.layers import films
from quantlab.labs.network.layers.costs import costs_film, layers_csv, notice_costs
from quantlab.labs.network.layers.measure import IMAGES as COST_IMAGES
from quantlab.labs.network.layers.measure import costs_task, known_costs
from quantlab.labs.network.layers.picture import Picture
from quantlab.labs.network.layers.words import notice_layers
from quantlab.labs.network.network import evaluator_steps, source_lines, tasks_of
from quantlab.labs.network.programs import layers_program
from quantlab.labs.network.request import NetworkRequest
from quantlab.networks import engine
from quantlab.networks.evaluation import Evaluation
from quantlab.networks.settings import nearest_first
from quantlab.progress import Steps
from quantlab.tasks import ENGINE, Task

IMAGES = 100  # that the error is measured on,
FEW = 4  # and photographs, of which a large network makes millions of values each


@dataclass(frozen=True, eq=False)
class LayersResult:
    """The levels known of one layer and one picture. request : as it was asked for. fitted : with the calibration images there are.

    stage : 0 this level, 1 all levels; then costs of 2 this level, 3 its neighbours, 4 all.
    """

    request: NetworkRequest
    fitted: NetworkRequest
    layer: str
    inside: Mapping[str, bytes]
    levels: Mapping[int, films.Inside]
    picture: Picture
    stage: int

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(map(str, self.request.widths))

    @property
    def films(self) -> Mapping[str, bytes]:
        """Costs are drawn as far as they have arrived."""
        words = words_film(Strip(self.labels), [self.words(label) for label in self.labels])
        return {**self.inside, "costs": _costs_film(self.request, tuple(known_costs(self.request))), "words": words}

    def words(self, label: str) -> str:
        """What to notice at this level."""
        bits = int(label)
        inside, costs = self.levels.get(bits), known_costs(self.request).get(bits)
        sentence = notice_layers(bits, inside.errors if inside else None)
        return f"{sentence} {notice_costs(bits, costs, self.picture.truth)}" if inside else sentence

    def program(self, label: str) -> str:
        """The program that gives the numbers of both charts at this level."""
        request, bits = self.fitted, int(label)
        images = _images(request), min(request.images, COST_IMAGES)
        return layers_program(source_lines(request.subject), request.at(bits), bits, images, request.scrub, self.picture.truth)

    def csv(self) -> str:
        """Both charts at every level, as far as they are known."""
        errors = {bits: level.errors for bits, level in self.levels.items()}
        return layers_csv(self.request.widths, errors, known_costs(self.request))


def tasks(request: NetworkRequest, layer: str, number: int, bits: int) -> tuple[Task[LayersResult], ...]:
    """This level, all levels; then what each layer costs: at this level, its neighbours, all."""
    order = tuple(nearest_first(list(request.widths), bits))
    first = _inside(request, layer, number, order[:1], 0)
    every = _inside(request, layer, number, order, 1)
    counts = (1, NEAR, len(order))
    costs = (_with_costs(every, request, (layer, number), order[:count], stage) for stage, count in enumerate(counts, 2))
    return (first, every, *costs)


def _inside(request: NetworkRequest, layer: str, number: int, order: tuple[int, ...], stage: int) -> Task[LayersResult]:
    key = ("network layer", request, layer, number, order if stage == 0 else None)
    title = "All bit widths" if stage else "Looking into the network"
    return Task(key, lambda: _steps(request, layer, number, order, stage), title, () if stage else tasks_of(request.subject))


def _with_costs(
    inside: Task[LayersResult], request: NetworkRequest, which: tuple[str, int], order: tuple[int, ...], stage: int
) -> Task[LayersResult]:
    def steps() -> Steps[LayersResult]:
        result = yield from ENGINE.once(inside)
        costs = yield from ENGINE.once(costs_task(request, order))
        known_costs(request).update(costs)  # of work that was done before and has been forgotten here
        return LayersResult(**vars(result) | {"stage": stage})

    key = ("network costs", request, which, stage, frozenset(order))
    return Task(key, steps, "What each layer costs")


def _steps(request: NetworkRequest, layer: str, number: int, order: tuple[int, ...], stage: int) -> Steps[LayersResult]:
    """The levels of ``order`` looked into."""
    evaluator = yield from evaluator_steps(request)
    runner, data = evaluator.runner, evaluator.runner.data
    fitted = request.calibrated_on(len(data.calibration))
    number = min(number, len(runner.test) - 1)
    pixels, labels = runner.test.pixels[number], runner.test.labels[number : number + 1]
    levels = {}
    for done, bits in enumerate(order):
        yield done, len(order)
        setting = fitted.at(bits)
        maps = engine.feature_maps(runner, setting, pixels)
        last = maps[runner.network(setting).steps[-1].name]
        levels[bits] = films.Inside(
            engine.weight_spread(runner, setting, layer),
            engine.activation_spread(runner, setting, layer),
            maps[layer],
            Evaluation(setting, last.after[None], last.before[None], labels),
            engine.layer_errors(runner, setting, _images(request)),
        )
    picture = Picture(number, pixels, int(labels[0]), data.classes, data.truth)
    inside = films.layer_films(request.widths, levels, picture, min(_images(request), len(runner.test)))
    return LayersResult(request, fitted, layer, inside, levels, picture, stage)


def _images(request: NetworkRequest) -> int:
    """The number of images that the error is measured on."""
    return IMAGES if request.subject.entry.truth else FEW


@lru_cache(maxsize=32)
def _costs_film(request: NetworkRequest, known: tuple[int, ...]) -> bytes:
    costs, entry = known_costs(request), request.subject.entry
    return costs_film(request.widths, {bits: costs[bits] for bits in known}, entry.layers, entry.truth)
