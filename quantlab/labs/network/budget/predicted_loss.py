"""Predicted and measured loss of plans against their bytes: does the loss that the layers predict come true?

Predicted is the sum of the losses of single layers, measured the divergence of the answers with the whole plan in force.
"""

from __future__ import annotations

import numpy as np

from quantlab.film.figures import QUANTIZED, decades
from quantlab.labs.network.budget.films import STYLES, Budget, Budgets, kilo, now, over_bytes
from quantlab.labs.text import plain

NONE = 1e-9  # bits; a loss that a logarithmic axis can show


def predicted_loss_film(b: Budgets) -> bytes:
    """All unbeaten plans as predicted; the exact plans and equal bits as measured."""
    bytes_, losses = b.frontier
    measured = {plan: np.maximum([outcome.measured_loss for outcome in b.each(plan)], NONE) for plan in ("equal", "exact")}
    every = np.concatenate([np.maximum(losses, NONE), *measured.values()])
    span = float(np.log10(every.min())) - 0.3, float(np.log10(every.max())) + 0.3
    alt = "Divergence of the answers against the bytes of the weights: all best plans as predicted, exact plans and equal bits as measured"
    chart = over_bytes(b, alt, "divergence, bits", span, yaxis_type="log", yaxis=decades(*span))
    chart.line("predicted", bytes_ / 1e3, np.maximum(losses, NONE), QUANTIZED, width=1.6)
    chart.traces[-1]["line"]["shape"] = "hv"  # between two plans the smaller one is the best
    for plan, title in (("exact", "measured"), ("equal", "equal bits, measured")):
        _, color, dash, symbol = STYLES[plan]
        x, y = kilo(b.each(plan)), measured[plan]
        if plan == "equal":
            chart.line(title, x, y, color, dash=dash, width=2)
        else:
            chart.points(title, x, y, color, symbol=f"{symbol}-open", size=8, rim=1.6)
            chart.traces[-1]["marker"]["line"]["color"] = color
        now(chart, x, y, color, symbol)
    return chart.film()


def notice_predicted_loss(bits: int, budget: Budget) -> str:
    """Whether losses of single layers add up at this level."""
    predicted, came = budget.exact.plan.loss, budget.exact.measured_loss
    words = f"For the bytes of {bits} bits the plan promises answers that move by **{plain(predicted)} bits**; with all its layers in force they move by **{plain(came)}**."
    if max(predicted, came) < 1e-6:
        return words
    if max(predicted, came) < 1.5 * min(predicted, came):
        return f"{words} The losses of single layers add up."
    if came < predicted:
        return f"{words} They do not add up: answers that are spoiled already cannot be spoiled twice."
    return f"{words} They do not add up: each layer now reads what the others have spoiled."
