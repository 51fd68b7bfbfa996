"""Accumulators against int64 arithmetic written as loops, torch's convolution of int64 and onnxruntime's integer operators."""

import numpy as np
import pytest
import torch

from quantlab.integer.arithmetic import Window, bound, convolve, exact_float, in_shape, linear, products
from quantlab.integer.graph import Graph
from quantlab.integer.runtime import Session

RNG = np.random.default_rng(5)
WINDOWS = {
    "3 x 3": Window((3, 3), padding=(1, 1)),
    "stride 2": Window((3, 3), (2, 2), (1, 1)),
    "oblong": Window((1, 3), (1, 2), (0, 1)),
    "in each channel": Window((3, 3), padding=(1, 1), groups=6),
    "two groups": Window((3, 3), groups=2),
    "1 x 1": Window((1, 1)),
}


def case(window: Window, outputs: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Inputs x - z and weights at the ends of their ranges as often as not."""
    x = RNG.choice([0, 255, 17, 200], (3, 6, 9, 8)).astype(np.int32)
    return x, RNG.choice([-127, 127, 5, -60], (outputs, 6 // window.groups, *window.kernel)).astype(np.int8)


@pytest.mark.parametrize("window", WINDOWS.values(), ids=list(WINDOWS))
def test_a_convolution_is_that_of_int64(window):
    x, w = case(window)
    expected = torch.nn.functional.conv2d(
        torch.from_numpy(x).double(), torch.from_numpy(w).double(), stride=window.stride, padding=window.padding, groups=window.groups
    )  # float64 counts exactly far beyond these sums
    assert np.array_equal(convolve(x, w, window, 255), expected.numpy().astype(np.int64))


def test_a_convolution_is_that_of_loops():
    window = WINDOWS["stride 2"]
    x, w = case(window)
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))).astype(np.int64)
    result = convolve(x, w, window, 255)
    for n, o, i, j in [(0, 0, 0, 0), (2, 11, 4, 3), (1, 5, 2, 1)]:
        assert result[n, o, i, j] == sum(
            int(padded[n, c, 2 * i + a, 2 * j + b]) * int(w[o, c, a, b]) for c in range(6) for a in range(3) for b in range(3)
        )


@pytest.mark.parametrize("window", WINDOWS.values(), ids=list(WINDOWS))
def test_products_one_by_one_add_up_to_the_accumulators(window):
    x, w = case(window)
    assert np.array_equal(in_shape(sum(products(x, w, window)), x, window), convolve(x, w, window, 255))


@pytest.mark.parametrize("k", [9, 600, 70_000])
def test_a_linear_layer_is_that_of_int64(k):
    """70 000 extreme products pass float32's 2^24 by far."""
    x, w = np.full((2, k), 255, np.int32), RNG.choice([-127, 127], (3, k)).astype(np.int8)
    w[0] = 127
    if bound(w, 255) >= 2**31:
        with pytest.raises(ValueError, match="use fewer bits"):
            linear(x, w, 255)
        return
    assert np.array_equal(linear(x, w, 255), x.astype(np.int64) @ w.T.astype(np.int64))
    assert np.array_equal(in_shape(sum(products(x, w, None)), x, None), linear(x, w, 255))


def test_float32_counts_only_below_2_to_the_24():
    assert exact_float(2**24 - 1) is np.float32 and exact_float(2**24) is np.float64
    assert np.float32(2**24) + np.float32(1) == 2**24, "the reason"


def one_operator(operator: str, weights: np.ndarray, zero: int, rank: int, shape: tuple[int, int, int], **attributes) -> Session:
    graph = Graph(operator)
    source = "picture" if rank == 4 else graph.node("Flatten", "picture")
    graph.output(
        "logits", graph.node(operator, source, graph.constant(weights), graph.constant(np.uint8(zero)), **attributes), np.int32, rank
    )
    return Session(graph.model(shape), "none")


@pytest.mark.parametrize("window", list(WINDOWS.values()), ids=list(WINDOWS))
def test_accumulators_are_those_of_onnxruntimes_conv_integer(window):
    _, w = case(window)
    codes = RNG.integers(0, 256, (3, 9, 8, 6), dtype=np.uint8)
    attributes = {"pads": [*window.padding, *window.padding], "strides": [*window.stride], "group": window.groups}
    theirs = one_operator("ConvInteger", w, 7, 4, (9, 8, 6), **attributes).run(codes)["logits"]
    assert np.array_equal(convolve(codes.transpose(0, 3, 1, 2).astype(np.int32) - 7, w, window, 248), theirs)


def test_accumulators_are_those_of_onnxruntimes_matmul_integer():
    codes = RNG.integers(0, 256, (5, 3, 4, 6), dtype=np.uint8)
    w = RNG.integers(-127, 128, (10, 72)).astype(np.int8)
    theirs = one_operator("MatMulInteger", np.ascontiguousarray(w.T), 100, 2, (3, 4, 6)).run(codes)["logits"]
    assert np.array_equal(linear(codes.transpose(0, 3, 1, 2).reshape(5, -1).astype(np.int32) - 100, w, 155), theirs)
