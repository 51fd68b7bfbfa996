"""Readers: what cannot be read within the limits is refused in a sentence, the server lives, and cheap things never leave it."""

import io
import os
import threading
from functools import partial

import numpy as np
import pytest

from quantlab.progress import finish
from quantlab.sources import uploads
from quantlab.sources.picture_claims import claimed_pixels
from quantlab.sources.picture_files import is_small, load_fitted
from quantlab.sources.uploads import UPLOADS
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


@pytest.mark.slow
def test_networks_and_weights_that_people_bring_are_decoded_by_a_reader_to_the_same_bits(monkeypatch):
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnx")
    from quantlab.labs.network import own
    from quantlab.labs.network.network import tasks_of
    from quantlab.labs.network.subject import NetworkSubject
    from quantlab.networks import engine
    from quantlab.networks.engine import state_files

    network, _ = engine.shipped("small")
    onnx, file = engine.float_onnx(network, (8, 8, 1)), io.BytesIO()
    torch.save(network.modules.state_dict(), file)
    expected, there = [parts(engine.read_onnx("a.onnx", onnx)), parts(network)], []

    def never(*_, **__):
        raise AssertionError("decoded by the server")

    monkeypatch.setattr(own.engine, "read_onnx", never)
    monkeypatch.setattr(state_files, "zip_members", never)
    there.append(parts(own.own_network(UPLOADS.add("a.onnx", onnx))))
    there.append(parts(finish(tasks_of(NetworkSubject("small", UPLOADS.add("a.pt", file.getvalue())))[0].steps()).network))
    for one, other in zip(there, expected, strict=True):
        assert one.keys() == other.keys() and all(bool((one[name] == other[name]).all()) for name in one)
    with pytest.raises(ValueError, match="no sound ONNX file"):
        own.own_network(UPLOADS.add("a.onnx", onnx[:-9]))


def parts(network):
    return network.modules.state_dict()


def test_what_stands_in_a_header_is_read_here_and_what_is_walked_is_so_only_while_it_is_small():
    npy = io.BytesIO()
    np.save(npy, np.zeros(9))
    tensors = b"\x10" + bytes(7) + b'{"w":'
    assert all(uploads._is_cheap(head + bytes(9 << 20)) for head in (npy.getvalue(), tensors))
    for head, most in ((b"1,2\n", 2 << 20), (b"PK\x03\x04", 2 << 20), (b"GGUF", 1 << 16), (b"\x08\x09\x12\x07pytorch", 1 << 16)):
        assert uploads._is_cheap((head * most)[:most]) and not uploads._is_cheap((head * most)[: most + 1])
