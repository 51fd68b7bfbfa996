"""The fifth room: GPTQ column by column on a block of a layer, what each leaves and what the next ones make good."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from quantlab import workers
from quantlab.film import Strip, image_film
from quantlab.film.figures import AWAY, ORIGINAL, OTHER, QUANTIZED, THEORY, Chart
from quantlab.labs.language.inside import head_of_program, observed, spec_of
from quantlab.labs.language.looks import COLUMNS
from quantlab.labs.language.request import LanguageRequest
from quantlab.labs.language.result import LanguageResult, lines, words_of
from quantlab.labs.text import fixed, rounded_percent
from quantlab.language.calibration import output_error
from quantlab.language.columns import Walk, block
from quantlab.language.gptq import gptq
from quantlab.progress import Steps, part
from quantlab.quantizer import fake_quantize

VIEWS = {
    "moved": "how far each weight of a block is from where it was, in steps, while GPTQ goes from column to column",
    "row": "one row of that block: weights, levels, what is rounded and what is still free",
    "objective": "the output's error after each column, of GPTQ and of rounding to nearest",
}
ROWS = 12
REACH = 1.5  # steps, at the ends of the palette


@dataclass(frozen=True, eq=False)
class Block:
    """walk : of the block. whole : GPTQ's output error over nearest's on the whole layer. shape : of that."""

    walk: Walk
    whole: float
    shape: tuple[int, int]

    @property
    def row(self) -> int:
        """The row that gains most."""
        return int(np.argmax(self.walk.nearest[-1] - self.walk.errors[-1]))


def steps(request: LanguageRequest, stop: str, stage: int) -> Steps[LanguageResult]:
    """The films: all columns at once, in either stage."""
    found = yield from workers.steps(partial(computed_steps, request), request.source)
    return result(request, found, stage)


def computed_steps(request: LanguageRequest) -> Steps[Block]:
    """The block's walk; yields (done, total)."""
    weight, seen = yield from part(observed(request), 0, 2)
    spec = spec_of(request, request.look.bits)
    yield 100, 200
    walk = block(weight, spec, seen.moments, slice(ROWS), slice(COLUMNS))
    ours, nearest = (output_error(weight - w, seen.moments).sum() for w in (gptq(weight, spec, seen.moments), fake_quantize(weight, spec)))
    return Block(walk, float(ours / nearest) if nearest else 1.0, (weight.shape[0], weight.shape[1]))


def result(request: LanguageRequest, found: Block, stage: int) -> LanguageResult:
    """The room's films, sentences and numbers."""
    strip = Strip(request.labels)
    texts = {label: notice(request, found, int(label)) for label in strip.labels}
    films = {
        "moved": moved_film(strip, found.walk),
        "row": row_film(strip, found),
        "objective": objective_film(strip, found.walk),
        "words": words_of(texts),
    }
    return LanguageResult(request, films, texts, partial(csv, found.walk), program, stage)


def palette() -> np.ndarray:
    """Blue for down, white for none, vermilion for up, uint8 (256, 3)."""
    ends = (np.array([0, 114, 178]), np.array([250, 250, 250]), np.array([213, 94, 0]))
    at = np.linspace(-1, 1, 256)
    return np.stack([np.interp(at, (-1, 0, 1), [end[i] for end in ends]) for i in range(3)], axis=1).round().astype(np.uint8)


def moved_film(strip: Strip, walk: Walk) -> bytes:
    """How far every weight is from where it began, a picture for each number of columns."""
    frames = np.rint(np.clip(walk.moved / REACH, -1, 1) * 127.5 + 127.5).astype(np.uint8)
    alt = f"How far each of {ROWS} by {COLUMNS} weights is from where it began: left of the columns done rounding, right of them what was handed on"
    low, high = f"{fixed(-REACH)} steps", f"+{fixed(REACH)} steps"
    return image_film(strip, frames, palette(), alt, low, high)


