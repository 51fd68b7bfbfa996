"""How much memory does quantizing hold at its peak? At most the result and two arrays of the input's size.

Measured with one thread: every further one holds some blocks of 131 072 values, however large the tensor.
"""

import tracemalloc

import numpy as np
import pytest

import quantlab as ql
from quantlab.values import blocks

X = np.random.default_rng(0).normal(size=(1000, 2048)).astype(np.float32)  # 8 MB


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    monkeypatch.setattr(blocks, "_threads", lambda: None)


def peak(work) -> float:
    """The most that one call holds, in arrays of X's size, the result among them."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / X.nbytes
    finally:
        tracemalloc.stop()


VARIANTS = [ql.QuantSpec(slug, **variant) for slug, scheme in ql.SCHEMES.items() for variant in scheme.variants]


@pytest.mark.slow
@pytest.mark.parametrize("spec", VARIANTS, ids=repr)
def test_quantizing_with_parameters_at_hand_holds_no_more_than_two_arrays_beside_the_result(spec):
    qparams = ql.choose_qparams(X, spec)
    assert peak(lambda: ql.fake_quantize(X, spec, qparams)) <= 3
    q = ql.quantize(X, spec, qparams)
    assert peak(lambda: ql.quantize(X, spec, qparams)) <= 3
    assert peak(lambda: ql.dequantize(q)) <= 3


@pytest.mark.parametrize(
    "granularity", [ql.per_tensor(), ql.per_channel(0), ql.per_channel(1), ql.per_group(64), ql.per_group(60)], ids=repr
)
@pytest.mark.parametrize("slug", ["int-symmetric", "int-asymmetric", "nf4", "float"])
def test_choosing_the_range_by_the_extremes_needs_no_more(slug, granularity):
    assert peak(lambda: ql.fake_quantize(X, ql.QuantSpec(slug, granularity=granularity))) <= 3
