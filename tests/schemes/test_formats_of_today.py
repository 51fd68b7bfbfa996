"""The tables beside NF4, MX's other scale rules, signed codes and the least scale: each against a definition from elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import quantlab as ql
from quantlab.schemes._tables4 import TABLES, table

GAUSS = np.random.default_rng(0).normal(size=(4096, 64)).astype(np.float32)


@pytest.mark.parametrize("slug", TABLES)
def test_a_table_runs_from_minus_one_to_one_and_holds_zero(slug):
    levels = table(slug)
    assert levels[0] == -1 and levels[-1] == 1 and 0 in levels and (np.diff(levels) > 0).all()
    assert len(levels) == (15 if slug == "fp4" else 16)


def test_sf4_is_the_published_table_to_its_three_digits():
    published = [-1, -0.628, -0.455, -0.334, -0.237, -0.153, -0.075, 0, 0.066, 0.133, 0.205, 0.284, 0.376, 0.491, 0.657, 1]
    assert np.abs(table("sf4") - published).max() < 6e-4
    assert np.allclose(
        table("sf4")[-2] / table("sf4")[-3], np.divide(*stats.t.ppf(np.linspace(0.5, 1 - (1 / 32 + 1 / 30) / 2, 9)[[7, 6]], 5))
    )


def test_bof4_s_levels_are_the_weighted_means_of_their_cells_in_a_sample():
    """By simulation, which shares nothing with the integral: every value u = x / M counts M² times."""
    top = np.abs(GAUSS).max(axis=1, keepdims=True).astype(np.float64)
    u, weight = (GAUSS / top).ravel(), np.broadcast_to(top**2, GAUSS.shape).ravel()
    levels = table("bof4").astype(np.float64)
    cell = np.searchsorted((levels[1:] + levels[:-1]) / 2, u)
    inside = np.abs(u) < 1
    means = np.bincount(cell[inside], (weight * u)[inside], 16) / np.bincount(cell[inside], weight[inside], 16)
    free = [k for k in range(1, 15) if levels[k] != 0]
    assert np.abs(means[free] - levels[free]).max() < 4e-3


def test_of_all_tables_bof4_has_the_least_squared_error_on_groups_of_64():
    error = {
        t: ql.metrics.mse(GAUSS, ql.fake_quantize(GAUSS, ql.QuantSpec("lut4", codebook=t, granularity=ql.per_group(64)))) for t in TABLES
    }
    error["nf4"] = ql.metrics.mse(GAUSS, ql.fake_quantize(GAUSS, ql.QuantSpec("nf4", granularity=ql.per_group(64))))
    assert min(error, key=error.get) == "bof4"


@pytest.mark.parametrize(
    ("rule", "top", "exponent"),
    [("floor", 7.9, 0), ("ceil", 7.9, 1), ("ceil", 4.0, 0), ("even", 6.9, 0), ("even", 7.0, 1), ("rceil", 6.0, 0), ("rceil", 6.1, 1)],
)
def test_an_mx_rule_gives_the_scale_of_its_definition(rule, top, exponent):
    """By hand for FP4: emax 2, largest value 6, one mantissa bit, so that 7 is half way from 6 to 8."""
    q = ql.quantize(np.array([top, 0.1], np.float32), ql.QuantSpec("mx", scale_rule=rule))
    assert q.qparams.scale.tolist() == [2.0**exponent]


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_signed_codes_are_those_of_unsigned_ones_less_half_of_them(bits):
    plain, signed = (ql.quantize(GAUSS, ql.QuantSpec("int-asymmetric", bits=bits, signed=s)) for s in (False, True))
    assert (signed.qparams.qmin, signed.qparams.qmax) == (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    assert (signed.codes.astype(int) + 2 ** (bits - 1) != plain.codes).mean() < 1e-4  # z may tie the other way
    assert signed.codes.dtype == np.int8


def test_signed_codes_are_onnxruntime_s_int8():
    ort = pytest.importorskip("onnxruntime")
    onnx = pytest.importorskip("onnx")
    h = onnx.helper
    q = ql.quantize(GAUSS, ql.QuantSpec("int-asymmetric", bits=8, signed=True))
    tensors = [
        onnx.numpy_helper.from_array(q.qparams.scale[0], "s"),
        onnx.numpy_helper.from_array(q.qparams.zero_point.astype(np.int8)[0], "z"),
    ]
    graph = h.make_graph(
        [h.make_node("QuantizeLinear", ["x", "s", "z"], ["y"])],
        "q",
        [h.make_tensor_value_info("x", 1, GAUSS.shape)],
        [h.make_tensor_value_info("y", 3, GAUSS.shape)],
        tensors,
    )
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 13)], ir_version=8)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    assert np.array_equal(session.run(None, {"x": GAUSS})[0], q.codes)


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("largest", [1e-9, 1e-3])
def test_the_least_scale_is_torch_s_of_its_observer(symmetric, largest):
    torch = pytest.importorskip("torch")
    x = np.array([0, largest], np.float32)
    kind = {"dtype": torch.qint8, "qscheme": torch.per_tensor_symmetric} if symmetric else {"dtype": torch.quint8}
    observer = torch.ao.quantization.MinMaxObserver(**kind)
    observer(torch.tensor(x))
    scale, zero = observer.calculate_qparams()
    spec = ql.QuantSpec("int-symmetric", 8, convention="half-step") if symmetric else ql.QuantSpec("int-asymmetric", 8)
    q = ql.choose_qparams(x, spec.replace(eps=float(np.finfo(np.float32).eps)))
    assert q.scale[0] == pytest.approx(scale.item(), rel=2**-23)
    assert q.zero_point[0] == zero.item()


def test_fp4_and_af4_are_the_tables_of_bitsandbytes():
    """Its figures: FP4 in units of 1/12, in the order of its bits; AF4 from the top down."""
    fp4 = np.array([0, 0.0625, 8, 12, 4, 6, 2, 3]) / 12
    assert np.allclose(table("fp4"), np.unique([*fp4, *-fp4]), rtol=1e-7)
    af4 = [1, 0.72424863, 0.55496234, 0.42563882, 0.31675666, 0.21961274, 0.12934483, 0.04273164, 0]
    af4 += [-0.04934812, -0.14982478, -0.25607552, -0.3736951, -0.51243739, -0.69441008, -1]
    assert np.array_equal(table("af4"), np.float32(af4[::-1]))


def test_af4_s_levels_are_medians_but_about_its_zero_and_nf4_s_error_is_smaller():
    """Of shares x / M of normal groups of 64: half of a cell's values lie on either side of its level."""
    u = np.random.default_rng(4).normal(size=(20_000, 64))
    u /= np.abs(u).max(axis=1, keepdims=True)
    error = {}
    for name, levels in (("af4", table("af4")), ("nf4", ql.quantize(GAUSS[:1], ql.QuantSpec("nf4")).qparams.codebook)):
        cell = np.searchsorted((levels[1:] + levels[:-1]) / 2, u)
        error[name] = np.abs(levels[cell] - u).mean()
        off = np.array([np.median(u[cell == k]) - levels[k] for k in range(1, 15)])
        if name == "af4":
            assert np.abs(off[[0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 13]]).max() < 3e-3
            assert off[5] < -0.01 and off[7] > 0.01  # the neighbours of zero were medians before it stood between them
    assert error["nf4"] < error["af4"]


