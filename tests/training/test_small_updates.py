"""Rounded gradients in numpy against those in torch; small updates in bf16 against torch's own bfloat16."""

import numpy as np
import pytest
import torch

from quantlab.networks.engine.training.gradients import rounded_gradient
from quantlab.networks.small_updates import DRAWS, UPDATE, UPDATES, bf16_walks, mean_by_chance, rounded_gradients

GRADIENTS = np.random.default_rng(4).normal(size=300)


@pytest.mark.parametrize("bits", range(1, 9))
def test_to_the_nearest_is_what_a_training_does(bits):
    torchs = rounded_gradient(torch.tensor(GRADIENTS[None]), bits, stochastic=False)
    assert rounded_gradients(GRADIENTS, bits) == pytest.approx(torchs[0].numpy(), abs=1e-12)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_the_mean_by_chance_is_the_gradient(bits):
    step = 2 * np.abs(GRADIENTS).max() / (2**bits - 1)
    error = np.abs(mean_by_chance(GRADIENTS, bits) - GRADIENTS).max()
    assert error < 4.5 * step / 2 / DRAWS**0.5  # 4.5 standard deviations, each at most half a step


def test_bf16_to_the_nearest_walks_as_torchs_bfloat16_does():
    w, walk = torch.tensor(1.0, dtype=torch.bfloat16), [1.0]
    for _ in range(UPDATES):
        w = (w.float() + UPDATE).bfloat16()
        walk.append(float(w))
    assert bf16_walks()["bf16, nearest"].tolist() == walk


def test_bf16_by_chance_arrives_on_average_and_stays_on_bf16s_grid():
    walks = np.stack([bf16_walks(seed)["bf16, by chance"] for seed in range(40)])
    assert torch.equal(torch.tensor(walks).float(), torch.tensor(walks).bfloat16().float())
    ends = walks[:, -1]
    gap = 2.0**-7  # of bf16 between 1 and 2
    chance = UPDATE / gap
    spread = gap * (UPDATES * chance * (1 - chance)) ** 0.5  # binomial: a jump of one gap, or none, at each update
    assert abs(ends.mean() - (1 + UPDATES * UPDATE)) < 4.5 * spread / len(ends) ** 0.5
