"""The detection matrix of the bench, and its false alarms, as Markdown: ``python -m tests.benchmarks.bench_matrix``."""

from __future__ import annotations

import numpy as np

from quantlab.bench.blackbox import answers_of, black_box
from quantlab.bench.faults import FAULTS
from quantlab.bench.greybox import grey_box
from quantlab.bench.insertion import Plan
from quantlab.bench.subject import Subject, of_network
from quantlab.bench.whitebox import white_box


def found(subject: Subject) -> dict[str, list[str]]:
    """The laws that each box says are broken."""
    white = [finding for check in white_box(subject) for finding in check.findings]
    boxes = {"white": white, "grey": grey_box(subject)[1], "black": black_box(subject, answers_of(subject))}
    return {box: sorted({finding.law for finding in findings}) for box, findings in boxes.items()}


def main() -> None:
    """Print the table and the count."""
    sound = of_network("plain", Plan(), images=200)
    print("| fault | white box | grey box | black box |\n|---|---|---|---|")
    for name, fault in FAULTS.items():
        print(f"| {name} | " + " | ".join("; ".join(laws) or "–" for laws in found(fault(sound)).values()) + " |")
    rng, alarms = np.random.default_rng(1), dict.fromkeys(("white", "grey", "black"), 0)
    for i in range(20):
        draws = [rng.integers(4, 9), rng.integers(4, 9), *(rng.choice(c) for c in (["tensor", "channel"], ["absmax", "mse"]))]
        rule = str(rng.choice(["minmax", "percentile", "mse"]))
        plan = Plan(int(draws[0]), int(draws[1]), str(draws[2]), str(draws[3]), rule)
        for box, laws in found(of_network(("plain", "small", "depthwise")[i % 3], plan, images=200)).items():
            alarms[box] += bool(laws)
    print("\nOf 20 random settings without a fault, an alarm: " + ", ".join(f"{box} {count}" for box, count in alarms.items()) + ".")


if __name__ == "__main__":
    main()
