"""The network lab's second room: one layer from inside, all layers' errors, what each layer costs; filling up as it is computed."""

from __future__ import annotations

from collections.abc import Generator, Hashable
from dataclasses import dataclass
from typing import Any

from quantlab.labs import network_layers, network_words
from quantlab.labs.network_costs import notice_costs
from quantlab.sweep import Progress
from quantlab.ui import jobs, network_costs, network_sources
from quantlab.ui.network_controls import Asked
from quantlab.ui.network_sources import waiting
from quantlab.ui.state import State

IMAGES = 100  # that the error is measured on


@dataclass(frozen=True, eq=False)
class LayerShown:
    """The films of one layer, and the levels that are known."""

    films: network_layers.LayerFilms
    levels: dict[int, network_layers.Inside]


def layers(asked: Asked, layer: str, picture: int, bits: int) -> LayerShown:
    """The films of this layer, with at least the level under the thumb."""
    if (known := jobs.known(_key(asked, layer, picture, None))) is not None:
        return known
    with waiting("layers"):
        evaluator = network_sources.evaluator(asked)
        key = _key(asked, layer, picture, bits)
        return jobs.run_or_stop(key, lambda: _steps(evaluator, asked, layer, picture, (bits,)), "Looking into the network")


def complete_layers(state: State, asked: Asked, layer: str, picture: int, bits: int) -> None:
    """Once the page stands: the other levels, then what each layer costs; the page is drawn again with them."""
    from quantlab.networks.evaluate import nearest_first

    evaluator = network_sources.evaluator(asked)
    if jobs.known(key := _key(asked, layer, picture, None)) is None:
        order = tuple(nearest_first(list(asked.widths), bits))
        jobs.run_or_stop(key, lambda: _steps(evaluator, asked, layer, picture, order), "All bit widths")
        state.draw_again()
    network_costs.complete(state, asked, bits)


def words(asked: Asked, made: LayerShown, bits: int) -> str:
    """What to notice at this level."""
    inside, costs = made.levels.get(bits), network_costs.arrived(asked).get(bits)
    said = network_words.notice_layers(bits, inside.errors if inside else None)
    return f"{said} {notice_costs(bits, costs)}" if inside else said


def _key(asked: Asked, layer: str, picture: int, bits: int | None) -> Hashable:
    return ("cnn-layer", asked, layer, picture, bits)


def _steps(evaluator: Any, asked: Asked, layer: str, picture: int, order: tuple[int, ...]) -> Generator[Progress, None, LayerShown]:
    """The levels of ``order`` looked into."""
    from quantlab.networks import inside, understand

    runner = evaluator.runner
    levels = {}
    for done, bits in enumerate(order):
        yield done, len(order)
        setting = asked.at(bits)
        levels[bits] = network_layers.Inside(
            inside.weight_spread(runner, setting, layer),
            inside.activation_spread(runner, setting, layer),
            inside.feature_maps(runner, setting, runner.test.pixels[min(picture, len(runner.test) - 1)])[layer],
            understand.layer_errors(runner, setting, IMAGES),
        )
    return LayerShown(network_layers.layer_films(asked.widths, levels), levels)
