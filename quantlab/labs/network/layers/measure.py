"""Measurement of layer costs at all bit widths, the nearest first; what arrived stays when the work is cancelled."""

from __future__ import annotations

import time
from collections.abc import Sequence
from threading import Lock

from cachetools import cached

from quantlab.labs.network.axis import FEW
from quantlab.labs.network.layers.costs import Cost, Costs
from quantlab.labs.network.network import evaluator_steps
from quantlab.labs.network.request import NetworkRequest
from quantlab.memory import Cache
from quantlab.networks import engine
from quantlab.networks.settings import FLOAT
from quantlab.progress import Steps, counted
from quantlab.tasks import Task

IMAGES = 500  # that it is measured on: a layer's cost is seen with fewer than the answers are


@cached(Cache(64), lock=Lock())
def known_costs(request: NetworkRequest) -> dict[int, Costs]:
    """The costs known of this request, by bits; grows while it is measured."""
    return {}


def many_layers(request: NetworkRequest) -> bool:
    """Whether the costs at one width take long, so that the other widths are measured only when they are asked for."""
    return len(request.subject.entry.layers) > FEW


def costs_task(request: NetworkRequest, order: tuple[int, ...]) -> Task[dict[int, Costs]]:
    """Each layer alone, and all but it, at these widths."""
    return Task(("layer costs", request, frozenset(order)), lambda: _steps(request, order), "What each layer costs")


def _steps(request: NetworkRequest, order: tuple[int, ...]) -> Steps[dict[int, Costs]]:
    return (yield from cost_steps((yield from evaluator_steps(request)), request, order))


def cost_steps(evaluator: engine.Evaluator, request: NetworkRequest, order: Sequence[int]) -> Steps[dict[int, Costs]]:
    """The costs at the widths of ``order``, those first that are not known yet; yields (settings answered, of how many)."""
    few, known = _on_few(evaluator), known_costs(request)
    fitted = request.calibrated_on(len(evaluator.runner.data.calibration))
    missing = [bits for bits in order if bits not in known]
    each = 2 * len(request.subject.entry.layers)
    weights, activations = request.scrub != "activations", request.scrub != "weights"
    for i, bits in enumerate(missing):
        setting, start = fitted.at(bits), time.monotonic()
        steps = engine.sensitivity_steps(few, setting, bits, weights=weights, activations=activations)
        sensitivities = yield from counted(steps, i * each, len(missing) * each)
        exact = few.evaluate(FLOAT.replace(folded=setting.folded)).top(1)
        layers = tuple(Cost(s.layer, s.alone.top(1), s.all_but.top(1)) for s in sensitivities)
        known[bits] = Costs(exact, layers, time.monotonic() - start)
    return {bits: known[bits] for bits in order}


@cached(Cache(6), lock=Lock())
def _on_few(evaluator: engine.Evaluator) -> engine.Evaluator:
    """An evaluator of the same network on the first of its test images."""
    runner = evaluator.runner
    return evaluator if len(runner.test) <= IMAGES else engine.Evaluator(runner.on(runner.data, IMAGES), evaluator.store)
