"""Do folders of pictures become parts that share nothing, and is a hostile archive refused in one sentence before it is expanded?"""

import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
from PIL import Image

from quantlab.sources import labelled_images, zip_files
from quantlab.sources.image_folders import from_files, from_zip
from quantlab.sources.labelled_images import square
from tests.steps import finished

from .hostile import damaged, lie_about_size, zipped


def png(picture: int | np.ndarray) -> bytes:
    """A picture, or noise of this seed."""
    if isinstance(picture, int):
        picture = np.random.default_rng(picture).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


def folders(cats=8, dogs=8, prefix="") -> dict[str, bytes]:
    """Different pictures in two folders."""
    found = {f"{prefix}cats/{i}.png": png(i) for i in range(cats)}
    return found | {f"{prefix}dogs/{i}.png": png(1000 + i) for i in range(dogs)}


def read(members, **options):
    return finished(from_zip("my.zip", zipped(members), 16, **options))


def refusal(data, name="my.zip") -> str:
    """The one sentence with which an archive, its members or its files are refused."""
    with pytest.raises(ValueError) as error:
        finished(from_files(data, 16) if isinstance(data, list) else from_zip(name, zipped(data) if isinstance(data, dict) else data, 16))
    text = str(error.value)
    assert text.endswith(".") and "\n" not in text and ": " in text and len(text) < 300, text
    return text


def contents(images, part) -> set[bytes]:
    return {images.pixels[i].tobytes() for i in getattr(images, part)}


# ---- sound archives


def test_every_picture_is_in_one_part_with_the_label_of_its_folder():
    members = folders(9, 12)
    images = read(members)
    assert images.pixels.shape == (21, 16, 16, 3) and images.pixels.dtype == np.uint8 and images.labels.dtype == np.int64
    assert images.classes == ("cats", "dogs") and images.notes == ()
    assert sorted([*images.training, *images.calibration, *images.test]) == list(range(21))
    theirs = {square(np.asarray(Image.open(io.BytesIO(data))), 16, 3).tobytes(): name.split("/")[0] for name, data in members.items()}
    assert {x.tobytes(): images.classes[label] for x, label in zip(images.pixels, images.labels, strict=True)} == theirs


def test_each_class_is_dealt_about_a_quarter_to_test_and_a_seventh_to_calibrate():
    images = read(folders(20, 40))
    for part, expected in (("test", [5, 10]), ("calibration", [3, 6]), ("training", [12, 24])):
        assert np.bincount(images.labels[getattr(images, part)]).tolist() == expected


def test_classes_take_turns_so_that_the_first_of_a_part_are_balanced():
    images = read(folders(20, 20))
    for part in (images.training, images.calibration, images.test):
        assert images.labels[part][:6].tolist() == [0, 1, 0, 1, 0, 1]


def test_neither_names_nor_order_decide_what_is_tested_on():
    members = folders()
    renamed = {f"{name.split('/')[0]}/x{i}.png": data for i, (name, data) in enumerate(reversed(members.items()))}
    for part in ("training", "calibration", "test"):
        assert contents(read(members), part) == contents(read(renamed), part)


def test_a_copy_is_never_in_two_parts_and_counts_once():
    members = folders(12, 12)
    copies = {f"cats/copy{i}.png": members[f"cats/{i}.png"] for i in range(12)}
    webp = {}
    for i in range(12):
        file = io.BytesIO()
        Image.open(io.BytesIO(members[f"dogs/{i}.png"])).save(file, "WEBP", lossless=True)
        webp[f"dogs/{i}.webp"] = file.getvalue()
    images = read(members | copies | webp)
    assert len(images.pixels) == 24 and images.notes == ("Left out because each picture counts once: 24 copies.",)
    parts = [contents(images, part) for part in ("training", "calibration", "test")]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 24


def test_a_picture_in_two_classes_is_left_out_with_a_note():
    images = read(folders() | {"dogs/odd.png": png(3)})
    assert len(images.pixels) == 15
    assert images.notes == ("Left out because they lie in more than one class: 1 pictures.",)


