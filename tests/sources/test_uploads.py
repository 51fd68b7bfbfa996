"""Files that people brought: listed once, forgotten together with what was found out about them."""

import numpy as np
import pytest

from quantlab.sources import uploads
from quantlab.sources.uploads import Uploads


@pytest.fixture
def walks(monkeypatch):
    """Counts how often a file is walked through."""
    counted = []
    real = uploads.list_tensors
    monkeypatch.setattr(uploads, "list_tensors", lambda name, data: counted.append(name) or real(name, data))
    return counted


def test_a_table_is_walked_once_however_often_a_page_runs(walks):
    files = Uploads()
    digest = files.add("w.csv", b"a,b\n1,2\n3,4\n")
    for _ in range(5):
        assert files.tensors(digest) == ["w.csv"] and files.notes(digest) == ["The first line is taken as names."]
    assert walks == ["w.csv"]
    assert np.array_equal(files.load(digest, None), [[1, 2], [3, 4]])


def test_the_same_file_again_is_held_once_and_listed_again_after_it_went(walks):
    files = Uploads()
    files.most_each = 2
    first = files.add("w.csv", b"1,2\n")
    assert files.add("again.csv", b"1,2\n") == first and files.name(first) == "again.csv"
    assert files.tensors(first) == ["again.csv"]
    for k in range(2):
        files.add("other.csv", b"%d,1\n" % k)
    assert first not in files
    first = files.add("w.csv", b"1,2\n")
    assert files.tensors(first) == ["w.csv"] and len(walks) == 2


def test_a_refused_file_is_refused_every_time():
    files = Uploads()
    digest = files.add("w.csv", b"%PDF-1.7 1 2 3")
    for _ in range(2):
        with pytest.raises(ValueError, match="a PDF document"):
            files.tensors(digest)
