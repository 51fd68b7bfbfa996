"""Does the network lab take what a person brings, say each uploader's limit, and keep what it had where a file is bad?"""

import io
import zipfile
from functools import partial

import pytest

from quantlab.networks.engine.shipped_networks import file_of
from quantlab.sources import picture_files, sounds, upload, zip_files
from quantlab.sources.uploads import UPLOADS
from tests.networks.test_own_pictures import striped as picture
from tests.sources.hostile import PICKLE, bomb, safetensors, zipped
from tests.ui.test_network_page import own_cache, quick, striped  # noqa: F401
from tests.ui.test_pages import alive, opened, program, query, text

pytestmark = pytest.mark.slow

CLASSES = ("across", "down <b>&")
SENT = [(f"pets/{name}/{i}.png", picture(label, 100 * label + i)) for label, name in enumerate(CLASSES) for i in range(16)]


def uploader(app, ending):
    return next(
        box
        for box in app.file_uploader
        if box.proto.accept_directory == (ending == "folder") and (ending != "zip" or ".zip" in box.proto.type)
    )


def brought(app, ending, files):
    """The page after these (name, content) pairs were given to the uploader for a folder or for files of this ending."""
    given = [(name, content, "") for name, content in files]
    return alive(uploader(app, ending).set_value(given if ending == "folder" else given[0]).run())


def test_a_folder_is_learnt_and_its_program_reads_it_from_a_disk(quick, tmp_path, monkeypatch, capsys):  # noqa: F811
    app = brought(opened("cnn.py", source="zip", bits="8"), "folder", SENT)
    assert not app.error and "of 8 images" in text(app) and query(app)["file"] in UPLOADS
    assert uploader(app, "folder").value == [] and "In use: pets/" in [note.value for note in app.caption]
    again = opened("cnn.py", **query(app))
    assert text(again) == text(app)
    for name, content in SENT:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    exec(program(app), {})
    assert f"Top-1 {float(text(app).split('answers **')[1].split(' %')[0]):.1f}%" in capsys.readouterr().out


def test_names_of_folders_are_shown_as_they_are_written(quick):  # noqa: F811
    app = brought(opened("cnn.py", source="zip"), "folder", [(f"<i>*a*{name}", content) for name, content in SENT])
    assert not app.error and r"In use: \<i\>\*a\*pets/" in [note.value for note in app.caption]


@pytest.mark.parametrize(
    "files, words",
    [
        ([("pets/../cats/1.png", b"x")], "leads out of"),
        ([("1.png", b"x")], "without the name of its folder"),
        (SENT[:1], "holds one picture"),
        (SENT[:16], "holds one class"),
        (SENT[:19], "has 3 pictures"),
        ([(name, b"<html>") for name, _ in SENT], "a web page"),
        ([(name, SENT[0][1]) for name, _ in SENT], "0 different pictures"),
    ],
)
def test_a_bad_folder_is_one_sentence_and_the_lab_keeps_what_it_had(files, words):
    app = brought(opened("cnn.py", source="zip", images="200"), "folder", files)
    said = [box.value.replace("\\", "") for box in app.error]
    assert any(words in sentence for sentence in said) and all(sentence.endswith(".") for sentence in said)
    assert "images correctly" in text(app)


def test_a_bad_folder_leaves_the_network_of_a_good_one(quick):  # noqa: F811
    app = brought(opened("cnn.py", source="zip", bits="8"), "folder", SENT)
    before = text(app)
    after = brought(app, "folder", SENT[:19])
    assert len(after.error) == 1 and text(after) == before


def state_zip() -> bytes:
    """A .pt whose pickle would run code."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("model/data.pkl", PICKLE)
        archive.writestr("model/version", b"3")
    return file.getvalue()


WRONG = safetensors({"conv1.weight": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}}, bytes(16))


@pytest.mark.parametrize(
    "source, name, content, words",
    [
        ("small", "wrong.safetensors", WRONG, "does not fit"),
        ("small", "plain.safetensors", file_of("plain").read_bytes(), "does not fit"),
        ("small", "words.safetensors", b"x" * 100, "neither a .safetensors nor a .pt"),
        ("small", "evil.pt", state_zip(), "might run code"),
        ("small", "evil.pt", PICKLE, "never read"),
        ("zip", "bomb.zip", partial(bomb, 3 << 30), "at most"),
        ("zip", "up.zip", zipped({"../cats/1.png": b"x"}), "leads out of"),
        ("zip", "one.zip", zipped({"cats/1.png": picture(0, 1)}), "holds one picture"),
        ("zip", "class.zip", zipped(dict(SENT[:16])), "holds one class"),
        ("zip", "few.zip", zipped(dict(SENT[:19])), "too few to train, calibrate and test"),
        ("mobilenet-v2", "no.png", b"nothing of the kind", "neither PNG"),
    ],
)
def test_a_bad_file_is_one_sentence_and_the_lab_keeps_what_it_had(source, name, content, words):
    app = opened("cnn.py", source=source, images="200", file=UPLOADS.add(name, content() if callable(content) else content))
    (said,) = [box.value.replace("\\", "") for box in app.error]
    assert words in said and said.endswith(".") and "\n" not in said and len(said) < 400
    assert "images correctly" in text(app)


@pytest.mark.parametrize(
    "page, source, most",
    [
        ("cnn.py", "zip", {zip_files.MAX_FILE, upload.MAX_FILE}),
        ("cnn.py", "plain", {upload.MAX_STATE}),
        ("image.py", "upload", {picture_files.MAX_BYTES}),
        ("audio.py", "upload", {sounds.MAX_BYTES}),
        ("tensor.py", "upload", {upload.MAX_FILE}),
    ],
)
def test_every_uploader_says_the_limit_of_its_reader(page, source, most):
    app = opened(page, source=source, **({"images": "200"} if page == "cnn.py" else {}))
    app.session_state["cnn:more"] = True
    alive(app.run())
    said = {box.proto.max_upload_size_mb for box in app.file_uploader}
    assert said == {limit >> 20 for limit in most}
    assert max(said) <= 500, "Streamlit shows 501 to 999 MB as 1GB, and the server takes 512"
