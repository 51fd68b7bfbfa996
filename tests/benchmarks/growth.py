"""How does time grow with the number of values, and with the bits? Draws assets/growth.svg.

    python -m tests.benchmarks.growth [most values, 10 000 000 if left out]

Medians of five (three from a million values on), both axes logarithmic on the left. One more spec costs levels, not
values: its lines are flat in n and grow with 2^bits.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import quantlab as ql
from quantlab.film.figures import CLIPPED, ERROR, ORIGINAL, QUANTIZED, THEORY
from quantlab.schemes._clustering import optimal

OUT = Path(__file__).parents[2] / "assets" / "growth.svg"
WIDE, HIGH, LEFT, TOP = 330, 260, 64, 34  # of a panel, and where the first begins
LOW, SPAN = -3, 7  # 10^-3 to 10^4 ms
Lines = dict[str, tuple[str, str, list[tuple[float, float]]]]  # name -> colour, dash, (x, ms)


def ms(work: Callable[[], object], times: int) -> float:
    def once() -> float:
        start = time.perf_counter()
        work()
        return 1e3 * (time.perf_counter() - start)

    return statistics.median(once() for _ in range(times))


def by_values(most: int) -> Lines:
    lines: Lines = {
        "copy": (THEORY, "6 4", []),
        "fake-quantize, int8": (ORIGINAL, "", []),
        "fake-quantize, NF4": (QUANTIZED, "", []),
        "sort once": (CLIPPED, "6 4", []),
        "one more spec, 4 bits": (CLIPPED, "", []),
        "exact k-means, 16 levels": (ERROR, "", []),
    }
    for n in (int(10**e) for e in np.arange(3, np.log10(most) + 0.1, 0.5)):
        x = np.random.default_rng(0).normal(size=n).astype(np.float32)
        ordered, d, grid = np.sort(x), ql.Distribution(x), np.linspace(-4, 4, 16)
        d.distortion(grid)  # makes its sums, once
        int8, nf4 = ql.QuantSpec("int-symmetric", 8), ql.QuantSpec("nf4")
        works = (x.copy, lambda: ql.fake_quantize(x, int8), lambda: ql.fake_quantize(x, nf4))  # noqa: B023
        works += (lambda: ql.Distribution(x), lambda: d.distortion(grid), lambda: optimal(ordered, 16))  # noqa: B023
        for (_, _, points), work in zip(lines.values(), works, strict=True):
            points.append((float(np.log10(n)), ms(work, 5 if n < 1_000_000 else 3)))
    return lines


def by_bits(n: int) -> Lines:
    x = np.random.default_rng(0).normal(size=n).astype(np.float32)
    d, ordered = ql.Distribution(x), np.sort(x[: n // 10])
    lines: Lines = {
        "fake-quantize, integers": (ORIGINAL, "", []),
        "one more spec": (CLIPPED, "", []),
        f"exact k-means, {n // 10:,} values": (ERROR, "", []),
    }
    for bits in range(1, 17):
        spec, grid = ql.QuantSpec("int-symmetric", bits), np.linspace(-4, 4, 2**bits)
        works = (lambda: ql.fake_quantize(x, spec), lambda: d.distortion(grid), lambda: optimal(ordered, 2**bits))  # noqa: B023
        for (_, _, points), work in list(zip(lines.values(), works, strict=True))[: 3 if bits <= 6 else 2]:
            points.append((bits, ms(work, 3)))
    return lines


def panel(i: int, title: str, below: str, ticks: dict[float, str], lines: Lines) -> list[str]:
    """A frame with its grid, the lines, and their names below."""
    left, first, last = LEFT + i * (WIDE + 76), min(ticks), max(ticks)

    def at(x: float, power: float) -> tuple[float, float]:
        return left + (x - first) / (last - first) * WIDE, TOP + (1 - (power - LOW) / SPAN) * HIGH

    drawn = [text(left, TOP - 14, title, 'font-weight="600"'), text(left + WIDE / 2, TOP + HIGH + 38, below, 'text-anchor="middle"')]
    for power, name in zip(range(LOW, LOW + SPAN + 1), ("1 µs", "10 µs", ".1 ms", "1 ms", "10 ms", ".1 s", "1 s", "10 s"), strict=True):
        y = at(first, power)[1]
        drawn += [f'<path d="M{left} {y:.1f}h{WIDE}" stroke="#ddd"/>', text(left - 6, y + 4, name, 'text-anchor="end"')]
    drawn += [text(at(x, LOW)[0], TOP + HIGH + 18, name, 'text-anchor="middle"') for x, name in ticks.items()]
    for row, (name, (color, dash, points)) in enumerate(lines.items()):
        style = f'fill="none" stroke="{color}" stroke-width="2" stroke-dasharray="{dash or "none"}"'
        places = (at(x, float(np.clip(np.log10(t), LOW, LOW + SPAN))) for x, t in points)
        drawn.append(f'<polyline {style} points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}"/>')
        y = TOP + HIGH + 64 + 18 * (row // 2)
        drawn += [f'<path d="M{left + 170 * (row % 2)} {y - 4}h22" {style}/>', text(left + 28 + 170 * (row % 2), y, name)]
    return drawn


def text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" {more}>{words}</text>'


def main(most: int = 10_000_000) -> None:
    powers = {float(e): f"{10**e:,}" for e in range(3, int(np.log10(most)) + 1)}
    drawn = panel(0, "time against the number of values", "values, float32", powers, by_values(most))
    n = most // 10
    drawn += panel(1, f"time against bits, {n:,} values", "bits", {float(b): str(b) for b in range(1, 17)}, by_bits(n))
    wide, high = LEFT + 2 * WIDE + 76 + 24, TOP + HIGH + 64 + 18 * 3
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" font-family="sans-serif" font-size="12" fill="#222">'
    OUT.write_text("\n".join([head, f'<rect width="{wide}" height="{high}" fill="#fff"/>', *drawn, "</svg>"]) + "\n", "utf-8")
    print(OUT)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
