"""Are MX's scales and elements torchao's, under all four of its rules?

Figures: four of the blocks that torchao's own test of RCEIL publishes with their scale and FP8 codes
(pytorch/ao, test/prototype/mx_formats/test_mx_tensor.py, test_to_mx_rceil; the float32 and bfloat16 patterns as integers), and two of
nothing but subnormals. Its other two, of a NaN and of zeros, are not ours: NaN is refused, and a group of zeros has the scale 1.
Where torchao is installed, it is asked itself: its scales are ours for every rule, format and size. Its elements are ours where the
scale is above 2^-127; at 2^-127, a subnormal float32, it divides by another number or flushes to zero (rceil, and its test).
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import quantlab as ql
from quantlab.formats import FORMATS
from quantlab.schemes.mx import RULES

FLOAT32 = {
    "some subnormal": (
        [8388608, 1063716449, 1064039365, 1063568877, 1051091338, 1062185569, 1034449408, 1060813641]
        + [1054893736, 1034907680, 1036660744, 1023639888, 1058536559, 1050896496, 1049237634, 1064950601]
        + [1051852994, 1059794063, 1054011102, 1062023602, 1059467900, 1062276774, 1059155029, 1053287574]
        + [1064378711, 1055768540, 1045266076, 1059575077, 1054928758, 1040468200, 1058061961, 1053066436],
        [0, 118, 119, 118, 106, 117, 91, 116, 110, 91, 93, 80, 113, 106, 105, 120]
        + [107, 115, 109, 117, 114, 117, 114, 108, 119, 111, 101, 114, 110, 96, 113, 108],
    ),
    "normal": (
        [1037408064, 1058534842, 1053630662, 1063310394, 994704128, 1057245441, 1060663708, 1058053571]
        + [1052395648, 1064831570, 1038427336, 1064777688, 1059248393, 1060959028, 1062878286, 1057799482]
        + [1057854101, 1053562724, 1027482352, 1060498324, 1063238522, 1060472055, 1054346794, 1029092912]
        + [1056687298, 1059146141, 1037992128, 1064097772, 1056522806, 1059255744, 1064364912, 1060606252],
        [93, 113, 109, 118, 53, 112, 116, 113, 108, 120, 94, 119, 114, 116, 118, 113]
        + [113, 109, 84, 115, 118, 115, 110, 85, 112, 114, 94, 119, 112, 114, 119, 115],
    ),
}
BFLOAT16 = {
    "some subnormal": (
        [128, 16118, 16143, 16074, 16187, 16002, 16193, 16217, 15680, 16183, 16092, 16158, 16251, 15876, 15896, 16194]
        + [16135, 16214, 16205, 16110, 16122, 15960, 15824, 16106, 16220, 16230, 15952, 15896, 16000, 16144, 16232, 16157],
        [0, 111, 113, 109, 116, 104, 116, 118, 84, 115, 110, 114, 120, 96, 98, 116]
        + [112, 117, 117, 111, 112, 102, 93, 111, 118, 118, 101, 98, 104, 113, 118, 114],
    ),
    "normal": (
        [15752, 16143, 16182, 15896, 16195, 16186, 16048, 16223, 15988, 16231, 16140, 16088, 16032, 16240, 16228, 16133]
        + [16210, 16024, 16248, 16187, 16050, 15696, 16060, 15956, 16131, 16251, 15896, 16014, 15808, 16024, 16159, 16186],
        [88, 113, 115, 98, 116, 116, 107, 118, 103, 118, 113, 110, 106, 119, 118, 112]
        + [117, 106, 120, 116, 107, 85, 108, 101, 112, 120, 98, 105, 92, 106, 114, 116],
    ),
}
PATTERNS = {(f"float32, {name}"): (np.array(x, np.uint32), codes) for name, (x, codes) in FLOAT32.items()} | {
    (f"bfloat16, {name}"): (np.array(x, np.uint32) << 16, codes) for name, (x, codes) in BFLOAT16.items()
}
SUBNORMAL = {
    "float32": np.arange(33075, 7_600_000, 236_000, dtype=np.uint32)[:32],
    "bfloat16": np.arange(3, 131, 4, dtype=np.uint32)[:32] % 128 << 16,
}
ELEMENTS = {"mxfp8-e4m3": "e4m3fn", "mxfp8-e5m2": "e5m2", "mxfp6-e2m3": "fp6_e2m3", "mxfp6-e3m2": "fp6_e3m2", "mxfp4": "e2m1fn"}
BIAS = 127


def exponents(q):
    return np.frexp(q.qparams.scale)[1] - 1 + BIAS


@pytest.mark.parametrize("name", PATTERNS)
def test_published_blocks_have_the_published_scale_and_codes(name):
    bits, expected = PATTERNS[name]
    q = ql.quantize(bits.view(np.float32), ql.QuantSpec("mx", format="mxfp8-e4m3", scale_rule="rceil"))
    assert exponents(q).tolist() == [119]
    assert np.array_equal(FORMATS["e4m3fn"].encode(ql.dequantize(q) / q.qparams.scale[0]), expected)


@pytest.mark.parametrize("name", SUBNORMAL)
def test_a_block_of_subnormals_has_the_least_scale(name):
    q = ql.quantize(SUBNORMAL[name].view(np.float32), ql.QuantSpec("mx", format="mxfp8-e4m3", scale_rule="rceil"))
    assert exponents(q).tolist() == [0]


@pytest.mark.parametrize("rule", RULES)
def test_torchao_itself_gives_the_same_scales_and_elements(rule):
    torch = pytest.importorskip("torch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = pytest.importorskip("torchao.prototype.mx_formats.mx_tensor")
    rng = np.random.default_rng(0)
    sizes = 2.0 ** rng.integers(-149, 110, (300, 1))
    tops = rng.choice([1, 1.25, 1.5, 1.75, 1.875, 3.5, 7, 448, 464, 480], (200, 1)) * np.ones((1, 32))
    x = np.concatenate([rng.normal(size=(300, 32)), rng.normal(size=(300, 32)) * sizes, tops]).astype(np.float32)
    x = x[(x != 0).any(axis=1)]
    types = {
        str(t).removeprefix("torch.").removeprefix("float8_").removeprefix("float4_").removesuffix("_x2"): t
        for t in theirs.SUPPORTED_ELEM_DTYPES
    }
    for slug, word in ELEMENTS.items():
        block = theirs.MXTensor.to_mx(torch.from_numpy(x), types[word], 32, theirs.ScaleCalculationMode(rule))
        q = ql.quantize(x, ql.QuantSpec("mx", format=slug, scale_rule=rule))
        assert np.array_equal(block.scale.view(torch.uint8).numpy().ravel(), exponents(q)), slug
        wide = exponents(q) > 0
        assert np.array_equal(block.dequantize(torch.float32).numpy()[wide], ql.dequantize(q)[wide]), slug
