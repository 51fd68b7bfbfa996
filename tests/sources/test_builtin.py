"""Do the built-in tensors have the size, the repeatability and the character they promise?"""

import sys
from pathlib import Path

import numpy as np
import pytest
import skimage
from hypothesis import given
from hypothesis import strategies as st

from quantlab.sources import TENSOR_SOURCES, shape_for, with_outlier
from quantlab.sources.builtin import PHOTOS

SOURCES = list(TENSOR_SOURCES.values())
every_source = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.slug)
SIZES = [1, 2, 7, 63, 64, 1000, 4096, 99_991]


@every_source
@pytest.mark.parametrize("size", SIZES)
def test_a_source_gives_exactly_the_size_asked_for_in_finite_float32(source, size):
    x = source.make(size, 3)
    assert x.shape == shape_for(size)
    assert x.dtype == np.float32
    assert x.flags.c_contiguous
    assert np.isfinite(x).all()


@every_source
def test_the_same_seed_repeats_and_another_seed_differs(source):
    x = source.make(4096, 1)
    assert np.array_equal(x, source.make(4096, 1))
    assert not np.array_equal(x, source.make(4096, 2))


@every_source
@pytest.mark.parametrize("size", [0, -1, 10_000_001])
def test_a_size_out_of_range_is_refused_with_the_range(source, size):
    with pytest.raises(ValueError, match=f"size={size} .* 1 to 10000000"):
        source.make(size, 0)


@every_source
def test_a_negative_seed_and_an_unknown_knob_are_refused(source):
    with pytest.raises(ValueError, match="seed=-1"):
        source.make(4, -1)
    with pytest.raises(ValueError, match="no knob 'colour'"):
        source.make(4, 0, colour=1)


@every_source
def test_the_slug_is_the_key_and_knob_defaults_are_in_range(source):
    assert TENSOR_SOURCES[source.slug] is source
    assert source.blurb.endswith(".")
    for knob in source.knobs:
        assert knob.check(knob.default) == knob.default


@every_source
def test_a_knob_out_of_reach_is_refused_by_name(source):
    for knob in source.knobs:
        with pytest.raises(ValueError, match=f"{knob.slug}=.*choose"):
            source.make(4, 0, **{knob.slug: "no-such-photo" if knob.choices else knob.high * 2})


def test_weights_come_first_for_they_are_the_default():
    assert next(iter(TENSOR_SOURCES)) == "weights"


def _sqnr_4_bit(x: np.ndarray, group_size: int) -> float:
    """Symmetric absmax on codes -7 .. 7, written here from numerics.md section 2 so that no core code judges itself."""
    y = x.astype(np.float64).reshape(-1, group_size)
    scale = np.abs(y).max(axis=1, keepdims=True) / 7
    error = y - np.rint(y / scale) * scale
    return 10 * np.log10((y**2).sum() / (error**2).sum())


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", [2**16, 2**18])
def test_weights_are_ruined_per_tensor_better_per_row_and_repaired_by_groups_of_64(size, seed):
    x = TENSOR_SOURCES["weights"].make(size, seed)
    assert _sqnr_4_bit(x, x.size) < 5
    assert _sqnr_4_bit(x, x.shape[1]) > 14
    assert _sqnr_4_bit(x, 64) > 17


@pytest.mark.parametrize("seed", range(5))
def test_weights_have_six_outliers_of_15_to_25_sigma_and_rows_of_different_scale(seed):
    x = TENSOR_SOURCES["weights"].make(2**18, seed)
    largest = np.sort(np.abs(x).ravel())[::-1]
    sigma = np.sqrt(np.mean(largest[6:] ** 2))
    assert 14.9 * sigma < largest[5] <= largest[0] < 25.1 * sigma
    assert largest[6] < 15 * sigma
    of_rows = np.median(np.abs(x), axis=1)
    assert np.quantile(of_rows, 0.95) > 3 * np.quantile(of_rows, 0.05)


