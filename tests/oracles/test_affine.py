"""Do affine codes agree, bit for bit, with ONNX Runtime and torch?

Expected numbers: onnxruntime's QuantizeLinear and DequantizeLinear (mode `onnx`), torch.fake_quantize_* (mode
`torch_fake`), torch.quantize_per_tensor (mode `torch_quant`), each given our scale and zero point. A million values a
case, most of them sought at ties: (k + 1/2) * scale in float32 and the floats beside it.
"""

from __future__ import annotations

import functools
import warnings
import zlib

import numpy as np
import onnxruntime
import pytest
import torch

import quantlab as ql

N = 1_000_000
FLOAT, UINT8, INT8, INT32, UINT4, INT4, UINT16, INT16 = 1, 2, 3, 6, 21, 22, 4, 5


# ---------------------------------------------------------------- a model of one operator, without the onnx package


def varint(n: int) -> bytes:
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def number(tag: int, n: int) -> bytes:
    return varint(tag << 3) + varint(n)


def message(tag: int, body: bytes | str) -> bytes:
    body = body.encode() if isinstance(body, str) else body
    return varint(tag << 3 | 2) + varint(len(body)) + body


def value(name: str, element: int) -> bytes:
    return message(1, name) + message(2, message(1, number(1, element)))


def node(op: str, inputs: str, output: str, **attributes: int) -> bytes:
    body = b"".join(message(1, i) for i in inputs.split()) + message(2, output) + message(4, op)
    return body + b"".join(message(5, message(1, k) + number(3, v) + number(20, 2)) for k, v in attributes.items())


@functools.cache
def session(nodes: tuple[bytes, ...], inputs: tuple[tuple[str, int], ...], output: tuple[str, int]):
    """An ONNX ModelProto (IR 10, opset 21) written by hand: field numbers from onnx.proto."""
    graph = b"".join(message(1, n) for n in nodes) + message(2, "one operator")
    graph += b"".join(message(11, value(*i)) for i in inputs) + message(12, value(*output))
    model = number(1, 10) + message(7, graph) + message(8, number(2, 21))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


ELEMENTS = {
    (8, True): (INT8, np.int8),
    (8, False): (UINT8, np.uint8),
    (16, True): (INT16, np.int16),
    (16, False): (UINT16, np.uint16),
}


def onnx_quantize(x, scale, zero_point, bits, signed, axis=0):
    element, dtype = ELEMENTS[16 if bits == 16 else 8, signed]
    scale, zero_point = np.asarray(scale, np.float32), np.asarray(zero_point, dtype)
    if bits == 4:  # numpy has no 4-bit integers: they exist only between two Casts
        four = INT4 if signed else UINT4
        nodes = (
            node("Cast", "z", "z4", to=four),
            node("QuantizeLinear", "x s z4", "q4", axis=axis),
            node("Cast", "q4", "q", to=element),
        )
    else:
        nodes = (node("QuantizeLinear", "x s z", "q", axis=axis),)
    run = session(nodes, (("x", FLOAT), ("s", FLOAT), ("z", element)), ("q", element)).run
    return run(None, {"x": x, "s": scale, "z": zero_point})[0]


def onnx_dequantize(codes, scale, zero_point, bits, signed, axis=0):
    element, dtype = ELEMENTS[16 if bits == 16 else 8, signed]
    run = session(
        (node("DequantizeLinear", "q s z", "x", axis=axis),),
        (("q", element), ("s", FLOAT), ("z", element)),
        ("x", FLOAT),
    ).run
    return run(None, {"q": codes.astype(dtype), "s": np.asarray(scale, np.float32), "z": np.asarray(zero_point, dtype)})[0]


# ---------------------------------------------------------------- values at ties


def hostile(scale, zero_point, qmin, qmax, low, high, n, rng):
    """n float32 values in [low, high], low and high among them: two thirds at ties or beside one, the rest anywhere."""
    k = rng.integers(qmin - zero_point - 1, qmax - zero_point + 2, n)
    half = ((k + 0.5) * np.float64(scale)).astype(np.float32)
    product = (k.astype(np.float32) + np.float32(0.5)) * np.float32(scale)
    x = np.where(rng.random(n) < 0.5, half, product)
    for _ in range(2):
        away = rng.integers(-1, 2, n)
        x = np.where(away == 0, x, np.nextafter(x, np.where(away > 0, np.inf, -np.inf).astype(np.float32)))
    anywhere = rng.random(n) < 1 / 3
    x[anywhere] = rng.uniform(low, high, anywhere.sum())
    x[rng.random(n) < 0.01] = 0
    x = np.clip(x.astype(np.float32), np.float32(low), np.float32(high))
    x[0], x[1] = low, high
    return x


