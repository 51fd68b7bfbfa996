"""The fourth room: GPTQ on one row of weights, stepped column by column.

The slider rounds one column after the other. What a column leaves is spread over the columns behind it, which have not been
rounded yet, so that the layer's output stays where it was as far as it can.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from quantlab.film import Strip, figures, numbers_film
from quantlab.film.figures import ERROR, ORIGINAL, OTHER, PALE, QUANTIZED, Chart
from quantlab.labs.network.subject import maker
from quantlab.labs.repair.request import RepairRequest
from quantlab.labs.repair.result import RepairResult, evaluator, lines, words_of
from quantlab.labs.text import plain
from quantlab.networks import engine
from quantlab.progress import Steps
from quantlab.tasks import Task

VIEWS = {
    "weights": "the row of weights as it stands: rounded, shifted, as it was",
    "output": "the error of the output after each column, with the error spread and without",
    "state": "the column that was rounded last, and the output's error",
}


@dataclass(frozen=True, eq=False)
class Row:
    """One row of weights, rounded column by column.

    weight : float64 (K,). stages : (K + 1, K), as it stands after so many columns. nearest : (K,), every weight to its nearest level.
    levels : (L,). errors, plain_errors : (K + 1,) of the output, with the error spread and with nothing made good.
    """

    weight: np.ndarray
    stages: np.ndarray
    nearest: np.ndarray
    levels: np.ndarray
    errors: np.ndarray
    plain_errors: np.ndarray

    @property
    def columns(self) -> int:
        return len(self.weight)


def tasks(request: RepairRequest) -> tuple[Task[RepairResult], ...]:
    """The room, at once."""
    return (Task(("repair columns", request), partial(_steps, request), f"Rounding {request.layer} column by column"),)


def _steps(request: RepairRequest) -> Steps[RepairResult]:
    yield 0, 1
    runner = evaluator(request.source, request.images).runner
    case = engine.layer_case(runner, request.layer, request.setting.calibration)
    return result(request, row_of(case, request))


def row_of(case: engine.LayerCase, request: RepairRequest) -> Row:
    """The row that the request names, at every stage."""
    spec = request.setting.weight_spec.replace(bits=request.width)
    grid, weight = case.grid(spec), case.weight[request.row]
    stages = np.stack([weight, *(column.weight[0] for column in engine.column_steps(case, spec, request.row))])
    nearest = grid.value(grid.nearest(case.weight))[request.row]
    upto = np.tri(len(stages), len(weight), -1, dtype=bool)  # (K + 1, K): the columns that are rounded
    one = np.where(upto, nearest, weight)
    h = case.h[request.row * len(case.h) // len(case.weight)]
    errors, plain_errors = (np.einsum("sk,kl,sl->s", d, h, d) for d in (stages - weight, one - weight))
    codes = np.arange(grid.qmin, grid.qmax + 1)
    levels = (codes - grid.zero[request.row, 0]) * grid.scale[request.row, 0]
    return Row(weight, stages, nearest, levels, errors, plain_errors)


def result(request: RepairRequest, row: Row) -> RepairResult:
    """The room's films, sentences and numbers."""
    texts = {label: notice(row, int(label)) for label in request.labels}
    films = {
        "weights": weights_film(request, row),
        "output": output_film(request, row),
        "state": tiles_film(request, row),
        "words": words_of(texts),
    }
    return RepairResult(request, films, texts, csv(row), program)


def weights_film(request: RepairRequest, row: Row) -> bytes:
    """The row as it was, as it stands, and the shifts that are still to be rounded."""
    x, stops = np.arange(row.columns, dtype=float), [int(label) for label in request.labels]
    near = np.abs(row.levels) <= 1.3 * np.abs(row.stages).max()
    span = float(np.abs(np.concatenate([row.stages.ravel(), row.levels[near]])).max()) * 1.08
    alt = "One row of weights: as it was, rounded so far, and shifted to make good what the rounded ones left"
    chart = Chart(Strip(request.labels), 270, alt, f"columns of {request.layer}, output channel {request.row}", "weight")
    chart.axes((-0.7, row.columns - 0.3), (-span, span))
    if near.sum() <= 40:
        heights = np.repeat(row.levels[near], 3)
        heights[2::3] = np.nan
        chart.line("levels", np.tile([-0.7, row.columns - 0.3, np.nan], int(near.sum())), heights, PALE, width=1, hover=False)
    shifts = [figures.stems(x[k:], row.weight[k:], row.stages[k][k:]) for k in stops]
    empty = np.array([figures.AWAY])
    chart.line(
        "shift", [a if a.size else empty for a, _ in shifts], [b if b.size else empty for _, b in shifts], ERROR, width=3, hover=False
    )
    chart.points("as it was", x, row.weight, ORIGINAL, symbol="circle-open", size=9, rim=1.6)
    chart.traces[-1]["marker"]["line"]["color"] = ORIGINAL
    chart.points(
        "rounded",
        [x[:k] if k else empty for k in stops],
        [row.stages[k][:k] if k else empty for k in stops],
        QUANTIZED,
        symbol="square",
        size=8,
    )
    waiting = [(x[k:], row.stages[k][k:]) if k < row.columns else (empty, empty) for k in stops]
    chart.points("not rounded yet", [a for a, _ in waiting], [b for _, b in waiting], ERROR, symbol="diamond", size=6)
    return chart.film()


