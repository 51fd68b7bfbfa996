"""Is a sound file of numbers read bit for bit, and a hostile one refused in one sentence before it is expanded?"""

import io
import json
import tracemalloc
import warnings
import zipfile
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import quantlab.sources.files as limits
from quantlab.sources import list_tensors, load_tensor
from quantlab.sources.csv_table import MAX_BYTES as MAX_CSV
from quantlab.sources.npy import MAX_MEMBERS

from .hostile import PICKLE, bomb, lie_about_size, npy, npy_header, npz, zipped
from .hostile import safetensors as st_file

W = np.arange(12, dtype=np.float32).reshape(3, 4)
KINDS = ["bool", "i1", "u1", "<i2", ">i2", "<i4", "<u4", "<i8", "<u8", "<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]


def refusal(name: str, data, tensor=None) -> str:
    """The one sentence with which the file, or its tensor, is refused."""
    with pytest.raises(ValueError) as error, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        list_tensors(name, data)
        load_tensor(name, data, tensor)
    text = str(error.value)
    assert text.endswith(".") and "\n" not in text and ": " in text and len(text) < 400, text
    return text


def check_is_read(x: np.ndarray, data, name="w.npy", tensor=None):
    y = load_tensor(name, data, tensor)
    assert y.shape == x.shape
    assert y.flags.c_contiguous and y.flags.aligned and not y.flags.writeable and y.dtype.isnative
    assert y.dtype == (x.dtype.newbyteorder("=") if x.dtype.kind == "f" else np.float32)
    assert np.array_equal(y, x.astype(y.dtype), equal_nan=True)


# ---- sound files


arrays = st.sampled_from(KINDS).flatmap(lambda kind: hnp.arrays(kind, hnp.array_shapes(min_dims=0, max_dims=4)))


@given(arrays, st.booleans())
def test_any_npy_of_real_numbers_is_read_in_its_shape(x, fortran):
    data = npy(np.asfortranarray(x) if fortran and x.ndim else x)
    assert [(info.shape, info.dtype, info.nbytes) for info in list_tensors("w.npy", data)] == [(x.shape, x.dtype.name, x.nbytes)]
    check_is_read(x, data)


@given(arrays)
def test_any_npz_of_real_numbers_is_read_by_name(x):
    data = npz(first=W, second=x)
    assert [info.name for info in list_tensors("m.npz", data)] == ["first", "second"]
    check_is_read(x, data, "m.npz", "second")


@given(arrays.filter(lambda x: x.dtype.isnative))
def test_any_safetensors_file_the_library_writes_is_read_as_the_library_reads_it(x):
    data = safetensors.numpy.save({"a": np.array([True, False, True]), "w": x})
    assert {info.name: info.shape for info in list_tensors("m.safetensors", data)} == {"a": (3,), "w": x.shape}
    check_is_read(safetensors.numpy.load(data)["w"], data, "m.safetensors", "w")


@pytest.mark.parametrize("form", ["bytes", "BytesIO", "path", "open file"])
@pytest.mark.parametrize("data", [npy(W), npz(w=W), safetensors.numpy.save({"w": W}), b"0,1,2,3\n4,5,6,7\n8,9,10,11"])
def test_bytes_streams_and_paths_give_the_same(data, form, tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(data)
    with path.open("rb") as file:
        given_as = {"bytes": data, "BytesIO": io.BytesIO(data), "path": path, "open file": file}[form]
        assert np.array_equal(load_tensor("upload", given_as), W)


@pytest.mark.parametrize(
    ("dtype", "oracle"),
    [
        (torch.bfloat16, ml_dtypes.bfloat16),
        (torch.float8_e4m3fn, ml_dtypes.float8_e4m3fn),
        (torch.float8_e5m2, ml_dtypes.float8_e5m2),
    ],
)
def test_every_code_of_the_small_floats_is_read_as_ml_dtypes_reads_it(dtype, oracle):
    raw = np.arange(2 ** (8 * dtype.itemsize), dtype=f"u{dtype.itemsize}")
    data = safetensors.torch.save({"w": torch.from_numpy(raw.copy()).view(dtype)})
    expected = raw.view(oracle).astype(np.float32)
    x = load_tensor("m.safetensors", data)
    assert x.dtype == (np.float16 if dtype == torch.float8_e5m2 else np.float32)
    assert np.array_equal(x, expected, equal_nan=True)


def test_values_at_an_odd_place_in_a_safetensors_file_come_back_aligned():
    where = {
        "a": dict(dtype="U8", shape=[1], data_offsets=[0, 1]),
        "w": dict(dtype="F32", shape=[3, 4], data_offsets=[1, 49]),
    }
    check_is_read(W, st_file(where, b"\7" + W.tobytes()), "m.safetensors", "w")


def test_a_memory_mapped_npy_is_read_without_a_copy(tmp_path):
    path = tmp_path / "w.npy"
    np.save(path, np.ones(4_000_000, np.float32))
    tracemalloc.start()
    try:
        x = load_tensor("w.npy", path)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000  # of 16 MB
    finally:
        tracemalloc.stop()
    assert x.sum() == 4_000_000


def test_a_compressed_npz_is_expanded_once():
    data = npz(w=np.ones(4_000_000, np.float32))
    tracemalloc.start()
    try:
        load_tensor("w.npz", data)
        assert tracemalloc.get_traced_memory()[1] < 24_000_000  # the values are 16 MB; a second copy would be 32
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "text",
    [
        "1,2\n3,4\n",
        "1;2\n3;4",
        "1\t2\r\n3\t4\r\n",
        "a,b\n1,2\n3,4",
        '"a";"b"\n1;2\n\n3;4\n\n',
        "1 2\n3 4",
        "\ufeff1,2\n3,4",
    ],
)
def test_a_csv_is_read_whatever_its_separator_and_header(text):
    assert np.array_equal(load_tensor("t.csv", text.encode()), [[1, 2], [3, 4]])


@pytest.mark.parametrize("text", ["1\n2\n3", "1,2,3", "x\n1\n2\n3\n", "a,b,c\n1,2,3"])
def test_a_csv_of_one_row_or_one_column_is_one_dimensional(text):
    assert list_tensors("t.csv", text.encode())[0].shape == (3,)
    assert np.array_equal(load_tensor("t.csv", text.encode()), [1, 2, 3])


@given(hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2, min_side=2)))
def test_a_csv_that_numpy_wrote_with_all_digits_is_read_bit_for_bit(x):
    file = io.BytesIO()
    np.savetxt(file, x, delimiter=",", fmt="%.17g")
    assert np.array_equal(load_tensor("t.csv", file.getvalue()), x, equal_nan=True)