# (mean, variance, excess kurtosis) of each law; 2**18 values: 5 sigma of the mean is 0.01, of the variance 0.03.
@pytest.mark.parametrize(
    ("slug", "knobs", "variance", "kurtosis"),
    [
        ("normal", {}, 1, 0),
        ("laplace", {}, 1, 3),
        ("student-t", {"df": 30.0}, 30 / 28, 6 / 26),  # df / (df - 2), 6 / (df - 4)
        ("uniform", {}, 1 / 3, -1.2),
        ("bimodal", {"separation": 2.0}, 1 + 1 / 16, -2 * (1 / (1 + 1 / 16)) ** 2),  # hump mean 1, variance 1/16
        ("sine", {}, 1 / 2, -1.5),
    ],
)
def test_the_moments_are_those_of_the_law(slug, knobs, variance, kurtosis):
    x = TENSOR_SOURCES[slug].make(2**18, 0, **knobs).astype(np.float64)
    assert abs(x.mean()) < 0.01
    assert x.var() == pytest.approx(variance, abs=0.03)
    assert (x**4).mean() / (x**2).mean() ** 2 - 3 == pytest.approx(kurtosis, abs=0.15)


def test_fewer_degrees_of_freedom_make_a_heavier_tail():
    wild, tame = (TENSOR_SOURCES["student-t"].make(2**16, 0, df=df) for df in (1.5, 30.0))
    assert np.abs(wild).max() > 20 * np.abs(tame).max()


def test_relu_is_half_zeros_and_never_negative():
    x = TENSOR_SOURCES["relu"].make(2**18, 0)
    assert x.min() == 0
    assert (x == 0).mean() == pytest.approx(0.5, abs=0.01)


def test_the_sine_reaches_full_scale_and_hits_every_phase():
    x = TENSOR_SOURCES["sine"].make(2**18, 0)
    assert (x.min(), x.max()) == (-1, 1)
    phases = np.sort(np.arcsin(x.astype(np.float64)).ravel())
    assert np.diff(phases).max() < 2e-3  # a tone of 104 values a period would leave gaps of 0.06


@pytest.mark.parametrize("photo", PHOTOS)
def test_a_photo_ships_with_scikit_image_and_has_pixels_from_0_to_1(photo):
    shipped = [path.stem for path in (Path(skimage.__file__).parent / "data").iterdir()]
    assert photo in shipped
    x = TENSOR_SOURCES["photo"].make(2**16, 0, photo=photo)
    assert 0 <= x.min() < x.max() <= 1


def test_the_camera_photo_at_its_own_size_is_the_picture_itself():
    x = TENSOR_SOURCES["photo"].make(512 * 512, 0, photo="camera")
    assert np.array_equal(x, (skimage.data.camera() / 255).astype(np.float32))


def test_a_photo_larger_than_the_picture_is_mirrored_at_its_edges():
    x = TENSOR_SOURCES["photo"].make(1024 * 1024, 0, photo="camera")
    assert np.array_equal(x[:512], x[:511:-1])
    assert np.array_equal(x[:, :512], x[:, :511:-1])


@given(st.integers(1, 10**7))
def test_the_shape_has_exactly_the_size_and_columns_of_64_where_they_divide(size):
    rows, cols = shape_for(size)
    assert rows * cols == size
    assert size % 64 or cols % 64 == 0


@pytest.mark.parametrize("power", range(12, 23, 2))
def test_the_shape_of_an_even_power_of_two_is_square(power):
    assert shape_for(2**power) == (2 ** (power // 2),) * 2


@given(st.integers(1, 300), st.floats(1, 100))
def test_an_outlier_changes_the_middle_value_and_nothing_else(n, size):
    x = np.random.default_rng(n).standard_normal((n, 2), dtype=np.float32)
    before = x.copy()
    y = with_outlier(x, size)
    assert y.flat[n] == pytest.approx(size * x.std(), rel=1e-5)
    assert np.array_equal(np.delete(y, n), np.delete(x, n))
    assert np.array_equal(x, before)


def test_the_sources_import_neither_streamlit_nor_plotly_nor_torch():
    import subprocess

    code = "import sys, quantlab.sources; print([m for m in ('streamlit', 'plotly', 'torch') if m in sys.modules])"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == "[]"
