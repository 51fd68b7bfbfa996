"""Is a network trained on ImageNet asked about photographs and one's own picture, without claiming to know the truth?"""

import re

import pytest

from quantlab.networks import imagenet
from quantlab.networks.data import photographs
from quantlab.networks.imagenet import PRETRAINED
from quantlab.ui import cached
from tests.networks.test_imagenet import files, models, server  # noqa: F401
from tests.networks.test_own import striped as picture
from tests.ui.test_pages import opened, program, query, text

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
    digest = cached.uploads().add("mine.png", content)
    app = opened("cnn.py", **ASKED, file=digest)
    assert not app.error and not app.warning and query(app) == ASKED | {"file": digest} and server.asked == []
    kept, count = map(int, re.search(r"agrees with the float network for \*\*(\d+) of (\d+)\*\*", text(app)).groups())
    assert count == 3 and "not accuracy" in text(app) and "rightly" not in text(app)
    assert "Which classes suffer" not in [box.value for box in app.subheader]
    (here / "mine.png").write_bytes(content)
    monkeypatch.chdir(here)
    exec(program(app), {})
    printed = capsys.readouterr().out
    assert f"Agreement with the float network {100 * kept / count:.1f}%" in printed and "Top-1" not in printed


def test_rooms_that_look_into_layers_say_that_they_are_for_small_networks(here):
    for room in ("layers", "budget"):
        app = opened("cnn.py", **ASKED, room=room)
        assert not app.error and "small networks" in app.info[0].value


def test_a_file_that_is_no_picture_is_one_sentence_and_the_last_network_stays(few):
    app = opened("cnn.py", **ASKED, file=cached.uploads().add("no.png", b"nothing of the kind"))
    assert "neither PNG, JPEG nor WebP" in app.error[0].value and "images rightly" in text(app)


@pytest.mark.parametrize("room", ["answers", "layers"])
def test_without_a_connection_the_way_out_is_said_and_no_folder_of_the_server(few, monkeypatch, room):
    entry = PRETRAINED["resnet-18"].entry
    monkeypatch.setattr(imagenet.Pretrained, "entry", property(lambda _: Nowhere(entry)))
    app = opened("cnn.py", source="resnet-18", images="200", room=room)
    said = app.error[0].value.replace("\\", "")
    assert "connect to the internet" in said and "downloads in the cache folder" in said and str(few) not in said
    assert room == "layers" or "images rightly" in text(app)


class Nowhere:
    """torchvision's entry at an address that nobody answers."""

    def __init__(self, entry):
        self.url = "http://nowhere.invalid/" + entry.url.rpartition("/")[2]