def test_an_integer_beyond_2_to_the_24_is_rounded_to_the_nearest_float32():
    assert load_tensor("i.npy", npy(np.array([2**24 + 1, 2**62 + 1]))).tolist() == [2**24, 2**62]


def test_the_content_decides_and_not_the_extension():
    assert np.array_equal(load_tensor("photo.png", npy(W)), W)
    assert np.array_equal(load_tensor("w.csv", npz(w=W)), W)
    assert np.array_equal(load_tensor("w.npy", b"1,2\n3,4"), [[1, 2], [3, 4]])


# ---- real files that other packages ship


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


# ---- what is refused


OBJECTS = np.array([{"a": 1}, None], dtype=object)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("empty.npy", b"", "0 bytes"),
        ("objects.npy", npy(OBJECTS, allow_pickle=True), "Python objects"),
        ("objects.npz", npz(w=W, objects=OBJECTS), "Python objects"),
        ("disguised.npy", PICKLE, "pickle"),
        ("model.pt", zipped({"archive/data.pkl": PICKLE, "archive/data/0": b"1234"}), "safetensors.torch.save_file"),
        ("pickle in.npz", zipped({"w.npy": npy(W), "evil.pkl": PICKLE}), "evil.pkl"),
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
        ("picture.npy", b"\x89PNG\r\n\x1a\n" + bytes(50), "no known format"),
        ("gzip.csv", b"\x1f\x8b\x08\x00" + bytes(50), "no known format"),
        ("excel.csv", "1\t2\n".encode("utf-16"), "no known format"),
        ("no arrays.npz", zipped({}), "without arrays"),
        ("text in.npz", zipped({"notes.txt": b"hello"}), "no array"),
        ("cut.npz", npz(w=W)[:-30], "not a readable .npz"),
        ("lzma.npz", zipped({"w.npy": npy(W)}, zipfile.ZIP_LZMA), "savez_compressed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(name, data, words):
    assert words in refusal(name, data)


@pytest.mark.parametrize(
    "header",
    [
        npy_header("'<f4'", "(10**9,)"),
        npy_header("'<f4'", "(-3,)"),
        npy_header("'<f4'", "(" + "1," * 40 + ")"),
        npy_header("'<f4'", f"({2**70}, 0)"),
        npy_header("'<f4'", "(9" + "9" * 3000 + ",)"),
        npy_header("'<f4'", "(2,)", "'no'"),
        npy_header("'<f4'", "(" * 2000),
        npy_header("'<f4'", "-" * 3000 + "1"),
        npy_header("'O'", "(2,)"),
        npy_header("__import__('os').abort()", "(2,)"),
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff{",
    ],
)
def test_a_lying_npy_header_is_refused_alone_and_inside_an_npz(header):
    refusal("w.npy", header + bytes(8))
    refusal("w.npz", zipped({"w.npy": header + bytes(8)}))


def test_a_shape_larger_than_the_limits_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(limits, "MAX_VALUES", 11)
    assert "12 values" in refusal("w.npy", npy(W))
    monkeypatch.setattr(limits, "MAX_VALUES", 12)
    assert np.array_equal(load_tensor("w.npy", npy(W)), W)
    monkeypatch.setattr(limits, "MAX_BYTES", 47)
    assert "48 bytes" in refusal("w.npz", npz(w=W))


def test_a_zip_bomb_is_listed_and_refused_without_expanding_it():
    data = bomb(640 << 20)  # 640 MiB in 650 kB
    assert len(data) < 1_000_000
    tracemalloc.start()
    try:
        assert list_tensors("bomb.npz", data)[0].nbytes == 640 << 20
        assert "save a part of it" in refusal("bomb.npz", data)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


def test_a_claim_of_10_gigabytes_in_an_npz_is_refused():
    header = npy_header("'<f4'", f"({10 * 2**30 // 4},)")
    assert "10737418240 bytes" in refusal("w.npz", zipped({"w.npy": header + bytes(1 << 20)}))


def test_a_member_that_expands_to_more_than_it_claims_is_cut_at_its_claim():
    claimed, real = npy_header("'<f4'", "(4,)") + bytes(16), npy_header("'<f4'", "(4,)") + bytes(1 << 26)
    data = lie_about_size(zipped({"w.npy": real}), len(claimed))
    tracemalloc.start()
    try:
        refusal("w.npz", data)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


def test_a_member_that_holds_less_than_directory_and_header_claim_costs_only_what_is_there():
    header = npy_header("'<f4'", f"({100 * 2**20 // 4},)")
    data = lie_about_size(zipped({"w.npy": header + bytes(16)}), len(header) + 100 * 2**20)
    tracemalloc.start()
    try:
        assert "cut off" in refusal("w.npz", data)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("damage", [lambda data: data + b"\0", lambda data: data[:-1]], ids=["longer", "shorter"])
def test_an_npz_whose_directory_and_header_disagree_is_refused_when_it_is_listed(damage):
    with pytest.raises(ValueError, match="should hold 48 bytes"):
        list_tensors("w.npz", zipped({"w.npy": damage(npy(W))}))


def test_a_flipped_value_in_an_npz_fails_its_checksum():
    data = bytearray(zipped({"w.npy": npy(W)}, zipfile.ZIP_STORED))
    data[data.find(W.tobytes()) + 5] ^= 1
    assert "CRC" in refusal("w.npz", bytes(data))


def test_two_members_of_one_name_and_too_many_members_are_refused():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("w.npy", npy(W))
            archive.writestr("w.npy", npy(W + 1))
    assert "two arrays of one name" in refusal("w.npz", file.getvalue())
    assert "more than 10000 members" in refusal("w.npz", npz(w=W) + b"PK\x01\x02" * MAX_MEMBERS)


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


GOOD = {"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
TWO = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}


@pytest.mark.parametrize(
    "data",
    [
        st_file(GOOD, bytes(7)),
        st_file(GOOD, bytes(9)),
        st_file(GOOD, bytes(8), length=10**6),
        st_file(GOOD, bytes(8), length=2**63),
        st_file({"w": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}}, bytes(8)),
        st_file({"w": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}}, bytes(8)),
        st_file({"w": {"dtype": "F32", "shape": [2**62, 4], "data_offsets": [0, 8]}}, bytes(8)),
        st_file({"w": {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]}}, bytes(8)),
        st_file({"w": {"dtype": "F32", "shape": "2", "data_offsets": [0, 8]}}, bytes(8)),
        st_file({"w": {"dtype": 3, "shape": [2], "data_offsets": [0, 8]}}, bytes(8)),
        st_file({"w": {"shape": [2], "data_offsets": [0, 8]}}, bytes(8)),
        st_file({"w": []}),
        st_file({"a": TWO, "b": TWO}, bytes(4)),
        st_file({"a": TWO, "b": {**TWO, "data_offsets": [8, 12]}}, bytes(12)),
        st_file(b"{" + b'"a":{' * 100_000),
        st_file(b"{not json"),
    ],
)
def test_a_lying_safetensors_header_is_refused_here_as_by_the_library(data):
    with pytest.raises(Exception):  # noqa: B017 (its own class, or KeyError)
        safetensors.numpy.load(data)
    with pytest.raises(ValueError, match="^'m.safetensors' is not a sound .safetensors file"):
        list_tensors("m.safetensors", data)


