"""What does each repair win after training? ``python -m tests.benchmarks.repairs [--write]``

Top-1 of both shipped networks of photo patches on 2000 test images at 4, 3 and 2 bits, one scale a layer, activations at 8 bits;
each row's gain over rounding to nearest with its paired 95 % interval on the same images. Nothing is chosen on the test images. The
third table repeats the last rows with other draws of the calibration images. ``--write`` makes docs/repair.md of it, else it is printed.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from quantlab.grouping import parse_granularity
from quantlab.labs.repair.ablation import SHORT, points, short
from quantlab.networks.data import DataSet, Images
from quantlab.networks.engine import Evaluator, Runner, repaired_steps, shipped
from quantlab.networks.paired import gain
from quantlab.networks.repairs import NEAREST, REPAIRS, ROWS, Recipe
from quantlab.networks.settings import FLOAT, WEIGHTS, Setting
from quantlab.networks.statistics import Interval
from quantlab.networks.store import Store
from quantlab.progress import finish

PAGE = Path(__file__).parents[2] / "docs" / "repair.md"
HEAD = """# What each repair wins

`python -m tests.benchmarks.repairs --write` makes this page. A cell has Top-1 on 2000 test images, and the gain over rounding to nearest
on the same images with its paired 95 % interval (Agresti and Min 2005); where the interval holds 0, *no gain seen* or *no loss seen*.
Repairs are chosen on 200 calibration images, none of which is tested on. Neighbouring patches of a photograph overlap, so that the
intervals are somewhat too narrow; of twenty comparisons without any effect about one shows a gain or a loss by chance. AdaRound's
constants were chosen by errors of layers; others were tried for speed with answers to test images in sight, so that its rows are not
fully blind. The lab is `/repair`.
"""


def drawn(data: DataSet, seed: int) -> DataSet:
    """The data with its calibration images in another order: the first 200 of 500 are others."""
    if not seed:
        return data
    order = np.random.default_rng(seed).permutation(len(data.calibration))
    return replace(data, calibration=Images(data.calibration.pixels[order], data.calibration.labels[order]))


def evaluator(name: str, seed: int = 0) -> Evaluator:
    network, data = shipped(name)
    return Evaluator(Runner(network, drawn(data, seed)), Store(None))


def rows(asked: Evaluator, setting: Setting, widths: list[int], recipes: tuple[Recipe, ...]) -> Iterator[list[str]]:
    """The cells of each recipe, its name before them."""
    nearest = {bits: finish(repaired_steps(asked, setting.replace(weights=bits), NEAREST)) for bits in widths}
    for recipe in recipes:
        cells = [short(recipe)]
        for bits in widths:
            now = nearest[bits] if recipe == NEAREST else finish(repaired_steps(asked, setting.replace(weights=bits), recipe))
            won = "" if recipe == NEAREST else f"; {points(gain(nearest[bits].right, now.right))}".replace(" points", "")
            cells.append(f"{100 * now.top(1).value:.1f} %{won}")
        yield cells


Gains = dict[tuple[Recipe, int], list[Interval]]  # of each draw


def won_by(asked: Evaluator, setting: Setting, recipe: Recipe) -> Interval:
    """The gain of a recipe over nearest."""
    nearest, now = (finish(repaired_steps(asked, setting, which)) for which in (NEAREST, recipe))
    return gain(nearest.right, now.right)


def drawn_rows(gains: Gains) -> Iterator[list[str]]:
    for (recipe, bits), found in gains.items():
        yield [f"{bits} bits, {short(recipe)}", *(points(interval).replace(" points", "") for interval in found)]


def apart(gains: Gains) -> str:
    """Which draws lie apart: a gain outside of another draw's interval."""
    off = [
        f"{short(recipe)} at {bits} bits ({100 * min(i.value for i in found):+.1f} to {100 * max(i.value for i in found):+.1f})"
        for (recipe, bits), found in gains.items()
        if any(not other.low <= one.value <= other.high for one in found for other in found)
    ]
    return f"Outside of another draw's interval: {'; '.join(off)}." if off else "Every draw's gain lies inside of the others' intervals."


def table(heads: list[str], body: Iterator[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    for cells in body:
        yield f"| {' | '.join(cells)} |"


def page(args: argparse.Namespace) -> Iterator[str]:
    activations = None if args.activations == "float" else int(args.activations)
    setting = Setting(activations=activations, weight_spec=WEIGHTS.replace(granularity=parse_granularity(args.granularity)))
    scale, flowing = "one scale a layer" if args.granularity == "tensor" else args.granularity, f"activations at {args.activations} bits"
    heads = ["repair", *(f"{bits} bits" for bits in args.widths)]
    for name in args.networks:
        asked, start = evaluator(name), time.perf_counter()
        yield f"\n## {shipped(name)[0].title}, {scale}, {flowing}\n"
        yield f"Float: {asked.evaluate(FLOAT).top(1)}.\n"
        yield from table(heads, rows(asked, setting, args.widths, ROWS))
        print(f"{name}: {time.perf_counter() - start:.0f} s", flush=True)
    yield "\n## Other calibration images\n"
    yield "The last two rows with other draws of 200 calibration images from 500. Intervals are those of the test images; which images calibrate"
    yield "adds a spread of its own."
    for name in args.networks:
        gains: Gains = {}
        yield ""
        for seed in args.seeds:
            asked = evaluator(name, seed)
            for recipe, bits, won in (
                (recipe, bits, won_by(asked, setting.replace(weights=bits), recipe)) for recipe in ROWS[-2:] for bits in args.widths
            ):
                gains.setdefault((recipe, bits), []).append(won)
        yield from table([f"{name}: gain at", *(f"draw {seed}" for seed in args.seeds)], drawn_rows(gains))
        yield f"\n{apart(gains)}"
    yield "\n## The repairs\n"
    yield from (
        f"- **{r.title}**{' (' + SHORT[slug] + ')' if SHORT[slug] not in ('', r.title) else ''}: {r.blurb} {r.source}."
        for slug, r in REPAIRS.items()
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.repairs", description="The ablation of repairs.")
    parser.add_argument("networks", nargs="*", default=["plain", "depthwise"])
    parser.add_argument("--widths", nargs="+", type=int, default=[4, 3, 2])
    parser.add_argument("--activations", default="8", help="bits, or float")
    parser.add_argument("--granularity", default="tensor", help="tensor or channel-0")
    parser.add_argument("--seeds", nargs="*", type=int, default=[0, 1, 2], help="draws of the calibration images")
    parser.add_argument("--write", action="store_true", help="write docs/repair.md")
    args = parser.parse_args()
    lines = []
    for line in page(args):
        lines.append(line)
        if not args.write:
            print(line, flush=True)
    if args.write:
        PAGE.write_text(HEAD + "\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
