"""How long does the film of a network take, beside as many plain evaluations? ``python -m tests.benchmarks.networks``

Each round in turn: 15 evaluations of the float network, then the film of all 15 bit widths from nothing (ranges observed
anew, no cache) for weights alone, activations alone and both, and once more from the disk cache. Medians of the rounds.
"""

import argparse
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import median

from quantlab.networks.engine import MODELS, Evaluator, Runner, evaluation_steps, shipped
from quantlab.networks.settings import CURVES, FLOAT, Setting, bit_settings
from quantlab.networks.store import Store


def seconds(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def film(runner: Runner, curve: str, store: Store) -> None:
    for _ in evaluation_steps(Evaluator(runner, store), bit_settings(Setting(), curve), 4):
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    for name in MODELS:
        took = defaultdict(list)
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as folder:
                runner = Runner(*shipped(name))
                runner.logits(FLOAT)
                took["15 plain evaluations"].append(seconds(lambda r=runner: [r.logits(FLOAT) for _ in range(15)]))
                for curve in CURVES:
                    new, store = Runner(*shipped(name)), Store(Path(folder) / curve)
                    took[f"film, {curve}"].append(seconds(lambda n=new, c=curve, s=store: film(n, c, s)))
                took["film, both, from disk"].append(seconds(lambda n=new, f=folder: film(n, "both", Store(Path(f) / "both"))))
        print(
            f"{name}: {len(runner.test)} images; " + "; ".join(f"{what} {median(times):.2f} s" for what, times in took.items()), flush=True
        )


if __name__ == "__main__":
    main()
