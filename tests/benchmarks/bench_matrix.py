"""The detection matrix of the bench, and its false alarms, as Markdown: ``python -m tests.benchmarks.bench_matrix [FOLDER]``."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from quantlab.bench.blackbox import answers_of, black_box
from quantlab.bench.faults import FAULTS
from quantlab.bench.greybox import grey_box
from quantlab.bench.insertion import Plan
from quantlab.bench.subject import Subject, of_network
from quantlab.bench.whitebox import white_box
from tests.benchmarks.third_models import SUBJECTS, first


def found(subject: Subject) -> dict[str, list[str]]:
    """The laws that each box says are broken."""
    white = [finding for check in white_box(subject) for finding in check.findings]
    boxes = {"white": white, "grey": grey_box(subject)[1], "black": black_box(subject, answers_of(subject))}
    return {box: sorted({finding.law for finding in findings}) for box, findings in boxes.items()}


def matrix(sound: Subject) -> None:
    """A line of the table for each fault that this model can have."""
    print("| fault | white box | grey box | black box |\n|---|---|---|---|")
    for name, fault in FAULTS.items():
        try:
            cells = ["; ".join(laws) or "–" for laws in found(fault(sound)).values()]
        except ValueError as problem:  # a model without what the fault leaves out
            cells = [str(problem), "", ""]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def random_plan(rng: np.random.Generator) -> Plan:
    """Widths from 4 to 8 bits, a granularity and range rules."""
    draws = [rng.integers(4, 9), rng.integers(4, 9), *(rng.choice(c) for c in (["tensor", "channel"], ["absmax", "mse"]))]
    return Plan(int(draws[0]), int(draws[1]), str(draws[2]), str(draws[3]), str(rng.choice(["minmax", "percentile", "mse"])))


def alarms(subjects: Callable[[int, Plan], Subject]) -> None:
    """The count of 20 sound settings in which a box raises one, and the laws."""
    rng, counts, laws = np.random.default_rng(1), dict.fromkeys(("white", "grey", "black"), 0), Counter[str]()
    for i in range(20):
        for box, broken in found(subjects(i, random_plan(rng))).items():
            counts[box] += bool(broken)
            laws.update(broken)
    told = ", ".join(f"{law} ({count})" for law, count in laws.most_common())
    print(
        "\nOf 20 random settings without a fault, an alarm: " + ", ".join(f"{box} {count}" for box, count in counts.items()) + f": {told}."
    )


def main(folder: Path | None) -> None:
    """Print the tables and the counts: of the shipped networks, or of the models of others that ``third_models`` has unpacked in a folder."""
    if folder is None:
        matrix(of_network("plain", Plan(), images=200))
        alarms(lambda i, plan: of_network(("plain", "small", "depthwise")[i % 3], plan, images=200))
        return
    others = {name: first(folder, name) for name in SUBJECTS}
    for name, sound in others.items():
        print(f"\n{name}\n")
        matrix(sound)
    alarms(lambda i, plan: list(others.values())[i % 3].quantized_by(plan))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
