"""What training with rounding wins over rounding after training, and over as many epochs in float: ``python -m tests.benchmarks.training`` prints the table of docs/training.md.

Weights and activations at 4, 3 and 2 bits, learned steps against least-error ranges on the same grid, three seeds. The gain's interval is Student's t over the
seeds; McNemar's p is the largest of the seeds. Settings are the same at all widths and were not tuned.
"""

from __future__ import annotations

import argparse
import time

from quantlab.labs.text import fixed
from quantlab.labs.train.network_room import gain_of
from quantlab.labs.train.request import RATES
from quantlab.networks.engine import control_steps, kept_steps, shipped
from quantlab.networks.store import Store
from quantlab.networks.training import SEEDS, Control, TrainingRequest
from quantlab.progress import finish

NETWORKS = ("plain", "depthwise")
BITS = (4, 3, 2)


def _ends(controls: list[Control], epoch: int) -> tuple[list[float], list[float]]:
    """Shares of right answers after an epoch: in float, and rounded then."""
    return [c.top1(epoch).value for c in controls], [c.top1_rounded(epoch).value for c in controls]


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.training", description="Training with rounding against rounding after it."
    )
    parser.add_argument("--epochs", type=int, default=1)
    args = parser.parse_args()
    start = time.perf_counter()
    print(
        f"Weights and activations at b bits, learned steps (LSQ), one step a channel, epochs: {args.epochs}, seeds: {', '.join(map(str, SEEDS))}.\n"
    )
    print(
        "| network | bits | float, % | rounded after, % | trained, % (each seed) | gain, points (95 % over seeds) | McNemar, largest p | verdict | as many epochs in float, % | rounded then, % | gain over that (95 % over seeds) | verdict |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|---|", flush=True)
    for name in NETWORKS:
        network, data = shipped(name)
        for bits in BITS:
            request = TrainingRequest(name, bits, epochs=args.epochs, rate=RATES[name])
            runs = [finish(kept_steps(network, data, request.replace(seed=seed), Store(None))) for seed in SEEDS]
            controls = [finish(control_steps(network, data, request.replace(seed=seed), Store(None))) for seed in SEEDS]
            over = gain_of(runs, args.epochs, controls)
            floats, then = (", ".join(fixed(100 * value) for value in values) for values in _ends(controls, args.epochs))
            gain, p = gain_of(runs, args.epochs), max(run.gain(args.epochs).p for run in runs)
            trained = ", ".join(fixed(100 * run.top1(args.epochs).value) for run in runs)
            first = runs[0]
            print(
                f"| {name} | {bits} | {fixed(100 * first.top1_float.value)} | {fixed(100 * first.top1(0).value)} | {trained} | {fixed(gain.value)} ({fixed(gain.low)} to {fixed(gain.high)}) | {p:.1g} | {gain.verdict} "
                f"| {floats} | {then} | {fixed(over.value)} ({fixed(over.low)} to {fixed(over.high)}) | {over.verdict} |",
                flush=True,
            )
    print(f"\n{len(data.test)} test images; {time.perf_counter() - start:.0f} s.")


if __name__ == "__main__":
    main()
