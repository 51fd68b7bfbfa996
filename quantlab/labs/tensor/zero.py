"""Where zero lies in the followed value's group: whole numbers without a zero point, with one, and with one that is not whole.

A grid of codes lies over the group's range [low, high]: x = scale (code - z). Symmetric: z = 0. Asymmetric: z is the whole number
nearest to qmin - low / scale, so 0.0 is a level. Laid over the range as it is, z falls between two codes, and 0.0 is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quantlab.film import Strip, figures, numbers_film
from quantlab.film.figures import ERROR, ORIGINAL, QUANTIZED, THEORY, Chart
from quantlab.grouping import Granularity
from quantlab.labs.tensor.scrubs import Scrub
from quantlab.labs.text import plain
from quantlab.quantizer import choose_qparams
from quantlab.types import QuantSpec

_BITS = (2, 16)  # of the grids
_DRAWN = 65  # levels of one grid at most: more are finer than the screen
_ROWS = ("its own range, z not whole", "asymmetric", "symmetric", "values")


@dataclass(frozen=True)
class Grid:
    """Codes from qmin to qmax over real values: x = scale * (code - zero_point)."""

    scale: float
    zero_point: float
    qmin: int
    qmax: int

    @property
    def levels(self) -> np.ndarray:
        """The values of all codes, float64 (L,)."""
        return self.scale * (np.arange(self.qmin, self.qmax + 1) - self.zero_point)

    @property
    def of_zero(self) -> float:
        """The level that 0.0 becomes: the nearest one."""
        return float(self.levels[np.argmin(np.abs(self.levels))])


@dataclass(frozen=True)
class Zero:
    """One level of the slider: the group's range with 0 in it, and three grids over it."""

    low: float
    high: float
    symmetric: Grid
    asymmetric: Grid
    unrounded: Grid


def zeros(x: np.ndarray, spec: QuantSpec, scrub: Scrub, index: int) -> tuple[Zero, ...]:
    """The group of the element at ``index``, at every level of the slider."""
    rows: list[Zero] = []
    before: tuple[np.ndarray | None, Granularity | None] = None, None
    low = high = 0.0
    for value in scrub.values(spec, x.shape):
        tensor, level = scrub.tensor_at(x, value), scrub.spec_at(spec, value)
        if before[0] is not tensor or before[1] != level.granularity:
            low, high = _range(tensor, level.granularity, index)
            before = tensor, level.granularity
        clip = level.knobs.get("clip", 1.0)
        rows.append(_zero(low * clip, high * clip, level))
    return tuple(rows)


def _range(x: np.ndarray, granularity: Granularity, index: int) -> tuple[float, float]:
    """The smallest and the largest value of the element's group."""
    number, group = granularity.group_at(index, x.shape), x
    for part in granularity.split(x):  # (G, N)
        if number < len(part):
            group = part[number]
            break
        number -= len(part)
    return float(group.min()), float(group.max())


def _zero(low: float, high: float, spec: QuantSpec) -> Zero:
    bits = int(np.clip(spec.bits, *_BITS))
    ends = np.array([low, high], np.float32)
    symmetric, asymmetric = (_grid(ends, QuantSpec(slug, bits)) for slug in ("int-symmetric", "int-asymmetric"))
    low, high = min(low, 0.0), max(high, 0.0)  # as a zero point needs it
    first, last = (float(ends[0]), float(ends[1])) if ends[0] < ends[1] else (low, high or 1.0)
    scale = (last - first) / (2**bits - 1)
    return Zero(low, high, symmetric, asymmetric, Grid(scale, -first / scale, 0, 2**bits - 1))


def _grid(ends: np.ndarray, spec: QuantSpec) -> Grid:
    own = choose_qparams(ends, spec)
    return Grid(float(own.scale[0]), int(own.zero_point[0]), own.qmin, own.qmax)


