"""Is a network trained on ImageNet asked about photographs and one's own picture, without claiming to know the truth?"""

import re

import pytest

from quantlab.labs.network import request as network_request
from quantlab.labs.network.budget import result as budget_result
from quantlab.labs.network.layers import result as layers_result
from quantlab.networks.data import photographs
from quantlab.networks.engine import imagenet
from quantlab.networks.engine.imagenet import PRETRAINED
from quantlab.sources.uploads import UPLOADS
from tests.networks.test_imagenet import files, models, server  # noqa: F401
from tests.networks.test_own_pictures import striped as picture
from tests.ui.test_pages import alive, opened, program, query, text

pytestmark = pytest.mark.slow

ASKED = {"source": "mobilenet-v2", "scrub": "activations", "bits": "8"}  # weights in float: sizes are known at once


@pytest.fixture
def few(monkeypatch, tmp_path):
    """Four photographs, and a cache of its own."""
    photos = dict(list(photographs().items())[:4])
    monkeypatch.setattr(imagenet, "photographs", lambda: photos)
    monkeypatch.setenv("QUANTLAB_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture
def here(few, server, files):  # noqa: F811
    """The cache holds a file of MobileNetV2's layout, as somebody would put it there by hand."""
    name, content = files["mobilenet-v2"]
    (few / "downloads").mkdir()
    (few / "downloads" / name).write_bytes(content)
    return few


def test_one_s_own_picture_and_photographs_are_answered_and_agreement_is_all_that_is_claimed(here, server, monkeypatch, capsys):  # noqa: F811
    content = picture(0, 1)
    digest = UPLOADS.add("mine.png", content)
    app = opened("cnn.py", **ASKED, file=digest)
    assert not app.error and not app.warning and query(app) == ASKED | {"file": digest} and server.asked == []
    kept, count = map(int, re.search(r"agrees with the float network for \*\*(\d+) of (\d+)\*\*", text(app)).groups())
    assert count == 3 and "not accuracy" in text(app) and "correctly" not in text(app)
    assert "Which classes suffer" not in [box.value for box in app.header]
    (here / "mine.png").write_bytes(content)
    monkeypatch.chdir(here)
    exec(program(app), {})
    printed = capsys.readouterr().out
    assert f"Agreement with the float network {100 * kept / count:.1f}%" in printed and "Top-1" not in printed


@pytest.fixture
def two_widths(monkeypatch):
    """A slider with two stops, layers that may have three widths."""
    monkeypatch.setattr(network_request, "WIDTHS", (4, 8))
    monkeypatch.setattr(budget_result, "OFFERED", (2, 4, 8))
    monkeypatch.setattr(layers_result, "FEW", 1)


WEIGHTS = {"source": "mobilenet-v2", "scrub": "weights", "bits": "8"}


def test_layers_of_a_large_network_are_looked_into_and_the_other_widths_offered(here, two_widths):
    app = opened("cnn.py", **WEIGHTS, room="layers", layer="block2_depth", layers="block1_depth-4,block2_expand-8")
    assert not app.error and not app.warning
    assert re.search(r"changes \d of 2 answers|No layer changes one of the 2 answers", text(app)) and "points" not in text(app)
    assert [slider.label for slider in app.select_slider] == [f"block2_{part}" for part in ("expand", "depth", "project")]
    assert any("elsewhere block1_depth 4" in caption.value for caption in app.caption)
    assert "Measure the other bit width: about 1 minute" in [button.label for button in app.button]
    alive(app.select_slider(key="cnn:own:mobilenet-v2:block2_depth").set_value("4").run())
    assert query(app)["layers"] == "block1_depth-4,block2_expand-8,block2_depth-4"
    source = program(app)
    assert "images=1)" in source and "block2_depth" in source


def test_the_other_widths_are_measured_when_they_are_asked_for(here, two_widths):
    app = opened("cnn.py", **WEIGHTS, room="layers", picture="1")
    next(button for button in app.button if button.label.startswith("Measure the other")).click()
    alive(app.run(timeout=200))
    assert not [button for button in app.button if button.label.startswith("Measure the other")]
    alive(app.run())


def test_a_budget_of_a_large_network_claims_agreement_only(here, two_widths):
    app = opened("cnn.py", **WEIGHTS, room="budget")
    assert not app.error and "of the answers as in float; spread by an exact knapsack" in text(app)
    assert "as in float {answers.top(1)}" in program(app)


def test_a_file_that_is_no_picture_is_one_sentence_and_the_last_network_stays(few):
    app = opened("cnn.py", **ASKED, file=UPLOADS.add("no.png", b"nothing of the kind"))
    assert "neither PNG, JPEG nor WebP" in app.error[0].value and "images correctly" in text(app)


@pytest.mark.parametrize("room", ["answers", "layers"])
def test_without_a_connection_the_way_out_is_said_and_no_folder_of_the_server(few, monkeypatch, room):
    entry = PRETRAINED["resnet-18"].entry
    monkeypatch.setattr(imagenet.PretrainedNetwork, "entry", property(lambda _: Nowhere(entry)))
    app = opened("cnn.py", source="resnet-18", images="200", room=room)
    said = app.error[0].value.replace("\\", "")
    assert "connect to the internet" in said and "downloads in the cache folder" in said and str(few) not in said
    assert room == "layers" or "images correctly" in text(app)


class Nowhere:
    """torchvision's entry at an address that nobody answers."""

    def __init__(self, entry):
        self.url = "http://nowhere.invalid/" + entry.url.rpartition("/")[2]
