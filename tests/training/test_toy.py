"""The toy network: its gradients against torch, its rounding against the core, training repairs what rounding broke."""

import numpy as np
import pytest
import torch

import quantlab as ql
from quantlab.networks import toy
from quantlab.networks.engine.training.lsq import learned_step
from quantlab.progress import finish


def test_rounding_is_the_cores():
    w = np.random.default_rng(0).normal(size=500)
    for bits in toy.WIDTHS:
        spec = ql.QuantSpec("int-symmetric", bits=bits)
        codes = ql.quantize(w.astype(np.float32), spec)
        step = float(codes.qparams.scale.ravel()[0])
        used = toy.rounded(w.astype(np.float32).astype(np.float64), step, bits)
        assert used == pytest.approx(ql.dequantize(codes).astype(np.float64), abs=1e-6)


@pytest.mark.parametrize("bits", [None, 2, 4])
def test_gradients_are_autograds(bits):
    points, start = toy.moons(3), toy.beginning(3)
    net = start if bits is None else toy.with_steps(start, bits)
    loss, slopes = toy.gradients(net, points, bits)
    leaves = [torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in net.flat]
    h = torch.tensor(points.xy)
    for i in range(3):
        w = leaves[i]
        q = 0 if bits is None else toy.top_code(bits)
        used = w if bits is None else learned_step(w, leaves[6 + i], -q, q)
        z = h @ used.T + leaves[3 + i]
        h = torch.relu(z)
    exact = torch.nn.functional.binary_cross_entropy_with_logits(z[:, 0], torch.tensor(points.side))
    exact.backward()
    assert loss == pytest.approx(float(exact.detach()), rel=1e-12)
    for ours, leaf in zip(slopes, leaves, strict=True):
        assert ours == pytest.approx(leaf.grad.numpy(), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", toy.DATA)
def test_two_bits_break_it_and_training_repairs_it(name):
    points, exact = toy.DATA[name](0), toy.float_network(name, 0)
    broken = toy.with_steps(exact, 2)
    trained = finish(toy.learn(broken, points, 2, toy.ROUNDED_STEPS))
    shares = [float(toy.right(net, points, bits).mean()) for net, bits in ((exact, None), (broken, 2), (trained, 2))]
    assert shares[0] > 0.98 and shares[1] < shares[0] - 0.05 and shares[2] > shares[1] + 0.05
