"""Trainings on disk: instant the second time, going on where they were left, sound or absent."""

import numpy as np
import pytest

from quantlab.networks.engine import kept_steps, shipped
from quantlab.networks.engine.training.kept import key_of, packed, unpacked
from quantlab.networks.engine.training.loop import training_steps
from quantlab.networks.store import Store
from quantlab.networks.training import TrainingRequest
from quantlab.progress import finish

pytestmark = pytest.mark.slow
REQUEST = TrainingRequest(epochs=2, gradient="stochastic", gradient_bits=4)


@pytest.fixture(scope="module")
def unbroken():
    return finish(training_steps(*shipped("small"), REQUEST))


def same(a, b) -> bool:
    arrays = all(np.array_equal(getattr(a, n), getattr(b, n)) for n in ("loss", "predicted", "flips", "moved", "negative"))
    return arrays and all(np.array_equal(a.state[n], b.state[n]) for n in a.state) and a.request == b.request


def test_what_is_kept_is_what_was_trained(unbroken):
    again = unpacked(packed(unbroken))
    assert again is not None and same(unbroken, again)
    assert all(np.array_equal(film.latent, again.layers[name].latent) for name, film in unbroken.layers.items())


def test_the_second_time_nothing_is_trained(tmp_path, unbroken):
    store = Store(tmp_path)
    assert same(finish(kept_steps(*shipped("small"), REQUEST, store)), unbroken)
    assert list(kept_steps(*shipped("small"), REQUEST, store)) == []


def test_a_training_that_was_left_goes_on_and_ends_as_if_it_had_not_been(tmp_path, unbroken):
    store = Store(tmp_path)
    steps = kept_steps(*shipped("small"), REQUEST, store)
    for _ in range(25):  # into the second epoch of 19 batches
        next(steps)
    steps.close()
    rest = kept_steps(*shipped("small"), REQUEST, store)
    assert next(rest) == (19, 38)
    assert same(finish(rest), unbroken)


@pytest.mark.parametrize("damage", ["cut", "flipped"])
@pytest.mark.parametrize("ending", ["", "-under-way"], ids=["finished", "under way"])
def test_what_is_damaged_counts_as_absent(tmp_path, unbroken, damage, ending):
    store = Store(tmp_path)
    finish(kept_steps(*shipped("small"), REQUEST, store))
    key = key_of(*shipped("small"), REQUEST)
    if ending:
        (tmp_path / f"{key}.npy").unlink()
    kept = store.get(f"{key}{ending}").copy()
    if damage == "flipped":
        kept[len(kept) // 2] ^= 255
    store.put(f"{key}{ending}", kept[: len(kept) // 3] if damage == "cut" else kept)
    assert same(finish(kept_steps(*shipped("small"), REQUEST, store)), unbroken)


def test_a_full_disk_only_means_that_nothing_is_kept(tmp_path, unbroken, monkeypatch):
    monkeypatch.setattr(Store, "_write", lambda *_: (_ for _ in ()).throw(OSError("no space left")))
    assert same(finish(kept_steps(*shipped("small"), REQUEST, Store(tmp_path))), unbroken)
