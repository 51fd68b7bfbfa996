"""Do masks agree with torch's own pruning, and is what cannot be pruned refused?"""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import prune

from quantlab.networks.pruning import PATTERNS, pruned_masks, two_of_four
from quantlab.networks.shrinking import Shrinking


def layers(seed=0):
    torch.manual_seed(seed)
    return {"a": nn.Conv2d(3, 16, 3), "b": nn.Conv2d(16, 24, 3), "answer": nn.Linear(24, 10)}


def weights_of(modules):
    return {name: module.weight.detach().numpy() for name, module in modules.items()}


@pytest.mark.parametrize("share", [0.1, 0.37, 0.6, 0.95])
def test_each_layers_mask_is_torchs(share):
    modules = layers()
    masks = pruned_masks(weights_of(modules), "layer", share)
    for name, module in modules.items():
        prune.l1_unstructured(module, "weight", share)
        np.testing.assert_array_equal(masks[name], module.weight_mask.bool().numpy())


@pytest.mark.parametrize("share", [0.1, 0.37, 0.6, 0.95])
def test_the_mask_of_all_layers_is_torchs(share):
    modules = layers(1)
    masks = pruned_masks(weights_of(modules), "global", share)
    prune.global_unstructured([(m, "weight") for m in modules.values()], pruning_method=prune.L1Unstructured, amount=share)
    for name, module in modules.items():
        np.testing.assert_array_equal(masks[name], module.weight_mask.bool().numpy())


@pytest.mark.parametrize("share", [0.1, 0.37, 0.6, 0.95])
def test_channels_are_torchs_and_the_answer_stays_whole(share):
    modules = layers(2)
    masks = pruned_masks(weights_of(modules), "channel", share)
    for name in ("a", "b"):
        prune.ln_structured(modules[name], "weight", share, n=2, dim=0)
        np.testing.assert_array_equal(masks[name], modules[name].weight_mask.bool().numpy())
    assert masks["answer"].all()


def test_two_of_four_are_torchs():
    from torch.ao.pruning import WeightNormSparsifier

    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(32, 12))
    weight = model[0].weight.detach().clone().numpy()
    sparsifier = WeightNormSparsifier(sparsity_level=1.0, sparse_block_shape=(1, 4), zeros_per_block=2)
    sparsifier.prepare(model, [{"tensor_fqn": "0.weight"}])
    sparsifier.step()
    np.testing.assert_array_equal(two_of_four(weight), model[0].parametrizations.weight[0].mask.bool().numpy())


def test_rows_that_do_not_end_on_a_four_keep_two_at_most_of_their_rest():
    mask = two_of_four(np.arange(1.0, 28).reshape(1, 3, 3, 3))
    assert mask.shape == (1, 3, 3, 3)
    assert mask.reshape(-1)[24:].sum() == 2  # of three


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_network_of_zeros_has_nothing_left_to_prune(pattern):
    with pytest.raises(ValueError, match="nothing is left to prune"):
        pruned_masks({"a": np.zeros((4, 4), np.float32)}, pattern, 0.5)


@pytest.mark.parametrize("share", [-0.1, 1.0, 1.5])
def test_a_share_that_leaves_nothing_is_refused(share):
    with pytest.raises(ValueError, match="so that something stays"):
        pruned_masks({"a": np.ones((4, 4), np.float32)}, "layer", share)


@pytest.mark.parametrize("wrong", [{"pattern": "random"}, {"share": 100}, {"bits": 9}, {"layer_bits": (("a", 0),)}])
def test_a_way_to_shrink_that_is_not_supported_is_refused(wrong):
    with pytest.raises(ValueError, match="choose"):
        Shrinking(**wrong)