@pytest.mark.parametrize("prefix", ["data/", "data/photos 2026/", "./", "data\\"], ids=repr)
def test_folders_around_all_classes_are_taken_away(prefix):
    assert read(folders(prefix=prefix)).classes == ("cats", "dogs")


def test_what_systems_put_into_archives_is_passed_over():
    junk = {"__MACOSX/cats/._0.png": b"x", "cats/.DS_Store": b"x", "dogs/Thumbs.db": b"x", ".git/config": b"x"}
    assert len(read(folders() | junk).pixels) == 16


def test_a_folder_of_files_gives_what_its_zip_gives():
    members = folders()
    ours = finished(from_files([(name, io.BytesIO(data)) for name, data in members.items()], 16))
    assert np.array_equal(ours.pixels, read(members).pixels) and ours.test.tolist() == read(members).test.tolist()


def test_folders_are_named_in_any_language():
    names = {"cats": "گربه\u200cها", "dogs": "犬 🐕"}
    members = {f"{names[name.split('/')[0]]}/{name.split('/')[1]}": data for name, data in folders().items()}
    assert set(read(members).classes) == set(names.values())


def test_grey_pictures_have_one_channel():
    assert read(folders(), channels=1).pixels.shape == (16, 16, 16, 1)


def test_the_middle_square_is_kept():
    picture = np.zeros((10, 30, 3), np.uint8)
    picture[:, 10:20] = 255
    assert square(picture, 10, 3).min() == 255 and square(picture.transpose(1, 0, 2), 10, 1).min() == 255


# ---- archives that are refused


@pytest.mark.parametrize(
    "name, words",
    [
        ("../cats/x.png", "leads out of the archive"),
        ("cats/../../x.png", "leads out of the archive"),
        ("..\\x.png", "leads out of the archive"),
        ("/etc/x.png", "absolute name"),
        ("\\\\server\\x.png", "absolute name"),
        ("C:\\cats\\x.png", "absolute name"),
        ("cats/x\x1b[2J.png", "cannot be shown"),
        ("cats/\u202egnp.exe", "cannot be shown"),
    ],
    ids=repr,
)
def test_a_name_that_is_more_than_a_place_inside_is_refused(name, words):
    assert words in refusal(folders() | {name: png(5)})
    assert words in refusal([*folders().items(), (name, png(5))])


def test_a_link_is_refused():
    file = io.BytesIO(zipped(folders()))
    with zipfile.ZipFile(file, "a") as archive:
        link = zipfile.ZipInfo("cats/link.png")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert "a link to another place" in refusal(file.getvalue())


def test_an_encrypted_picture_is_refused():
    data = bytearray(zipped(folders()))
    data[6] |= 1  # the flags of the first local header
    data[data.find(b"PK\x01\x02") + 8] |= 1
    assert "without a password" in refusal(bytes(data))


def test_an_unusual_compression_is_refused():
    assert "ordinary (deflated)" in refusal(zipped(folders(), zipfile.ZIP_LZMA))


@pytest.mark.parametrize("limit", ["MAX_FILE", "MAX_EXPANDED"])
def test_a_bomb_is_refused_before_it_is_expanded(limit, monkeypatch):
    data = zipped(folders() | {f"cats/bomb{i}.png": bytes(16 << 20) for i in range(2)})
    monkeypatch.setattr(zip_files, limit, {"MAX_FILE": 1 << 20, "MAX_EXPANDED": 20 << 20}[limit])
    tracemalloc.start()
    text = refusal(data)
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()
    assert "at most" in text and "are read" in text


@pytest.mark.parametrize("claim", [100, 1 << 20])
def test_a_size_that_lies_is_found_and_no_more_than_the_claim_is_expanded(claim):
    data = lie_about_size(zipped({"cats/bomb.png": bytes(32 << 20)}), claim)
    tracemalloc.start()
    member = zip_files.zip_members(zip_files.Upload("my.zip", memoryview(data), lambda: io.BytesIO(data)))[0]
    with pytest.raises(ValueError, match="not a sound .zip"):
        member.read()
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