def output_film(request: RepairRequest, row: Row) -> bytes:
    """The error of the output after each column."""
    x = np.arange(row.columns + 1, dtype=float)
    top = float(max(row.errors.max(), row.plain_errors.max())) * 1.08 or 1.0
    alt = "Mean squared error of the layer's output after each column: with the error spread, and every column to nearest"
    chart = Chart(Strip(request.labels), 270, alt, "columns rounded", "error of the output").axes((-0.5, row.columns + 0.5), (0, top))
    for name, y, color, dash, symbol in (
        ("to nearest", row.plain_errors, OTHER, "dot", "square"),
        ("GPTQ", row.errors, QUANTIZED, "solid", "circle"),
    ):
        chart.line(name, x, y, color, dash=dash)
        places = range(len(x))
        chart.points(
            f"{name}, now", [x[i : i + 1] for i in places], [y[i : i + 1] for i in places], color, symbol=symbol, size=10, legend=False
        )
    return chart.film()


def tiles_film(request: RepairRequest, row: Row) -> bytes:
    """The column rounded last: what it held, what it became, what it left; the output's error both ways."""

    def last(k: int) -> tuple[str, str]:
        if not k:
            return "none yet", "nothing"
        held, level = row.stages[k - 1][k - 1], row.stages[k][k - 1]
        return f"{plain(held)}\nto {plain(level)}", plain(held - level)

    stops = [int(label) for label in request.labels]
    entries = [
        ("Last column", "What the column held when its turn came, and the level that it was given", [last(k)[0] for k in stops]),
        ("It left", "What it held minus its level: this is spread over the columns behind it", [last(k)[1] for k in stops]),
        ("Error, spread", "Mean squared error of the output so far, on the calibration images", [plain(float(row.errors[k])) for k in stops]),
        ("Error, nearest", "The same where every column goes to its nearest level and nothing is made good", [plain(float(row.plain_errors[k])) for k in stops]),
    ]  # fmt: skip
    return numbers_film(Strip(request.labels), entries, layout="pairs")


def notice(row: Row, k: int) -> str:
    """What this step did."""
    if not k:
        return "No column is rounded yet: the weights stand as they were, and the output has no error. Step on to round one column after the other."
    held, level, was = row.stages[k - 1][k - 1], row.stages[k][k - 1], row.weight[k - 1]
    words = f"Column {k - 1} was {plain(was)}, held **{plain(held)}** when its turn came and becomes **{plain(level)}**"
    words += ", another level than its own nearest. " if not np.isclose(level, row.nearest[k - 1]) else ". "
    if k < row.columns:
        moved = float(np.abs(row.stages[k][k:] - row.stages[k - 1][k:]).max())
        words += (
            f"It leaves {plain(held - level)}; the {row.columns - k} columns behind it move by up to {plain(moved)} to make that good. "
        )
    other = int((~np.isclose(row.stages[k][:k], row.nearest[:k])).sum())
    words += f"Of {k} columns {other} have another level than the nearest. "
    spread, alone = float(row.errors[k]), float(row.plain_errors[k])
    return words + f"The output's error is **{plain(spread)}**, with nothing made good {plain(alone)}."


def csv(row: Row) -> str:
    """After each column: the errors of the output, and how many columns have another level than the nearest."""
    cells = []
    for k in range(row.columns + 1):
        other = int((~np.isclose(row.stages[k][:k], row.nearest[:k])).sum())
        cells.append([str(k), f"{row.errors[k]:.6g}", f"{row.plain_errors[k]:.6g}", str(other)])
    return lines(["columns", "output_error", "output_error_nearest", "other_levels"], cells)


def program(request: RepairRequest, label: str) -> str:
    """The program that rounds so many columns."""
    granularity = request.setting.weight_spec.granularity
    return f"""import numpy as np

import quantlab as ql
from quantlab.networks.engine import Runner, column_steps, layer_case, {maker(request.source)}

case = layer_case(Runner(*{maker(request.source)}("{request.source}"), images=1), "{request.layer}", {request.setting.calibration})
spec = ql.QuantSpec("int-symmetric", bits={request.width}, granularity=ql.{granularity!r})
stages = [case.weight[[{request.row}]], *(column.weight for column in column_steps(case, spec, {request.row}))]
change = stages[{label}] - stages[0]
h = case.h[{request.row} * len(case.h) // len(case.weight)]
print(f"after {label} columns the output's error is {{float((change @ h @ change.T)[0, 0]):.4g}}")
print(np.round(stages[{label}], 4))
"""
