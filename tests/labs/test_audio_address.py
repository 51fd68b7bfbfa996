"""Does the sound lab's address name its sound and recipe, and nothing that has no meaning there?"""

import io

import numpy as np
import pytest
import soundfile

from quantlab.labs.audio.films import VIEWS
from quantlab.labs.audio.recipe import ChainRecipe
from quantlab.labs.audio.request import request_of
from quantlab.labs.catalog import LABS
from quantlab.sources.sounds import to_wav
from quantlab.sources.uploads import UPLOADS
from tests.steps import drained

LAB = LABS["audio"]


@pytest.mark.parametrize(
    "query",
    [
        {"source": "voice", "scheme": "mdct", "window": "1152", "bits": "2"},
        {"dither": "tpdf", "dice": "7", "levels": "rise"},
        {"scheme": "float", "own": "e3m4", "bits": "E4M3"},
        {"scheme": "mu-law", "factor": "6", "antialias": "no"},
    ],
    ids=str,
)
def test_what_is_read_is_written_again(query):
    address = LAB.read(query)
    assert address.query == {name: value for name, value in query.items() if value != address.defaults[name]}
    assert not address.notices and not address.problems and LAB.read(address.query).values == address.values


def test_a_parameter_of_another_scheme_has_no_meaning():
    address = LAB.read({"scheme": "mdct", "dither": "tpdf", "factor": "2"})
    assert address.query == {"scheme": "mdct"} and "dither" not in address.values


def test_a_filter_not_made_for_the_rate_is_a_problem_and_left_out_of_the_recipe():
    address = LAB.read({"shaping": "lipshitz", "factor": "2"})
    recipe = request_of(address).recipe
    assert isinstance(recipe, ChainRecipe) and recipe.chain.shaping == "none" and recipe.chain.factor == 2
    assert len(address.problems) == 1 and address.query == {"shaping": "lipshitz", "factor": "2"}


def test_the_level_is_no_part_of_what_is_computed():
    assert (
        request_of(LAB.read({"bits": "3"})).key == request_of(LAB.read({"bits": "9"})).key != request_of(LAB.read({"source": "drums"})).key
    )


def test_a_sound_that_was_brought_is_shown_in_the_views_that_are_asked_for():
    x = 0.5 * np.sin(np.arange(4000) / 9).astype(np.float32)[:, None]
    address = LAB.read({"source": "upload", "file": UPLOADS.add("tone.wav", to_wav(x, 8000)), "bits": "5"})
    result = drained(LAB.show(address, ["numbers", "curve"]))[0]
    assert list(result.films) == ["numbers", "curve"] and set(result.films) < set(VIEWS)
    assert "load_sound('tone.wav'" in result.program("5") and result.csv().startswith("level,")
    wav, rate = soundfile.read(io.BytesIO(result.wav("5")), dtype="float32", always_2d=True)
    assert rate == 8000 and np.abs(wav - result.heard("5")).max() <= 2**-23


def test_where_no_sound_can_be_had_the_last_one_stays():
    last = LAB.read({"source": "drums"}).subject
    address = LAB.table.read({"source": "upload", "file": "feed"}, last)
    assert address.subject is last and "no longer held" in address.problems[0]
    assert LAB.read({"source": "record"}).subject is LAB.read({}).subject