def row_film(strip: Strip, found: Block) -> bytes:
    """Weights of the row that gains most, on their levels."""
    walk, row = found.walk, found.row
    grid, before, x = walk.grid, walk.weight[row], np.arange(COLUMNS, dtype=float)
    levels = (np.arange(grid.qmin, grid.qmax + 1) - grid.zero[row, 0]) * grid.scale[row, 0]
    values = np.concatenate([before, walk.states[:, row].ravel()])
    low, high = float(values.min()), float(values.max())
    room = (high - low) * 0.06
    chart = Chart(strip, 300, "Weights of one row before, rounded, and still free, over the columns", "column", "weight")
    chart.axes((-0.8, COLUMNS - 0.2), (low - room, high + room))
    if len({*grid.scale[row].tolist()}) == 1:
        for level in levels[(levels >= low - room) & (levels <= high + room)]:
            chart.line(
                "level", np.array([-0.8, COLUMNS - 0.2]), np.full(2, level), THEORY, dash="dot", width=0.8, legend=False, hover=False
            )
    chart.points("before", x, before, ORIGINAL, symbol="line-ew-open", size=11, rim=2)
    done = [np.where(x < k, walk.states[k, row], AWAY) for k in range(COLUMNS + 1)]
    free = [np.where(x >= k, walk.states[k, row], AWAY) for k in range(COLUMNS + 1)]
    chart.points("rounded", x, done, QUANTIZED, symbol="square", size=8)
    chart.points("still free", x, free, OTHER, symbol="circle", size=8)
    return chart.film()


def objective_film(strip: Strip, walk: Walk) -> bytes:
    """Output error of all rows after each column; that of nearest after all of them is 100 %."""
    end = walk.nearest[-1].sum() or 1.0
    ours, nearest = 100 * walk.errors.sum(axis=1) / end, 100 * walk.nearest.sum(axis=1) / end
    x = np.arange(COLUMNS + 1, dtype=float)
    chart = Chart(
        strip, 300, "The output's error after each column, of GPTQ and of rounding to nearest", "columns rounded", "output's error, %"
    )
    chart.axes((-0.8, COLUMNS + 0.8), (0, float(max(ours.max(), nearest.max())) * 1.08))
    chart.line("to nearest", x, nearest, ORIGINAL, dash="dash", width=1.8)
    chart.line("GPTQ", x, ours, QUANTIZED, width=2)
    for name, curve, color in (("to nearest", nearest, ORIGINAL), ("GPTQ", ours, QUANTIZED)):
        chart.points(name, [np.array([k]) for k in x], [np.array([v]) for v in curve], color, size=11, legend=False)
    return chart.film()


def notice(request: LanguageRequest, found: Block, k: int) -> str:
    """What the last column left, and where the errors stand."""
    walk, look = found.walk, request.look
    place = f"{look}, {look.bits} bits"
    if k == 0:
        return (
            f"Nothing is rounded yet: the first {ROWS} rows and {COLUMNS} columns of **{place}**. Each column that is rounded leaves an error; "
            "GPTQ moves the columns that are still free so that the layer's output feels it least."
        )
    ours, nearest = walk.errors[k].sum(), walk.nearest[k].sum()
    so_far = f"the output's error is **{_part(ours, nearest)}** of what rounding the same {k} {'column' if k == 1 else 'columns'} to nearest makes"
    if k < COLUMNS:
        handed = np.abs(walk.moved[k][:, k:])
        return (
            f"After {k} of {COLUMNS} columns of {place}, {so_far}. The {COLUMNS - k} free {'column has' if COLUMNS - k == 1 else 'columns have'} moved by "
            f"{fixed(float(handed.mean()), 2)} steps in the mean and by {fixed(float(handed.max()), 2)} at most; they are not rounded yet."
        )
    weights = np.square(walk.moved[-1]).sum() / np.square((walk.grid.nearest(walk.weight) - walk.weight) / walk.grid.scale).sum()
    larger = f"{fixed(float(weights), 2)} times the squared error of the weights themselves"
    verdict = "less error in the output with" if weights > 1 and ours < nearest else "the result has"
    return (
        f"All {COLUMNS} columns of {place} are rounded: {so_far}; {verdict} **{larger}**. On the whole layer, {found.shape[0]} by "
        f"{found.shape[1]}, GPTQ leaves {rounded_percent(found.whole)} of nearest's output error: more columns can make good more."
    )


def _part(ours: float, nearest: float) -> str:
    return rounded_percent(float(ours / nearest)) if nearest else "all"


def csv(walk: Walk) -> str:
    """Mean squared output error of the block's rows, summed, after each column."""
    rows = [[str(k), f"{walk.errors[k].sum():.9g}", f"{walk.nearest[k].sum():.9g}"] for k in range(len(walk.errors))]
    return lines(["columns", "gptq_error", "nearest_error"], rows)


def program(request: LanguageRequest, label: str) -> str:
    """The program of one number of columns."""
    head = head_of_program(request, "from quantlab.language.columns import block\n", request.look.bits)
    return f"""{head}walk = block(weight, spec, seen.moments, slice({ROWS}), slice({COLUMNS}))
k = {label}
print(f"after {{k}} columns: GPTQ {{walk.errors[k].sum():.6g}}, to nearest {{walk.nearest[k].sum():.6g}}")
print(walk.moved[k].round(2))
"""
