"""Codes that differ between the integer and the fake-quantized network, and times of int8 and float32, as Markdown.

python -m tests.benchmarks.integers            prints the tables
python -m tests.benchmarks.integers --write    puts them into docs/integers.md
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Iterator
from pathlib import Path

import quantlab as ql
from quantlab.integer import runtime
from quantlab.integer.instructions import of_this_machine
from quantlab.integer.timing import timing_steps
from quantlab.labs.integer.equal import answers_differ, top1
from quantlab.labs.integer.request import IntegerRequest
from quantlab.labs.integer.speed import fidelity_steps
from quantlab.labs.integer.subject import named_subject
from quantlab.networks import engine
from quantlab.networks.data import DataSet
from quantlab.networks.engine.train import train_shipped
from quantlab.networks.settings import WEIGHTS, Setting
from quantlab.networks.statistics import Interval
from quantlab.progress import finish

PAGE = Path(__file__).parents[2] / "docs" / "integers.md"
BEGIN, END = "<!-- made by python -m tests.benchmarks.integers --write -->", "<!-- end of what is made -->"
NETWORKS = ("plain", "depthwise")
PER_CHANNEL = WEIGHTS.replace(granularity=ql.per_channel(0))
SCALES = {"a layer": WEIGHTS, "a channel": PER_CHANNEL}
IMAGES, TURNS, BATCHES = 1000, 100, (1, 16, 64)
SEEDS = (1, 2, 3)


def row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def head(*cells: str) -> Iterator[str]:
    yield row(*cells)
    yield row(*("---" for _ in cells))


def share(interval: Interval) -> str:
    return f"{100 * interval.value:.1f} % [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"


def agreements(name: str, network: engine.Network, data: DataSet, bits: tuple[int, ...]) -> Iterator[str]:
    runner = engine.Runner(network, data, images=min(IMAGES, len(data.test)))
    for scale, spec in SCALES.items():
        for b in bits:
            found = finish(engine.agreement_steps(runner, Setting(b, b, weight_spec=spec)))
            usual, same, sums, exact = found.total.differing
            differ = f"{answers_differ(found)} of {len(found.labels)}"
            yield row(
                name,
                scale,
                b,
                found.total.compared,
                usual,
                same,
                sums,
                exact,
                differ,
                share(top1(found.fake, found.labels)),
                share(top1(found.integer, found.labels)),
            )


def codes() -> Iterator[str]:
    yield "Codes that the layers read, both networks fed with the same codes (float32 factors), and answers, each network going its own way."
    yield ""
    yield from head(
        "network",
        "scale for",
        "bits",
        "codes",
        "differ",
        "same biases",
        "float64 sums",
        "exact",
        "answers differ",
        "Top-1 fake",
        "Top-1 integer",
    )
    for name in NETWORKS:
        yield from agreements(name, *engine.shipped(name), (8, 4, 3, 2))
    for seed in SEEDS:
        yield from agreements(f"small, seed {seed}", *train_shipped("small", seed), (8, 3))


def levels() -> Iterator[str]:
    yield f"Codes of 50 pictures that onnxruntime {runtime.version()} gives otherwise than the integer network, by level of optimization, at 8 bits."
    yield ""
    yield from head("network", "scale for", "form", "codes", *runtime.LEVELS, "largest difference")
    for name in NETWORKS:
        for scale, granularity in zip(SCALES, ("tensor", "channel-0"), strict=True):
            found = finish(fidelity_steps(IntegerRequest("speed", named_subject(name), granularity)))
            for form in ("qlinear", "qdq"):
                counts = [found.differing[form, level] for level in runtime.LEVELS]
                yield row(name, scale, form, found.codes, *counts, max(found.farthest[form, level] for level in runtime.LEVELS))


def times() -> Iterator[str]:
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "not told"
    sets = ", ".join(entry.title for entry in of_this_machine() or ()) or "not told"
    yield (
        f"Milliseconds a picture, median and 10th to 90th percentile of {TURNS} runs in turns, onnxruntime {runtime.version()} at its usual level, 8 bits, "
        f"on {platform.machine()} with {os.cpu_count()} cores ({sets}), load {load} as it began. A ratio is the median over turns with its 95 % interval."
    )
    yield ""
    yield from head("network", "threads", "pictures at once", "float32", "QDQ, fused", "QLinear", "QDQ / float32", "QLinear / float32")
    for name in NETWORKS:
        runner = engine.Runner(*engine.shipped(name), images=max(BATCHES))
        network = engine.to_integers(runner, Setting(weight_spec=PER_CHANNEL))
        for threads in (1, 2):
            timing = finish(timing_steps(network, runner.test.pixels, threads, BATCHES, TURNS))
            for batch in BATCHES:
                each = [timing.latencies[form, batch] for form in ("float", "qdq", "qlinear")]
                ratios = [timing.ratios[form, batch] for form in ("qdq", "qlinear")]
                yield row(
                    name, threads, batch, *(f"{t.median:.3f} ({t.low:.3f} to {t.high:.3f})" for t in each),
                    *(f"{r.median:.2f} [{r.low:.2f}, {r.high:.2f}], {r.verdict}" for r in ratios),
                )  # fmt: skip


def tables() -> str:
    return "\n\n".join("\n".join(part()) for part in (codes, levels, times))


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.integers", description="Differing codes and times of integer networks."
    )
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE.name}")
    write = parser.parse_args().write
    text = tables()
    print(text)
    if write:
        before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.partition(END)[2]}", "utf-8")


if __name__ == "__main__":
    main()
