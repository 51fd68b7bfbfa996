"""Do our casts and integers give what ONNX's own node cases expect of Cast, QuantizeLinear, DequantizeLinear and DynamicQuantizeLinear?

The cases are made by the onnx package (``onnx.backend.test.case.node``); only the four modules that hold them are imported. Two
things are not compared: a NaN in FLOAT4E2M1, which has none (ONNX names no value for it; ours is NaN, or refused as a bit pattern), and zero
in FLOAT8E8M0, which has none either (ONNX takes the least power of two; ours refuses it, because a scale of 2^-127 for a group of zeros
is hardly meant).
"""

from __future__ import annotations

import importlib
import warnings

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

import quantlab as ql
from quantlab.formats import BlockFormat, FloatFormat, IntFormat, ScaleFormat
from quantlab.types import Quantized

FORMATS = {
    "FLOAT": "fp32",
    "FLOAT16": "fp16",
    "BFLOAT16": "bf16",
    "FLOAT8E4M3FN": "e4m3fn",
    "FLOAT8E4M3FNUZ": "e4m3fnuz",
    "FLOAT8E5M2": "e5m2",
    "FLOAT8E5M2FNUZ": "e5m2fnuz",
    "FLOAT8E8M0": "e8m0",
    "FLOAT4E2M1": "e2m1fn",
} | {name: name.lower() for name in ("INT2", "UINT2", "INT4", "UINT4", "INT8", "UINT8", "INT16", "UINT16")}


def cases():
    node = importlib.import_module("onnx.backend.test.case.node")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the cases are made as the modules are imported, and overflow on purpose
        for module in ("cast", "quantizelinear", "dequantizelinear", "dynamicquantizelinear"):
            importlib.import_module(f"onnx.backend.test.case.node.{module}")
    wanted = {"Cast", "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear"}
    return {case.name: case for case in node._NodeTestCases if case.model.graph.node[0].op_type in wanted}


CASES = cases()


def of(operator):
    return [name for name, case in CASES.items() if case.model.graph.node[0].op_type == operator]


def values(tensor):
    """A case's tensor as float64, and ONNX's word for its type."""
    if isinstance(tensor, TensorProto):
        return numpy_helper.to_array(tensor).astype(np.float64), TensorProto.DataType.Name(tensor.data_type)
    return np.asarray(tensor, np.float64), TensorProto.DataType.Name(helper.np_dtype_to_tensor_dtype(np.asarray(tensor).dtype))


def opened(name):
    case = CASES[name]
    inputs, outputs = case.data_sets[0]
    attributes = {a.name: helper.get_attribute_value(a) for a in case.model.graph.node[0].attribute}
    return [values(t) for t in inputs], [values(t) for t in outputs], attributes


def test_all_cases_are_there():
    assert [len(of(o)) for o in ("Cast", "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear")] == [60, 13, 14, 3]


def cast(x, kind, attributes):
    if kind == "DOUBLE":
        return x
    f = ql.FORMATS[FORMATS[kind]]
    assert not isinstance(f, BlockFormat)
    if isinstance(f, IntFormat):
        return f.cast(x, overflow="wrap")
    if isinstance(f, ScaleFormat):
        return f.cast(np.where(x > 0, x, 1), attributes.get("round_mode", b"up").decode())
    saturates = f.bits <= 8 and attributes.get("saturate", 1)  # ONNX saturates in its small floats alone
    assert isinstance(f, FloatFormat)
    if f.nan == "none":
        x = np.where(np.isnan(x), 0, x)
    return f.cast(x, overflow="saturate" if saturates else "inf")


@pytest.mark.parametrize("name", of("Cast"))
def test_a_cast_is_onnx_s(name):
    [(x, _)], [(expected, kind)], attributes = opened(name)
    ours = cast(x, kind, attributes)
    compared = ~np.isnan(x) if kind == "FLOAT4E2M1" else x > 0 if kind == "FLOAT8E8M0" else np.ones(x.shape, bool)
    np.testing.assert_array_equal(ours[compared], expected[compared])
    np.testing.assert_array_equal(np.signbit(ours[compared & ~np.isnan(expected)]), np.signbit(expected[compared & ~np.isnan(expected)]))


def spec_of(kind, scale, x, attributes):
    f = ql.FORMATS[FORMATS[kind]]
    axis = attributes.get("axis", 1)
    granularity = ql.per_tensor() if scale.size == 1 else ql.per_channel(axis)
    if "block_size" in attributes:
        granularity = ql.per_group(attributes["block_size"], axis)
    if isinstance(f, FloatFormat):
        return ql.QuantSpec("float", format=f.slug, granularity=granularity)
    return ql.QuantSpec("int-asymmetric", bits=f.bits, signed=f.signed, granularity=granularity)


def qparams(spec, scale, zero, x):
    ends = ql.choose_qparams(x, spec)
    zero_points = np.broadcast_to(zero.ravel(), scale.size).astype(np.int32)
    return ql.QParams(scale.ravel().astype(np.float32), zero_points, ends.qmin, ends.qmax)


def along(scale, spec, x):
    """Scales, one a group, in the order of our groups."""
    if spec.granularity.kind != "group":
        return scale
    repeated = np.repeat(scale, spec.granularity.size, axis=spec.granularity.axis)
    return np.array([g[0] for part in spec.granularity.split(repeated) for g in part])


@pytest.mark.parametrize("name", of("QuantizeLinear"))
def test_quantizing_with_given_scales_is_onnx_s(name):
    (x, _), (scale, _), *zeros = opened(name)[0]
    [(expected, kind)], attributes = opened(name)[1:]
    spec = spec_of(kind, scale, x, attributes)
    zero = zeros[0][0] if zeros else np.zeros_like(scale)
    q = ql.quantize(x, spec, qparams(spec, along(scale, spec, x), along(zero, spec, x), x))
    if spec.scheme == "float":  # ONNX's codes are values of the format
        one = q.qparams.groups(slice(None))
        back = ql.dequantize(Quantized(q.codes, ql.QParams(np.ones_like(one.scale), one.zero_point, one.qmin, one.qmax), spec))
        np.testing.assert_array_equal(back, expected)
    else:
        np.testing.assert_array_equal(q.codes, expected)


@pytest.mark.parametrize("name", of("DequantizeLinear"))
def test_dequantizing_with_given_scales_is_onnx_s(name):
    (x, kind), (scale, _), *zeros = opened(name)[0]
    [(expected, out)], attributes = opened(name)[1:]
    spec = spec_of(kind, scale, x, attributes)
    zero = zeros[0][0] if zeros else np.zeros_like(scale)
    given = qparams(spec, along(scale, spec, x), along(zero, spec, x), np.zeros_like(x))
    if spec.scheme == "float":
        ones = ql.QParams(np.ones_like(given.scale), given.zero_point, given.qmin, given.qmax)
        codes = ql.quantize(x, spec, ones).codes
    else:
        codes = x.astype(np.int64)
    ours = ql.dequantize(Quantized(codes, given, spec))
    np.testing.assert_array_equal(ours.astype(np.float16) if out == "FLOAT16" else ours, expected)


@pytest.mark.parametrize("name", of("DynamicQuantizeLinear"))
def test_scale_zero_point_and_codes_of_a_tensor_are_onnx_s(name):
    [(x, _)], [(codes, _), (scale, _), (zero, _)], _ = opened(name)
    q = ql.quantize(x.astype(np.float32), ql.QuantSpec("int-asymmetric", bits=8))
    assert (q.qparams.scale[0], q.qparams.zero_point[0]) == (np.float32(scale), zero)
    np.testing.assert_array_equal(q.codes, codes)
