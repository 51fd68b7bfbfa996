"""What happens to a person's own numbers and files: good ones are shown, bad ones refused in a sentence?"""

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from ..sources.hostile import PICKLE, bomb, npy, npy_header, npz, safetensors

RNG = np.random.default_rng(0)
W = RNG.normal(size=(24, 40)).astype(np.float32)
SKIMAGE = Path(find_spec("skimage").origin).parent
REAL = {"an npy of faces": SKIMAGE / "data" / "lfw_subset.npy", "an npz of disparities": SKIMAGE / "data" / "motorcycle_disp.npz"}
LIE = {"w": {"dtype": "F32", "shape": [4], "data_offsets": [0, 1 << 40]}}
BAD = {
    "a truncated npy": ("w.npy", npy(W)[:-40]),
    "a pickle named npy": ("w.npy", PICKLE),
    "an npy of objects": ("w.npy", npy(np.array([{}, 1], object), allow_pickle=True)),
    "a wrong ending": ("w.npz", b"\x89PNG\r\n\x1a\n" + bytes(64)),
    "an empty array": ("w.npy", npy(np.empty((0, 3)))),
    "complex numbers": ("w.npy", npy(W.astype(complex))),
    "a ragged csv": ("w.csv", b"1,2\n3\n4,5,6\n"),
    "words in a csv": ("w.csv", b"1,2\n3,four\n"),
    "a header that lies": ("w.npy", npy_header("'<f4'", "(100000000000,)") + bytes(64)),
    "a safetensors header that lies": ("w.safetensors", safetensors(LIE, bytes(16))),
    "an npz without arrays": ("w.npz", npz()),
    "an npz that expands to 3 GB": ("w.npz", partial(bomb, 3 << 30)),
    "an empty file": ("w.csv", b""),
}  # fmt: skip


def written(folder: Path, name: str, data: bytes | Callable[[], bytes]) -> Path:
    path = folder / name
    path.write_bytes(data() if callable(data) else data)
    return path


@pytest.fixture
def upload_lab(lab):
    """A tab in which "Open a file" is chosen, after a tensor that is told apart from the default."""
    lab.open("tensor?source=laplace&size=5000&bits=6")
    lab.before = lab.every_text()
    return lab.choose("Tensor", "Open a file")


def test_before_a_file_is_chosen_the_page_says_what_to_do_and_keeps_what_it_had(upload_lab):
    (sentence,) = upload_lab.says()
    assert "Choose a file" in sentence and sentence.endswith(".")
    assert upload_lab.every_text() == upload_lab.before


def test_a_good_npy_is_shown_and_the_address_names_it(upload_lab, tmp_path):
    lab = upload_lab.upload(written(tmp_path, "mine.npy", npy(W)))
    assert lab.says() == [] and lab.level == "6" and lab.every_text() != lab.before
    assert lab.query()["source"] == "upload" and lab.query()["file"]
    assert "mine.npy" in lab.code()
    lab.page.reload()
    lab.settle()
    assert lab.says() == [] and "mine.npy" in lab.code()


def test_whoever_has_the_link_opens_a_file_only_once_it_is_shared(upload_lab, new_lab, tmp_path):
    lab = upload_lab.upload(written(tmp_path, "mine.npy", npy(W)))
    stranger = new_lab()
    stranger.page.goto(lab.page.url)
    (sentence,) = stranger.settle().says()
    assert "not shared" in sentence and "mine.npy" not in stranger.page.inner_text("body")
    lab.page.get_by_text("Share this file with the link").click()
    lab.settle()
    stranger.page.reload()
    assert stranger.settle().says() == [] and stranger.every_text() == lab.every_text()


@pytest.mark.parametrize("name", REAL)
def test_a_real_file_of_another_package_goes_through_the_lab(upload_lab, name):
    lab = upload_lab.upload(REAL[name])
    for _ in range(2):  # motorcycle_disp.npz holds infinite values
        if choice := lab.page.get_by_role("combobox", name="NaN or infinite values").all():
            lab.choose(choice[0].get_attribute("aria-label"), "Drop them")
    assert lab.says() == [] and REAL[name].name in lab.code()
    assert set(lab.film_levels().values()) == {"6"} and float(lab.texts()["SQNR"].split()[0]) > 6


@pytest.mark.parametrize("what", BAD)
def test_a_bad_file_is_refused_in_one_sentence_and_what_was_there_is_kept(upload_lab, tmp_path, what):
    lab = upload_lab.upload(written(tmp_path, *BAD[what]))
    (sentence,) = lab.says()
    assert sentence.endswith(".") and len(sentence) < 400 and "\n" not in sentence, sentence
    assert "Choose a file" not in sentence
    assert lab.every_text() == lab.before and set(lab.film_levels().values()) == {"6"}
    lab.upload(written(tmp_path, "good.npy", npy(W)))
    assert lab.says() == [] and lab.every_text() != lab.before and "good.npy" in lab.code()


