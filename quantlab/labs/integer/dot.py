"""The room of one dot product: a corner of a picture under one filter, product after product, then the zero-point terms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

import quantlab as ql
from quantlab.film import Strip, numbers_film
from quantlab.film.figures import ORIGINAL, PALE, QUANTIZED, THEORY, Chart
from quantlab.integer.dot import DotTerms, dot_terms
from quantlab.integer.fixed_point import fixed_point
from quantlab.integer.operations import USUAL
from quantlab.integer.requantize import REQUANTIZERS, Grid
from quantlab.labs.integer.network import network_of, runner_of
from quantlab.labs.integer.programs import dot_program
from quantlab.labs.integer.request import DOT_ENDS, IntegerRequest
from quantlab.labs.integer.result import IntegerResult, spoken, table_of
from quantlab.labs.text import MINUS, plain
from quantlab.networks import engine
from quantlab.progress import Steps
from quantlab.tasks import Task

VIEWS = {
    "sum": "the accumulator after every step",
    "numbers": "the step's codes, product and sum",
    "words": "what happens in this step, in words",
}
SIGNED = 128  # the picture's bytes 0 to 255 as int8, -128 to 127: the zero point is -128


@dataclass(frozen=True, eq=False)
class Dot:
    """One dot product. w, x : codes int64 (K,) with their zero points. scale : of a product. bias : int32. real : the float result.

    out : the grid of the result. code : what it becomes.
    """

    w: np.ndarray
    x: np.ndarray
    w_zero: int
    x_zero: int
    scale: float
    bias: int
    out: Grid
    real: float

    @property
    def terms(self) -> DotTerms:
        return dot_terms(self.w, self.x, self.w_zero, self.x_zero)

    @property
    def sums(self) -> np.ndarray:
        """The accumulator after every step but the last, int64 (K + 4,)."""
        terms = self.terms
        return np.cumsum([*(self.w * self.x), terms.of_weights, terms.of_inputs, terms.constant, self.bias])

    @property
    def code(self) -> int:
        return int(REQUANTIZERS["twice"](self.sums[-1:], np.array([self.scale]), self.out)[0])


def tasks(request: IntegerRequest, label: str) -> tuple[Task[IntegerResult], ...]:
    """All steps at once."""
    return (Task(("integer dot", request), partial(_steps, request), "Finding a dot product"),)


def _steps(request: IntegerRequest) -> Steps[IntegerResult]:
    yield 0, 1
    return _result(request, dot_of(request))


def dot_of(request: IntegerRequest) -> Dot:
    """The first layer's filter of the largest answer at the middle of the picture; ValueError for a first layer that is no convolution."""
    runner, network = runner_of(request), network_of(request)
    layer, reader = network.layers[0], network.layers[1]
    picture = runner.test.pixels[min(request.picture, len(runner.test) - 1)]
    window = layer.window
    if window is None or window.groups > 1:
        raise ValueError(
            f"{layer.name} is no plain convolution, and this room steps through the window of one; choose another room or network."
        )
    sums = layer.accumulate(layer.codes(network.read_by(layer.name, picture[None]), USUAL), USUAL)[0]
    channel = int(np.argmax(sums.reshape(len(sums), -1).max(axis=1)))
    (high, wide), (top, left) = window.kernel, (picture.shape[i] // 2 for i in (0, 1))
    corner = picture[top : top + high, left : left + wide]
    x = corner.transpose(2, 0, 1).reshape(-1).astype(np.int64)
    real = engine.weights_of(runner, layer.name)
    weights, bias = real[0][channel].reshape(-1), float(real[1][channel])
    spec = ql.QuantSpec("int-symmetric" if request.weights == "symmetric" else "int-asymmetric", bits=8)
    q = ql.quantize(weights, spec)
    shift = SIGNED if request.weights == "asymmetric" else 0
    w, zero, w_scale = q.codes.astype(np.int64) - shift, int(q.qparams.zero_point[0]) - shift, float(q.qparams.scale[0])
    scale = w_scale * float(np.float32(layer.grid.scale))
    out = Grid(reader.grid.scale, reader.grid.zero_point, reader.grid.qmin, reader.grid.qmax)
    exact = float(weights.astype(np.float64) @ (x / 255)) + bias
    return Dot(w, x - SIGNED, zero, -SIGNED, scale, round(bias / scale), out, exact)


def _result(request: IntegerRequest, dot: Dot) -> IntegerResult:
    labels = tuple(map(str, request.stops))
    strip = Strip(labels)
    sentences = tuple(_sentence(dot, step) for step in request.stops)
    films = {
        "sum": _chart(strip, dot),
        "numbers": numbers_film(strip, _tiles(dot, request.stops), layout="pairs"),
        "words": spoken(strip, sentences),
    }
    terms = dot.terms
    head = ["step", "accumulator", "raw", "of_weights", "of_inputs", "constant", "bias", "code", "sum_w", "sum_x", "w_zero", "x_zero"]
    same = [terms.raw, terms.of_weights, terms.of_inputs, terms.constant, dot.bias, dot.code]
    same += [int(dot.w.sum()), int(dot.x.sum()), dot.w_zero, dot.x_zero]
    rows = [[k + 1, int(total), *same] for k, total in enumerate(_path(dot))]
    return IntegerResult("dot", labels, films, sentences, tuple(dot_program(dot, k) for k in request.stops), table_of(head, rows))


def _path(dot: Dot) -> np.ndarray:
    """The accumulator after every step; in the last one it stays as it is."""
    return np.append(dot.sums, dot.sums[-1])


_ENDS = ("weights", "inputs", "constant", "bias", "rounded")


def _chart(strip: Strip, dot: Dot) -> bytes:
    path, k = _path(dot).astype(float), dot.w.size
    at = np.arange(1, len(path) + 1) + 3.0 * np.maximum(np.arange(len(path)) - k + 1, 0)  # the last steps have names and want room
    reach = float(np.abs(path).max()) * 1.12
    chart = Chart(
        strip, 260, "The accumulator after every step of the dot product", "product; then zero-point terms, bias, rounding", "accumulator"
    )
    ticks = [*range(1, k + 1, max(1, k // 9)), *range(k + 1, k + DOT_ENDS + 1)]
    names = [str(t) if t <= k else _ENDS[t - k - 1] for t in ticks]
    end = float(at[-1]) + 2
    chart.axes((0, end), (-reach, reach), xaxis={"tickvals": [float(at[t - 1]) for t in ticks], "ticktext": names}, margin={"l": 66})
    chart.line("zero", np.array([0.0, end]), np.zeros(2), THEORY, width=1, legend=False, hover=False)
    chart.line("products end", np.full(2, k + 1.5), np.array([-reach, reach]), THEORY, dash="dot", width=1, legend=False, hover=False)
    chart.line("to come", at, path, PALE.replace("0.22", "0.6"), width=1.6, hover=False, legend=False)
    chart.line("accumulator", [at[: i + 1] for i in range(len(at))], [path[: i + 1] for i in range(len(at))], ORIGINAL, width=2.4)
    chart.points(
        "now", [at[i : i + 1] for i in range(len(at))], [path[i : i + 1] for i in range(len(at))], QUANTIZED, size=13, legend=False
    )
    return chart.film()


def _tiles(dot: Dot, stops: tuple[int, ...]) -> list[tuple[str, str, list[str]]]:
    k, path = dot.w.size, _path(dot)

    def during(values: list[str], after: str = "–") -> list[str]:
        return [values[step - 1] if step <= k else after for step in stops]

    return [
        ("Weight w", f"The code, int8; its zero point is {_int(dot.w_zero)}", during([_int(v) for v in dot.w])),
        ("Input x", f"The picture's byte minus 128, int8; its zero point is {_int(dot.x_zero)}", during([_int(v) for v in dot.x])),
        ("Product w · x", "Fits into 16 bits", during([_int(v) for v in dot.w * dot.x])),
        ("Accumulator", "int32, after this step", [_int(path[step - 1]) for step in stops]),
        ("Stands for", "The accumulator's share of the result in steps of s_x · s_w; the float result once all terms are in", [_stands(dot, step) for step in stops]),
        ("Code", "What the next layer reads", [_int(dot.code) if step == stops[-1] else "–" for step in stops]),
    ]  # fmt: skip


def _stands(dot: Dot, step: int) -> str:
    if step < dot.w.size + 4:
        return "–"
    return f"{plain(dot.sums[-1] * dot.scale, 4)}\nfloat: {plain(dot.real, 4)}"


def _sentence(dot: Dot, step: int) -> str:
    k, path, terms = dot.w.size, _path(dot), dot.terms
    now = _int(path[step - 1])
    if step <= k:
        w, x = int(dot.w[step - 1]), int(dot.x[step - 1])
        return f"Product **{step} of {k}**: {_int(w)} · {_int(x)} = {_int(w * x)}. The accumulator holds **{now}**. Zero points come later, all at once."
    m = fixed_point(dot.scale / dot.out.scale)
    of_inputs = "The weights are symmetric, z_w = 0: this term vanishes, and so it is never computed" if dot.w_zero == 0 else (
        f"Minus z_w · Σx = {_int(dot.w_zero)} · {_int(int(dot.x.sum()))}: it depends on the picture, so it is computed anew for every window"
    )  # fmt: skip
    ends = (
        f"Minus z_x · Σw = {_int(dot.x_zero)} · {_int(int(dot.w.sum()))}: {_int(terms.of_weights)} in all. It is known beforehand",
        of_inputs,
        f"Plus K · z_w · z_x = {k} · {_int(dot.w_zero)} · {_int(dot.x_zero)}: a constant",
        f"Plus the bias, {_int(dot.bias)} steps of s_x · s_w. The two terms known beforehand are added into it once and for all",
        f"Times M = {plain(dot.scale / dot.out.scale, 4)}, as {int(m.multiplier[0])} · 2^{_int(int(m.shift[0]) - 31)}, rounded, plus z_y = "
        f"{dot.out.zero_point}, held within {dot.out.qmin} to {dot.out.qmax}: the next layer reads the code **{dot.code}**",
    )
    return f"{ends[step - k - 1]}. The accumulator holds **{now}**."


def _int(value: int | np.integer) -> str:
    return f"{int(value):,}".replace(",", "\u202f").replace("-", MINUS)
