"""Transforms before quantization: each is undone, keeps what it says it keeps, and wins where theory says so and nowhere else."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

import quantlab as ql
from quantlab.transforms import TRANSFORMS, fit, orthogonal
from quantlab.transforms._walsh import rotate

WORDS = [*TRANSFORMS, *(",".join(pair) for pair in permutations(TRANSFORMS, 2)), ",".join(TRANSFORMS)]
SHAPES = [(64, 96), (5, 7), (3, 4, 40), (1, 1), (2, 256)]
rng = np.random.default_rng(0)


def sqnr(x, word, **how):
    t, spec = fit(x, word), ql.QuantSpec("int-symmetric", **how)
    return ql.metrics.sqnr_db(x, t.inverse(ql.fake_quantize(t.forward(x), spec)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("word", WORDS)
def test_the_inverse_undoes_it_and_an_orthogonal_one_keeps_lengths(word, dtype):
    for shape in SHAPES:
        x = rng.standard_t(3, shape).astype(dtype)
        x[..., 0] = 0
        t = fit(x, word)
        y = t.forward(x)
        assert y.shape == x.shape and y.dtype == x.dtype and np.isfinite(y).all()
        assert np.abs(t.inverse(y) - x).max() <= 1e-6 * max(1, np.abs(x).max())
        if t.orthogonal:
            assert np.linalg.norm(y.astype(float)) == pytest.approx(np.linalg.norm(x.astype(float)), rel=1e-6)
            assert np.linalg.norm(t.inverse(y[..., ::-1]).astype(float)) == pytest.approx(np.linalg.norm(y.astype(float)), rel=1e-6)


def test_hadamard_s_matrix_is_that_of_its_definition():
    h = np.array([[(-1) ** bin(i & j).count("1") for j in range(16)] for i in range(16)]) / 4
    signs = rotate(np.eye(16), 5)[:, 0] * 4  # the first row of H is of ones
    assert np.allclose(orthogonal(16, 5), h * signs) and set(np.unique(signs)) == {-1, 1}


def test_a_rotation_spreads_an_outlier_and_wins_nothing_on_normal_values():
    x = rng.normal(size=(16, 1024)).astype(np.float32)
    assert abs(sqnr(x, "hadamard", bits=4) - sqnr(x, "none", bits=4)) < 0.6
    x[3, 17] = 60
    # alone the outlier sets the step, 60/7, and every other value is 0; spread it is 60/32 a value, and the step that of a normal tensor
    assert sqnr(x, "none", bits=4) < 2 < 13 < sqnr(x, "hadamard", bits=4)


def test_sorting_wins_in_groups_and_changes_nothing_under_one_scale():
    """Half of the columns are 16 times as large: beside them the others have their step, apart one of a sixteenth, and no error to speak of."""
    x = (rng.normal(size=(64, 256)) * np.tile([1, 16], 128)).astype(np.float32)
    assert sqnr(x, "sorting", bits=4) == pytest.approx(sqnr(x, "none", bits=4), abs=1e-5)
    groups = {"bits": 8, "granularity": ql.per_group(32)}
    assert sqnr(x, "sorting", **groups) - sqnr(x, "none", **groups) == pytest.approx(10 * np.log10(2), abs=1)


def test_scaling_divides_columns_by_the_root_of_their_largest_and_pays_back():
    x = (rng.normal(size=(256, 4)) * [1, 1, 1, 16]).astype(np.float32)
    y = fit(x, "scaling").forward(x)
    tops, before = np.abs(y).max(axis=0), np.abs(x).max(axis=0)
    assert np.allclose(tops / tops[0], np.sqrt(before / before[0]), rtol=1e-5)
    assert fit(x, "scaling").bits == 4 * 32


def test_costs_add_up_and_a_vector_has_no_columns():
    x = rng.normal(size=(8, 64)).astype(np.float32)
    one, other, both = fit(x, "sorting"), fit(x, "hadamard"), fit(x, "sorting,hadamard")
    assert (both.bits, both.operations) == (one.bits + other.bits, one.operations + other.operations) == (64 * 6, 1 + 7)
    assert fit(x[0], "hadamard").forward(x[0]).shape == (64,)
    for word, say in (
        ("sorting", "take a tensor of two axes"),
        ("hadamrd", "did you mean 'hadamard'"),
        ("sorting,sorting", "name each once"),
    ):
        with pytest.raises(ValueError, match=say):
            fit(x[0], word)
    with pytest.raises(ValueError, match="scale the tensor down"):
        fit(x, "hadamard").forward(np.full((8, 64), 3e38, np.float32) * np.sign(rotate(np.eye(64))[:, 0]).astype(np.float32))
