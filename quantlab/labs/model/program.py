"""The program that reproduces a stop of the room of tensors."""

from __future__ import annotations

from quantlab.labs.model.frames import choices_of
from quantlab.labs.model.reading import SAMPLE
from quantlab.labs.model.request import ModelRequest
from quantlab.labs.model.subject import SHIPPED
from quantlab.model_file.activations import MAX_SAMPLES

_BUDGET = """
budget = share_out({weighed}, choices, totals(measured, plan).bytes_after, frozenset(name for name, o in plan.items() if o is None))
plan = budget.plan
"""


def program(request: ModelRequest, by_outputs: bool, label: str) -> str:
    """Python that prints size, bits per weight and SQNR of the plan at this stop. by_outputs : whether a budget weighs errors of outputs."""
    subject, budget = request.subject, request.budget
    if subject.brought:
        where, paths = f"Path({subject.title!r})", "from pathlib import Path\n\n"
    else:
        where, paths = f'ASSETS / "{SHIPPED[subject.source][1]}"', ""
    inputs = subject.inputs
    if inputs:
        paths = "from pathlib import Path\n\n"
    by_weights = bool(budget and inputs and not by_outputs)
    weighed = "[replace(m, outputs={}) for m in measured]" if by_weights else "measured"
    slugs = [o.slug for o in choices_of(request)]
    choices = f"choices = [option(slug) for slug in {slugs!r}]\n" if budget else ""
    return (
        ("from dataclasses import replace\n" + ("" if paths else "\n") if by_weights else "")
        + paths
        + ("from quantlab.labs.model.budget import share_out\n" if budget else "")
        + ("from quantlab.model_file.activations import activations_of\n" if inputs else "")
        + "from quantlab.model_file.measuring import measure\nfrom quantlab.model_file.opening import open_model\n"
        + ("from quantlab.model_file.options import option\n" if budget else "")
        + "from quantlab.model_file.report import totals\nfrom quantlab.model_file.rules import chosen, rules_of\n"
        + ("" if subject.brought else "from quantlab.paths import ASSETS\n")
        + f"\nmodel = open_model({where})\nrules = rules_of({request.rules_at(label)!r})\n"
        + "plan = {t.name: chosen(t, rules) for t in model.tensors}\n"
        + choices
        + (f"inputs = activations_of(open_model(Path({inputs.title!r})), model, {MAX_SAMPLES})\n" if inputs else "")
        + f"measured = [measure(t, {'choices' if budget else '[o] if (o := plan[t.name]) else []'}, {SAMPLE}, {'inputs.of(t.name), ' if inputs else ''}let_go=model.release) for t in model.tensors]\n"
        + (_BUDGET.format(weighed=weighed) if budget else "")
        + "total = totals(measured, plan)\n"
        + 'print(f"{total.bytes_after} bytes, {total.bits_per_weight:.2f} bits per weight, {total.sqnr_db:.2f} dB")\n'
        + ('print(f"{total.output_sqnr_db:.2f} dB at the outputs")\n' if inputs else "")
    )
