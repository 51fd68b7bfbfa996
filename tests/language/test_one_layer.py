"""Does what is computed of one layer alone equal what the whole model says?"""

import numpy as np
import pytest

from quantlab.language.calibration import calibrate, place_of
from quantlab.language.config import KINDS
from quantlab.language.model import forward
from quantlab.language.one_layer import changes
from quantlab.language.outliers import reads
from quantlab.language.quantized import Plan, quantized
from quantlab.language.rotation import rotate, smooth
from quantlab.language.suffix import Suffix
from quantlab.progress import finish
from tests.language.tiny import tiny

MODEL = tiny()
TOKENS = np.random.default_rng(1).integers(0, 256, 64)


@pytest.fixture(scope="module")
def seen():
    return finish(calibrate(MODEL, TOKENS))


@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_reads_and_weighs_what_it_does_in_the_model_changed_as_a_whole(kind, seen):
    place = place_of(1, kind)
    whole = {"none": MODEL, "smooth": smooth(MODEL, seen), "rotate": rotate(MODEL)}
    for change, layer in changes(MODEL, TOKENS, 1, kind, seen[place].largest).items():
        np.testing.assert_allclose(layer.reads, reads(whole[change], TOKENS, place), atol=1e-5, err_msg=change)
        np.testing.assert_allclose(layer.weight, whole[change].linear(1, kind), atol=1e-6, err_msg=change)


def test_one_place_watched_alone_sees_what_it_sees_among_all(seen):
    for place, whole in seen.items():
        alone = finish(calibrate(MODEL, TOKENS, only=place))
        assert set(alone) == {place}
        for name in ("moments", "largest", "mean", "tokens"):
            np.testing.assert_array_equal(getattr(alone[place], name), getattr(whole, name))


def test_the_layers_behind_a_change_are_all_that_has_to_be_computed():
    changed = quantized(MODEL, Plan("nearest", "2", only=(1, "up")))
    behind = Suffix(MODEL, 1)
    for tokens in (TOKENS[None, :40], TOKENS[None, 20:60], TOKENS[None, :40]):
        np.testing.assert_array_equal(behind(changed, tokens), forward(changed, tokens))
    assert np.abs(behind(changed, tokens) - forward(MODEL, tokens)).max() > 0.01
