"""Does the network lab open its layers on a picture that says something?"""

import pytest

from quantlab.labs.catalog import LABS
from quantlab.networks.data import patches


@pytest.mark.parametrize("source", ["plain", "depthwise"])
def test_layers_open_on_a_picture_of_more_contrast_than_most(source):
    pixels = patches().test.pixels[:100]
    contrast = pixels.std(axis=(1, 2, 3))
    picture = LABS["cnn"].read({"source": source, "room": "layers"})["picture"]
    assert (contrast < contrast[picture]).mean() > 0.8
