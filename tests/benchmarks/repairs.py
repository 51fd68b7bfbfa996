"""What does each repair win after training? ``python -m tests.benchmarks.repairs [--widths 4 3 2] [--activations 8] [--granularity tensor] [--store]``

Prints the table of docs/repair.md: Top-1 of both shipped networks of photo patches, weights alone rounded or activations too, each
row's gain over rounding to nearest with its paired 95 % interval on the same test images. Nothing is chosen on the test images.
"""

import argparse
import time

from quantlab.grouping import parse_granularity
from quantlab.networks.engine import Evaluator, Runner, repaired_steps, shipped
from quantlab.networks.paired import gain, seen
from quantlab.networks.repairs import NEAREST, ROWS
from quantlab.networks.settings import FLOAT, WEIGHTS, Setting
from quantlab.networks.store import Store
from quantlab.progress import finish


def cell(now, nearest) -> str:
    """Top-1, and the gain with its interval."""
    change = gain(nearest.right, now.right)
    top = f"{100 * now.top(1).value:.1f} %"
    if now is nearest:
        return top
    if not seen(change):
        return f"{top}; no {'gain' if change.value >= 0 else 'loss'} seen"
    return f"{top}; {100 * change.value:+.1f} ({100 * change.low:+.1f} to {100 * change.high:+.1f})"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.repairs", description="The ablation of repairs.")
    parser.add_argument("networks", nargs="*", default=["plain", "depthwise"])
    parser.add_argument("--widths", nargs="+", type=int, default=[4, 3, 2])
    parser.add_argument("--activations", default="8", help="bits, or float")
    parser.add_argument("--granularity", default="tensor", help="tensor or channel-0")
    args = parser.parse_args()
    activations = None if args.activations == "float" else int(args.activations)
    spec = WEIGHTS.replace(granularity=parse_granularity(args.granularity))
    for name in args.networks:
        evaluator = Evaluator(Runner(*shipped(name)), Store(None))
        start, top = time.perf_counter(), evaluator.evaluate(FLOAT).top(1)
        print(f"**{name}**, float Top-1 {top}; one scale per {args.granularity}, activations {args.activations}\n")
        print(f"| repair | {' | '.join(f'{bits} bits' for bits in args.widths)} |\n|---|{'---|' * len(args.widths)}")
        nearest = {}
        for recipe in ROWS:
            cells = []
            for bits in args.widths:
                now = finish(repaired_steps(evaluator, Setting(bits, activations, weight_spec=spec), recipe))
                nearest.setdefault(bits, now)
                cells.append(cell(now, nearest[bits]))
            print(f"| {recipe.title} | {' | '.join(cells)} |", flush=True)
        print(f"\n{time.perf_counter() - start:.0f} s\n")
    assert ROWS[0] == NEAREST


if __name__ == "__main__":
    main()