def picture(strip: Strip, rows: Sequence[Zero]) -> bytes:
    """The group's range and the three grids, one above the other, with 0.0 through all of them."""
    grids = [(zero.unrounded, zero.asymmetric, zero.symmetric) for zero in rows]
    left = min(min(zero.low, *(g.levels[0] for g in own)) for zero, own in zip(rows, grids, strict=True))
    right = max(max(zero.high, *(g.levels[-1] for g in own)) for zero, own in zip(rows, grids, strict=True))
    margin = 0.04 * (right - left) or 1.0
    chart = Chart(
        strip, 250, "The followed group's range, and where the codes of three grids lie over it: is 0.0 one of them?", "value", ""
    )
    chart.axes(
        (left - margin, right + margin),
        (-0.6, 3.6),
        yaxis={"tickvals": list(range(4)), "ticktext": list(_ROWS), "showgrid": False},
        margin={"l": 150, "r": 12, "t": 26, "b": 38},
    )
    chart.line("0.0", np.zeros(2), np.array([-0.6, 3.6]), THEORY, dash="dash", width=1.5, hover=False)
    bar = np.array([3.0, 3.0])
    chart.line("range of the group", [np.array([zero.low, zero.high]) for zero in rows], [bar] * len(rows), ORIGINAL, width=9)
    for k in range(3):
        stems = [figures.stems(_some(own[k].levels), k - 0.3, k + 0.3) for own in grids]
        chart.line("levels", [x for x, _ in stems], [y for _, y in stems], QUANTIZED, width=1.3, legend=not k, hover=False)
    zero_at = [np.array([grid.of_zero for grid in own]) for own in grids]
    chart.points("what 0.0 becomes", zero_at, np.arange(3.0), ERROR, size=11)
    return chart.film()


def _some(levels: np.ndarray) -> np.ndarray:
    return levels[np.linspace(0, len(levels) - 1, min(len(levels), _DRAWN)).round().astype(int)]


def lines(strip: Strip, rows: Sequence[Zero]) -> bytes:
    """What the picture shows, in numbers."""
    entries = [
        ("Range", "The smallest and the largest value of the followed value's group, 0 within", [_span(zero) for zero in rows]),
        ("Symmetric", "The zero point is 0; the range reaches as far below zero as above", [_symmetric(zero) for zero in rows]),
        ("Asymmetric", "The zero point is the whole number nearest to where 0.0 falls", [_asymmetric(zero) for zero in rows]),
        ("Not whole", "The codes laid over the range as it is: 0.0 falls between two of them", [_unrounded(zero) for zero in rows]),
    ]
    return numbers_film(strip, entries, layout="lines")


def _span(zero: Zero) -> str:
    return f"{plain(zero.low)} … {plain(zero.high)}"


def _symmetric(zero: Zero) -> str:
    grid = zero.symmetric
    idle = int(((grid.levels < zero.low - grid.scale / 2) | (grid.levels > zero.high + grid.scale / 2)).sum())
    rest = f"; {idle} of {len(grid.levels)} levels lie where no value is" if idle else ""
    return f"s = {plain(grid.scale)}, z = 0, codes {_whole(grid.qmin)} … {_whole(grid.qmax)}: 0.0 is code 0, exact{rest}"


def _asymmetric(zero: Zero) -> str:
    grid = zero.asymmetric
    z = int(grid.zero_point)
    where = " at the end" if z in (grid.qmin, grid.qmax) else ""
    shifted = f"{_whole(grid.qmin - z)} … {_whole(grid.qmax - z)} steps"
    return f"s = {plain(grid.scale)}, z = {_whole(z)}{where}, codes {_whole(grid.qmin)} … {_whole(grid.qmax)} = {shifted}: 0.0 is code {_whole(z)}, exact"


def _unrounded(zero: Zero) -> str:
    grid = zero.unrounded
    if abs(grid.of_zero) <= 1e-6 * grid.scale:
        return f"s = {plain(grid.scale)}, z = {plain(round(grid.zero_point))}: 0.0 happens to be a level, exact"
    return f"s = {plain(grid.scale)}, z = {plain(grid.zero_point)}, no code: 0.0 becomes {plain(grid.of_zero)}"


def _whole(code: int) -> str:
    return plain(code, digits=6)
