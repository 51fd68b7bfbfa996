"""Films of bit budgets: plans with bits for each layer beside equal bits for all, at the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from quantlab.film import Strip, figures
from quantlab.film.figures import ORIGINAL, OTHER, QUANTIZED, THEORY, Chart
from quantlab.labs.network.axis import FEW, named, over_layers, size
from quantlab.labs.text import kilobytes, probability, rounded_percent
from quantlab.networks.budget import Plan
from quantlab.networks.evaluation import Evaluation


@dataclass(frozen=True, eq=False)
class Outcome:
    """A plan, its answers to the test images, and its measured loss: how far it moves those to the calibration images, in bits."""

    plan: Plan
    answers: Evaluation
    measured_loss: float


@dataclass(frozen=True, eq=False)
class Budget:
    """One budget, the bytes of equal bits: what equal bits, the greedy plan and the exact plan do with it.

    The loss of equal bits is NaN where no layer was measured at them.
    """

    bytes: int
    equal: Outcome
    greedy: Outcome
    exact: Outcome


@dataclass(frozen=True, eq=False)
class Budgets:
    """widths : the slider's. by_width : the budgets. top1 : of the float network. frontier : bytes and losses of all best plans.

    truth : whether the answers are right or wrong, or only as in float or not.
    """

    widths: tuple[int, ...]
    by_width: Mapping[int, Budget]
    top1: float
    frontier: tuple[np.ndarray, np.ndarray]
    truth: bool = True

    def each(self, plan: str) -> list[Outcome]:
        """The outcomes of a kind of plan at every width."""
        return [getattr(self.by_width[bits], plan) for bits in self.widths]


VIEWS = {
    "pareto": "what the bytes buy",
    "plan": "bits of each layer in the plans of the slider's level",
    "predicted-loss": "whether the loss that the layers predict comes true",
    "words": "what to notice, in words",
    "predicted": "whether it comes true, in words",
}
STYLES = {
    "equal": ("equal bits", OTHER, "dot", "square"),
    "greedy": ("greedy", ORIGINAL, "dash", "diamond"),
    "exact": ("exact", QUANTIZED, "solid", "circle"),
}  # of a plan: name, colour, dash, symbol


def kilo(outcomes: Sequence[Outcome]) -> np.ndarray:
    """Bytes of the plans in kB."""
    return np.array([outcome.plan.bytes / 1e3 for outcome in outcomes])


def over_bytes(b: Budgets, alt: str, y_title: str, span: tuple[float, float], **layout: object) -> Chart:
    """A chart over kB of weights, both axes of which stand."""
    x = kilo(b.each("equal"))
    ticks = [step * 10.0**k for k in range(-1, 7) for step in (1, 2, 3, 5) if x[0] * 0.9 <= step * 10.0**k <= x[-1] * 1.1]
    chart = Chart(Strip(tuple(map(str, b.widths))), 300, alt, "kB of weights", y_title)
    axis = {"tickvals": ticks, "ticktext": [f"{at:g}" for at in ticks]}
    return chart.axes((float(np.log10(x[0] * 0.9)), float(np.log10(x[-1] * 1.1))), span, xaxis_type="log", xaxis=axis, **layout)


def now(chart: Chart, x: np.ndarray, y: np.ndarray, color: str, symbol: str) -> None:
    """The marker of the level under the thumb."""
    places = range(len(x))
    chart.points("now", [x[i : i + 1] for i in places], [y[i : i + 1] for i in places], color, symbol=symbol, size=11, legend=False)


def pareto_film(b: Budgets) -> bytes:
    """The share of answers that each kind of plan keeps right (or as in float) for its bytes."""
    what, upright = ("Top-1", "Top-1, %") if b.truth else ("Agreement with the float network", "as in float, %")
    chart = over_bytes(b, f"{what} against the bytes of the weights: equal bits, greedy plan, exact plan", upright, (0, 103))
    if b.truth:
        ends = np.array([kilo(b.each("equal"))[0] * 0.9, kilo(b.each("equal"))[-1] * 1.1])
        chart.line("float", ends, np.full(2, 100 * b.top1), THEORY, dash="dash", width=1.4)
    for plan, (name, color, dash, symbol) in STYLES.items():
        x, y = kilo(b.each(plan)), np.array([100 * outcome.answers.top(1).value for outcome in b.each(plan)])
        chart.line(name, x, y, color, dash=dash, width=2)
        now(chart, x, y, color, symbol)
    return chart.film()


def bits_film(b: Budgets) -> bytes:
    """Bits of each layer in the plans of the slider's level."""

    def heights(plan: str) -> list[np.ndarray]:
        return [np.array([bits for _, bits in outcome.plan.bits], float) for outcome in b.each(plan)]

    layers = [layer for layer, _ in b.each("exact")[0].plan.bits]
    at, strip = figures.labels_at(layers), Strip(tuple(map(str, b.widths)))
    most = max(float(found.max()) for found in heights("exact"))
    alt = "Bits of each layer in the exact and the greedy plan, beside equal bits"
    chart = over_layers(strip, layers, alt, "bits", (0, max(most, b.widths[-1]) + 1), 300).axes(yaxis_dtick=2)
    bars = [figures.stems(at, 0, found) for found in heights("exact")]
    width = 18 if len(layers) < 8 else 10 if len(layers) <= FEW else 5
    chart.line("exact", bars[0][0], [y for _, y in bars], QUANTIZED, width=width, hover=False)
    chart.points("exact", [at] * len(bars), heights("exact"), QUANTIZED, size=1, rim=0, legend=False)
    named(chart, layers, 0)
    chart.points("greedy", [at] * len(bars), heights("greedy"), ORIGINAL, symbol="diamond", size=size(layers, 9))
    named(chart, layers, 0)
    ends = np.array([-0.6, len(at) - 0.4])
    chart.line("equal bits", ends, [np.full(2, float(bits)) for bits in b.widths], OTHER, dash="dot", width=2, hover=False)
    return chart.film()


