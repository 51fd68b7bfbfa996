"""The frames of the tensor lab show what the core computes: checked against plain numpy on the same tensor."""

import numpy as np
import pytest

import quantlab as ql
from quantlab.labs.tensor.frames import followed_index, frames
from quantlab.labs.tensor.scrubs import SCRUBS, scrubs_for
from quantlab.sources import TENSOR_SOURCES
from tests.steps import drained

X = TENSOR_SOURCES["weights"].make(4096, 0)


def frames_of(spec, scrub="bits", x=X, follow=None):
    entry = SCRUBS[scrub]
    values = entry.values(spec, x.shape)
    return drained(frames(lambda v: entry.tensor_at(x, v), lambda v: entry.spec_at(spec, v), entry.knob(spec), values, follow))


CASES = [
    ql.QuantSpec("int-symmetric"),
    ql.QuantSpec("int-asymmetric", granularity=ql.per_group(32)),
    ql.QuantSpec("int-symmetric", calibrator="mse", granularity=ql.per_channel(0)),
    ql.QuantSpec("int-symmetric", rounding="stochastic", seed=3),
    ql.QuantSpec("mu-law"),
    ql.QuantSpec("kmeans", method="lloyd"),
    ql.QuantSpec("float"),
]


@pytest.mark.parametrize("spec", CASES, ids=repr)
def test_every_value_is_counted_once_before_and_after_and_in_the_error(spec):
    made, progress = frames_of(spec)
    assert progress == [(i, len(made.labels)) for i in range(len(made.labels))]
    for frame, before in zip(made.frames, made.before, strict=True):
        error = ql.fake_quantize(X, frame.point.spec).astype(np.float64) - X
        assert before.sum() == frame.after.sum() == X.size
        assert frame.rounding.sum() + frame.clipping.sum() == np.count_nonzero(error)


@pytest.mark.parametrize("spec", CASES, ids=repr)
def test_the_numbers_of_a_frame_are_those_of_plain_numpy(spec):
    made, _ = frames_of(spec)
    for frame in made.frames:
        x_hat = ql.fake_quantize(X, frame.point.spec).astype(np.float64)
        error = x_hat - X
        assert frame.point.metrics["mse"] == pytest.approx(np.mean(error**2), rel=1e-9, abs=1e-30)
        assert frame.point.metrics["max_error"] == pytest.approx(np.abs(error).max(), rel=1e-6, abs=1e-12)
        codes = ql.quantize(X, frame.point.spec).codes
        assert frame.point.metrics["levels_used"] == len(np.unique(codes))
        assert frame.crowd == pytest.approx(np.unique(codes, return_counts=True)[1].max() / X.size)


@pytest.mark.parametrize("spec", CASES, ids=repr)
def test_the_histogram_after_is_numpys(spec):
    made, _ = frames_of(spec)
    for frame in made.frames:
        x_hat = np.clip(ql.fake_quantize(X, frame.point.spec), made.edges[0], made.edges[-1])
        expected = np.histogram(x_hat, made.edges)[0]
        assert np.abs(expected - frame.after).sum() <= 0.002 * X.size  # values on an edge may fall either way in float32


def test_the_map_of_the_error_holds_its_mean_square():
    made, _ = frames_of(ql.QuantSpec("int-symmetric"))
    for frame in made.frames:
        assert np.mean(frame.error_map.astype(np.float64) ** 2) == pytest.approx(frame.point.metrics["mse"], rel=1e-3)


def test_a_tensor_of_one_axis_has_no_map():
    made, _ = frames_of(ql.QuantSpec("int-symmetric"), x=X.ravel())
    assert all(frame.error_map is None for frame in made.frames)


@pytest.mark.parametrize("spec", CASES[:3], ids=repr)
def test_the_staircase_is_what_quantizing_gives(spec):
    made, _ = frames_of(spec)
    for frame in made.frames[1:8]:
        (left, right), y = frame.stairs[0][[0, -1]], frame.stairs[1]
        assert (left, right) == (made.edges[0], made.edges[-1])
        assert np.all(np.diff(frame.stairs[0]) >= 0) and np.all(np.diff(y) >= 0)
        assert set(y.astype(np.float32)) <= set(frame.levels.astype(np.float32))


@pytest.mark.parametrize("spec", CASES, ids=repr)
def test_the_followed_value_is_read_off_the_tensor_and_its_codes(spec):
    made, _ = frames_of(spec, follow=0.05)
    for frame in made.frames:
        f, q = frame.followed, ql.quantize(X, frame.point.spec)
        assert f.value == X.ravel()[f.index]
        assert f.code == q.codes.ravel()[f.index]
        assert f.x_hat == ql.dequantize(q).ravel()[f.index]
        assert f.scale == q.qparams.scale[q.group_index.ravel()[f.index]]


def test_following_takes_the_nearest_element():
    assert followed_index(np.array([1.0, 2.0, 4.0], np.float32), 2.9) == 1
    assert X.ravel()[followed_index(X, 0.05)] == pytest.approx(0.05, abs=1e-3)


def test_one_growing_outlier_changes_the_data_and_not_the_spec():
    made, _ = frames_of(ql.QuantSpec("int-symmetric", 4), "outlier", TENSOR_SOURCES["normal"].make(4096, 0))
    assert len({frame.point.spec for frame in made.frames}) == 1
    decibels = [frame.point.metrics["sqnr_db"] for frame in made.frames]
    assert decibels[0] - decibels[4] > 10  # one value of 20 sigma costs the others more than 10 dB


@pytest.mark.parametrize("slug", ql.SCHEMES)
def test_every_scheme_has_something_to_scrub(slug):
    for variant in ql.SCHEMES[slug].variants:
        spec = ql.QuantSpec(slug, **variant)
        scrubs = scrubs_for(spec, (64, 64))
        assert scrubs
        for scrub in scrubs.values():
            assert scrub.default_label(spec, (64, 64)) in scrub.labels(spec, (64, 64))
            assert len(set(scrub.labels(spec, (64, 64)))) == len(scrub.values(spec, (64, 64)))


@pytest.mark.parametrize("slug", ql.SCHEMES)
def test_a_scheme_of_one_width_opens_as_it_is(slug):
    spec = ql.QuantSpec(slug)
    first = next(iter(scrubs_for(spec, (64, 64)).values()))
    label = first.default_label(spec, (64, 64))
    at = first.spec_at(spec, first.values(spec, (64, 64))[first.labels(spec, (64, 64)).index(label)])
    assert at.knobs.get("clip", 1.0) == 1.0  # nothing is cut off before anybody asked for it


@pytest.mark.parametrize("value", [0.0, 3.0, -1e-30, 1e30])
def test_a_constant_tensor_makes_frames(value):
    made, _ = frames_of(ql.QuantSpec("int-symmetric"), x=np.full((4, 8), value, np.float32))
    assert all(frame.after.sum() == 32 for frame in made.frames)
