"""Do the looks inside of a layer agree with the methods that they explain?"""

import numpy as np
import pytest

from quantlab.grouping import per_group
from quantlab.language.awq import ALPHAS, awq
from quantlab.language.calibration import calibrate, output_error
from quantlab.language.columns import block
from quantlab.language.gains import gains, parts
from quantlab.language.gptq import Grid, gptq, grid_of, rounded
from quantlab.language.importance import LAYOUTS, weighted
from quantlab.language.methods import METHODS
from quantlab.language.outliers import reads, rounding_db, spread
from quantlab.language.rotation import rotate, smooth
from quantlab.language.shipped import load, tokens_of
from quantlab.language.zero_points import zero_points
from quantlab.progress import finish
from quantlab.quantizer import fake_quantize, quantize
from quantlab.types import QuantSpec

SPEC = QuantSpec("int-asymmetric", bits=3, granularity=per_group(64))
ROWS, COLUMNS = slice(4, 10), slice(32, 64)


@pytest.fixture(scope="module")
def model():
    return load("small")


@pytest.fixture(scope="module")
def seen(model):
    return finish(calibrate(model, tokens_of("calibration", 1024)))


def test_the_last_column_s_state_is_gptq_s_result_and_each_column_moves_once(model, seen):
    weight, moments = model.linear(1, "v"), seen[1, "attention"].moments
    walk, grid = block(weight, SPEC, moments, ROWS, COLUMNS), grid_of(weight, SPEC)
    part = Grid(grid.scale[ROWS, COLUMNS], grid.zero[ROWS, COLUMNS], grid.qmin, grid.qmax)
    np.testing.assert_allclose(walk.states[-1], rounded(weight[ROWS, COLUMNS], part, moments[COLUMNS, COLUMNS]), atol=1e-12)
    np.testing.assert_allclose(walk.states[0], weight[ROWS, COLUMNS])
    for k in range(1, 33):
        np.testing.assert_array_equal(walk.states[k][:, : k - 1], walk.states[k - 1][:, : k - 1])  # what is rounded stays
        np.testing.assert_allclose(walk.states[k][:, :k], part.nearest(walk.states[k][:, :k], slice(0, k)), atol=1e-12)


def test_the_walk_s_objective_is_the_error_on_the_inputs_themselves():
    rng = np.random.default_rng(1)
    weight, x = rng.normal(size=(3, 8)), rng.normal(size=(8, 50)) + rng.normal(size=(1, 50))
    walk = block(weight, QuantSpec("int-asymmetric", bits=2, granularity=per_group(8)), x @ x.T / 50, slice(None), slice(None))
    for k in range(9):
        np.testing.assert_allclose(walk.errors[k], np.square((walk.states[k] - weight) @ x).mean(axis=1), atol=1e-12)
        nearest = np.where(np.arange(8) < k, walk.grid.nearest(weight), weight)
        np.testing.assert_allclose(walk.nearest[k], np.square((nearest - weight) @ x).mean(axis=1), atol=1e-12)
    assert walk.errors[-1].sum() < walk.nearest[-1].sum()


def test_the_gains_of_a_layer_are_those_of_its_methods(model, seen):
    weight, place = model.linear(1, "v"), seen[1, "attention"]
    found = gains(weight, SPEC, place)
    assert found.curve[0] == pytest.approx(found.nearest.output, rel=1e-5)
    for ours, answer in ((found.awq, awq([weight], SPEC, place)[0]), (found.gptq, gptq(weight, SPEC, place.moments))):
        assert ours.output == pytest.approx(output_error(weight - answer, place.moments).sum(), rel=1e-9)
        assert ours.weights == pytest.approx(np.square((weight - answer).astype(np.float64)).sum(), rel=1e-9)
    assert found.alpha == ALPHAS[int(np.argmin(found.curve))] and found.awq.output <= found.nearest.output * (1 + 1e-6)
    assert found.gptq.weights > found.nearest.weights and found.gptq.together < 0  # errors grow, and cancel


def test_independent_channels_have_nothing_together():
    change = np.random.default_rng(0).normal(size=(4, 6))
    assert parts(change, np.diag(np.arange(1.0, 7.0))).together == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("stop", METHODS["imatrix"].stops)