def signed(q) -> bool:
    return q.qparams.qmin < 0


# Seed and amplitude: an awkward scale, a power of two, a subnormal reciprocal's neighbour, a huge one.
AMPLITUDES = [1.0, 0.7310586, 3.3e-5, 127.0, 6.02e23, 1e-30]
RANGES = {
    "int-symmetric": [(-1.0, 1.0), (-0.3, 1.0)],
    "int-asymmetric": [(-1.0, 1.0), (-0.31, 1.0), (0.0, 1.0), (-1.0, -0.2)],
}
CASES = [
    pytest.param(slug, bits, low * a, high * a, id=f"{slug} {bits} bits {low * a:.3g} to {high * a:.3g}")
    for slug, ranges in RANGES.items()
    for bits in (8, 4)
    for i, (low, high) in enumerate(ranges)
    for a in (AMPLITUDES if i == 0 else AMPLITUDES[1:3])
]


def prepare(slug, bits, low, high, arithmetic, n=N, **knobs):
    """A spec and n values on which its scale is known beforehand, so that its ties can be sought."""
    low, high = np.float32(low), np.float32(high)
    spec = ql.QuantSpec(slug, bits=bits, arithmetic=arithmetic, **knobs)
    p = ql.quantize(np.array([low, high]), spec).qparams
    scale, zero_point = p.scale[0], int(p.zero_point[0])
    rng = np.random.default_rng([bits, zlib.crc32(f"{slug} {low} {high}".encode())])
    x = hostile(scale, zero_point, int(p.qmin), int(p.qmax), low, high, n, rng)
    q = ql.quantize(x, spec)
    assert q.qparams.scale[0] == scale
    assert q.qparams.zero_point[0] == zero_point
    return x, q, scale, zero_point, int(p.qmin), int(p.qmax)


def same_bits(a, b):
    a, b = np.ascontiguousarray(a, np.float32), np.ascontiguousarray(b, np.float32)
    return np.array_equal(a.view(np.uint32), b.view(np.uint32))


def explain(x, ours, theirs):
    wrong = np.flatnonzero(np.asarray(ours).ravel() != np.asarray(theirs).ravel())
    first = [f"x={np.ravel(x)[i]!r} ours={np.ravel(ours)[i]} theirs={np.ravel(theirs)[i]}" for i in wrong[:5]]
    return f"{wrong.size} of {np.size(x)} differ: {first}"


# ---------------------------------------------------------------- mode onnx


@pytest.mark.parametrize("slug, bits, low, high", CASES)
def test_onnx_codes_and_values_are_those_of_onnxruntime(slug, bits, low, high):
    x, q, scale, z, qmin, qmax = prepare(slug, bits, low, high, "onnx")
    theirs = onnx_quantize(x, scale, z, bits, signed(q)).astype(np.int32).clip(qmin, qmax)
    assert np.array_equal(q.codes, theirs), explain(x, q.codes, theirs)
    assert same_bits(ql.dequantize(q), onnx_dequantize(theirs, scale, z, bits, signed(q)))


@pytest.mark.parametrize("slug", ["int-symmetric", "int-asymmetric"])
@pytest.mark.parametrize("bits", [4, 8])
def test_values_beyond_a_clipped_range_saturate_as_in_onnxruntime(slug, bits):
    """The restricted code -2^(b-1) is ours to avoid, so theirs is clipped to our qmin."""
    x, q, scale, z, qmin, qmax = prepare(slug, bits, -0.9, 1.0, "onnx", clip=0.37)
    theirs = onnx_quantize(x, scale, z, bits, signed(q)).astype(np.int32).clip(qmin, qmax)
    assert np.array_equal(q.codes, theirs), explain(x, q.codes, theirs)
    assert same_bits(ql.dequantize(q), onnx_dequantize(theirs, scale, z, bits, signed(q)))


