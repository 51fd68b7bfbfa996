"""The browser's toy network against numpy's: the same numbers, step after step."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from quantlab.networks import toy
from quantlab.progress import finish

MODULE = Path(toy.__file__).parents[1] / "film" / "web" / "toy" / "learn.js"
SCRIPT = """
import { readFileSync } from "node:fs";
const { gradients, learner, rint, shareRight } = await import(process.argv[1]);
const { net, points, bits, adam, steps, places } = JSON.parse(readFileSync(0, "utf8"));
const start = { weights: net.weights.map(w => Float64Array.from(w.flat())), biases: net.biases.map(b => Float64Array.from(b)), steps: net.steps };
const given = { xy: Float64Array.from(points.xy.flat()), side: Float64Array.from(points.side) };
const { loss, slopes } = gradients(start, given, bits), student = learner(start, given, bits, adam);
for (let k = 0; k < steps; k++) student.step();
const end = student.net();
console.log(JSON.stringify({ loss, slopes: slopes.map(s => [...s]), rint: places.map(rint), share: shareRight(end, given, bits),
  end: [...end.weights, ...end.biases].map(a => [...a]).concat(end.steps.map(s => [s])) }));
"""
PLACES = [-2.5, -1.5, -0.5, -0.49, 0.0, 0.5, 1.5, 2.4999, 2.5, 3.5, 1e6 + 0.5]

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node runs the browser's module")


def in_the_browser(net: toy.Weights, points: toy.Points, bits: int | None, steps: int) -> dict:
    given = {
        "net": {"weights": [w.tolist() for w in net.weights], "biases": [b.tolist() for b in net.biases], "steps": list(net.steps)},
        "points": {"xy": points.xy.tolist(), "side": points.side.tolist()},
        "bits": bits,
        "adam": toy.ADAM,
        "steps": steps,
        "places": PLACES,
    }
    command = ["node", "--input-type=module", "-e", SCRIPT, MODULE.as_uri()]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


@pytest.mark.parametrize("bits", [None, 2, 3, 8])
@pytest.mark.parametrize("data", toy.DATA)
def test_every_number_is_that_of_numpy(data, bits):
    points, exact = toy.DATA[data](0), toy.float_network(data, 0)
    net = exact if bits is None else toy.with_steps(exact, bits)
    theirs = in_the_browser(net, points, bits, 20)
    loss, slopes = toy.gradients(net, points, bits)
    assert theirs["loss"] == pytest.approx(loss, rel=1e-12)
    for ours, other in zip(slopes, theirs["slopes"], strict=True):
        assert ours.ravel() == pytest.approx(np.array(other), rel=1e-9, abs=1e-14)
    assert theirs["rint"] == np.rint(PLACES).tolist()
    end = finish(toy.learn(net, points, bits, 20))
    for ours, other in zip(end.flat, theirs["end"], strict=True):
        assert ours.ravel() == pytest.approx(np.array(other), rel=1e-6, abs=1e-8)
    assert theirs["share"] == pytest.approx(float(toy.right(end, points, bits).mean()))