def test_no_block_s_weighted_error_grows_with_importance(model, seen, stop):
    weight, importance = model.linear(0, "down"), np.diag(seen[0, "inner"].moments)
    spec = METHODS["imatrix"].spec(stop, "", per_group(64))
    ours, own = (
        importance * np.square((weight - w).astype(np.float64)) for w in (weighted(weight, spec, importance), fake_quantize(weight, spec))
    )
    size = 256 if stop.endswith("K") else 32
    assert (ours.reshape(-1, size).sum(axis=1) <= own.reshape(-1, size).sum(axis=1) * (1 + 1e-5)).all()
    assert ours.sum() < 0.93 * own.sum()


@pytest.mark.parametrize(("stop", "most"), [("q4_0", 8), ("q5_0", 16), ("q8_0", 127)])
def test_what_importance_finds_is_a_half_precision_scale_times_codes(stop, most):
    rng = np.random.default_rng(2)
    weight = rng.normal(size=(16, 64)).astype(np.float32)
    for values in weighted(weight, QuantSpec("gguf", format=stop), rng.random(64) ** 4).reshape(-1, 32):
        scales = np.float16(np.abs(values).max() / np.arange(1, most + 1)).astype(np.float64)
        codes = values / scales[:, None]
        assert (np.abs(codes - np.rint(codes)).max(axis=1) < 1e-4).any()


@pytest.mark.parametrize(("stop", "most"), [("q4_1", 15), ("q5_1", 31), ("q2_k", 3), ("q4_k", 15), ("q3_k", 7)])
def test_what_importance_finds_are_even_steps(stop, most):
    rng = np.random.default_rng(3)
    weight, spec = rng.normal(size=(8, 256)).astype(np.float32), QuantSpec("gguf", format=stop)
    for values in weighted(weight, spec, rng.random(256)).reshape(-1, LAYOUTS[stop].block):
        steps = np.diff(np.unique(values))
        codes = steps / steps.min()
        assert len(steps) <= most and round(codes.sum()) <= most and np.abs(codes - np.rint(codes)).max() < 1e-3


def test_a_rotation_spreads_outliers_and_activations_round_better(model, seen):
    tokens = tokens_of("calibration", 256)
    before, *after = (reads(m, tokens, (0, "attention")) for m in (model, smooth(model, seen), rotate(model)))
    assert before.shape == (256, 128) and np.abs(before).max() <= seen[0, "attention"].largest.max() * (1 + 1e-6)
    for x in after:
        assert spread(x).outlier < spread(before).outlier and rounding_db(x, 4) > rounding_db(before, 4) + 1


def test_zero_points_are_those_of_the_groups(model):
    found = zero_points(model, 4, per_group(64))
    codes = [quantize(model.linear(0, kind), SPEC.replace(bits=4)).qparams.zero_point for kind in "qkvo"]
    assert found.groups == sum(w.size for n, w in model.weights.items() if "proj" in n) // 64
    assert 0 < found.middle < 1 < found.cost and {int(z) for part in codes for z in np.ravel(part)} != {7, 8}


@pytest.mark.parametrize(("stop", "parts"), [("q3_k", 32), ("q6_k", 128)])
def test_the_steps_of_a_super_block_are_whole_multiples_of_one(stop, parts):
    values = weighted(
        np.random.default_rng(4).normal(size=(1, 256)).astype(np.float32), QuantSpec("gguf", format=stop), np.arange(1.0, 257.0)
    )
    steps = [np.diff(np.unique(np.append(block, 0))).min() for block in values.reshape(16, 16).astype(np.float64)]
    shared = max(steps) / np.arange(1, parts + 1)
    whole = np.array(steps) / shared[:, None]
    assert (np.abs(whole - np.rint(whole)).max(axis=1) < 2e-3).any()


def test_a_format_without_even_steps_is_named():
    with pytest.raises(ValueError, match="iq4_nl has no steps to weigh; choose gguf with one of q4_0"):
        weighted(np.ones((2, 64), np.float32), QuantSpec("gguf", format="iq4_nl"), np.ones(64))
