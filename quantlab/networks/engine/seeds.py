"""Trainings with other seeds: ``python -m quantlab.networks.engine.seeds NAME`` trains with other seeds and compares.

From the curves of n trainings follows between which ends one more training's lies with 95 %, at each bit width:

    mean ± t s sqrt(1 + 1/n)        t of Student's distribution with n - 1 degrees of freedom

Then it trains with seeds drawn by chance, which no one could have chosen, and says how many of their points lie there.
"""

from __future__ import annotations

import argparse
import secrets
import statistics
import time
from collections.abc import Sequence
from math import sqrt

from scipy.stats import t as student

from quantlab.grouping import Granularity, per_channel, per_tensor
from quantlab.networks.data import DataSet
from quantlab.networks.engine.models import MODELS, Network
from quantlab.networks.engine.runner import Runner
from quantlab.networks.engine.train import train_shipped
from quantlab.networks.settings import FLOAT, WEIGHTS, Setting

BITS = (2, 3, 4, 5, 6, 7, 8, 10, 12)
GRAINS = {"per tensor": per_tensor(), "per channel": per_channel(0)}
TRAININGS = 5

EXACT = ("float", 32)

Point = tuple[str, int]  # one scale for what, bits of weights and activations
Curves = dict[Point, float]


def curves(network: Network, data: DataSet) -> Curves:
    """Top-1 in float, and with weights and activations at each bit width; shares of the test images."""
    runner = Runner(network, data)

    def top1(setting: Setting) -> float:
        return float((runner.logits(setting).argmax(1) == runner.test.labels).mean())

    def at(grain: Granularity, bits: int) -> Setting:
        return Setting(bits, bits, weight_spec=WEIGHTS.replace(granularity=grain))

    return {EXACT: top1(FLOAT)} | {(name, bits): top1(at(grain, bits)) for name, grain in GRAINS.items() for bits in BITS}


def one_more(values: Sequence[float]) -> tuple[float, float]:
    """Between which ends one more share of the same kind lies with 95 %, as far as its spread is normal.

    >>> [round(end, 3) for end in one_more([0.90, 0.91, 0.92])]
    [0.86, 0.96]
    """
    if len(values) < 2:
        raise ValueError(f"the spread of {len(values)} training is unknown; give at least 2")
    mean = statistics.mean(values)
    half = float(student.ppf(0.975, len(values) - 1)) * statistics.stdev(values) * sqrt(1 + 1 / len(values))
    return max(0.0, mean - half), min(1.0, mean + half)


def ends(trainings: Sequence[Curves]) -> dict[Point, tuple[float, float]]:
    """``one_more`` at every point of several trainings' curves."""
    return {point: one_more([curve[point] for curve in trainings]) for point in trainings[0]}


def trained(name: str, seeds: Sequence[int]) -> list[Curves]:
    """The curves of trainings with these seeds; says what it does."""
    trainings = []
    for seed in seeds:
        start = time.perf_counter()
        trainings.append(curves(*train_shipped(name, seed)))
        print(f"{name}, seed {seed}: {trainings[-1][EXACT]:.2%}, {time.perf_counter() - start:.0f} s", flush=True)
    return trainings


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m quantlab.networks.engine.seeds", description="Compare trainings with other seeds.")
    parser.add_argument("name", choices=sorted(MODELS))
    parser.add_argument("--seeds", type=int, default=TRAININGS, help="trainings from which the interval follows")
    parser.add_argument("--fresh", type=int, default=2, help="trainings with seeds drawn by chance, which are held against it")
    args = parser.parse_args()
    between = ends(trained(args.name, range(args.seeds)))
    fresh, inside = trained(args.name, [secrets.randbits(31) for _ in range(args.fresh)]), 0
    for point, (low, high) in between.items():
        values = [curve[point] for curve in fresh]
        inside += sum(low <= value <= high for value in values)
        words = ", ".join(f"{value:.1%}" for value in values)
        print(f"{point[0]:11} {point[1]:2} bits: {low:6.1%} to {high:6.1%}; fresh: {words}")
    print(f"{inside} of {len(fresh) * len(between)} points of fresh trainings lie between these ends; 95 % are expected")


if __name__ == "__main__":
    main()