def test_a_size_that_is_less_than_claimed_is_found():
    data = lie_about_size(zipped({"cats/a.png": png(1)}), 1 << 20)
    member = zip_files.zip_members(zip_files.Upload("my.zip", memoryview(data), lambda: io.BytesIO(data)))[0]
    with pytest.raises(ValueError, match="my.zip"):
        member.read()


def test_too_many_files_are_refused_before_they_are_listed(monkeypatch):
    monkeypatch.setattr(zip_files, "MAX_FILES", 10)
    assert "more than 10 files" in refusal(folders())


def test_more_pixels_than_can_be_read_are_refused(monkeypatch):
    monkeypatch.setattr(labelled_images, "MAX_PIXELS", 3000)
    assert "scale them down" in refusal(folders())


def test_a_picture_of_too_many_pixels_is_refused_by_its_header():
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBBI", 13, b"IHDR", 60_000, 60_000, 8, 2, 0, 0, 0, 0)
    text = refusal(folders() | {"cats/a huge one.png": head})
    assert "'cats/a huge one.png'" in text and ("million pixels" in text or "damaged" in text)


def test_more_than_fits_at_this_size_is_refused_before_anything_is_decoded():
    with pytest.raises(ValueError, match="choose fewer, or a smaller network"):
        from_zip("my.zip", zipped({f"{c}/{i}.png": b"no picture" for c in "ab" for i in range(5)}), 5000)


@pytest.mark.parametrize(
    "members, words",
    [
        ({}, "holds no picture"),
        ({"__MACOSX/x": b"x"}, "holds no picture"),
        ({"cats/1.png": png(1)}, "holds one picture"),
        ({f"cats/{i}.png": png(i) for i in range(8)}, "one class, 'cats'"),
        (folders(dogs=3), "'dogs' has 3 pictures, too few to train, calibrate and test"),
        (folders(dogs=3) | {f"dogs/same{i}.png": png(1000) for i in range(5)}, "'dogs' has 3 different pictures"),
        (folders() | {"1.png": png(77)}, "'1.png' lies in no folder"),
        (folders() | {"cats/indoor/1.png": png(77)}, "inside one another ('cats/indoor')"),
        (folders(prefix="train/") | folders(prefix="test/"), "inside one another"),
        (folders() | {"cats/notes.dat": b"some words"}, "'cats/notes.dat' is neither PNG"),
        (folders() | {"cats/more.zip": zipped(folders())}, "'cats/more.zip' is neither PNG"),
        (folders() | {"cats/cut.png": png(78)[:200]}, "'cats/cut.png' is a PNG file that ends too early"),
        (folders() | {"cats/empty.png": b""}, "'cats/empty.png' is empty"),
        (b"Rar!\x1a\x07 and so on", "an archive that is no .zip: unpack it"),
        (b"PK\x03\x04" + bytes(100), "not a sound .zip"),
        (zipped(folders())[:-300], "not a sound .zip"),
        (b"", "is empty"),
    ],
)
def test_pictures_that_make_no_data_set_are_refused(members, words):
    assert words in refusal(members)


@pytest.mark.parametrize("side, channels", [(0, 3), (32, 2)])
def test_a_size_that_is_none_is_refused(side, channels):
    with pytest.raises(ValueError, match="side of 1 or more"):
        from_zip("my.zip", zipped(folders()), side, channels)


def test_a_damaged_archive_is_read_or_refused_in_one_sentence():
    data, read = zipped(folders(5, 5)), 0
    for seed in range(300):
        try:
            finished(from_zip("my.zip", damaged(data, seed), 8))
            read += 1
        except ValueError as error:
            assert str(error).endswith(".") and "\n" not in str(error)
    assert read < 150  # most damage is found


@pytest.mark.parametrize("name", ["labels.csv", "cats/notes.txt", "README", "a/b/c/metadata.JSON"])
def test_texts_beside_the_pictures_are_passed_over(name):
    def counts(members):
        for step in from_zip("my.zip", zipped(members), 8):
            last = step
        return last

    with_it = folders() | {name: b"some words"}
    assert repr(counts(with_it)) == repr(counts(folders()))
