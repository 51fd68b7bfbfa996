"""Programs that reproduce what a room of the integer lab shows, at the level under the thumb."""

from __future__ import annotations

import re
from typing import Any  # a dot product's parts, of a room that imports this file

from quantlab.labs.integer.request import IntegerRequest
from quantlab.labs.integer.subject import IntegerSubject
from quantlab.labs.network.subject import maker
from quantlab.networks.catalogue import OWN

_HOMES = {
    "pathlib": "Path",
    "quantlab.integer.accumulate": "bits_needed",
    "quantlab.integer.agreement": "REASONS",
    "quantlab.integer.dot": "dot_terms",
    "quantlab.integer.export": "export",
    "quantlab.integer.operations": "Arithmetic over_channels",
    "quantlab.integer.requantize": "REQUANTIZERS Grid nearest",
    "quantlab.integer.timing": "timing_steps",
    "quantlab.networks.data": "DATA",
    "quantlab.networks.engine": "Runner agreement_steps named pictures_for read_onnx shipped to_integers",
    "quantlab.networks.evaluation": "ranked",
    "quantlab.networks.settings": "WEIGHTS Setting",
    "quantlab.progress": "finish",
}  # of what a program may use


def _program(lines: str) -> str:
    """The lines below the imports of what they use."""
    used = {home: [name for name in names.split() if re.search(rf"\b{name}\b", lines)] for home, names in _HOMES.items()}
    heads = [f"import {name} as {short}" for name, short in (("numpy", "np"), ("quantlab", "ql")) if f"{short}." in lines]
    heads += [f"from {home} import {', '.join(names)}" for home, names in used.items() if names]
    return "\n".join(heads) + "\n\n" + lines


def _start(request: IntegerRequest, images: int | None = None, bits: int = 8) -> str:
    """The lines that make ``runner`` and ``setting``."""
    spec = "" if request.granularity == "tensor" else ", weight_spec=WEIGHTS.replace(granularity=ql.per_channel(0))"
    return f"""{_network(request.subject)}
runner = Runner(network, data, images={images or request.images})
setting = Setting(weights={bits}, activations={bits}{spec})
"""


def _network(subject: IntegerSubject) -> str:
    if subject.source != OWN:
        return f"network, data = {maker(subject.source)}({subject.source!r})"
    return f"network = read_onnx({subject.name!r}, Path({subject.name!r}))\ndata = DATA[pictures_for(network)]()"


def equal_program(request: IntegerRequest, bits: int) -> str:
    """Codes that differ, reason by reason."""
    return _program(f"""{_start(request, bits=bits)}agreement = finish(agreement_steps(runner, setting, Arithmetic({request.requantizer!r})))
for layer in (*agreement.layers, agreement.total):
    print(layer.layer, layer.compared, dict(zip(REASONS, layer.differing)))
print((ranked(agreement.integer)[:, 0] == agreement.labels).mean())
""")


def accumulator_program(request: IntegerRequest, bits: int) -> str:
    """Top-1 with sums of few bits."""
    return _program(f"""{_start(request)}integers = to_integers(runner, setting)
for layer in integers.layers:
    print(f"{{layer.name}}: at worst {{bits_needed(layer.bound)}} bits, the bias aside")
logits = integers.logits(runner.test.pixels, Arithmetic(accumulator={bits}, overflow={request.overflow!r}))
print((ranked(logits)[:, 0] == runner.test.labels).mean())
""")


def rounding_program(request: IntegerRequest, bits: int) -> str:
    """Codes that differ from exact rounding, in each way."""
    return _program(f"""{_start(request)}integers = to_integers(runner, setting)
layer = next(layer for layer in integers.layers if layer.name == {request.layer!r})
read = integers.read_by(layer.name, runner.test.pixels)
scale = over_channels(read.scale, read.values.ndim)
right = nearest(read.values, scale, layer.grid)
for way in REQUANTIZERS.values():
    codes = way(read.values, scale, layer.grid, {bits})
    print(f"{{way.title}}: {{(codes != right).sum()}} of {{right.size}} codes differ")
""")


def dot_program(dot: Any, step: int) -> str:
    """The dot product in plain numpy, its parts apart."""
    return _program(f"""w = np.array({dot.w.tolist()})
x = np.array({dot.x.tolist()})
terms = dot_terms(w, x, w_zero={dot.w_zero}, x_zero={dot.x_zero})
print(np.cumsum([*(w * x), terms.of_weights, terms.of_inputs, terms.constant, {dot.bias}])[:{step}])
accumulator = terms.total + {dot.bias}
grid = Grid({dot.out.scale!r}, {dot.out.zero_point}, {dot.out.qmin}, {dot.out.qmax})
print(accumulator, REQUANTIZERS["twice"](np.array([accumulator]), np.array([{dot.scale!r}]), grid))
""")


def speed_program(request: IntegerRequest, batch: int) -> str:
    """The exported network, and its times."""
    return _program(f"""{_start(request, images=64)}integers = to_integers(runner, setting)
for form in ("qlinear", "qdq"):
    Path(f"{request.subject.source}-{{form}}.onnx").write_bytes(export(integers, form))
timing = finish(timing_steps(integers, runner.test.pixels, threads={request.threads}, batches=({batch},)))
for (form, batch), ratio in timing.ratios.items():
    print(timing.latencies[form, batch], ratio)
""")
