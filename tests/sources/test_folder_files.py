"""Is a folder, as a browser sends it, read as its zip is, and a hostile one refused in one sentence?"""

import io

import numpy as np
import pytest

from quantlab.sources import folder_files, upload, zip_files
from quantlab.sources.folder_files import packed
from quantlab.sources.image_folders import from_files, from_folder, from_zip
from tests.steps import finished

from .hostile import zipped
from .test_image_folders import folders, png

SENT = [(f"pets/{name}", content) for name, content in folders().items()]


def read(name, content):
    return finished(from_zip(name, content, 16))


def refusal(files) -> str:
    """The sentence with which a folder is refused, when it is packed or when it is read."""
    with pytest.raises(ValueError) as error:
        read(*packed(files))
    text = str(error.value)
    assert text.endswith(".") and "\n" not in text and ": " in text and len(text) < 300, text
    return text


def test_a_folder_gives_what_its_zip_and_its_copy_on_a_disk_give(tmp_path):
    for name, content in [*SENT, ("pets/notes.txt", b"some words")]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    expected = read("pets.zip", zipped(folders()))
    for images in (read(*packed(SENT)), finished(from_folder(tmp_path / "pets", 16))):
        assert images.classes == expected.classes and np.array_equal(images.pixels, expected.pixels)
        assert images.test.tolist() == expected.test.tolist() and images.training.tolist() == expected.training.tolist()


def test_the_order_in_which_files_come_decides_nothing():
    assert packed(SENT) == packed(SENT[::-1])


def test_classes_chosen_one_by_one_are_classes():
    name, content = packed(list(folders().items()))
    assert name == "the folder/" and read(name, content).classes == ("cats", "dogs")


def test_two_folders_of_one_name_lose_no_picture():
    again = [(name, png(5000 + i)) for i, (name, _) in enumerate(SENT)]
    assert len(read(*packed(SENT + again)).pixels) == 32
    assert packed(SENT + SENT) == packed(SENT)


@pytest.mark.parametrize(
    "files, words",
    [
        ([], "holds no picture"),
        ([("pets/../../cats/1.png", png(1))], "leads out of"),
        ([("/etc/cats/1.png", png(1))], "the absolute name"),
        ([("C:/cats/1.png", png(1))], "the absolute name"),
        ([("pets/ca\u202ets/1.png", png(1))], "cannot be shown"),
        ([("pets/" + "x" * 70_000 + "/1.png", png(1))], "cannot be shown"),
        ([("pets/cats/1.png", png(1))], "'pets/' holds one picture"),
        ([("pets/1.png", png(1)), ("pets/2.png", png(2))], "one class, 'pets'"),
        ([(name.removeprefix("pets/cats/"), content) for name, content in SENT], "came without the name of its folder"),
        ([(".", png(1))], "came without the name of its folder"),
        (SENT[:11], "'dogs' has 3 pictures, too few"),
        ([*SENT, ("pets/cats/small/1.png", png(77))], "inside one another"),
        ([*SENT, ("pets/cats/no.png", b"some words")], "neither PNG"),
        ([*SENT, ("pets/cats/empty.png", b"")], "is empty"),
    ],
)
def test_a_folder_that_makes_no_data_set_is_refused(files, words):
    assert words in refusal(files)


def test_too_many_files_are_refused(monkeypatch):
    monkeypatch.setattr(folder_files, "MAX_FILES", 15)
    assert "There are 16 files" in refusal(SENT)


def test_a_folder_of_too_many_bytes_is_refused_before_it_is_packed(monkeypatch):
    monkeypatch.setattr(upload, "MAX_FILE", 2 << 20)
    assert "holds 3 MiB, at most 2" in refusal([*SENT, ("pets/cats/large.png", bytes(3 << 20))])


def test_a_picture_of_too_many_bytes_is_refused(monkeypatch):
    from quantlab.sources import image_folders

    large = [*SENT, ("pets/cats/large.png", bytes(1 << 20))]
    monkeypatch.setattr(zip_files, "MAX_FILE", 1 << 18)
    assert "at most" in refusal(large)
    monkeypatch.setattr(image_folders, "MAX_FILE", 1 << 18)
    with pytest.raises(ValueError, match="at most"):
        finished(from_files([(name, io.BytesIO(content)) for name, content in large], 16))
