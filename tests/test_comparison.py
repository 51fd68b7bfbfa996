"""The table of all schemes holds what each measures, and its cheapest is the cheapest."""

import numpy as np
import pytest

import quantlab as ql
from quantlab.comparison import METRICS, MOST, compare, reaching, table
from quantlab.sources import TENSOR_SOURCES
from tests.steps import finished

X = TENSOR_SOURCES["weights"].make(4096, 0)


@pytest.fixture(scope="module")
def rows():
    return table(finished(compare(X, ql.per_group(64), "float16")))


def test_every_scheme_is_there_and_says_what_it_stands_for(rows):
    assert {row.slug for row in rows} == set(ql.SCHEMES)
    assert all(row.used_by for row in rows) and all(scheme.used_by for scheme in ql.SCHEMES.values())


def test_the_numbers_are_those_of_quantizing(rows):
    for row in rows[::7]:
        x_hat = ql.fake_quantize(X, row.spec)
        assert row.mse == pytest.approx(ql.metrics.mse(X, x_hat), rel=1e-6)
        assert row.max_error == pytest.approx(ql.metrics.max_error(X, x_hat), rel=1e-5)
        assert row.bits_per_value == ql.quantize(X, row.spec).bits_per_value


def test_block_formats_keep_their_blocks_and_the_others_share_the_granularity(rows):
    for row in rows:
        block = ql.SCHEMES[row.slug].block(row.spec.knobs)
        assert row.spec.granularity == (block or ql.per_group(64))
        assert row.spec.knobs.get("scales", "float16") == "float16"


@pytest.mark.parametrize("target", [0.0, 12.5, 30.0, 60.0])
def test_the_cheapest_reaches_the_target_and_nothing_cheaper_does(rows, target):
    best = reaching(rows, target)
    assert best.sqnr_db >= target
    assert not [row for row in rows if row.bits_per_value < best.bits_per_value and row.sqnr_db >= target]


def test_nothing_reaches_what_nothing_reaches(rows):
    assert reaching([row for row in rows if row.sqnr_db < 50], 50) is None


def test_a_large_tensor_counts_the_scales_that_all_of_it_has():
    x = np.random.default_rng(0).normal(size=(3 * MOST // 512, 512)).astype(np.float32)
    curves = finished(compare(x, ql.per_tensor()))
    kmeans = next(curve for curve in curves if curve.scheme == "kmeans")
    assert kmeans.column("bits_per_value")[3] == pytest.approx(4 + 32 * 16 / x.size, rel=1e-12)


def test_the_numbers_kept_are_the_table_s(rows):
    assert METRICS == ("bits_per_value", "sqnr_db", "max_error", "mse") and all(np.isfinite(row.mse) for row in rows)
