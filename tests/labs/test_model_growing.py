"""Do the rows of a large file come part by part, each said to be what it is, and end as the whole file's?"""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import pytest
from safetensors.numpy import save

from quantlab.labs.catalog import LABS
from quantlab.labs.model import growing, reading
from quantlab.labs.model.lab import sqnr_of
from quantlab.progress import finish
from quantlab.sources.uploads import UPLOADS
from quantlab.tasks import ENGINE

LAB = LABS["model"]
SHAPES = {"a.large.weight": (64, 256), "b.weight": (8, 32), "c.bias": (32,), "d.weight": (16, 64)}
ORDER = ["b.weight", "c.bias", "d.weight", "a.large.weight"]


@pytest.fixture
def one_by_one(monkeypatch):
    """Parts of one tensor each, the first of the file among the large ones."""
    monkeypatch.setattr(growing, "SECONDS", (0.0,) * growing.LAST + (None,))
    monkeypatch.setattr(reading, "LARGE", 4096)


def brought(seed):
    draw = np.random.default_rng(seed).standard_normal
    return {"source": "upload", "file": UPLOADS.add("w.safetensors", save({k: draw(s).astype(np.float32) for k, s in SHAPES.items()}))}


def parts(query):
    return LAB.tasks(LAB.read(query), ())


def test_every_part_knows_one_tensor_more_the_largest_last_and_the_last_is_the_whole(one_by_one):
    query, names = brought(1), list(SHAPES)
    for count, task in enumerate(parts(query)[:4], 1):
        result = ENGINE.ahead(task)
        frames = result.frames
        assert [m.tensor.name for m in frames.listing.measured] == [name for name in names if name in ORDER[:count]]
        assert len(frames.rows("4")) == count and len(frames.listing.model.tensors) == 4
        assert result.stage == (growing.LAST if count == 4 else count - 1)
        said = result.words("4")
        assert (
            said.startswith(f"**{count} of 4 tensors are measured so far**, ") == (count < 4)
            and "The file falls" not in said[: 20 if count < 4 else 0]
        )
        assert (sqnr_of(result, "4") is None) == (count < 4)
    alone = ENGINE.ahead(parts(brought(1) | {"rules": "norms: leave, vectors: leave"})[-1]).frames
    for m, other in zip(frames.listing.measured, alone.listing.measured, strict=True):
        assert m == other or (m.errors, m.statistics) == (other.errors, other.statistics)


def test_a_part_that_is_known_is_not_measured_again_and_whoever_is_late_gets_the_most_that_is_known(one_by_one, monkeypatch):
    query = brought(2)
    every = parts(query)
    for task in every[:4]:
        whole = ENGINE.ahead(task)
    assert ENGINE.known(every[1]) is None, "what nobody looks at any more is not kept"
    monkeypatch.setattr(reading, "steps", None)  # nothing is read
    assert ENGINE.ahead(every[1]) is whole and ENGINE.ahead(every[-1]) is whole
    other = ENGINE.ahead(parts(query | {"rules": "norms: leave"})[0])
    assert other.stage == growing.LAST and other.frames.listing.complete


def test_statistics_of_a_part_are_taken_once_for_all_options(one_by_one, monkeypatch):
    asked = []
    count = reading.measure

    def measure(*arguments):
        asked.append(arguments[-1])
        return count(*arguments)

    monkeypatch.setattr(reading, "measure", measure)
    ENGINE.ahead(parts(brought(3))[0])
    assert [known is None for known in asked] == [True, False]


def test_a_file_that_changes_between_two_parts_is_told(one_by_one, monkeypatch, tmp_path):
    monkeypatch.setenv("QUANTLAB_MODELS", str(tmp_path))
    path = tmp_path / "mine.safetensors"
    monkeypatch.setattr(reading, "_placed", lambda subject: nullcontext(reading.Place(str(path))))  # read here, not in a worker
    first = {"a": np.ones((2, 64), np.float32), "b": np.ones((2, 64), np.float32)}
    path.write_bytes(save(first))
    every = parts({"source": "server"})
    ENGINE.ahead(every[0])
    path.write_bytes(save({"x": first["a"], "b": first["b"]}))
    with pytest.raises(ValueError, match="changed while it was read"):
        finish(every[1].steps())
