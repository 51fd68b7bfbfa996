"""The program that reproduces the numbers of a stop: the parts that the request needs, one after the other."""

from __future__ import annotations

from quantlab.labs.language.request import LanguageRequest
from quantlab.language.few_bits import FewBits
from quantlab.language.methods import METHODS
from quantlab.language.quantized import Plan

LONGEST_TEXT = 2000  # characters of a text that a program holds
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
    path, place, made, tokens = opening(request)
    size = "" if request.model.unit == "byte" else ", size=language.size(tokens)"
    seen = METHODS[request.method].calibrated or few.static
    first, then, imports = "", "", []
    if request.looks:
        first += f'seen_text = {tokens}("{request.calibration}", {request.model.calibration})\n'
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
    imports += [f"from quantlab.language.{place}", "from quantlab.language.evaluation import Conditions, scores"]
    imports += ["from quantlab.language.quantized import Plan, quantized", "from quantlab.progress import finish"]
    return f"""{path}{core}{_sorted(imports)}
{made}
conditions = Conditions("{c.text}", {c.tokens}, context={c.context}, stride={c.stride})
before, shares = finish(scores(model, tokens, conditions{size}))
{first}{then}plan = {plan_text(plan)}
small = quantized({base}, plan{", seen" if seen else ""})
after, _ = finish(scores(small, tokens, conditions, shares{hooks}{size}))
ratio = after.ratio(before)
print(conditions)
print(f"perplexity {{before.perplexity:.3f}} before, {{after.perplexity:.3f}} after")
print(f"ratio {{ratio.value:.4f}} ({{ratio.low:.4f}} to {{ratio.high:.4f}})")
print(f"divergence {{after.divergence.value:.4f}} nats, same top {{100 * after.same_top:.1f}} %")
print(f"{{plan.bytes(model.config):.0f}} bytes, {{plan.bits_per_weight(model.config):.2f}} bits a weight")
"""


def opening(request: LanguageRequest) -> tuple[str, str, str, str]:
    """The import of paths, that of the model, the lines that make ``model`` and ``tokens``, and the function that makes tokens."""
    c, m = request.conditions, request.model
    if m.shipped and not request.own:
        return "", "shipped import load, tokens_of", f'model = load("{m.name}")\ntokens = tokens_of("{c.text}", {c.tokens})', "tokens_of"
    which = m.python.partition("(")[0]
    short = len(request.own) <= LONGEST_TEXT
    text = repr(request.own) if short else 'Path("text.txt").read_text("utf-8")  # the text that was brought, saved as a file'
    own = f"text = {text}\n" if request.own else ""
    made = (
        f'{own}language = {m.python}\nmodel = language.model()\ntokens = language.tokens("{c.text}", {c.tokens}{", text" if own else ""})'
    )
    path = "from pathlib import Path\n\n" if "Path(" in made else ""
    return path, f"catalogue import {which}", made, "language.tokens"


def _sorted(imports: list[str]) -> str:
    return "".join(f"{line}\n" for line in sorted(imports))
