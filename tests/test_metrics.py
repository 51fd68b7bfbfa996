"""Do the metrics agree with scikit-image, scikit-learn, scipy and plain float64?"""

import numpy as np
import pytest
import scipy.stats
import skimage.metrics
import sklearn.metrics

from quantlab import metrics


def pair(dtype=np.float32, n=100_003):
    """Several chunks and a remainder; an offset so that float32 sums would lose digits."""
    rng = np.random.default_rng(0)
    a = (1000 + 50 * rng.standard_normal(n)).astype(dtype)
    return a, (a + rng.standard_normal(n)).astype(dtype)


PLAIN = {
    "mse": lambda a, b: np.mean((b - a) ** 2),
    "mae": lambda a, b: np.mean(np.abs(b - a)),
    "max_error": lambda a, b: np.max(np.abs(b - a)),
    "bias": lambda a, b: np.mean(b - a),
    "sqnr_db": lambda a, b: 10 * np.log10(np.sum(a**2) / np.sum((b - a) ** 2)),
    "cosine": lambda a, b: a @ b / np.linalg.norm(a) / np.linalg.norm(b),
}


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int16, np.uint16])
@pytest.mark.parametrize("name", PLAIN)
def test_chunks_give_what_plain_float64_gives(name, dtype):
    a, b = pair(dtype)
    expected = PLAIN[name](a.astype(np.float64), b.astype(np.float64))
    assert getattr(metrics, name)(a, b) == pytest.approx(expected, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("name", PLAIN)
def test_the_layout_of_an_array_does_not_matter(name):
    a, b = (array[:100_000].reshape(400, 250) for array in pair())
    value = getattr(metrics, name)
    assert value(a[::2, ::3], b[::2, ::3]) == pytest.approx(value(a[::2, ::3].copy(), b[::2, ::3].copy()), rel=1e-12)
    assert value(a.T, b.T) == pytest.approx(value(a, b), rel=1e-12)


@pytest.mark.parametrize("name", PLAIN)
def test_nan_in_is_nan_out(name):
    a, b = pair()
    b[-1] = np.nan
    assert np.isnan(getattr(metrics, name)(a, b))


def test_bias_has_the_sign_of_copy_minus_original():
    assert metrics.bias([1.0, 2.0], [0.5, 1.5]) == -0.5


def test_unsigned_images_do_not_wrap_around():
    assert metrics.mae(np.array([3], np.uint8), np.array([5], np.uint8)) == 2
    assert metrics.bias(np.array([5], np.uint8), np.array([3], np.uint8)) == -2


def test_sqnr_of_no_error_and_of_no_signal_is_defined():
    assert metrics.sqnr_db([1, 2], [1, 2]) == np.inf
    assert metrics.sqnr_db([0, 0], [0, 0]) == np.inf
    assert metrics.sqnr_db([0, 0], [0, 1]) == -np.inf


@pytest.mark.parametrize("data_range", [255, 1.0])
def test_psnr_agrees_with_scikit_image(data_range):
    a, b = pair(np.float64)
    expected = skimage.metrics.peak_signal_noise_ratio(a, b, data_range=data_range)
    assert metrics.psnr_db(a, b, data_range) == pytest.approx(expected, rel=1e-12)
    assert metrics.psnr_db(a, a, data_range) == np.inf


IMAGE = np.random.default_rng(1).integers(0, 256, (40, 50, 3)).astype(np.uint8)
DAMAGED = IMAGE // 32 * 32


@pytest.mark.parametrize(
    ("window", "options"),
    [
        ("uniform-7", {}),  # scikit-image's defaults; below those its manual gives for Wang et al. 2004
        ("gaussian-11", {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}),
    ],
)
def test_ssim_agrees_with_scikit_image(window, options):
    reference = skimage.metrics.structural_similarity
    grey = metrics.ssim(IMAGE[..., 0], DAMAGED[..., 0], 255, window)
    assert grey == pytest.approx(reference(IMAGE[..., 0], DAMAGED[..., 0], data_range=255, **options), rel=1e-12)
    colour = metrics.ssim(IMAGE, DAMAGED, 255, window, channel_axis=-1)
    expected = reference(IMAGE, DAMAGED, data_range=255, channel_axis=-1, **options)
    assert colour == pytest.approx(expected, rel=1e-12)


def test_the_windows_of_ssim_differ():
    a, b = IMAGE[..., 0], DAMAGED[..., 0]
    assert abs(metrics.ssim(a, b, 255, "uniform-7") - metrics.ssim(a, b, 255, "gaussian-11")) > 1e-4


def test_cosine_has_no_direction_to_measure_in_zeros():
    assert np.isnan(metrics.cosine([0, 0], [1, 2])) and np.isnan(metrics.cosine([1, 2], [0, 0]))
    assert metrics.cosine([1, 2], [-1, -2]) == -1


@pytest.mark.parametrize(
    "codes",
    [
        np.random.default_rng(2).integers(-128, 128, 10_000).astype(np.int8),
        np.random.default_rng(3).geometric(0.3, (50, 40)),
        np.array([-(2**62), 2**62, 2**62]),
        np.array([2**64 - 1, 2**64 - 2, 2**64 - 1], np.uint64),
        np.array([True, False, True]),
        np.array([0.5, 0.25, 0.5], np.float32),
    ],
    ids=["int8 over its whole range", "two dimensions", "far apart", "large uint64", "bool", "float"],
)
def test_entropy_agrees_with_scipy(codes):
    counts = np.unique(codes, return_counts=True)[1]
    assert metrics.entropy_bits(codes) == pytest.approx(scipy.stats.entropy(counts, base=2), rel=1e-12)
    assert metrics.distinct(codes) == counts.size


def test_entropy_of_even_codes_is_their_bits_and_of_one_code_zero():
    assert metrics.entropy_bits(np.arange(256)) == 8
    assert str(metrics.entropy_bits([3, 3, 3])) == "0.0"


def test_entropy_counts_across_pieces():
    """Three million codes are counted in several pieces: 2/3 of one, 1/3 of the other."""
    codes = np.repeat(np.array([5, 6], np.int16), [2_000_000, 1_000_000])
    assert metrics.entropy_bits(codes) == pytest.approx(np.log2(3) - 2 / 3, rel=1e-12)


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_top_k_agrees_with_scikit_learn_ties_included(k):
    """Scores of few different values: most rows have ties across the k-th place."""
    rng = np.random.default_rng(4)
    scores, labels = rng.integers(0, 3, (500, 6)) / 4, rng.integers(0, 6, 500)
    expected = sklearn.metrics.top_k_accuracy_score(labels, scores, k=k, labels=np.arange(6))
    assert metrics.top_k(scores, labels, k) == pytest.approx(expected, abs=1e-12)


def test_every_label_is_among_all_classes():
    assert metrics.top_k(np.zeros((3, 4)), [0, 1, 3], k=4) == 1


@pytest.mark.parametrize(
    ("true", "predicted"),
    [
        (np.random.default_rng(5).integers(0, 5, 300), np.random.default_rng(6).integers(0, 5, 300)),
        ([0, 0, 7, 7], [0, 7, 7, 7]),
        ([0, 1, 2, 2], [0, 0, 2, 2]),
        ([0, 0, 2, 2], [0, 1, 2, 2]),
        ([1, 1], [2, 2]),
    ],
    ids=["all classes", "classes missing in both", "never predicted", "predicted but not there", "never right"],
)
def test_f1_agrees_with_scikit_learn(true, predicted):
    expected = sklearn.metrics.f1_score(true, predicted, average="macro", zero_division=0)
    assert metrics.f1_macro(true, predicted) == pytest.approx(expected, rel=1e-12)


TWO = [*PLAIN, "f1_macro"]


@pytest.mark.parametrize("name", TWO)
def test_shapes_that_differ_are_refused_with_both_named(name):
    with pytest.raises(ValueError, match=r"\(2, 3\) and \(3, 2\)"):
        getattr(metrics, name)(np.zeros((2, 3)), np.zeros((3, 2)))


@pytest.mark.parametrize("name", TWO)
def test_empty_arrays_are_refused(name):
    with pytest.raises(ValueError, match=r"\(0,\) and \(0,\) hold no values"):
        getattr(metrics, name)([], [])


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: metrics.psnr_db([1], [2], 0), "data_range=0"),
        (lambda: metrics.psnr_db([1], [2, 3], 1), r"\(1,\) and \(2,\)"),
        (lambda: metrics.ssim(IMAGE, DAMAGED, 255), "name the axis"),
        (lambda: metrics.ssim(IMAGE[:6, :6, 0], IMAGE[:6, :6, 0], 255), r"7 by 7"),
        (lambda: metrics.ssim(IMAGE, IMAGE[:20], 255), r"\(40, 50, 3\) and \(20, 50, 3\)"),
        (lambda: metrics.ssim(IMAGE[..., 0], IMAGE[..., 0], -1), "data_range=-1"),
        (lambda: metrics.ssim(IMAGE[..., 0], IMAGE[..., 0], 255, "round"), "'round'"),
        (lambda: metrics.entropy_bits([]), "no codes"),
        (lambda: metrics.top_k(np.zeros((3, 4)), [0, 1]), r"\(3, 4\) and labels \(2,\)"),
        (lambda: metrics.top_k(np.zeros((2, 4)), [0, 1], k=5), "k=5 with 4 classes"),
        (lambda: metrics.top_k(np.zeros((2, 4)), [0, 4]), "0 to 3"),
        (lambda: metrics.top_k([[np.nan, 1.0]], [0]), "1 of 1 rows"),
    ],
)
def test_wrong_input_is_refused_with_the_reason(make, text):
    with pytest.raises(ValueError, match=text):
        make()


def test_complex_values_are_refused():
    with pytest.raises(TypeError, match="complex128"):
        metrics.mse([1j], [1j])
