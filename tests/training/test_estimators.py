"""Gradients of quantizers that train: against torch's learnable fake-quantize, finite differences and the closed form."""

import numpy as np
import pytest
import torch

from quantlab.networks.engine.kernels import straight_through
from quantlab.networks.engine.training.few_levels import binary, ternary
from quantlab.networks.engine.training.gradients import rounded_gradient, with_rounded_gradient
from quantlab.networks.engine.training.lsq import learned_step
from quantlab.networks.engine.training.pact import clipped

WIDTHS = range(2, 9)


def values(seed: int = 0, count: int = 4000) -> torch.Tensor:
    return torch.randn(count, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("bits", WIDTHS)
@pytest.mark.parametrize("signed", [True, False], ids=["weights", "activations"])
def test_learned_step_is_torchs_learnable_fake_quantize(bits, signed):
    qmin, qmax = (1 - 2 ** (bits - 1), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    x, upstream, start = values(bits), values(99), torch.tensor([2.0 / max(qmax, 1)])
    ours, step = x.clone().requires_grad_(), start.clone().requires_grad_()
    y = learned_step(ours, step, qmin, qmax, 0.37)
    y.backward(upstream)
    theirs, scale, zero = x.clone().requires_grad_(), start.clone().requires_grad_(), torch.zeros(1, requires_grad=True)
    z = torch._fake_quantize_learnable_per_tensor_affine(theirs, scale, zero, qmin, qmax, 0.37)
    z.backward(upstream)
    assert torch.equal(y, z) and torch.equal(ours.grad, theirs.grad)
    assert step.grad.item() == pytest.approx(scale.grad.item(), rel=2e-4, abs=2e-4)  # summed in another order


def test_a_step_for_each_channel_is_torchs_per_channel_one():
    x, upstream = values().reshape(8, 500), values(1).reshape(8, 500)
    start = torch.linspace(0.2, 1.0, 8)
    ours, step = x.clone().requires_grad_(), start.reshape(8, 1).clone().requires_grad_()
    learned_step(ours, step, -3, 3, 1.0).backward(upstream)
    theirs, scale = x.clone().requires_grad_(), start.clone().requires_grad_()
    torch._fake_quantize_learnable_per_channel_affine(theirs, scale, torch.zeros(8, requires_grad=True), 0, -3, 3, 1.0).backward(upstream)
    assert torch.equal(ours.grad, theirs.grad)
    assert step.grad.ravel().numpy() == pytest.approx(scale.grad.numpy(), rel=2e-4, abs=2e-4)


def test_the_gradient_of_weights_is_the_straight_through_one():
    x, upstream = values(), values(5)
    a, b = x.clone().requires_grad_(), x.clone().requires_grad_()
    learned_step(a, torch.tensor(0.3), -3, 3, 0.0).backward(upstream)
    straight_through(b, torch.tensor(0.3), torch.tensor(0.0), -3, 3).backward(upstream)
    assert torch.equal(a.grad, b.grad)


def smoothed(x: np.ndarray, step: float, q: int, width: float = 1.0) -> np.ndarray:
    """The mean of the quantizer over an even shift of the place by ``width`` codes: rounding's stairs become a ramp where it is inside."""
    shifts = (np.arange(2000) + 0.5) / 2000 * width - width / 2
    return step * np.clip(np.rint(x[:, None] / step + shifts), -q, q).mean(axis=1)


def test_straight_through_is_the_slope_of_the_smoothed_quantizer():
    """Averaged over a shift of one code the quantizer is clip(x, -q s, q s) but for half a code at the ends: its slope is 1 inside, 0 outside."""
    x = np.array([-3.4, -0.71, -0.2, 0.05, 0.43, 0.9, 2.9], np.float64)
    h = 0.05
    slope = (smoothed(x + h, 0.4, 3) - smoothed(x - h, 0.4, 3)) / (2 * h)
    leaf = torch.tensor(x, dtype=torch.float32).requires_grad_()
    learned_step(leaf, torch.tensor(0.4), -3, 3, 0.0).sum().backward()
    assert slope == pytest.approx(leaf.grad.numpy(), abs=0.02)


def test_the_steps_gradient_is_that_of_finite_differences_plus_the_smoothed_place():
    """d/ds of s c(x/s) with the codes held is c; what LSQ takes off is x/s, the slope of the ramp: s (x/s) does not depend on s."""
    x, s, h = np.array([0.33, -0.9, 1.7, -2.2]), 0.4, 1e-6
    codes = np.clip(np.rint(x / s), -3, 3)
    inside = np.abs(np.rint(x / s)) <= 3
    held = ((s + h) * codes - (s - h) * codes) / (2 * h)  # finite difference with the codes held
    ramp = (x / (s + h) - x / (s - h)) / (2 * h) * s  # of the place, through which the codes would move
    step = torch.tensor(s, dtype=torch.float32).requires_grad_()
    learned_step(torch.tensor(x, dtype=torch.float32), step, -3, 3, 1.0).sum().backward()
    assert step.grad.item() == pytest.approx(float((held + ramp * inside).sum()), rel=1e-4)


def test_lsqs_own_factor():
    x, step = values(), torch.tensor(0.3, requires_grad=True)
    learned_step(x, step, -3, 3).sum().backward()
    own, step.grad = step.grad.clone(), None
    learned_step(x, step, -3, 3, 1.0).sum().backward()
    assert own.item() == pytest.approx(step.grad.item() / (4000 * 3) ** 0.5, rel=1e-5)


@pytest.mark.parametrize("bits", WIDTHS)
def test_pact_is_a_clip_and_its_gradient(bits):
    x, upstream, clip = values(), values(2), torch.tensor(1.1, requires_grad=True)
    leaf = x.clone().requires_grad_()
    y = clipped(leaf, clip, bits)
    y.backward(upstream)
    other, a = x.clone().requires_grad_(), torch.tensor(1.1, requires_grad=True)
    exact = torch.where(other >= a, a, torch.relu(other))  # autograd of the clip without rounding
    exact.backward(upstream)
    assert (y - exact).abs().max() <= 1.1 / (2**bits - 1) / 2 + 1e-6
    assert torch.equal(leaf.grad, other.grad) and clip.grad.item() == pytest.approx(a.grad.item(), rel=1e-5)


def test_binary_and_ternary_have_the_least_squared_scale():
    w = values(3, 64 * 27).reshape(64, 27)
    for rule, most in ((binary, 2), (ternary, 3)):
        used = rule(w)
        for row, latent in zip(used, w, strict=True):
            assert len(row.unique()) <= most
            signs = row.sign()
            best = float((latent * signs).sum() / (signs * signs).sum())  # least squares for these codes
            assert float(row.abs().max()) == pytest.approx(best, rel=1e-5)


def test_gradients_pass_few_levels():
    for rule, expected in ((binary, [1.0, 1.0, 0.0]), (ternary, [1.0, 1.0, 1.0])):
        w = torch.tensor([[0.5, -0.9, 1.5]], requires_grad=True)
        rule(w).sum().backward()
        assert w.grad.tolist() == [expected]


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_stochastic_rounding_of_gradients_has_no_bias(bits):
    g = values(7, 64).reshape(1, 64)
    draws = torch.Generator().manual_seed(0)
    count = 4000
    mean = rounded_gradient(g.expand(count, 64), bits, True, draws).mean(dim=0)
    step = 2 * float(g.abs().max()) / (2**bits - 1)
    assert (mean - g[0]).abs().max() < 4.5 * step / 2 / count**0.5  # 4.5 standard deviations, each at most half a step
    nearest = rounded_gradient(g, bits, False)
    assert (nearest - g).abs().max() <= step / 2 * (1 + 1e-5)


def test_small_gradients_vanish_with_nearest_and_survive_with_chance():
    """2 bits of [1, tiny, ...]: DoReFa's grid has no zero, so that nearest moves every small gradient to one of +-m/3: a bias of up to half a step."""
    g = torch.full((1, 1000), 0.01)
    g[0, 0] = 1.0
    nearest = rounded_gradient(g, 2, False)[0, 1:].mean()
    chance = rounded_gradient(g, 2, True, torch.Generator().manual_seed(1))[0, 1:].mean()
    assert abs(float(nearest) - 0.01) > 0.3 and abs(float(chance) - 0.01) < 0.05


def test_a_gradient_is_rounded_only_on_its_way_back():
    x = values(1, 12).reshape(3, 4).requires_grad_()
    y = with_rounded_gradient(x, 2, False, torch.Generator())
    assert torch.equal(y, x)
    y.backward(values(2, 12).reshape(3, 4))
    assert torch.equal(x.grad, rounded_gradient(values(2, 12).reshape(3, 4), 2, False))
