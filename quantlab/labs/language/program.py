"""The program that reproduces the numbers of a stop: the parts that the request needs, one after the other."""

from __future__ import annotations

from quantlab.labs.language.request import CALIBRATION_TOKENS, LanguageRequest
from quantlab.language.few_bits import FewBits
from quantlab.language.methods import METHODS
from quantlab.language.quantized import Plan

_CHANGES = {"none": "model", "smooth": "smooth(model, finish(calibrate(model, seen_text)))", "rotate": "rotate(model)"}


def few_text(few: FewBits) -> str:
    """The hooks' bits as Python, what is as usual left out.

    >>> few_text(FewBits(keys=4))
    'FewBits(keys=4)'
    """
    return f"FewBits({_given(few, FewBits())})"


def plan_text(plan: Plan) -> str:
    """A plan as Python, what is as usual left out.

    >>> plan_text(Plan("gptq", "3"))
    'Plan("gptq", "3")'
    """
    rest = _given(plan, Plan(plan.method, plan.stop)).replace("granularity=", "granularity=ql.")
    return f"Plan({plan.method!r}, {plan.stop!r}{', ' if rest else ''}{rest})".replace("'", '"')


def _given(value: object, usual: object) -> str:
    parts = [f"{n}={v!r}" for n, v in vars(value).items() if v != getattr(usual, n)]
    return ", ".join(parts)


def program(request: LanguageRequest, label: str) -> str:
    """The program of one stop."""
    c, plan, few = request.conditions, request.plan(label), request.few
    seen = METHODS[request.method].calibrated or few.static
    first, then, imports = "", "", []
    if request.looks:
        first += f'seen_text = tokens_of("{request.calibration}", {CALIBRATION_TOKENS})\n'
        imports.append("from quantlab.language.calibration import calibrate")
    if request.before != "none":
        imports.append(f"from quantlab.language.rotation import {request.before}")
        then += f"changed = {_CHANGES[request.before]}\n"
    base = "changed" if request.before != "none" else "model"
    if seen:
        then += f"seen = finish(calibrate({base}, seen_text))\n"
    hooks = ""
    if not few.idle:
        imports.append("from quantlab.language.few_bits import FewBits, Rounding")
        hooks = f", Rounding({few_text(few)}{', seen' if few.static else ''})"
    core = "import quantlab as ql\n" if "ql." in plan_text(plan) else ""
    return f"""{core}{_sorted(imports)}from quantlab.language.evaluation import Conditions, scores
from quantlab.language.quantized import Plan, quantized
from quantlab.language.shipped import load, tokens_of
from quantlab.progress import finish

model = load("{request.source}")
tokens = tokens_of("{c.text}", {c.tokens})
conditions = Conditions("{c.text}", {c.tokens}, context={c.context}, stride={c.stride})
before, shares = finish(scores(model, tokens, conditions))
{first}{then}plan = {plan_text(plan)}
small = quantized({base}, plan{", seen" if seen else ""})
after, _ = finish(scores(small, tokens, conditions, shares{hooks}))
ratio = after.ratio(before)
print(conditions)
print(f"perplexity {{before.perplexity:.3f}} before, {{after.perplexity:.3f}} after")
print(f"ratio {{ratio.value:.4f}} ({{ratio.low:.4f}} to {{ratio.high:.4f}})")
print(f"divergence {{after.divergence.value:.4f}} nats, same top {{100 * after.same_top:.1f}} %")
print(f"{{plan.bytes(model.config):.0f}} bytes, {{plan.bits_per_weight(model.config):.2f}} bits a weight")
"""


def _sorted(imports: list[str]) -> str:
    return "".join(f"{line}\n" for line in sorted(imports))