def test_a_bad_file_after_a_good_one_leaves_the_good_one_on_the_page(upload_lab, tmp_path):
    lab = upload_lab.upload(written(tmp_path, "good.npy", npy(W)))
    good = lab.every_text()
    lab.upload(written(tmp_path, "bad.npy", npy(W)[:-40]))
    assert len(lab.says()) == 1 and lab.every_text() == good


@pytest.mark.parametrize("name, data, why", [("w.pt", PICKLE, "save_file("), ("w.mp4", bytes(range(256)), "in no known format")])
def test_of_an_ending_that_is_not_read_the_reader_says_why_what_is_shown_and_nothing_once_a_good_file_comes(
    upload_lab, tmp_path, name, data, why
):
    lab = upload_lab.upload(written(tmp_path, name, data))
    (sentence,) = lab.says()
    assert why in sentence and sentence.endswith("Shown instead: Laplace.")
    assert "not allowed" not in lab.page.inner_text("body") and lab.every_text() == lab.before
    lab.upload(written(tmp_path, "good.npy", npy(W)))
    assert lab.says() == [] and "good.npy" in lab.code() and "w." not in lab.page.get_by_test_id("stFileUploader").inner_text()


@pytest.mark.parametrize("how", ["Drop them", "Clip them"])
def test_nan_in_a_file_is_refused_until_a_person_says_how(upload_lab, tmp_path, how):
    w = W.copy()
    w[3, 5], w[0, 1] = np.nan, np.inf
    lab = upload_lab.upload(written(tmp_path, "nan.npy", npy(w)))
    (sentence,) = lab.says()
    assert "2 of 960 values are not finite" in sentence  # 960 = 24 * 40
    assert lab.every_text() == lab.before
    lab.choose("2 NaN or infinite values", how)
    assert lab.says() == [] and lab.every_text() != lab.before
    assert lab.query()["nonfinite"] == how.split()[0].lower()
    assert f"make_finite(x, '{how.split()[0].lower()}')" in lab.code()


def test_a_tensor_of_a_safetensors_file_is_chosen_by_name(upload_lab, tmp_path):
    save_file({"layer.bias": W[0].copy(), "layer.weight": 10 * W}, tmp_path / "model.safetensors")
    lab = upload_lab.upload(tmp_path / "model.safetensors")
    assert lab.says() == []
    first = lab.every_text()
    other = ({"layer.bias", "layer.weight"} - {lab.chosen("Tensor in the file")}).pop()
    lab.choose("Tensor in the file", other)
    assert lab.says() == [] and lab.every_text() != first and f"'{other}'" in lab.code()
    address, shown = lab.page.url, lab.every_text()
    lab.page.reload()
    assert lab.settle().page.url == address and lab.every_text() == shown


def test_pasted_numbers_are_shown_and_are_in_the_address(lab, new_lab):
    lab.open("tensor?source=paste").type("Numbers", "1 2 3 4; -4 -3 -2 0.5")
    assert lab.query() == {"source": "paste", "values": "1 2 3 4; -4 -3 -2 0.5"} and lab.says() == []
    assert "parse_floats('1 2 3 4; -4 -3 -2 0.5')" in lab.code()
    fresh = new_lab()
    fresh.page.goto(lab.page.url)
    assert fresh.settle().every_text() == lab.every_text()


NONSENSE = {"1 2 x": "'x'", "1 nan": "not finite", "   ": "no number", "": "", "1e999": "not finite", "1_000": "not a number"}
NONSENSE |= {"*a* <b>b</b> $c$": "*a*"}


@pytest.mark.parametrize("text, hint", NONSENSE.items())
def test_pasted_nonsense_is_refused_in_one_sentence_and_what_was_there_is_kept(reader, text, hint):
    lab = reader().show("tensor?source=paste&bits=5").type("Numbers", "1 2 3 4 -5")
    before = lab.every_text()
    lab.type("Numbers", text)
    if text:  # an emptied field falls back to its default, or says what to paste
        (sentence,) = lab.says()
        assert hint in sentence and sentence.endswith(".") and lab.every_text() == before
    lab.choose("Scheme", "Integer, asymmetric")
    lab.type("Numbers", "7 8 9")
    assert lab.says() == [] and "parse_floats('7 8 9')" in lab.code()


@pytest.mark.parametrize("text", ["5", "0", "0 0 0", "1e-40 2e-40", "3e38 -3e38", "1 1 1"], ids=str)
def test_odd_pasted_numbers_leave_the_page_alive(reader, text):
    lab = reader().show(f"tensor?source=paste&values={text.replace(' ', '+')}")
    assert lab.texts()["SQNR"] and lab.says() == []
    lab.slider.press("End")
    assert set(lab.settle().film_levels().values()) == {"16"}
