"""What do the same bytes buy when each layer has bits of its own? Films of plans beside equal bits for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quantlab import figures
from quantlab.figures import ORIGINAL, OTHER, QUANTIZED, THEORY, Chart
from quantlab.film import Strip
from quantlab.labs.network_words import kilobytes, probability

if TYPE_CHECKING:
    from quantlab.networks.budget import Plan
    from quantlab.networks.evaluation import Evaluation


@dataclass(frozen=True, eq=False)
class Bought:
    """One budget, the bytes of equal bits: what equal bits, the greedy plan and the exact plan do with it on the test images."""

    bytes: int
    uniform: Evaluation
    greedy: tuple[Plan, Evaluation]
    exact: tuple[Plan, Evaluation]


@dataclass(frozen=True)
class BudgetFilms:
    pareto: bytes
    bits: bytes


def budget_films(widths: Sequence[int], bought: Mapping[int, Bought], top1: float) -> BudgetFilms:
    """Films over the bits whose bytes are the budget. top1 : of the float network."""
    strip = Strip(tuple(map(str, widths)))
    return BudgetFilms(_pareto(strip, widths, bought, top1), _bits(strip, widths, bought))


def _pareto(strip: Strip, widths: Sequence[int], bought: Mapping[int, Bought], top1: float) -> bytes:
    size = np.array([bought[b].bytes / 1e3 for b in widths])
    low, high = float(size[0] * 0.9), float(size[-1] * 1.1)
    chart = Chart(strip, 300, "Top-1 against the bytes of the weights: equal bits, greedy plan, exact plan", "kB of weights", "Top-1, %")
    ticks = [float(f"{x:.2g}") for x in np.geomspace(size[0], size[-1], 5)]
    axis = {"tickvals": ticks, "ticktext": [f"{x:g}" for x in ticks]}
    chart.axes((float(np.log10(low)), float(np.log10(high))), (0, 103), xaxis_type="log", xaxis=axis)
    chart.line("float", np.array([low, high]), np.full(2, 100 * top1), THEORY, dash="dash", width=1.4)
    curves = {
        "equal bits": ([bought[b].uniform for b in widths], size, OTHER, "dot", "square"),
        "greedy": ([bought[b].greedy[1] for b in widths], np.array([bought[b].greedy[0].bytes / 1e3 for b in widths]), ORIGINAL, "dash", "diamond"),
        "exact": ([bought[b].exact[1] for b in widths], np.array([bought[b].exact[0].bytes / 1e3 for b in widths]), QUANTIZED, "solid", "circle"),
    }  # fmt: skip
    for name, (evaluations, x, color, dash, symbol) in curves.items():
        y = np.array([100 * evaluation.top(1).value for evaluation in evaluations])
        chart.line(name, x, y, color, dash=dash, width=2)
        places = range(len(x))
        chart.points("now", [x[i : i + 1] for i in places], [y[i : i + 1] for i in places], color, symbol=symbol, size=11, legend=False)
    return chart.film()


def _bits(strip: Strip, widths: Sequence[int], bought: Mapping[int, Bought]) -> bytes:
    layers = [layer for layer, _ in bought[widths[0]].exact[0].bits]
    at = figures.labels_at(layers)
    most = max(bits for b in widths for _, bits in bought[b].exact[0].bits)
    chart = Chart(strip, 300, "Bits of each layer in the exact and the greedy plan, beside equal bits", "", "bits")
    ticks = {"tickvals": at.tolist(), "ticktext": layers, "tickangle": -35 if len(layers) > 6 else 0}
    chart.axes((-0.6, len(at) - 0.4), (0, max(most, widths[-1]) + 1), xaxis=ticks, yaxis_dtick=2)
    bars = [figures.stems(at, 0, np.array([bits for _, bits in bought[b].exact[0].bits], float)) for b in widths]
    chart.line("exact", bars[0][0], [y for _, y in bars], QUANTIZED, width=18 if len(layers) < 8 else 10, hover=False)
    greedy = [np.array([bits for _, bits in bought[b].greedy[0].bits], float) for b in widths]
    chart.points("greedy", [at] * len(greedy), greedy, ORIGINAL, symbol="diamond", size=9)
    ends = np.array([-0.6, len(at) - 0.4])
    chart.line("equal bits", ends, [np.full(2, float(b)) for b in widths], OTHER, dash="dot", width=2)
    return chart.film()


def notice_budget(bits: int, bought: Bought) -> str:
    """What the same bytes buy, and whether the difference can be seen."""
    plan, spread = bought.exact
    change = spread.difference_from(bought.uniform)
    before, after = 100 * bought.uniform.top(1).value, 100 * spread.top(1).value
    many, few = max(plan.bits, key=lambda pair: pair[1]), min(plan.bits, key=lambda pair: pair[1])
    words = f"**{kilobytes(bought.bytes)}** give every layer's weights {bits} bits and **{before:.1f} %**; spread by an exact knapsack, **{after:.1f} %**"
    words += f" ({probability(change.p)}). " if change.seen else f": no difference seen ({probability(change.p)}). "
    if many[1] > few[1]:
        words += f"*{many[0]}* gets {many[1]} bits and *{few[0]}* {few[1]}. "
    gap = bought.greedy[0].loss - plan.loss
    words += "The greedy search finds the same loss." if gap <= 1e-9 else f"The greedy search stops at a loss {gap:.3g} bits higher."
    return words


def budget_csv(bought: Mapping[int, Bought]) -> str:
    """What each budget buys: bytes, predicted loss in bits, Top-1 from 0 to 1 with its interval, bits of every layer."""
    some = next(iter(bought.values()))
    layers = [layer for layer, _ in some.exact[0].bits]
    lines = [",".join(["budget_bits", "budget_bytes", "plan", "bytes", "loss", "top1", "top1_low", "top1_high", "images", *layers])]
    for bits, b in bought.items():
        for name, (plan, evaluation) in (("greedy", b.greedy), ("exact", b.exact)):
            cells = [str(plan.bytes), f"{plan.loss:.6g}", *_shares(evaluation), *(str(own) for _, own in plan.bits)]
            lines.append(",".join([str(bits), str(b.bytes), name, *cells]))
        lines.append(",".join([str(bits), str(b.bytes), "equal", str(b.bytes), "", *_shares(b.uniform), *[str(bits)] * len(layers)]))
    return "\n".join(lines) + "\n"


def _shares(evaluation: Evaluation) -> list[str]:
    share = evaluation.top(1)
    return [*(f"{v:.6f}" for v in (share.value, share.low, share.high)), str(share.n)]