@pytest.mark.parametrize("slug", ["int-symmetric", "int-asymmetric"])
def test_sixteen_bits_agree_with_onnxruntime_too(slug):
    x, q, scale, z, qmin, qmax = prepare(slug, 16, -0.87, 1.0, "onnx")
    theirs = onnx_quantize(x, scale, z, 16, signed(q)).astype(np.int32).clip(qmin, qmax)
    assert np.array_equal(q.codes, theirs), explain(x, q.codes, theirs)
    assert same_bits(ql.dequantize(q), onnx_dequantize(theirs, scale, z, 16, signed(q)))


def channels(slug, bits, arithmetic, axis, n_channels=8, n=N // 8):
    """Hostile values for every channel's own scale, channels along `axis`."""
    rows = [prepare(slug, bits, -a, b, arithmetic, n=n) for a, b in np.random.default_rng(bits).uniform(0.1, 9, (n_channels, 2))]
    x = np.moveaxis(np.stack([r[0] for r in rows]), 0, axis)  # (C, n) or (n, C)
    q = ql.quantize(x, ql.QuantSpec(slug, bits=bits, arithmetic=arithmetic, granularity=ql.per_channel(axis=axis)))
    assert q.qparams.scale.tolist() == [r[2] for r in rows]
    assert q.qparams.zero_point.tolist() == [r[3] for r in rows]
    return np.ascontiguousarray(x), q, rows[0][4], rows[0][5]


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("slug", ["int-symmetric", "int-asymmetric"])
def test_onnx_codes_per_channel_are_those_of_onnxruntime(slug, bits, axis):
    x, q, qmin, qmax = channels(slug, bits, "onnx", axis)
    p = q.qparams
    theirs = onnx_quantize(x, p.scale, p.zero_point, bits, signed(q), axis).astype(np.int32).clip(qmin, qmax)
    assert np.array_equal(q.codes, theirs), explain(x, q.codes, theirs)
    assert same_bits(ql.dequantize(q), onnx_dequantize(theirs, p.scale, p.zero_point, bits, signed(q), axis))


# ---------------------------------------------------------------- modes torch_fake and torch_quant


def torch_quant_codes(x, scale, zero_point, is_signed, qmin, qmax):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kind = torch.qint8 if is_signed else torch.quint8
        codes = torch.quantize_per_tensor(torch.from_numpy(x), float(scale), int(zero_point), kind).int_repr()
    return codes.numpy().astype(np.int32).clip(qmin, qmax)


@pytest.mark.parametrize("slug, bits, low, high", CASES)
def test_torch_fake_values_are_those_of_fake_quantize_per_tensor(slug, bits, low, high):
    x, q, scale, z, qmin, qmax = prepare(slug, bits, low, high, "torch_fake")
    theirs = torch.fake_quantize_per_tensor_affine(torch.from_numpy(x), float(scale), z, qmin, qmax).numpy()
    assert np.array_equal(ql.dequantize(q), theirs), explain(x, ql.dequantize(q), theirs)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("slug", ["int-symmetric", "int-asymmetric"])
def test_torch_fake_values_are_those_of_fake_quantize_per_channel(slug, bits, axis):
    x, q, qmin, qmax = channels(slug, bits, "torch_fake", axis)
    scale, z = torch.from_numpy(q.qparams.scale.copy()), torch.from_numpy(q.qparams.zero_point.copy())
    theirs = torch.fake_quantize_per_channel_affine(torch.from_numpy(x), scale, z, axis, qmin, qmax).numpy()
    assert np.array_equal(ql.dequantize(q), theirs), explain(x, ql.dequantize(q), theirs)


@pytest.mark.parametrize("slug, bits, low, high", CASES)
def test_torch_quant_codes_are_those_of_quantize_per_tensor(slug, bits, low, high):
    x, q, scale, z, qmin, qmax = prepare(slug, bits, low, high, "torch_quant")
    theirs = torch_quant_codes(x, scale, z, signed(q), qmin, qmax)
    assert np.array_equal(q.codes, theirs), explain(x, q.codes, theirs)


def test_the_three_modes_differ_on_the_values_sought():
    """Otherwise the tests above would prove nothing about the order of the arithmetic."""
    x, onnx, *_ = prepare("int-asymmetric", 8, -0.31 * 0.7310586, 0.7310586, "onnx")
    fake, quant = (ql.quantize(x, onnx.spec.replace(arithmetic=a)).codes for a in ("torch_fake", "torch_quant"))
    assert np.count_nonzero(onnx.codes != fake) > 1000
    assert np.count_nonzero(onnx.codes != quant) > 1000
    assert np.count_nonzero(fake != quant) > 1000


# ---------------------------------------------------------------- range rules, and theory


@pytest.mark.slow
@pytest.mark.parametrize("bits", [2, 3, 4, 6, 8])
@pytest.mark.parametrize("tails", ["normal", "laplace", "student"])
@pytest.mark.parametrize("slug", ["int-symmetric", "int-asymmetric"])
def test_the_mse_calibrator_beats_every_clip_of_a_fine_scan(slug, tails, bits):
    """numerics.md section 4: "MSE-optimal clip (exact search)"; expected: 400 clips tried one by one in float64.

    The error has many local minima in the clip, 1e-4 apart from one fine scan to the next: that much is let pass.
    """
    rng = np.random.default_rng(bits)
    x = {"normal": rng.normal(size=20_000), "laplace": rng.laplace(size=20_000), "student": rng.standard_t(3, 20_000)}[tails]
    x = x.astype(np.float32)

    def mse(**how):
        return np.mean((ql.fake_quantize(x, ql.QuantSpec(slug, bits=bits, **how)).astype(np.float64) - x) ** 2)

    range_rule = ql.SCHEMES[slug].calibrators[0]
    scan = min(mse(calibrator=range_rule, clip=float(c)) for c in np.linspace(0.02, 1, 400))
    assert mse(calibrator="mse") <= scan * (1 + 1e-4)


@pytest.mark.parametrize("bits, clip", [(2, 1.224), (3, 1.952), (4, 2.474), (5, 2.899), (6, 3.270), (8, 3.921)])
def test_the_best_clip_of_a_gaussian_is_the_table_s(bits, clip):
    """numerics.md section 7, restricted grid. The optimum is flat, so errors are compared, not clips alone."""
    x = np.random.default_rng(0).normal(size=1_000_000).astype(np.float32)
    q = ql.quantize(x, ql.QuantSpec("int-symmetric", bits=bits, calibrator="mse"))
    ours = float(q.qparams.scale[0]) * q.qparams.qmax
    assert ours == pytest.approx(clip, rel=0.03)
    n = q.qparams.qmax
    table = np.clip(np.rint(x.astype(np.float64) / clip * n), -n, n) * clip / n
    assert np.mean((ql.dequantize(q) - x.astype(np.float64)) ** 2) <= np.mean((table - x) ** 2) * (1 + 1e-4)


@pytest.mark.parametrize("bits, clip", [(2, 1.7106), (3, 2.1516), (4, 2.5591), (5, 2.9362), (6, 3.2869), (8, 3.9240)])
def test_the_aciq_clip_of_a_gaussian_is_the_table_s(bits, clip):
    x = np.random.default_rng(0).normal(size=1_000_000).astype(np.float32)
    q = ql.quantize(x, ql.QuantSpec("int-symmetric", bits=bits, calibrator="aciq"))
    assert float(q.qparams.scale[0]) * q.qparams.qmax == pytest.approx(clip, rel=0.01)


def test_the_percentile_calibrator_clips_the_share_it_is_told():
    x = np.random.default_rng(1).normal(size=100_000).astype(np.float32)
    for percentile in (90.0, 99.0, 99.9):
        q = ql.quantize(x, ql.QuantSpec("int-symmetric", bits=8, calibrator="percentile", percentile=percentile))
        expected = np.percentile(np.abs(x.astype(np.float64)), percentile)
        assert float(q.qparams.scale[0]) * 127 == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("bits, expected", [(2, 8.93), (4, 25.09), (8, 49.95), (16, 98.10)])
def test_a_full_scale_sine_has_the_sqnr_of_the_restricted_mid_tread_grid(bits, expected):
    """numerics.md section 7, measured there to two decimals."""
    x = np.sin(2 * np.pi * np.arange(1_000_000) * (np.sqrt(5) - 1) / 2).astype(np.float32)
    x[0] = 1.0
    x_hat = ql.fake_quantize(x, ql.QuantSpec("int-symmetric", bits=bits))
    error = x_hat.astype(np.float64) - x
    assert 10 * np.log10(np.mean(x.astype(np.float64) ** 2) / np.mean(error**2)) == pytest.approx(expected, abs=0.015)
    assert ql.metrics.sqnr_db(x, x_hat) == pytest.approx(expected, abs=0.015)
