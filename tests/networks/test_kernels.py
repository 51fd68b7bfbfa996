"""Is the fast fake quantization the core's, bit for bit? Expected: the core (arithmetic torch_fake) and torch's kernels."""

import numpy as np
import pytest
import torch

import quantlab as ql
from quantlab.networks.engine import kernels

SPECS = [
    ql.QuantSpec(scheme, bits=bits, arithmetic="torch_fake", calibrator=calibrator)
    for scheme in kernels.AFFINE
    for bits in (2, 3, 4, 8, 12, 16)
    for calibrator in ("minmax", "mse" if bits < 12 else "absmax")
]


def values(spec, shape, seed=0):
    """Values of which two thirds lie at ties of the scale they lead to or beside one."""
    rng = np.random.default_rng([seed, spec.bits])
    x = rng.normal(0.3, 1, shape).astype(np.float32)
    scale = ql.quantize(x, spec).qparams.scale[0]
    k = rng.integers(-(2**spec.bits), 2**spec.bits, shape)
    ties = ((k + 0.5) * np.float64(scale)).astype(np.float32)
    ties = np.nextafter(ties, ties + rng.integers(-1, 2, shape).astype(np.float32))
    return np.clip(np.where(rng.random(shape) < 2 / 3, ties, x), x.min(), x.max()).astype(np.float32)


def bits(x):
    return np.ascontiguousarray(x, np.float32).view(np.uint32)


@pytest.mark.parametrize("spec", SPECS, ids=repr)
def test_static_activations_are_the_core_s_and_torch_s_bit_for_bit(spec):
    x = values(spec, (50, 7, 16, 16))
    q = ql.choose_qparams(x, spec)
    ours = kernels.activations(torch.from_numpy(x), spec, q).numpy()
    assert kernels.is_affine(spec)
    assert np.array_equal(bits(ours), bits(ql.fake_quantize(x, spec, q)))
    theirs = torch.fake_quantize_per_tensor_affine(torch.from_numpy(x), float(q.scale[0]), int(q.zero_point[0]), q.qmin, q.qmax)
    assert np.array_equal(bits(ours), bits(theirs.numpy()))


@pytest.mark.parametrize("spec", [s for s in SPECS if s.calibrator in kernels.DYNAMIC], ids=repr)
def test_dynamic_activations_are_the_core_s_for_each_image_and_torch_s_per_channel(spec):
    x = values(spec, (40, 3, 8, 8)) * np.linspace(0.1, 9, 40, dtype=np.float32)[:, None, None, None]
    x[3] = 0.0
    t = torch.from_numpy(x).contiguous(memory_format=torch.channels_last)
    q = kernels.dynamic_qparams(t, spec)
    ours = kernels.activations(t, spec, q).numpy()
    core = ql.fake_quantize(x.reshape(40, -1), spec.replace(granularity=ql.per_channel(0)))
    assert np.array_equal(bits(ours), bits(core.reshape(x.shape)))
    theirs = torch.fake_quantize_per_channel_affine(t, torch.from_numpy(q.scale), torch.from_numpy(q.zero_point), 0, q.qmin, q.qmax)
    assert np.array_equal(bits(ours), bits(theirs.numpy()))


@pytest.mark.parametrize(
    "spec", [ql.QuantSpec("float", format="e4m3fn"), ql.QuantSpec("kmeans", bits=3), ql.QuantSpec("int-asymmetric")], ids=repr
)
def test_other_schemes_are_computed_by_the_core(spec):
    x = np.random.default_rng(1).exponential(size=(10, 4, 6, 6)).astype(np.float32)
    assert not kernels.is_affine(spec)
    q = ql.choose_qparams(x, spec)
    assert np.array_equal(kernels.activations(torch.from_numpy(x), spec, q).numpy(), ql.fake_quantize(x, spec, q))
    each = spec.replace(granularity=ql.per_channel(0))
    rows = x.reshape(10, -1)
    ours = kernels.activations(torch.from_numpy(x), spec, ql.choose_qparams(rows, each)).numpy()
    assert np.array_equal(ours.reshape(10, -1), ql.fake_quantize(rows, each))


def test_gradients_pass_straight_through_where_torch_s_do():
    """The mask is of the rounded, unclipped code: -128.4 passes, 127.5 does not."""
    x = torch.cat([torch.linspace(-140, 140, 2801), torch.tensor([-128.4, 127.5, 127.49, -128.5, -128.6])]).requires_grad_()
    one, zero = torch.ones(1), torch.zeros(1)
    kernels.straight_through(x, one, zero, -128, 127).sum().backward()
    ours, x.grad = x.grad.clone(), None
    torch.fake_quantize_per_tensor_affine(x, 1.0, 0, -128, 127).sum().backward()
    assert torch.equal(ours, x.grad)
    assert ours[-5:].tolist() == [1, 0, 1, 1, 0]


@pytest.mark.parametrize(
    "spec, message",
    [
        (ql.QuantSpec("int-asymmetric", calibrator="mse"), "choose static, or minmax"),
        (ql.QuantSpec("kmeans", bits=4), "choose static, or integers"),
        (ql.QuantSpec("int-symmetric", bits=1), "integers of 2 bits or more"),
    ],
    ids=["search", "codebook", "one bit"],
)
def test_what_an_image_s_extremes_do_not_tell_is_refused_for_dynamic_ranges(spec, message):
    with pytest.raises(ValueError, match=message):
        kernels.check_dynamic(spec)
