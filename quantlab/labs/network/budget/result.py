"""The result of the room of budgets: the bytes of the slider's bits, spent layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from quantlab.film import Strip, words_film
from quantlab.labs.network.budget import films
from quantlab.labs.network.budget.films import Budget, Budgets, Outcome
from quantlab.labs.network.budget.predicted_loss import notice_predicted_loss, predicted_loss_film
from quantlab.labs.network.network import evaluator_steps, source_lines, tasks_of
from quantlab.labs.network.programs import budget_program
from quantlab.labs.network.request import NetworkRequest
from quantlab.networks import engine
from quantlab.networks.budget import exact, greedy
from quantlab.networks.frontier import frontier
from quantlab.networks.settings import FLOAT, Setting
from quantlab.progress import Steps, counted
from quantlab.schemes import SCHEMES
from quantlab.tasks import Task

OFFERED = (2, 3, 4, 5, 6, 7, 8, 12)  # bits that a layer may get
IMPOSSIBLE = "A budget spends bits on weights: choose a scheme with several bit widths."


@dataclass(frozen=True, eq=False)
class BudgetResult:
    """The outcomes of every budget; no films where a budget has nothing to spend."""

    request: NetworkRequest
    films: Mapping[str, bytes]
    budgets: Budgets | None
    stage: int = 0

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(map(str, self.request.widths))

    def words(self, label: str) -> str:
        """The sentences on what the bytes of this level buy."""
        if self.budgets is None:
            return IMPOSSIBLE
        return films.notice_budget(int(label), self.budgets.by_width[int(label)], self.budgets.truth)

    def predicted(self, label: str) -> str:
        """Whether what was predicted came true, "" where nothing was."""
        return notice_predicted_loss(int(label), self.budgets.by_width[int(label)]) if self.budgets else ""

    def plan(self, label: str) -> str:
        """The exact plan of this level as the address writes it."""
        bits = self.budgets.by_width[int(label)].exact.plan.bits if self.budgets else ()
        return ",".join(f"{layer}-{width}" for layer, width in bits)

    def program(self, label: str) -> str:
        """The program that gives the costs and the plans of this level."""
        if self.budgets is None:
            return ""
        source, request, most = source_lines(self.request.subject), self.request, self.budgets.by_width[int(label)].bytes
        return budget_program(source, request.images, weights_only(request), offered(request), most, int(label), self.budgets.truth)

    def csv(self) -> str:
        """The table of all budgets."""
        return films.budget_csv(self.budgets.by_width) if self.budgets else ""


def offered(request: NetworkRequest) -> tuple[int, ...]:
    """Bits that the scheme can give a layer."""
    spec = request.setting.weight_spec
    return tuple(bits for bits in OFFERED if bits in SCHEMES[spec.scheme].bits_allowed(spec.knobs))


def weights_only(request: NetworkRequest) -> Setting:
    """The setting whose layers get bits: what is asked for here has its activations in float, and no layer an exception."""
    return request.at(request.widths[-1])


def tasks(request: NetworkRequest) -> tuple[Task[BudgetResult], ...]:
    """Films over the slider's stops, computed as a whole."""
    if len(offered(request)) < 3:
        return (Task(("network budget", request), lambda: _nothing(request), IMPOSSIBLE),)
    return (
        Task(("network budget", request), lambda: _steps(request), "Pricing every layer at every bit width", tasks_of(request.subject)),
    )


def _nothing(request: NetworkRequest) -> Steps[BudgetResult]:
    yield 0, 1
    return BudgetResult(request, {}, None)


def _steps(request: NetworkRequest) -> Steps[BudgetResult]:
    evaluator = yield from evaluator_steps(request)
    request = request.calibrated_on(len(evaluator.runner.data.calibration))
    setting, calibration = weights_only(request), engine.on_calibration(evaluator)
    choices, layers = offered(request), evaluator.runner.network(setting).layers
    measured = len(layers) * len(choices)
    total = measured + len(request.widths)
    table = yield from counted(engine.layer_cost_steps(calibration, setting, choices), 0, total)
    by_width = {}
    for done, bits in enumerate(request.widths):
        yield measured + done, total
        equal = engine.uniform_plan(table, evaluator.runner, setting, bits)
        most = max(equal.bytes, table.least)
        plans = equal, greedy(table, most), exact(table, most)
        outcomes = [Outcome(plan, *engine.outcome(evaluator, calibration, setting, plan)) for plan in plans]
        by_width[bits] = Budget(most, *outcomes)
    top1 = evaluator.evaluate(FLOAT.replace(folded=setting.folded)).top(1).value
    budgets = Budgets(request.widths, by_width, top1, frontier(table), evaluator.runner.data.truth)
    by_view = {"pareto": films.pareto_film(budgets), "plan": films.bits_film(budgets), "predicted-loss": predicted_loss_film(budgets)}
    strip, each = Strip(tuple(map(str, request.widths))), by_width.items()
    by_view["words"] = words_film(strip, [films.notice_budget(bits, budget, budgets.truth) for bits, budget in each])
    by_view["predicted"] = words_film(strip, [notice_predicted_loss(bits, budget) for bits, budget in each], "text")
    return BudgetResult(request, by_view, budgets)