def notice_budget(bits: int, budget: Budget, truth: bool = True) -> str:
    """The sentences on what the same bytes buy, and on whether the difference can be seen."""
    plan, spread = budget.exact.plan, budget.exact.answers
    change = spread.difference_from(budget.equal.answers)
    before, after = (rounded_percent(answers.top(1).value, 1) for answers in (budget.equal.answers, spread))
    many, few = max(plan.bits, key=lambda pair: pair[1]), min(plan.bits, key=lambda pair: pair[1])
    unit = "" if truth else " of the answers as in float"
    words = f"**{kilobytes(budget.bytes, 1)}** give every layer's weights {bits} bits and **{before}**{unit}; spread by an exact knapsack, **{after}**"
    words += f" ({probability(change.p)}). " if change.seen else f": no difference seen ({probability(change.p)}). "
    if many[1] > few[1]:
        words += f"*{many[0]}* gets {many[1]} bits and *{few[0]}* {few[1]}. "
    gap = budget.greedy.plan.loss / plan.loss - 1 if plan.loss > 0 else 0.0
    words += "The greedy search finds as good a plan." if gap < 0.005 else f"The greedy plan's predicted loss is {greater(gap)}."
    return words


def greater(gap: float) -> str:
    """The words for how much greater: ``gap`` is the share by which it is.

    >>> greater(0.25), greater(6.4)
    ('25 % greater', '7.4 times as great')
    """
    return f"{100 * gap:.0f} % greater" if gap < 1 else f"{1 + gap:.1f} times as great"


def budget_csv(by_width: Mapping[int, Budget]) -> str:
    """The table of all budgets: bytes, loss predicted and measured in bits, share of answers from 0 to 1, bits of every layer.

    The share is Top-1, or of answers as in float where no truth is known.
    """
    layers = [layer for layer, _ in next(iter(by_width.values())).exact.plan.bits]
    heads = [
        "budget_bits",
        "budget_bytes",
        "plan",
        "bytes",
        "loss_predicted",
        "loss_measured",
        "share",
        "share_low",
        "share_high",
        "images",
    ]
    lines = [",".join([*heads, *layers])]
    for bits, b in by_width.items():
        for name in STYLES:
            outcome: Outcome = getattr(b, name)
            plan, share = outcome.plan, outcome.answers.top(1)
            loss = "" if plan.loss != plan.loss else f"{plan.loss:.6g}"
            cells = [str(bits), str(b.bytes), name, str(plan.bytes), loss, f"{outcome.measured_loss:.6g}"]
            cells += [*(f"{v:.6f}" for v in (share.value, share.low, share.high)), str(share.n)]
            lines.append(",".join([*cells, *(str(own) for _, own in plan.bits)]))
    return "\n".join(lines) + "\n"
