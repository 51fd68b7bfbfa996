"""Do the three parts of a data set share nothing?"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from quantlab.networks import data

ROOT = Path(__file__).parents[2]
SHAPES = [(191, 384), (300, 451), (512, 512), (427, 640), (480, 640)]


def coded(shape):
    """A picture each of whose pixels tells its own place."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    return np.stack([y % 256, x % 256, (y // 256) * 16 + x // 256], axis=2).astype(np.uint8)


def pixels_of(images, label):
    cut = images.pixels[images.labels == label].astype(np.int64)
    return set((cut @ np.array([1, 256, 65536])).ravel().tolist())


def test_training_calibration_and_test_patches_share_no_pixel(monkeypatch):
    monkeypatch.setattr(data, "photographs", lambda: {str(i): coded(shape) for i, shape in enumerate(SHAPES)})
    found = data.patches.__wrapped__()
    for label, shape in enumerate(SHAPES):
        parts = [pixels_of(part, label) for part in (found.training, found.calibration, found.test)]
        assert all(len(part) > 1000 for part in parts)
        assert sum(map(len, parts)) == len(set.union(*parts)) <= shape[0] * shape[1]


def test_every_photograph_is_wide_enough_for_its_stripes():
    for name, photo in data.photographs().items():
        assert photo.dtype == np.uint8 and photo.ndim == 3 and photo.shape[2] == 3, name
        assert photo.shape[1] // len(data.STRIPES) >= data.SIDE and photo.shape[0] >= data.SIDE, name


def test_patches_come_as_many_of_each_class_also_when_only_some_are_taken():
    found = data.patches()
    assert len(found.classes) == 20
    assert np.bincount(found.test.labels).tolist() == [100] * 20
    assert np.bincount(found.test.first(400).labels).tolist() == [20] * 20
    assert found.test.pixels.shape == (2000, 32, 32, 3)


def test_each_digit_lies_in_one_part_only():
    from sklearn.datasets import load_digits

    found = data.digits()
    parts = [found.training, found.calibration, found.test]
    ours = np.concatenate([p.pixels.reshape(len(p), -1) for p in parts])
    theirs = np.rint(load_digits().data * (255 / 16)).astype(np.uint8)
    assert sorted(map(bytes, ours)) == sorted(map(bytes, theirs))


def test_scikit_learn_s_photographs_are_those_that_it_loads_itself():
    from sklearn.datasets import load_sample_image

    found = data.photographs()
    for name in ("china", "flower"):
        assert np.array_equal(found[name], load_sample_image(f"{name}.jpg"))


def test_loading_the_data_imports_no_scikit_learn():
    program = "import sys; from quantlab.networks import data; data.patches(); data.digits(); print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]


@pytest.mark.parametrize("slug", data.DATA)
def test_the_digest_names_the_content(slug):
    found = data.DATA[slug]()
    other = data.DataSet(found.slug, found.title, found.classes, found.training, found.calibration, found.test.first(10))
    assert found.slug == slug and found.digest != other.digest
