"""The sentences and the numbers of the room of tensors."""

from __future__ import annotations

import math

from quantlab.labs.model.films import better_at_size
from quantlab.labs.model.frames import Frames
from quantlab.labs.text import decibels, fixed, kilobytes, markdown_safe, rounded_percent, signed
from quantlab.model_file.names import brief
from quantlab.model_file.report import contents, worst

FLOATS = ("float32", "float16", "bfloat16", "float64")


def notice(f: Frames, label: str) -> str:
    """What the plan does to the file, which tensor bears most of the error, and what a budget or another option would win."""
    t, level = f.totals(label), f.levels[label]
    if not t.quantized:
        return so_far(f) + _nothing(f)
    words = so_far(f) + (
        f"{'The file falls' if f.listing.complete else 'They fall'} from {kilobytes(t.bytes_before)} to **{kilobytes(t.bytes_after)}**, {fixed(t.bits_per_weight, 2)} bits per weight, "
        f"with an SQNR of **{decibels(t.sqnr_db)}** over all weights. "
    )
    if ranked := worst(f.listing.measured, f.plan(label), 1):
        (name, share), *_ = ranked
        values = next(m.tensor.size for m in f.measured if m.tensor.name == name) / max(sum(m.tensor.size for m in f.measured), 1)
        words += f"*{markdown_safe(brief(name))}* holds {rounded_percent(values)} of the {'' if f.listing.complete else 'measured '}weights and {rounded_percent(share)} of the error. "
    words += _outputs(f, label) + _budget(f, label)
    if (counts := better_at_size(f, label)) and not f.request.budget:
        best, count = max(counts.items(), key=lambda pair: pair[1])
        words += f"For {sum(counts.values())} of {t.quantized} tensors another option of no more bytes has less error, most often {best.title} ({count})."
    if math.isinf(level.of_rules.sqnr_db):
        words += "No weight changes."
    return words.strip()


def so_far(f: Frames) -> str:
    """How much of the file all numbers speak of; "" once that is all of it."""
    if f.listing.complete:
        return ""
    known, count = sum(m.tensor.nbytes for m in f.listing.measured), len(f.listing.measured)
    share = rounded_percent(known / max(f.listing.model.nbytes, 1))
    return f"**{count} of {len(f.listing.model.tensors)} tensors are measured so far**, {share} of the bytes. "


def _nothing(f: Frames) -> str:
    if not f.listing.complete:
        return "None of them is given fewer bits."
    if not f.measured:
        return "No tensor of this file can be measured: the table says why for each."
    return "**The rules leave every tensor as it is.** Take a rule away, and the slider gives those tensors fewer bits."


def _outputs(f: Frames, label: str) -> str:
    """What the activations that were brought say; "" without them."""
    if not f.with_outputs:
        return ""
    total, plan = f.totals(label), f.plan(label)
    words = f"On the activations that were brought, the outputs of {len(f.with_outputs)} matrices have an SQNR of **{decibels(total.output_sqnr_db)}**"
    errors = {m.tensor.name: m.outputs[o.slug] for m in f.with_outputs if (o := plan[m.tensor.name])}
    if errors and total.output_error:
        name, error = max(errors.items(), key=lambda pair: pair[1])
        words += f"; most of their error, {rounded_percent(error / total.output_error)}, is of *{markdown_safe(brief(name))}*"
    if f.by_outputs:
        return f"{words}. "
    return f"{words}. A budget weighs errors of weights: activations of all that it may change were not brought, and the units differ. "


def _budget(f: Frames, label: str) -> str:
    level = f.levels[label]
    rules, budget = f.sqnr_db(level.of_rules), f.sqnr_db(level.of_budget)
    gain, where = budget - rules, " at the outputs" if f.by_outputs else ""
    if not math.isfinite(gain):
        return ""
    sure = (
        "no plan of this size has less error"
        if level.exact
        else f"at most {fixed(math.ceil(1000 * level.above) / 10)} % above the least error there can be"
    )
    if f.request.budget:
        return f"The rules give {decibels(rules)}{where} in as many bytes: the budget wins **{signed(gain)} dB**, and {sure}. "
    if gain < 0.05:
        return "No other plan of this size has less error. " if level.exact else ""
    return f"A budget of the same size gives {decibels(budget)}{where}, **{signed(gain)} dB**: {sure}. "


def already(f: Frames) -> str:
    """What a file that is quantized already says of itself; "" of one in floats."""
    rows = [
        row for row in contents(f.listing.model) if row["type"] not in FLOATS and not str(row["type"]).startswith(("int", "uint", "bool"))
    ]
    whole = sum(int(row["values"]) for row in contents(f.listing.model))
    if not rows or not whole:
        return ""
    share = sum(int(row["values"]) for row in rows) / whole
    kinds = ", ".join(f"{row['type']} ({fixed(float(row['bits_per_value']), 2)} bits per value)" for row in rows[:4])
    return (
        f"This file is quantized already: {rounded_percent(share)} of its values are {markdown_safe(kinds)}. Errors here are measured against what "
        "it holds, and come on top of those that it has."
    )


def csv(f: Frames) -> str:
    """The totals of every stop, of the rules and of the budget of the same size."""
    names = "bits,bytes,bits_per_weight,sqnr_db,budget_bytes,budget_sqnr_db,budget_gain_db,worst_share,quantized,better"
    names += ",output_sqnr_db,budget_output_sqnr_db" if f.with_outputs else ""
    lines = [names]
    for label, level in f.levels.items():
        rules, budget = level.of_rules, level.of_budget
        ranked = worst(f.listing.measured, level.rules, 1)
        gain = budget.sqnr_db - rules.sqnr_db if math.isfinite(budget.sqnr_db) else 0.0
        cells = [rules.bytes_after, rules.bits_per_weight, rules.sqnr_db, budget.bytes_after, budget.sqnr_db, gain]
        cells += [ranked[0][1] if ranked else 0.0, rules.quantized, sum(better_at_size(f, label).values())]
        cells += [rules.output_sqnr_db, budget.output_sqnr_db] if f.with_outputs else []
        lines.append(",".join([label, *(f"{c:.8g}" for c in cells)]))
    return "\n".join(lines) + "\n"
