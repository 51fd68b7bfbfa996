"""Is what the catalogue says before torch is loaded what the networks are?"""

import pytest
import torch

from quantlab.networks.catalogue import CATALOGUE, OWN, File, Origin, of_origin
from quantlab.networks.data import photographs
from quantlab.networks.engine import MODELS
from quantlab.networks.engine.fetched_data import FETCHED
from quantlab.networks.engine.imagenet import PRETRAINED
from tests.networks.test_imagenet import models  # noqa: F401


def test_the_shipped_networks_are_those_that_can_be_built():
    assert of_origin(Origin.SHIPPED) == tuple(MODELS)


@pytest.mark.parametrize("slug", [*of_origin(Origin.SHIPPED), *of_origin(Origin.TRAINED_HERE)])
def test_the_layers_of_an_architecture_are_those_of_the_network_that_is_built(slug):
    entry = CATALOGUE[slug]
    assert MODELS[entry.architecture].build().layers == entry.layers


def test_what_a_network_learns_here_is_brought_or_can_be_fetched():
    assert of_origin(Origin.TRAINED_HERE) == ("zip", *FETCHED)
    assert [slug for slug in CATALOGUE if CATALOGUE[slug].file_needed] == ["zip", OWN] and CATALOGUE["zip"].file is File.PICTURES


def test_pretrained_networks_are_those_that_can_be_fetched_under_their_titles():
    assert {slug: CATALOGUE[slug].title.removesuffix(", fetched") for slug in of_origin(Origin.PRETRAINED)} == {
        slug: entry.title for slug, entry in PRETRAINED.items()
    }
    assert {slug: len(CATALOGUE[slug].layers) for slug in PRETRAINED} == {"mobilenet-v2": 53, "resnet-18": 21}


@pytest.mark.slow
@pytest.mark.parametrize("slug", PRETRAINED)
def test_the_layers_and_the_number_of_photographs_are_those_of_the_pretrained_network(slug, models):  # noqa: F811
    with torch.inference_mode():
        network = PRETRAINED[slug].network(models[slug].state_dict())
    assert network.layers == CATALOGUE[slug].layers
    assert len(list(photographs())[::2]) == CATALOGUE[slug].photographs


def test_the_truth_is_known_unless_labels_are_the_float_network_s_answers():
    assert [slug for slug, entry in CATALOGUE.items() if not entry.truth] == list(PRETRAINED)


def test_patches_of_photographs_overlap_and_nothing_else_does():
    overlapping = {slug for slug, entry in CATALOGUE.items() if entry.overlapping}
    assert overlapping == {slug for slug, model in MODELS.items() if model.data == "patches"}
