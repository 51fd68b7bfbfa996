"""Programs that reproduce what a room of the network lab shows, at the level under the thumb."""

from __future__ import annotations

import re
from collections.abc import Sequence

from quantlab.labs.network.answers import agreement as network_agreement
from quantlab.networks.settings import Setting
from quantlab.types import QuantSpec

_HOMES = {
    "quantlab.networks.settings": "ACTIVATIONS Setting WEIGHTS",
    "quantlab.networks.engine": "Evaluator Runner layer_errors named pictures_for read_onnx sensitivity_steps shipped size",
    "quantlab.networks.data": "DATA",
    "quantlab.networks.engine.layer_costs": "layer_cost_steps on_calibration outcome",
    "quantlab.networks.budget": "exact greedy",
    "quantlab.networks.engine.states": "with_file",
    "quantlab.networks.engine.fetched_data": "data_steps",
    "quantlab.networks.engine.own_pictures": "data_set training_steps",
    "quantlab.networks.engine.imagenet": "network_steps photo_set",
    "quantlab.sources.image_folders": "from_folder from_zip",
    "quantlab.sources.picture_files": "load_picture",
    "quantlab.progress": "finish",
    "pathlib": "Path",
}  # of what a program may use

_PRINTS = """print(f"Top-1 {answers.top(1)}")
print(f"Top-5 {answers.top(5)}")
print(f"Macro F1 {answers.f1}")
print(f"Agreement {answers.agreement}, McNemar p = {answers.difference.p:.2g}")
"""


_COMPARED = """kept = Evaluator(runner).evaluate({})
print(f"The kept setting: Top-1 {{kept.top(1)}}, McNemar p = {{answers.difference_from(kept).p:.2g}}")
"""


def answers_program(source: str, images: int, setting: Setting, truth: bool = True, pinned: Setting | None = None) -> str:
    """The program of the room of answers; ``source`` are the lines that make network and data.

    pinned : a setting of the same network to compare with.
    """
    return _program(f"""{source}
runner = Runner(network, data, images={images})
setting = {setting_text(setting)}
answers = Evaluator(runner).evaluate(setting)
{_PRINTS if truth else network_agreement.PRINTS}print(f"{{size(runner, setting).total('packed'):.0f}} bytes packed")
{_COMPARED.format(setting_text(pinned)) if pinned else ""}""")


def layers_program(source: str, setting: Setting, bits: int, images: tuple[int, int], scrub: str, truth: bool = True) -> str:
    """The program of the room of layers: the growth of the error on images[0] of them, the costs of layers on images[1]."""
    alone = {"weights": ", activations=False", "activations": ", weights=False", "both": ""}[scrub]
    what = "Top-1" if truth else "as in float"
    return _program(f"""{source}
runner = Runner(network, data, images={images[1]})
setting = {setting_text(setting)}
for error in layer_errors(runner, setting, images={images[0]}):
    print(f"{{error.layer}}: alone {{error.alone:.1f}} dB, with all before it {{error.output:.1f}} dB")
for cost in finish(sensitivity_steps(Evaluator(runner), setting, {bits}{alone})):
    print(f"only {{cost.layer}} {{cost.alone.top(1)}}, all but it {{cost.all_but.top(1)}}, {what}")
""")


def budget_program(source: str, images: int, setting: Setting, choices: Sequence[int], budget: int, bits: int, truth: bool = True) -> str:
    """The program of the room of budgets: bytes and loss of each layer at each width, and the plans of ``budget`` bytes."""
    what = "Top-1" if truth else "as in float"
    return _program(f"""{source}
evaluator = Evaluator(Runner(network, data, images={images}))
calibration = on_calibration(evaluator)
setting = {setting_text(setting)}
costs = finish(layer_cost_steps(calibration, setting, {tuple(choices)}))
for layer, sizes, losses in zip(costs.layers, costs.bytes, costs.loss):
    for bits, n, loss in zip(costs.bits, sizes, losses):
        print(f"{{layer}} at {{bits}} bits: {{n}} bytes, loss {{loss:.3g}}")
budget = {budget}  # bytes of {bits} bits in every layer
for search in (greedy, exact):
    plan = search(costs, budget)
    answers, moved = outcome(evaluator, calibration, setting, plan)
    print(f"{{search.__name__}}: {{dict(plan.bits)}}, {{plan.bytes}} bytes, {what} {{answers.top(1)}}")
    print(f"loss predicted {{plan.loss:.3g}}, measured {{moved:.3g}} bits")
""")


def _program(lines: str) -> str:
    """The lines below the imports of what they use."""
    used = {home: [name for name in names.split() if re.search(rf"\b{name}\b", lines)] for home, names in _HOMES.items()}
    heads = ["import quantlab as ql"] if "ql." in lines else []
    heads += [f"from {home} import {', '.join(names)}" for home, names in used.items() if names]
    return "\n".join(heads) + "\n\n" + lines


def setting_text(setting: Setting) -> str:
    """A setting as Python, what is as usual left out."""
    usual = Setting()
    parts = []
    for name in usual.__dataclass_fields__:
        value, plain = getattr(setting, name), getattr(usual, name)
        if value != plain:
            parts.append(f"{name}={_spec_text(value, plain) if isinstance(value, QuantSpec) else repr(value)}")
    return f"Setting({', '.join(parts)})"


def _spec_text(spec: QuantSpec, usual: QuantSpec) -> str:
    """A spec as changes of the usual one of its scheme, or whole."""
    if spec.scheme == usual.scheme and spec.knobs == usual.knobs:
        base = "ACTIVATIONS" if usual.scheme == "int-asymmetric" else "WEIGHTS"
        changes = [
            f"{name}={getattr(spec, name)!r}"
            for name in ("granularity", "calibrator", "rounding", "seed")
            if getattr(spec, name) != getattr(usual, name)
        ]
        text = f"{base}.replace({', '.join(changes)})"
    else:
        text = repr(spec).replace("QuantSpec(", "ql.QuantSpec(")
    return text.replace("=per_", "=ql.per_")