def test_a_safetensors_file_of_a_dtype_not_read_here_is_listed_and_refused_by_name():
    data = st_file({"w": {"dtype": "F4", "shape": [16], "data_offsets": [0, 8]}}, bytes(8))
    assert list_tensors("m.safetensors", data)[0].dtype == "F4"
    assert "'F4'" in refusal("m.safetensors", data)


def test_a_safetensors_name_that_comes_twice_is_refused_where_the_library_keeps_the_last():
    twice = json.dumps({"a": TWO, "b": TWO}).replace('"b"', '"a"').encode()
    assert "twice" in refusal("m.safetensors", st_file(twice, bytes(4)))


def test_a_safetensors_file_without_tensors_is_refused():
    assert "no tensor" in refusal("m.safetensors", st_file({"__metadata__": {"format": "pt"}}))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,2\n3\n5,6", "line 2 has 1 fields where line 1 has 2"),
        ("a,b\n1,2\n\n3,4,5", "line 4 has 3 fields where line 2 has 2"),
        ("1,2\n3,x", "line 2: 'x' is not a number"),
        ("1,2\n3,", "line 2: '' is not a number"),
        ("a,b\nc,d", "line 2: 'c' is not a number"),
        ("1,5;2,5\n3,5;4,5", "decimal comma"),
        ("1;2\n3,5;4", "line 2: '3,5' has a decimal comma"),
        ("1\t2,5\n3\t4", "decimal comma"),
        ("1,1_0\n2,3", "'1_0' is not a number"),
        ("a,b\n", "no line of numbers"),
        (" \n\n", "no line of numbers"),
    ],
)
def test_a_csv_that_is_no_table_is_refused_at_its_line(text, words):
    assert words in refusal("t.csv", text.encode())


def test_a_csv_in_another_encoding_or_too_large_is_refused():
    assert "UTF-8" in refusal("t.csv", "gewöhnliche Breite,b\n1,2".encode("latin-1"))
    assert "at most 100000000" in refusal("t.csv", b"1," * (MAX_CSV // 2 + 1))


def test_a_message_shows_a_name_escaped_and_short():
    assert "\\n" in refusal("a\nb.npy", b"")
    assert len(refusal("x" * 5000, b"")) < 200


# ---- whatever the bytes are: an array or one sentence, nothing else


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
