"""Does the cache on disk survive what happens to files?"""

import os

import numpy as np
import pytest

from quantlab.networks.store import Store


def test_an_array_comes_back_bit_for_bit(tmp_path):
    x = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
    Store(tmp_path / "new" / "folder").put("ab", x)
    found = Store(tmp_path / "new" / "folder").get("ab")
    assert found.dtype == x.dtype and np.array_equal(found, x)
    assert Store(tmp_path).get("ab") is None


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY", b"nonsense", None], ids=["empty", "cut", "nonsense", "half"])
def test_a_damaged_file_counts_as_absent_and_goes(tmp_path, damage):
    kept = Store(tmp_path)
    kept.put("ab", np.ones(100))
    file = tmp_path / "ab.npy"
    file.write_bytes(file.read_bytes()[:400] if damage is None else damage)
    assert kept.get("ab") is None and not file.exists()


def test_a_bit_that_turned_is_found_wherever_it_is(tmp_path):
    kept = Store(tmp_path)
    kept.put("ab", np.arange(100.0))
    whole = (tmp_path / "ab.npy").read_bytes()
    for place in (0, 31, 32, 40, 60, 100, len(whole) // 2, len(whole) - 1):
        (tmp_path / "ab.npy").write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        assert kept.get("ab") is None, place
        assert not (tmp_path / "ab.npy").exists()


def test_a_folder_in_the_place_of_a_file_counts_as_absent_and_harms_nothing(tmp_path):
    kept = Store(tmp_path, limit=0)
    (tmp_path / "ab.npy").mkdir()
    assert kept.get("ab") is None
    kept.put("ab", np.ones(3))
    kept.put("cd", np.ones(3))
    kept.prune()
    assert kept.get("ab") is None


def test_a_pickle_is_not_opened(tmp_path):
    np.save(tmp_path / "ab.npy", np.array([{"code": 1}], dtype=object), allow_pickle=True)
    assert Store(tmp_path).get("ab") is None


def test_the_least_recently_used_go_first(tmp_path):
    kept = Store(tmp_path, limit=3 * 1200)  # an array of 1000 bytes has a file of 1128
    for i, name in enumerate("abcd"):
        kept.put(name, np.zeros(1000, np.uint8))
        os.utime(tmp_path / f"{name}.npy", (i, i))
    kept.get("a")  # used now
    (tmp_path / "left.part").write_bytes(b"x")
    os.utime(tmp_path / "left.part", (0, 0))
    kept.prune()
    assert sorted(f.name for f in tmp_path.iterdir()) == ["a.npy", "c.npy", "d.npy"]


def test_a_write_that_fails_leaves_nothing_and_raises_nothing(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    Store(tmp_path).put("ab", np.ones(3))
    assert list(tmp_path.iterdir()) == []


def test_without_a_folder_nothing_is_kept():
    kept = Store(None)
    kept.put("ab", np.ones(3))
    assert kept.get("ab") is None
