"""The network lab's second room: one layer from inside, all layers' errors, what each layer costs; filling up as it is computed."""

from __future__ import annotations

from collections.abc import Generator, Hashable
from dataclasses import dataclass
from typing import Any

from quantlab.labs.network import layers as network_layers
from quantlab.labs.network import words as network_words
from quantlab.labs.network.costs import layers_csv, notice_costs
from quantlab.labs.network.picture import Picture
from quantlab.labs.network.programs import layers_program
from quantlab.networks.catalogue import CATALOGUE
from quantlab.progress import Progress
from quantlab.ui import jobs
from quantlab.ui.network import costs as network_costs
from quantlab.ui.network import sources as network_sources
from quantlab.ui.network.controls import Asked
from quantlab.ui.network.sources import waiting
from quantlab.ui.state import State

IMAGES = 100  # that the error is measured on,
FEW = 4  # and photographs, of which a large network makes millions of values each


@dataclass(frozen=True, eq=False)
class LayerShown:
    """The films of one layer, and the levels that are known."""

    films: network_layers.LayerFilms
    levels: dict[int, network_layers.Inside]
    picture: Picture


def layers(asked: Asked, layer: str, number: int, bits: int) -> LayerShown:
    """The films of this layer, with at least the level under the thumb."""
    if (known := jobs.known(_key(asked, layer, number, None))) is not None:
        return known
    with waiting("layers"):
        evaluator = network_sources.evaluator(asked)
        key = _key(asked, layer, number, bits)
        return jobs.run_or_stop(key, lambda: _steps(evaluator, asked, layer, number, (bits,)), "Looking into the network")


def complete(state: State, asked: Asked, layer: str, number: int, bits: int) -> None:
    """Once the page stands: the other levels, then what each layer costs; the page is drawn again with them."""
    from quantlab.networks.settings import nearest_first

    evaluator = network_sources.evaluator(asked)
    if jobs.known(key := _key(asked, layer, number, None)) is None:
        order = tuple(nearest_first(list(asked.widths), bits))
        jobs.run_or_stop(key, lambda: _steps(evaluator, asked, layer, number, order), "All bit widths")
        state.draw_again()
    network_costs.complete(state, asked, bits)


def words(asked: Asked, made: LayerShown, bits: int) -> str:
    """What to notice at this level."""
    inside, costs = made.levels.get(bits), network_costs.arrived(asked).get(bits)
    said = network_words.notice_layers(bits, inside.errors if inside else None)
    return f"{said} {notice_costs(bits, costs, made.picture.truth)}" if inside else said


def python(asked: Asked, made: LayerShown, bits: int) -> str:
    """The program that gives the numbers of both charts at this level."""
    images = _images(asked), min(asked.images, network_costs.IMAGES)
    return layers_program(network_sources.python(asked), asked.at(bits), bits, images, asked.scrub, made.picture.truth)


def csv(asked: Asked, made: LayerShown) -> str:
    """Both charts at every level, as far as they are known."""
    errors = {bits: level.errors for bits, level in made.levels.items()}
    return layers_csv(asked.widths, errors, network_costs.arrived(asked))


def _images(asked: Asked) -> int:
    """How many images the error is measured on."""
    return IMAGES if CATALOGUE[asked.source].truth else FEW


def _key(asked: Asked, layer: str, number: int, bits: int | None) -> Hashable:
    return ("cnn-layer", asked, layer, number, bits)


def _steps(evaluator: Any, asked: Asked, layer: str, number: int, order: tuple[int, ...]) -> Generator[Progress, None, LayerShown]:
    """The levels of ``order`` looked into."""
    from quantlab.networks.engine import inside, understand
    from quantlab.networks.evaluation import Evaluation

    runner, data = evaluator.runner, evaluator.runner.data
    number = min(number, len(runner.test) - 1)
    pixels, labels = runner.test.pixels[number], runner.test.labels[number : number + 1]
    levels = {}
    for done, bits in enumerate(order):
        yield done, len(order)
        setting = asked.at(bits)
        maps = inside.feature_maps(runner, setting, pixels)
        last = maps[runner.network(setting).steps[-1].name]
        levels[bits] = network_layers.Inside(
            inside.weight_spread(runner, setting, layer),
            inside.activation_spread(runner, setting, layer),
            maps[layer],
            Evaluation(setting, last.after[None], last.before[None], labels),
            understand.layer_errors(runner, setting, _images(asked)),
        )
    picture = Picture(number, pixels, int(labels[0]), data.classes, data.truth)
    return LayerShown(network_layers.layer_films(asked.widths, levels, picture, min(_images(asked), len(runner.test))), levels, picture)
