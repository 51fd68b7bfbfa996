"""What pruning, sharing, coding, bits by layer and distillation give: ``python -m tests.benchmarks.compression``.

Prints docs/compression.md's tables: sizes on disk and Top-1 after each part, the Pareto front of all ways of both networks,
repeated fine-tuning with three seeds, and students from labels alone and distilled, in pairs of the same seed.
``--quick`` leaves out what is trained. All right answers are on 1000 test images.
"""

from __future__ import annotations

import argparse
import time

from quantlab.distillation import Gain, paired_gain
from quantlab.labs.catalog import LABS
from quantlab.labs.compress.measure import Level, level_steps
from quantlab.networks.shrinking import Shrinking
from quantlab.networks.statistics import Interval
from quantlab.progress import finish
from quantlab.tasks import ENGINE

NETWORKS = ("plain", "depthwise")
IMAGES = 1000
SEEDS = (0, 1, 2)


def level(source: str, way: Shrinking) -> Level:
    """One way, measured."""
    return finish(level_steps(source, IMAGES, way))


def share(top: Interval) -> str:
    """A share with its interval."""
    return f"{100 * top.value:.1f} ({100 * top.low:.1f} to {100 * top.high:.1f})"


def ways(trained: bool) -> dict[str, Shrinking]:
    """The ways of the first table."""
    usual = Shrinking()
    quick = {
        "60 % pruned, 4 bits, nothing follows": usual.replace(norms=False),
        "60 % pruned, 4 bits, norms follow": usual,
        "2:4, 4 bits, norms follow": usual.replace(pattern="2-4"),
        "30 % of channels, 4 bits, norms follow": usual.replace(pattern="channel", share=30),
    }
    tuned = {
        "60 % pruned, 4 bits, 1 epoch": usual.replace(epochs=1),
        "80 % pruned, 4 bits, 1 epoch": usual.replace(share=80, epochs=1),
        "80 % pruned, 3 bits, 1 epoch": usual.replace(share=80, bits=3, epochs=1),
        "90 % pruned, 2 bits, 3 epochs": usual.replace(share=90, bits=2, epochs=3),
        "2:4, 4 bits, 1 epoch": usual.replace(pattern="2-4", epochs=1),
    }
    return quick | (tuned if trained else {})


def print_parts(source: str, trained: bool) -> None:
    """Bytes on disk and Top-1 after each part of the work."""
    print(f"\n### {source}: bytes on disk and Top-1 in % after each part\n")
    print("| way | float32 | pruned | shared | Huffman-coded | times smaller | difference from float32 |\n|---|---|---|---|---|---|---|")
    for name, way in ways(trained).items():
        one = level(source, way)
        cells = [f"{part.bytes}: {share(part.answers.top(1))}" for part in one.parts]
        change = one.last.answers.difference_from(one.parts[0].answers)
        seen = f"{100 * change.value:+.1f}, p = {change.p:.2g}" if change.seen else f"no difference seen, p = {change.p:.2g}"
        print(f"| {name} | {' | '.join(cells)} | {one.parts[0].bytes / one.last.bytes:.1f} | {seen} |", flush=True)


def print_front(source: str, trained: bool) -> None:
    """The Pareto front of the third room."""
    lab = LABS["compress"]
    query = {"room": "front", "source": source} | ({"tune": "1"} if trained else {})
    result = ENGINE.ahead(lab.tasks(lab.read(query), ())[-1])
    print(f"\n### {source}: the front of {len(result.front.points)} ways\n")
    print("| bytes | Top-1, % | way | address |\n|---|---|---|---|")
    for point in result.front.best:
        address = "&".join(f"{k}={v}" for k, v in lab.read(dict(point.query)).query.items())
        print(f"| {point.bytes} | {share(point.top1)} | {point.kind}: {point.title} | `compress?{address}` |", flush=True)


def said(gain: Gain) -> str:
    """A gain with its interval, or that none is seen."""
    ends = f"{100 * gain.value:+.1f} points ({100 * gain.low:+.1f} to {100 * gain.high:+.1f}, {gain.n} seeds)"
    return ends if gain.seen else f"no gain seen: {ends}"


def print_tuning(source: str) -> None:
    """What an epoch of fine-tuning wins over norms that follow, over seeds."""
    print(f"\n### {source}: an epoch of fine-tuning against norms that follow, Top-1, {len(SEEDS)} seeds\n")
    for way in (Shrinking(share=60), Shrinking(share=80), Shrinking(share=80, bits=3)):
        before = level(source, way).last.answers.top(1).value
        after = [level(source, way.replace(epochs=1, seed=seed)).last.answers.top(1).value for seed in SEEDS]
        listed = ", ".join(f"{100 * value:.1f}" for value in after)
        print(
            f"- {way.share} % pruned, {way.bits} bits: {100 * before:.1f} becomes {listed}: {said(paired_gain([before] * len(after), after))}",
            flush=True,
        )


def print_distilled() -> None:
    """Students of the plain network, from labels alone and distilled."""
    lab = LABS["compress"]
    print("\n### plain: students from labels alone and distilled, Top-1 in %\n")
    print("| student | temperature | teacher's share | labels alone | distilled | what the teacher wins |\n|---|---|---|---|---|---|")
    for student, temperature, mix in (("quarter", 4, "0.5"), ("two-bit", 4, "0.5")):
        query = {"room": "distil", "student": student, "mix": mix, "train": "yes", "bits": str(temperature)}
        trained = ENGINE.ahead(lab.tasks(lab.read(query), ())[-1]).frames.trained
        alone, distilled = (", ".join(f"{100 * v:.1f}" for v in side) for side in (trained.alone, trained.distilled))
        print(f"| {student} | {temperature} | {mix} | {alone} | {distilled} | {said(trained.gain)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.compression", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out what is trained")
    args = parser.parse_args()
    start = time.perf_counter()
    for source in NETWORKS:
        print_parts(source, not args.quick)
        print_front(source, not args.quick)
        if not args.quick:
            print_tuning(source)
    if not args.quick:
        print_distilled()
    print(f"\n{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