def test_an_mxint8_that_leaves_minus_two_unused_is_symmetric_and_clips_there():
    """OCP MX 1.0, 5.3.4: the encoding of -2 may be left unused, so that the largest magnitude is the same on both sides."""
    x = np.array([-1.999, 1.999, -0.5], np.float32)
    plain, clamped = (ql.quantize(x, ql.QuantSpec("mx", format="mxint8", clamp=c)) for c in (False, True))
    assert ql.dequantize(plain).tolist() == [-2, 127 / 64, -0.5]
    assert ql.dequantize(clamped).tolist() == [-127 / 64, 127 / 64, -0.5]
    assert np.array_equal(clamped.levels[0], -clamped.levels[0, ::-1])
    assert plain.bits_per_value == clamped.bits_per_value


DATA = {
    "normal": GAUSS[:1024],
    "heavy tails": np.random.default_rng(1).standard_t(2, (1024, 64)).astype(np.float32),
    "uniform": np.random.default_rng(2).uniform(-1, 1, (1024, 64)).astype(np.float32),
    "two humps": (np.random.default_rng(3).choice([-1, 1], (1024, 64)) + 0.1 * GAUSS[:1024]).astype(np.float32),
}


def error_of(x, codebook):
    return ql.metrics.mse(x, ql.fake_quantize(x, ql.QuantSpec("lut4", codebook=codebook, granularity=ql.per_group(64))))


@pytest.mark.parametrize("name", ["heavy tails", "two humps"])
def test_levels_learned_from_the_tensor_lie_between_sklearn_s_best_sixteen_and_its_best_fifteen(name):
    """One of them is held at zero; the shares of a group count by the square of its largest magnitude."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    x = DATA[name][:128]
    top = np.abs(x).max(axis=1, keepdims=True).astype(np.float64)
    u, weight = (x / top).reshape(-1, 1), np.broadcast_to(top**2, x.shape).ravel()
    levels = ql.quantize(x, ql.QuantSpec("lut4", codebook="any4", granularity=ql.per_group(64))).qparams.codebook.astype(np.float64)
    assert 0 in levels and np.abs(levels).max() <= 1
    ours = (weight * np.square(np.abs(u - levels).min(axis=1))).sum()
    with threadpool_limits(1):  # so few values do not need two threads, and wait for them long on a busy machine
        sixteen, fifteen = (
            KMeans(len(start), init=start[:, None], n_init=1, max_iter=300, tol=1e-9).fit(u, sample_weight=weight).inertia_
            for start in (levels, levels[levels != 0])
        )
    assert 0.999 * sixteen <= ours <= 1.15 * fifteen  # of short tensors the start is rougher, and the optimum a local one


def test_learned_levels_beat_every_table_where_values_are_not_as_it_expects():
    for name in ("heavy tails", "uniform", "two humps"):
        assert error_of(DATA[name], "any4") < min(error_of(DATA[name], t) for t in TABLES), name
    assert error_of(GAUSS, "any4") < 1.001 * error_of(GAUSS, "bof4")


def test_the_learned_table_is_stored_once_for_the_tensor():
    x = GAUSS[:8, :60]  # groups of 32 and of 28
    q = ql.quantize(x, ql.QuantSpec("lut4", codebook="any4", granularity=ql.per_group(32)))
    assert q.bits_per_value == pytest.approx(4 + (16 * 32 + 16 * 32) / x.size, rel=1e-12)  # 16 scales, 16 levels
