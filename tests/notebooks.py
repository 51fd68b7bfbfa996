"""Makes the notebooks of docs/: ``python -m tests.notebooks``. A test runs their cells and holds the files to this source."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).parents[1]
OWN_NETWORK = ROOT / "docs" / "own-network.ipynb"

OWN = (
    """# A network of one's own, from float to integers

Write a model, wrap it, calibrate and evaluate it at few bits, convert it to integers, export it and time it.
It needs the extras `networks` and `export`: `python -m pip install -r requirements.txt` brings both.""",
    """import torch
from torch import nn

from quantlab.networks.data import digits

data = digits()  # uint8 pictures in three parts: training, calibration, test


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(1, 12, 3, padding=1, bias=False), nn.BatchNorm2d(12), nn.ReLU())
        self.second = nn.Sequential(nn.Conv2d(12, 12, 3, padding=1, bias=False), nn.BatchNorm2d(12))
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, 10))

    def forward(self, x):
        x = self.first(x)
        return self.head(torch.relu(x + self.second(x)))


torch.manual_seed(0)
model = Model()""",
    "## Wrap\n\nThe module becomes a list of steps. What is not supported is refused by name, with the remedy.",
    """from quantlab.networks.engine import wrap_module

network = wrap_module(model, title="My network")
print(network.layers)
try:
    wrap_module(nn.Sequential(nn.Conv2d(1, 4, 3), nn.GELU()))
except ValueError as problem:
    print(problem)""",
    "## Train\n\nWith PyTorch as usual before wrapping, or with the trainer of the shipped networks. It trains the wrapped copy.",
    """from quantlab.networks.engine.train import Recipe, accuracy, train
from quantlab.progress import finish

finish(train(network, data, Recipe(epochs=15, rate=1e-2), seed=0))
print(f"float: {accuracy(network, data.test):.1%} of {len(data.test)} test images")""",
    "## Calibrate and evaluate\n\nThe runner observes the ranges of activations on the calibration images; the evaluation has intervals.",
    """from quantlab.networks.engine import Evaluator, Runner
from quantlab.networks.settings import Setting
from quantlab.networks.store import Store

runner = Runner(network, data)
evaluator = Evaluator(runner, Store(None))
for bits in (8, 6, 4, 3):
    answers = evaluator.evaluate(Setting(weights=bits, activations=bits))
    print(f"{bits} bits: Top-1 {answers.top(1)}, McNemar against float p = {answers.difference.p:.2g}")""",
    "## Repair\n\nThe least that one tries: a scale for each output channel, and ranges of least error. Settings are found on calibration images.",
    """import quantlab as ql
from quantlab.networks.settings import ACTIVATIONS, WEIGHTS

better = Setting(
    weights=4,
    activations=4,
    weight_spec=WEIGHTS.replace(granularity=ql.per_channel(0), calibrator="mse"),
    activation_spec=ACTIVATIONS.replace(calibrator="mse"),
)
plain, repaired = evaluator.evaluate(Setting(weights=4, activations=4)), evaluator.evaluate(better)
change = repaired.difference_from(plain)
print(f"4 bits: {plain.top(1)} and {repaired.top(1)}, {'a difference is seen' if change.seen else 'no gain seen'} (p = {change.p:.2g})")""",
    "## Convert to integers\n\nThe same quantizers, counted in whole numbers; which codes differ from the fake-quantized network, and why.",
    """from quantlab.integer.agreement import REASONS
from quantlab.networks.engine import agreement_steps, to_integers

setting = Setting(weights=8, activations=8, weight_spec=WEIGHTS.replace(granularity=ql.per_channel(0)))
integers = to_integers(runner, setting)
agreement = finish(agreement_steps(runner, setting))
for reason, count in zip(REASONS, agreement.total.differing, strict=True):
    print(f"{reason}: {count} of {agreement.total.compared} codes differ")""",
    "## Export\n\nTwo ONNX files that onnxruntime runs; the form of integer operators gives the very same outputs.",
    """from pathlib import Path
from tempfile import mkdtemp

import numpy as np

from quantlab.integer.export import export
from quantlab.integer.runtime import Session

folder = Path(mkdtemp())
for form in ("qlinear", "qdq"):
    (folder / f"my-network-{form}.onnx").write_bytes(export(integers, form))
theirs = Session((folder / "my-network-qlinear.onnx").read_bytes(), "basic").run(data.test.pixels)["logits"]
same = np.array_equal(theirs, integers.logits(data.test.pixels))
print("equal to the last bit" if same else "not equal")""",
    "## Time\n\nMeasured on this machine, the forms in turns; a form counts as faster or slower only where the interval allows.",
    """from quantlab.integer.timing import timing_steps

timing = finish(timing_steps(integers, data.test.pixels, threads=1, batches=(1, 16), turns=30))
for (form, batch), ratio in timing.ratios.items():
    latency = timing.latencies[form, batch]
    spread = f"{latency.low:.3g} to {latency.high:.3g}"
    of_float = f"{ratio.low:.2f} to {ratio.high:.2f} of float"
    print(f"{form}, {batch} at once: {latency.median:.3g} ms a picture ({spread}), {ratio.verdict} ({of_float})")""",
)


def notebook(cells: tuple[str, ...]) -> str:
    """The file of a notebook; a cell that begins with # or is prose is Markdown, without outputs."""
    made = []
    for i, cell in enumerate(cells):
        body = {"id": f"cell-{i}", "metadata": {}, "source": cell.splitlines(keepends=True)}
        made.append(
            {"cell_type": "markdown", **body}
            if cell.startswith("#")
            else {"cell_type": "code", "execution_count": None, "outputs": [], **body}
        )
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return (
        json.dumps(
            {"cells": made, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5},
            indent=1,
            ensure_ascii=False,
            sort_keys=True,
        )
        + "\n"
    )


if __name__ == "__main__":
    OWN_NETWORK.write_text(notebook(OWN), "utf-8")
    print(OWN_NETWORK)
