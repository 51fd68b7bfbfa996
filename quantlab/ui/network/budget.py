"""The network lab's third room: the bytes of the slider's bits, spent layer by layer."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from quantlab.labs.network import budget as network_budget
from quantlab.labs.network.budget import Bought, Budgets, Outcome
from quantlab.labs.network.programs import budget_program
from quantlab.labs.network.promise import notice_promise, promise_film
from quantlab.progress import Progress, counted
from quantlab.schemes import SCHEMES
from quantlab.ui import jobs
from quantlab.ui.network import sources as network_sources
from quantlab.ui.network.controls import Asked
from quantlab.ui.network.sources import waiting

OFFERED = (2, 3, 4, 5, 6, 7, 8, 12)  # bits that a layer may get


@dataclass(frozen=True, eq=False)
class BudgetShown:
    """The films, and what every budget buys."""

    budgets: Budgets
    pareto: bytes
    bits: bytes
    promise: bytes

    def words(self, bits: int) -> str:
        return network_budget.notice_budget(bits, self.budgets.bought[bits], self.budgets.truth)

    def kept(self, bits: int) -> str:
        """Whether what was predicted came true."""
        return notice_promise(bits, self.budgets.bought[bits])

    @cached_property
    def csv(self) -> str:
        return network_budget.budget_csv(self.budgets.bought)

    def plan(self, bits: int) -> str:
        """The exact plan as the address writes it."""
        return ",".join(f"{layer}-{own}" for layer, own in self.budgets.bought[bits].exact.plan.bits)


def offered(asked: Asked) -> tuple[int, ...]:
    """Bits that the scheme can give a layer."""
    spec = dict(asked.options)["weight_spec"]
    return tuple(bits for bits in OFFERED if bits in SCHEMES[spec.scheme].bits_allowed(spec.knobs))


def weights_only(asked: Asked) -> Any:
    """The setting whose layers get bits: activations in float, no layer an exception."""
    return asked.at(asked.widths[-1]).replace(activations=None, inputs=None, ends_at_8=False, layer_weights=())


def python(asked: Asked, made: BudgetShown, bits: int) -> str:
    """The program that gives the prices and the plans of this level."""
    source, most = network_sources.python(asked), made.budgets.bought[bits].bytes
    return budget_program(source, asked.images, weights_only(asked), offered(asked), most, bits, made.budgets.truth)


def budget(asked: Asked) -> BudgetShown:
    """Films over the slider's stops; computed as a whole, with progress."""
    if (known := jobs.known(key := ("cnn-budget", asked))) is not None:
        return known
    with waiting("budget"):
        evaluator = network_sources.evaluator(asked)
        return jobs.run_or_stop(key, lambda: _steps(evaluator, asked), "Pricing every layer at every bit width")


def _steps(evaluator: Any, asked: Asked) -> Generator[Progress, None, BudgetShown]:
    from quantlab.networks.budget import exact, greedy
    from quantlab.networks.engine.layer_costs import layer_cost_steps, on_calibration, outcome, uniform_plan
    from quantlab.networks.frontier import frontier
    from quantlab.networks.settings import FLOAT

    setting, calibration = weights_only(asked), on_calibration(evaluator)
    choices, layers = offered(asked), evaluator.runner.network(setting).layers
    prices = len(layers) * len(choices)
    total = prices + len(asked.widths)
    table = yield from counted(layer_cost_steps(calibration, setting, choices), 0, total)
    bought = {}
    for done, bits in enumerate(asked.widths):
        yield prices + done, total
        equal = uniform_plan(table, evaluator.runner, setting, bits)
        most = max(equal.bytes, table.least)
        plans = equal, greedy(table, most), exact(table, most)
        outcomes = [Outcome(plan, *outcome(evaluator, calibration, setting, plan)) for plan in plans]
        bought[bits] = Bought(most, *outcomes)
    top1 = evaluator.evaluate(FLOAT.replace(folded=setting.folded)).top(1).value
    found = Budgets(asked.widths, bought, top1, frontier(table), evaluator.runner.data.truth)
    return BudgetShown(found, network_budget.pareto_film(found), network_budget.bits_film(found), promise_film(found))
