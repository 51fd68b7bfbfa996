"""How fast is the core beside others, in one run on one machine?

`python -m tests.benchmarks.peers` prints the tables of docs/measurements.md.

    python -m tests.benchmarks.peers [values, 10 000 000 if left out]

Every round runs all contestants once, in turn, so that a busy machine slows all alike; figures are medians of the
rounds. Where nobody competes the only round is counted; else the first is not.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from .contests import Runs, contests

PACKAGES = ("numpy", "torch", "onnxruntime", "bitsandbytes", "ml_dtypes", "ckwrap", "kmeans1d")


def main(n: int = 10_000_000) -> None:
    print(f"{machine()}; Python {platform.python_version()}, {', '.join(versions())}. Milliseconds.\n")
    print("| what | quantlab | others |\n|---|---|---|")
    for title, rounds, runs in contests(n):
        print(row(title, {name: float(np.median(ms)) for name, ms in measure(runs, rounds).items()}), flush=True)


def row(title: str, ms: dict[str, float]) -> str:
    """One line of the table.

    >>> row("int8", {"quantlab, scale given": 10.84, "quantlab": 2.0, "torch": 53.81, "numpy": 1234.5})
    '| int8 | scale given 10.8; 2.00 | torch 53.8; numpy 1234 |'
    """
    own = {name: one for name, one in ms.items() if name.startswith("quantlab")}
    cells = [
        "; ".join(f"{name.removeprefix('quantlab').strip(', ')} {number(one)}".strip() for name, one in some.items())
        for some in (own, {name: one for name, one in ms.items() if name not in own})
    ]
    return f"| {title} | {cells[0]} | {cells[1] or '–'} |"


def number(ms: float) -> str:
    """Three digits: 0.172, 4.80, 53.8, 1290."""
    return f"{ms:.{max(0, 2 - int(np.floor(np.log10(ms))))}f}" if ms > 0 else "0"


def measure(runs: Runs, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of every round; of several, after one that is not counted."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    first = 0 if rounds == 1 else -1
    for turn in range(first, rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            if turn >= 0:
                times[name].append(1e3 * (time.perf_counter() - start))
    return times


def machine() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return f"{model}, {os.cpu_count()} cores{load}"


def versions() -> Iterator[str]:
    for package in PACKAGES:
        try:
            yield f"{package} {version(package)}"
        except PackageNotFoundError:
            continue


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
