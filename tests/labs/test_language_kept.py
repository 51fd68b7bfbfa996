"""Is a calibration read back from disk as it was, and computed anew where it cannot be?"""

import numpy as np
import pytest

from quantlab.labs.language import kept
from quantlab.labs.language.kept import calibration_steps, key_of, observation_steps, packed, unpacked
from quantlab.language.calibration import Observation
from quantlab.language.catalogue import named
from quantlab.progress import finish

PLACE = (1, "mlp")


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("QUANTLAB_CACHE", str(tmp_path))


def asked(place=PLACE):
    language = named("small")
    return finish(observation_steps(language, language.model, "none", "calibration", place))


def same(one, other):
    for name in ("moments", "largest", "mean", "tokens"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_what_a_layer_reads_is_computed_once_and_damage_is_noticed(tmp_path, monkeypatch):
    first = asked()
    (file,) = tmp_path.glob("*.npy")
    monkeypatch.setattr(kept, "calibrate", None)  # nothing may be computed now
    same(asked(), first)
    with pytest.raises(TypeError):
        asked((0, "mlp"))
    monkeypatch.undo()
    monkeypatch.setenv("QUANTLAB_CACHE", str(tmp_path))
    file.write_bytes(file.read_bytes()[:-1])
    same(asked(), first)


def test_a_whole_calibration_keeps_every_place(tmp_path):
    language = named("small")
    whole = finish(calibration_steps(language, language.model, "none", "calibration"))
    assert len(list(tmp_path.glob("*.npy"))) == len(whole) == 4 * language.config.layers
    same(asked(), whole[PLACE])
    assert sum(file.stat().st_size for file in tmp_path.glob("*.npy")) < 6 << 20


def test_other_models_texts_changes_places_and_programs_have_other_names(monkeypatch):
    asked = [("small", "none", "calibration", PLACE), ("large", "none", "calibration", PLACE), ("small", "rotate", "calibration", PLACE)]
    asked += [
        ("small", "none", "test", PLACE),
        ("small", "none", "calibration", (0, "mlp")),
        ("small", "none", "calibration", (1, "inner")),
    ]
    names = {key_of(named(source), *rest) for source, *rest in asked}
    monkeypatch.setattr(kept, "program", lambda: "another")
    assert len(names | {key_of(named("small"), "none", "calibration", PLACE)}) == len(asked) + 1


def test_an_array_of_another_shape_or_type_is_none():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(7, 5)).astype(np.float32)
    o = Observation(x.T @ x, np.abs(x).max(axis=0), np.abs(x).mean(axis=0), 7)
    same(unpacked(packed(o), 5, np.float32), o)
    assert unpacked(packed(o), 6, np.float32) is unpacked(packed(o), 5, np.float64) is unpacked(None, 5, np.float32) is None
