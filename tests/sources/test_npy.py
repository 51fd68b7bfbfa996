"""Are .npy and .npz files read bit for bit, and hostile ones refused before they are expanded?"""

import io
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import quantlab.sources.files as limits
from quantlab.sources import list_tensors, load_tensor
from quantlab.sources.files import notes_of
from quantlab.sources.npy import MAX_MEMBERS

from .checks import W, arrays, check_is_read, refusal
from .hostile import bomb, lie_about_size, npy, npy_header, npz, zipped


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


def test_an_integer_beyond_2_to_the_24_is_rounded_to_the_nearest_float32():
    assert load_tensor("i.npy", npy(np.array([2**24 + 1, 2**62 + 1]))).tolist() == [2**24, 2**62]


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


def test_one_bad_member_does_not_condemn_the_archive():
    """Objects, a README, a type that numpy has no name for: the good arrays are listed, and of the rest it is said why not."""
    import io
    import zipfile

    from quantlab.sources import list_tensors, load_tensor
    from quantlab.sources.files import notes_of

    file = io.BytesIO()
    np.savez(file, good=np.arange(6.0).reshape(2, 3), other=np.ones(3, np.float16), objects=np.array([{"a": 1}], dtype=object))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("README.txt", "what this is")
        archive.writestr("folder/", "")
    data = file.getvalue()
    assert [info.name for info in list_tensors("x.npz", data)] == ["good", "other"]
    assert np.array_equal(load_tensor("x.npz", data, "good"), np.arange(6.0).reshape(2, 3))
    notes = notes_of("x.npz", data)
    assert len(notes) == 2 and any("objects" in note and "pickle" in note for note in notes) and any("README" in note for note in notes)
    with pytest.raises(ValueError, match="choose one of 'good', 'other'"):
        load_tensor("x.npz", data)
    with pytest.raises(ValueError, match="Python objects"):
        load_tensor("x.npz", data, "objects")


@pytest.mark.parametrize(
    "bad, why",
    [
        (np.array(["a", "b"]), "not numbers read here"),
        (np.array(["2020-01-01"], "datetime64[D]"), "not numbers read here"),
        (np.zeros(3, [("a", "f4"), ("b", "i4")]), "not numbers read here"),
        (W.astype(complex), "is complex"),
        (np.zeros((0, 3)), "no value"),
    ],
    ids=["words", "dates", "records", "complex", "empty"],
)
def test_an_array_that_is_no_tensor_hides_none_and_is_told_of(bad, why):
    data = npz(bad=bad, w=W)
    assert [info.name for info in list_tensors("m.npz", data)] == ["w"]
    (note,) = notes_of("m.npz", data)
    assert note.startswith("'bad'") and why in note
    with pytest.raises(ValueError, match=why):
        load_tensor("m.npz", data, "bad")


def test_a_damaged_member_hides_none():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:  # stored, so that a turned byte is one of the values
        archive.writestr("a.npy", npy(W))
        archive.writestr("w.npy", npy(W))
    data = bytearray(file.getvalue())
    data[data.index(W.tobytes())] ^= 0xFF
    assert [info.name for info in list_tensors("m.npz", bytes(data))] == ["w"]
    assert "'a.npy' in 'm.npz' is damaged" in notes_of("m.npz", bytes(data))[0]
