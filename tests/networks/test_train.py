"""Does training repeat itself, do the shipped weights answer as stated, and do they fit?"""

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from quantlab.networks.engine import shipped
from quantlab.networks.engine.models import MODELS
from quantlab.networks.engine.shipped_networks import FOLDER, file_of, state_of
from quantlab.networks.engine.train import RECIPES, Recipe, accuracy, train

SOURCES = (FOLDER.parent / "SOURCES.md").read_text("utf-8")
STATED = {name: tuple(map(float, ends)) for name, *ends in re.findall(r"`networks/(\w+)\.safetensors`.*?([\d.]+) to ([\d.]+) %", SOURCES)}


def trained(name, recipe, seed):
    torch.manual_seed(seed)
    network, data = MODELS[name].build(), shipped(name)[1]
    steps = list(train(network, data, recipe, seed))
    return network, data, steps


def test_a_short_training_learns_and_repeats_itself():
    recipe = Recipe(8, rate=1e-2, batch=50)
    network, data, steps = trained("small", recipe, 1)
    again, *_ = trained("small", recipe, 1)
    assert steps == [(i, 8) for i in range(8)]
    assert accuracy(network, data.test) > 0.8
    assert all(torch.equal(a, b) for a, b in zip(network.modules.state_dict().values(), again.modules.state_dict().values(), strict=True))


@pytest.mark.parametrize("name", MODELS)
def test_the_shipped_weights_answer_within_the_stated_interval(name):
    low, high = STATED[name]
    assert low <= 100 * accuracy(*(lambda n, d: (n, d.test))(*shipped(name))) <= high


@pytest.mark.parametrize("name", MODELS)
def test_the_shipped_file_is_the_one_whose_hash_is_stated(name):
    assert hashlib.sha256(file_of(name).read_bytes()).hexdigest() in SOURCES


def test_all_files_together_take_less_than_three_megabytes():
    assert sum(f.stat().st_size for f in Path(FOLDER).iterdir()) < 3e6
    assert {f.stem for f in Path(FOLDER).iterdir()} == set(MODELS) == set(RECIPES)


@pytest.mark.parametrize("name", MODELS)
def test_a_state_is_half_precision_and_complete(name):
    network, _ = shipped(name)
    state = state_of(network)
    assert all(value.dtype == torch.float16 for value in state.values())
    assert all(np.isfinite(value.float().numpy()).all() for value in state.values())
    named = {key for key in network.modules.state_dict() if not key.endswith("num_batches_tracked")}
    assert set(state) == named


def test_a_name_that_is_not_shipped_is_refused():
    with pytest.raises(ValueError, match="choose one of plain, depthwise, small"):
        shipped("large")
