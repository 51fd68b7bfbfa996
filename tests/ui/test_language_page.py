"""Does the page of language models keep its state in the address, and survive what cannot be used?"""

import pytest

from quantlab.labs.catalog import LABS
from tests.labs.test_language import QUICK
from tests.ui.test_pages import alive, opened, program, query, text


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({}, "perplexity goes from"),
        ({"room": "text"}, "surprise the model"),
        ({"bits": "16"}, "the model is as it is"),
        ({"method": "formats", "bits": "NF4"}, "At **NF4**"),
    ],
    ids=["two bits", "the text", "as it is", "a format"],
)
def test_the_page_shows_words_and_program_of_its_address(state, said):
    app = opened("language.py", **QUICK | state)
    assert not app.error and not app.warning
    assert said in text(app) and "scores(" in program(app)
    assert query(alive(app.run())) == LABS["language"].read(QUICK | state).query


@pytest.mark.parametrize(
    ("room", "said"),
    [
        ("methods", "the divergence is"),
        ("layers", "costs most when it alone is rounded"),
        ("columns", "After column 3 of v of layer 1"),
        ("memory", "of weights. A text of 256 tokens"),
        ("claims", "five things that are often said"),
    ],
)
def test_a_room_shows_its_first_stage(room, said, monkeypatch):
    monkeypatch.setattr("quantlab.ui.page.Page.complete", lambda *_: None)  # all stops of all methods take long
    app = opened("language.py", **QUICK | {"room": room, "bits": "3"})
    assert not app.error and not app.warning and said in text(app)


def test_a_level_of_another_method_is_named_and_the_default_shown():
    app = opened("language.py", **QUICK | {"method": "formats", "bits": "3"})
    (warning,) = app.warning
    assert warning.value.replace("\\", "").startswith("bits=3 in the address is not supported here; FP4 is shown instead")
