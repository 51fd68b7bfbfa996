"""Programs that reproduce what a room of the integer lab shows, at the level under the thumb."""

from __future__ import annotations

from typing import Any  # a dot product's parts, of a room that imports this file

from quantlab.labs.integer.request import IntegerRequest
from quantlab.labs.integer.subject import OWN, IntegerSubject


def _start(request: IntegerRequest, images: int | None = None, bits: int = 8) -> str:
    spec = "" if request.granularity == "tensor" else ", weight_spec=WEIGHTS.replace(granularity=ql.per_channel(0))"
    heads = "import quantlab as ql\n" if spec else ""
    names = "WEIGHTS, Setting" if spec else "Setting"
    return f"""{heads}{_network(request.subject)}from quantlab.networks.settings import {names}

runner = Runner(network, data, images={images or request.images})
setting = Setting(weights={bits}, activations={bits}{spec})
"""


def _network(subject: IntegerSubject) -> str:
    """The lines that make ``network`` and ``data``, between imports."""
    if subject.source != OWN:
        return f"from quantlab.networks.engine import Runner, shipped, to_integers\n\nnetwork, data = shipped({subject.source!r})\n"
    return f"""from pathlib import Path

from quantlab.networks.data import DATA
from quantlab.networks.engine import Runner, pictures_for, read_onnx, to_integers

network = read_onnx({subject.name!r}, Path({subject.name!r}))
data = DATA[pictures_for(network)]()
"""


def equal_program(request: IntegerRequest, bits: int) -> str:
    """Codes that differ, reason by reason."""
    return f"""from quantlab.integer.agreement import REASONS
from quantlab.integer.operations import Arithmetic
from quantlab.networks.engine import agreement_steps
from quantlab.networks.evaluation import ranked
from quantlab.progress import finish
{_start(request, bits=bits)}agreement = finish(agreement_steps(runner, setting, Arithmetic({request.requantizer!r})))
for layer in (*agreement.layers, agreement.total):
    print(layer.layer, layer.compared, dict(zip(REASONS, layer.differing)))
print((ranked(agreement.integer)[:, 0] == agreement.labels).mean())
"""


def accumulator_program(request: IntegerRequest, bits: int) -> str:
    """Top-1 with sums of few bits."""
    return f"""from quantlab.integer.accumulate import bits_needed
from quantlab.integer.operations import Arithmetic
from quantlab.networks.evaluation import ranked
{_start(request)}network = to_integers(runner, setting)
for layer in network.layers:
    print(f"{{layer.name}}: at worst {{bits_needed(layer.bound)}} bits, the bias aside")
logits = network.logits(runner.test.pixels, Arithmetic(accumulator={bits}, overflow={request.overflow!r}))
print((ranked(logits)[:, 0] == runner.test.labels).mean())
"""


def rounding_program(request: IntegerRequest, bits: int) -> str:
    """Codes that differ from exact rounding, in each way."""
    return f"""from quantlab.integer.operations import over_channels
from quantlab.integer.requantize import REQUANTIZERS, nearest
{_start(request)}network = to_integers(runner, setting)
layer = next(layer for layer in network.layers if layer.name == {request.layer!r})
read = network.read_by(layer.name, runner.test.pixels)
scale = over_channels(read.scale, read.values.ndim)
right = nearest(read.values, scale, layer.grid)
for slug, way in REQUANTIZERS.items():
    codes = way(read.values, scale, layer.grid, {bits})
    print(f"{{way.title}}: {{(codes != right).sum()}} of {{right.size}} codes differ")
"""


def dot_program(dot: Any, step: int) -> str:
    """The dot product in plain numpy, its parts apart."""
    return f"""import numpy as np

from quantlab.integer.dot import dot_terms
from quantlab.integer.requantize import REQUANTIZERS, Grid

w = np.array({dot.w.tolist()})
x = np.array({dot.x.tolist()})
terms = dot_terms(w, x, w_zero={dot.w_zero}, x_zero={dot.x_zero})
print(np.cumsum([*(w * x), terms.of_weights, terms.of_inputs, terms.constant, {dot.bias}])[:{step}])
accumulator = terms.total + {dot.bias}
grid = Grid({dot.out.scale!r}, {dot.out.zero_point}, {dot.out.qmin}, {dot.out.qmax})
print(accumulator, REQUANTIZERS["twice"](np.array([accumulator]), np.array([{dot.scale!r}]), grid))
"""


def speed_program(request: IntegerRequest, batch: int) -> str:
    """The exported network, and its times."""
    return f"""from pathlib import Path

from quantlab.integer.export import export
from quantlab.integer.timing import timing_steps
from quantlab.progress import finish
{_start(request, images=64)}network = to_integers(runner, setting)
for form in ("qlinear", "qdq"):
    Path(f"{request.subject.source}-{{form}}.onnx").write_bytes(export(network, form))
timing = finish(timing_steps(network, runner.test.pixels, threads={request.threads}, batches=({batch},)))
for (form, batch), ratio in timing.ratios.items():
    print(timing.latencies[form, batch], ratio)
"""
