"""Costs against counts by hand and by torch's hooks, instruction sets against texts of cpuinfo, ratios of times against their draws."""

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from quantlab.integer.cost import cost
from quantlab.integer.instructions import of_this_machine
from quantlab.integer.timing import ratio, timing_steps
from quantlab.networks import engine
from quantlab.networks.settings import Setting
from quantlab.progress import finish


@pytest.fixture(scope="module")
def runner() -> engine.Runner:
    return engine.Runner(*engine.shipped("small"), images=8)


def test_multiplications_are_those_that_torch_counts(runner):
    network, sizes = engine.to_integers(runner, Setting()), {}
    network.run(runner.test.pixels[:1], watch=lambda layer, codes, sums: sizes.update({layer.name: (codes.size, sums.size)}))
    with FlopCounterMode(display=False) as counter:
        runner.network(Setting())(torch.zeros(1, 1, 8, 8))
    model = cost(network, sizes, "int8")
    assert 2 * model.multiplications == counter.get_total_flops()  # a multiplication and an addition each
    assert model.moved == sum(layer.weights.size + sizes[layer.name][0] + 4 * len(layer.bias) for layer in network.layers)
    assert model.arithmetic == pytest.approx(0.3 * model.multiplications)
    assert cost(network, sizes, "float32").arithmetic == pytest.approx(4.6 * model.multiplications)
    with pytest.raises(ValueError, match="choose one of int8, float32"):
        cost(network, sizes, "int3")


def test_instruction_sets_are_read_off_cpuinfo(tmp_path):
    text = tmp_path / "cpuinfo"
    text.write_text("processor : 0\nflags\t\t: fpu avx2 avx512_vnni\n")
    assert [entry.title for entry in of_this_machine(text)] == ["AVX2", "AVX-512 VNNI"]
    text.write_text("Features\t: fp asimd asimddp\n")
    assert [entry.title for entry in of_this_machine(text)] == ["Arm dot product"]
    assert of_this_machine(tmp_path / "none") is None


@pytest.mark.parametrize("factor, verdict", [(0.7, "faster"), (1.3, "slower"), (1.0, "no difference seen")])
def test_faster_and_slower_are_said_only_where_the_interval_allows(factor, verdict):
    rng = np.random.default_rng(1)
    exact = rng.lognormal(0, 0.2, 60)
    assert ratio(factor * exact * rng.lognormal(0, 0.1, 60), exact).verdict == verdict


def test_the_interval_of_the_median_holds_the_truth_in_95_of_100_draws():
    rng = np.random.default_rng(2)
    held = [low.low <= 1.2 <= low.high for low in (ratio(1.2 * rng.lognormal(0, 0.3, 40), np.ones(40)) for _ in range(300))]
    assert 0.90 < np.mean(held) < 0.99


def test_times_of_all_forms_are_measured_in_turns(runner):
    timing = finish(timing_steps(engine.to_integers(runner, Setting()), runner.test.pixels, batches=(1, 4), turns=6))
    assert {form for form, _ in timing.latencies} == {"float", "qdq", "qlinear"} and {batch for _, batch in timing.latencies} == {1, 4}
    assert timing.ratios["float", 1].median == 1.0 and all(entry.runs == 6 for entry in timing.latencies.values())
