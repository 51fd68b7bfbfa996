"""What do bits chosen per layer give for the same bytes? ``python -m tests.benchmarks.bit_budget [plain|depthwise|small]``

Weights alone, per tensor; losses measured on the calibration images, accuracies on the test images.
"""

import sys
import time

from quantlab.networks.budget import budgets, curve_steps, exact, greedy
from quantlab.networks.engine import Evaluator, Runner, shipped
from quantlab.networks.engine.layer_costs import layer_cost_steps, measured_steps, on_calibration
from quantlab.networks.settings import FLOAT, Setting
from quantlab.networks.store import Store
from tests.steps import finished


def main(name: str = "plain") -> None:
    evaluator = Evaluator(Runner(*shipped(name)), Store(None))
    setting = Setting(activations=None, inputs=None)
    start = time.perf_counter()
    table = finished(layer_cost_steps(on_calibration(evaluator), setting))
    priced = time.perf_counter()
    spread = budgets(table, 13)
    plans = {search.__name__: finished(curve_steps(table, spread, search)) for search in (exact, greedy)}
    print(f"{name}: table {priced - start:.1f} s, {2 * len(spread)} plans {1000 * (time.perf_counter() - priced):.0f} ms")
    print(f"float: {evaluator.evaluate(FLOAT).top(1)}")
    plans["the same bits everywhere"] = tuple(table.plan([i] * len(table.layers)) for i in range(len(table.bits)))
    for how, some in plans.items():
        print(how)
        for plan, found in finished(measured_steps(evaluator, setting, some)):
            print(f"{plan.bytes:8} bytes, loss {plan.loss:7.3f}: {found.top(1)}, bits {[bits for _, bits in plan.bits]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
