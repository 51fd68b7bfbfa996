"""Readers: what cannot be read within the limits is refused in a sentence, the server lives, and cheap things never leave it."""

import os
import threading
from functools import partial

import numpy as np
import pytest

from quantlab.sources.picture_claims import claimed_pixels
from quantlab.sources.picture_files import is_small, load_fitted
from quantlab.workers import reading
from quantlab.workers.pool import Pool

from ..images.test_pictures import saved
from . import works


@pytest.fixture(scope="module")
def readers():
    pool = Pool(1, 500_000_000)
    yield pool
    pool.end()


@pytest.fixture(autouse=True)
def use(readers, monkeypatch):
    monkeypatch.setattr(reading, "READERS", readers)
    monkeypatch.setattr(reading, "SECONDS", 30)


def test_what_is_cheap_is_read_here_and_everything_else_in_a_process_of_its_own():
    assert reading.read("a.png", partial(works.process, 1), cheap=True) == (1, os.getpid())
    value, process = reading.read("a.png", partial(works.process, 1))
    assert value == 1 and process != os.getpid()
    with pytest.raises(ValueError, match=r"^it is no picture: bring one\.$"):
        reading.read("a.png", works.refused)


@pytest.mark.parametrize(
    "work, seconds, why",
    [(works.endless, 1, "takes more than 1 s"), (works.greedy, 30, "memory"), (works.crashing, 30, "ended the process")],
)
def test_a_file_that_needs_too_much_is_refused_in_a_sentence_and_the_next_is_read(monkeypatch, work, seconds, why):
    monkeypatch.setattr(reading, "SECONDS", seconds)
    with pytest.raises(reading.TooMuch, match=why) as refusal:
        reading.read("a.png", work)
    assert str(refusal.value).startswith("'a.png' ") and str(refusal.value).endswith("bring that.")
    monkeypatch.setattr(reading, "SECONDS", 30)
    assert reading.read("a.png", partial(works.process, 2))[0] == 2


def test_several_at_once_are_read_by_as_many_processes_as_there_are_readers():
    seen = []
    threads = [threading.Thread(target=lambda: seen.append(reading.read("a", partial(works.process, 0))[1])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 4 and len(set(seen)) == 1


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_claims_its_size_without_a_decoder_and_only_small_ones_stay_here(kind):
    small, large = (saved(np.zeros((h, w, 3), np.uint8), kind) for h, w in ((60, 90), (1500, 2000)))
    assert claimed_pixels(small) == 60 * 90 and claimed_pixels(large) == 3_000_000
    assert is_small(small) and not is_small(large) and not is_small(small[:12])
    here, there = load_fitted("x", large), reading.read("x", partial(load_fitted, "x", large))
    assert np.array_equal(here[0], there[0]) and here[1] == there[1] and here[0].shape == (384, 512, 3)
