"""Frames of the small network to test films and words with: real answers to 200 digits, some levels still to come."""

from __future__ import annotations

from functools import cache
from typing import Any

from quantlab.labs.network.answers.frames import Frames, Level
from quantlab.labs.network.budget.films import Budget, Budgets, Outcome
from quantlab.labs.network.layers.costs import Cost, Costs
from quantlab.labs.network.network import evaluator_steps
from quantlab.labs.network.request import TABLE, request_of
from quantlab.networks.budget import exact, greedy
from quantlab.networks.engine import Evaluator, Runner, sensitivity_steps, shipped, size
from quantlab.networks.engine.layer_costs import layer_cost_steps, on_calibration, outcome, uniform_plan
from quantlab.networks.frontier import frontier
from quantlab.networks.settings import FLOAT, Setting, bit_settings
from quantlab.networks.store import Store
from quantlab.progress import finish

CHOICES = (2, 4, 8)  # bits that a layer may get
WIDTHS = tuple(range(2, 17))


def lab_evaluator(source: str, images: int) -> Evaluator:
    """The evaluator that the lab itself asks."""
    return finish(evaluator_steps(request_of(TABLE.read({"source": source, "images": str(images)}))))


@cache
def evaluator() -> Evaluator:
    return Evaluator(Runner(*shipped("small"), images=200), Store(None))


@cache
def frames(known: tuple[int, ...] = WIDTHS, others: bool = True) -> Frames:
    """What the lab shows of both weights and activations quantized, at the levels that are known."""
    asked, runner = evaluator(), evaluator().runner
    levels = {b: Level(asked.evaluate(Setting(weights=b, activations=b)), size(runner, Setting(weights=b, activations=b))) for b in known}
    beside: dict[str, Any] = {
        curve: {b: asked.evaluate(s) for b, s in bit_settings(Setting(), curve, WIDTHS).items()} for curve in ("weights", "activations")
    }
    exact = Level(asked.evaluate(FLOAT), size(runner, FLOAT))
    return Frames(WIDTHS, levels, exact, "both", beside if others else {}, runner.test.pixels, runner.data.classes)


@cache
def costs(bits: int) -> Costs:
    """What each layer costs at these bits."""
    found = finish(sensitivity_steps(evaluator(), Setting(weights=bits, activations=bits), bits))
    return Costs(evaluator().evaluate(FLOAT).top(1), tuple(Cost(s.layer, s.alone.top(1), s.all_but.top(1)) for s in found))


@cache
def budgets() -> Budgets:
    """What the budget's room shows, of three widths that a layer may have; the slider has 3 bits too."""
    asked, setting = evaluator(), FLOAT.replace(weights=16)
    calibration = on_calibration(asked)
    table = finish(layer_cost_steps(calibration, setting, CHOICES))
    bought = {}
    for bits in (2, 3, 4, 8):
        equal = uniform_plan(table, asked.runner, setting, bits)
        plans = equal, greedy(table, equal.bytes), exact(table, equal.bytes)
        bought[bits] = Budget(equal.bytes, *(Outcome(plan, *outcome(asked, calibration, setting, plan)) for plan in plans))
    return Budgets((2, 3, 4, 8), bought, asked.evaluate(FLOAT).top(1).value, frontier(table))
