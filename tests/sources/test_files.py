"""Is a file of numbers known by its content, and any other or damaged one refused in one sentence?"""

import io
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quantlab.sources import list_tensors, load_tensor

from .checks import W, check_is_read, refusal
from .hostile import PICKLE, npy, npz, zipped
from .hostile import safetensors as st_file


@pytest.mark.parametrize("form", ["bytes", "BytesIO", "path", "open file"])
@pytest.mark.parametrize("data", [npy(W), npz(w=W), safetensors.numpy.save({"w": W}), b"0,1,2,3\n4,5,6,7\n8,9,10,11"])
def test_bytes_streams_and_paths_give_the_same(data, form, tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(data)
    with path.open("rb") as file:
        given_as = {"bytes": data, "BytesIO": io.BytesIO(data), "path": path, "open file": file}[form]
        assert np.array_equal(load_tensor("upload", given_as), W)


def test_the_content_decides_and_not_the_extension():
    assert np.array_equal(load_tensor("photo.png", npy(W)), W)
    assert np.array_equal(load_tensor("w.csv", npz(w=W)), W)
    assert np.array_equal(load_tensor("w.npy", b"1,2\n3,4"), [[1, 2], [3, 4]])


def test_files_that_scipy_and_scikit_image_ship_are_read_as_numpy_reads_them():
    import scipy
    import skimage

    faces = Path(skimage.__file__).parent / "data" / "lfw_subset.npy"
    check_is_read(np.load(faces), faces)
    for path in (
        Path(scipy.__file__).parent / "stats" / "_sobol_direction_numbers.npz",
        Path(skimage.__file__).parent / "data" / "motorcycle_disp.npz",
    ):
        archive = np.load(path)
        assert sorted(info.name for info in list_tensors(path.name, path)) == sorted(archive.files)
        for name in archive.files:
            check_is_read(archive[name], path, path.name, name)


OBJECTS = np.array([{"a": 1}, None], dtype=object)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("empty.npy", b"", "0 bytes"),
        ("objects.npy", npy(OBJECTS, allow_pickle=True), "Python objects"),
        ("objects.npz", npz(objects=OBJECTS), "Python objects"),
        ("disguised.npy", PICKLE, "pickle"),
        ("model.pt", zipped({"archive/data.pkl": PICKLE, "archive/data/0": b"1234"}), "safetensors.torch.save_file"),
        ("pickle in.npz", zipped({"evil.pkl": PICKLE}), "evil.pkl"),
        ("pickle as member.npz", zipped({"w.npy": PICKLE}), "no readable .npy header"),
        ("complex.npy", npy(W.astype(np.complex64)), "x.real"),
        ("complex.safetensors", st_file({"w": dict(dtype="C64", shape=[1], data_offsets=[0, 8])}, bytes(8)), "x.real"),
        ("string.npy", npy(np.array(["a", "b"])), "not numbers"),
        ("structured.npy", npy(np.zeros(3, [("a", "f4"), ("b", "i4")])), "not numbers"),
        ("dates.npy", npy(np.array(["2026-01-01"], "M8[D]")), "not numbers"),
        ("nothing.npy", npy(np.zeros((3, 0))), "no value"),
        ("cut.npy", npy(W)[:-1], "cut off"),
        ("long.npy", npy(W) + b"\0", "damaged"),
        ("header only.npy", npy(W)[:20], "header"),
        ("version.npy", b"\x93NUMPY\x09\x00" + npy(W)[8:], "unusual version"),
        ("picture.npy", b"\x89PNG\r\n\x1a\n" + bytes(50), "a picture: bring it to the image lab"),
        ("gzip.csv", b"\x1f\x8b\x08\x00" + bytes(50), "compressed by gzip: unpack it"),
        ("excel.csv", "1\t2\n".encode("utf-16")[2:], "no known format"),
        ("no arrays.npz", zipped({}), "without arrays"),
        ("text in.npz", zipped({"notes.txt": b"hello"}), "no array"),
        ("cut.npz", npz(w=W)[:-30], "not a readable .npz"),
        ("lzma.npz", zipped({"w.npy": npy(W)}, zipfile.ZIP_LZMA), "savez_compressed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(name, data, words):
    assert words in refusal(name, data)


def test_a_name_that_looks_like_a_path_is_only_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = zipped({"../../evil.npy": npy(W)})
    assert list_tensors("../up.npz", data)[0].name == "../../evil"
    assert np.array_equal(load_tensor("../up.npz", data, "../../evil"), W)
    assert not list(tmp_path.rglob("*")) and not list(tmp_path.parent.glob("evil*"))


def test_an_unnamed_choice_among_several_and_an_unknown_name_are_refused_with_the_names():
    data = npz(**{f"t{i}": W for i in range(7)})
    assert "holds 7 tensors: choose one of 't0', 't1', 't2', 't3', 't4', ...." in refusal("m.npz", data)
    assert "no tensor 'x'" in refusal("m.npz", data, "x")


def test_a_message_shows_a_name_escaped_and_short():
    assert "\\n" in refusal("a\nb.npy", b"")
    assert len(refusal("x" * 5000, b"")) < 200


SEEDS = [npy(W), npz(w=W, b=W[0]), safetensors.numpy.save({"w": W, "b": W[0]}), b"a,b\n1,2\n3,4\n"]


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=300, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_any_damage_gives_an_array_or_one_sentence(seed, data):
    damaged = bytearray(seed)
    for at, value in data.draw(st.lists(st.tuples(st.integers(0, len(seed) - 1), st.integers(0, 255)), max_size=4)):
        damaged[at] = value
    cut = bytes(damaged[: data.draw(st.integers(0, len(seed)) | st.just(len(seed)))])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for info in list_tensors("upload", cut):
                assert load_tensor("upload", cut, info.name).shape == info.shape
        except ValueError as error:
            assert type(error).__name__ == "Refused" and str(error).endswith(".") and "\n" not in str(error)
