"""The network lab's third room: the bytes of the slider's bits, spent layer by layer."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from quantlab.labs import network_budget
from quantlab.labs.network_budget import Bought
from quantlab.labs.network_programs import budget_program
from quantlab.schemes import SCHEMES
from quantlab.sweep import Progress
from quantlab.ui import jobs, network_sources
from quantlab.ui.network_controls import Asked
from quantlab.ui.network_result import counted
from quantlab.ui.network_sources import waiting

OFFERED = (2, 3, 4, 5, 6, 7, 8, 12)  # bits that a layer may get


@dataclass(frozen=True, eq=False)
class BudgetShown:
    """The films, and what every budget buys."""

    films: network_budget.BudgetFilms
    bought: dict[int, Bought]

    def words(self, bits: int) -> str:
        return network_budget.notice_budget(bits, self.bought[bits])

    @cached_property
    def csv(self) -> str:
        return network_budget.budget_csv(self.bought)

    def plan(self, bits: int) -> str:
        """The exact plan as the address writes it."""
        return ",".join(f"{layer}-{own}" for layer, own in self.bought[bits].exact[0].bits)


def offered(asked: Asked) -> tuple[int, ...]:
    """Bits that the scheme can give a layer."""
    spec = dict(asked.options)["weight_spec"]
    return tuple(bits for bits in OFFERED if bits in SCHEMES[spec.scheme].bits_allowed(spec.knobs))


def weights_only(asked: Asked) -> Any:
    """The setting whose layers get bits: activations in float, no layer an exception."""
    return asked.at(asked.widths[-1]).replace(activations=None, inputs=None, ends_at_8=False, layer_weights=())


def python(asked: Asked, made: BudgetShown, bits: int) -> str:
    """The program that gives the prices and the plans of this level."""
    source, most = network_sources.python(asked), made.bought[bits].bytes
    return budget_program(source, asked.images, weights_only(asked), offered(asked), most, bits)


def budget(asked: Asked) -> BudgetShown:
    """Films over the slider's stops; computed as a whole, with progress."""
    if (known := jobs.known(key := ("cnn-budget", asked))) is not None:
        return known
    with waiting("budget"):
        evaluator = network_sources.evaluator(asked)
        return jobs.run_or_stop(key, lambda: _steps(evaluator, asked), "Pricing every layer at every bit width")


def _steps(evaluator: Any, asked: Asked) -> Generator[Progress, None, BudgetShown]:
    from quantlab.networks import FLOAT
    from quantlab.networks.budget import exact, greedy
    from quantlab.networks.prices import layer_bytes, on_calibration, table_steps

    setting = weights_only(asked)
    choices, layers = offered(asked), evaluator.runner.network(setting).layers
    prices = len(layers) * len(choices)
    total = prices + len(asked.widths)
    table = yield from counted(table_steps(on_calibration(evaluator), setting, choices), 0, total)
    bought = {}
    for done, bits in enumerate(asked.widths):
        yield prices + done, total
        uniform = setting.replace(weights=bits)
        most = max(int(layer_bytes(evaluator.runner, setting, bits).sum()), table.least)
        plans = [search(table, most) for search in (greedy, exact)]
        answers = [evaluator.evaluate(setting.replace(layer_weights=plan.bits)) for plan in plans]
        bought[bits] = Bought(most, evaluator.evaluate(uniform), (plans[0], answers[0]), (plans[1], answers[1]))
    top1 = evaluator.evaluate(FLOAT.replace(folded=setting.folded)).top(1).value
    return BudgetShown(network_budget.budget_films(asked.widths, bought, top1), bought)
