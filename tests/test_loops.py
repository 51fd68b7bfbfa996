"""Are the compiled loops those of numpy to the last bit, loaded when they are needed, and usable where nothing can be written?"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from skimage.metrics import structural_similarity

import quantlab as ql
from quantlab import loops
from quantlab.images import DITHERS
from quantlab.images.nearest import draw, nearest_colours
from quantlab.images.numbers import ssim
from quantlab.loops.extremes import extremes
from quantlab.loops.similarity import similarities
from quantlab.schemes import _affine, _clustering

ROOT = Path(__file__).parents[1]
rng = np.random.default_rng(11)
BITS = rng.integers(0, 1 << 32, (40, 1000), np.uint64).astype(np.uint32).view(np.float32)  # every kind of float32, NaN too
FINITE = np.where(np.isfinite(BITS), BITS, np.float32(0))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "x", [FINITE, BITS, FINITE.T, FINITE[:, ::3], np.zeros((3, 5), np.float32)], ids=["finite", "any", "turned", "apart", "zero"]
)
def test_extremes_are_numpys(x, dtype):
    with np.errstate(invalid="ignore"):  # of a signalling NaN
        x = x.astype(dtype)
        expected = np.stack((x.min(axis=1), x.max(axis=1)))
    assert np.array_equal(extremes(x), expected, equal_nan=True)


def _formula(x: np.ndarray, q: ql.QParams) -> tuple[np.ndarray, np.ndarray]:
    """Codes and values as the module's docstring has them, one numpy operation a step."""
    s, z = q.scale[:, None], q.zero_point[:, None].astype(np.float32)
    with np.errstate(over="ignore"):
        codes = np.clip(np.rint(x / s) + z, np.float32(q.qmin), np.float32(q.qmax))
        top = np.finfo(np.float32).max
        return codes, np.clip((codes - z) * s, -top, top)


def _same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    return a.dtype == b.dtype == np.float32 and np.array_equal(
        np.ascontiguousarray(a).view(np.int32), np.ascontiguousarray(b).view(np.int32)
    )


@pytest.mark.parametrize("bits", [2, 4, 8, 16])
@pytest.mark.parametrize("slug", ["int-symmetric", "int-asymmetric"])
@pytest.mark.parametrize(
    "form", [np.ascontiguousarray, np.asfortranarray, lambda x: np.repeat(x, 2, axis=1)[:, ::2]], ids=["rows", "columns", "apart"]
)
def test_affine_codes_and_values_are_the_formulas(form, slug, bits):
    scale = np.abs(rng.choice(FINITE[FINITE != 0], 40)).astype(np.float32)
    spec = ql.QuantSpec(slug, bits=bits)
    qmin, qmax = (0, 2**bits - 1) if slug == "int-asymmetric" else (1 - 2 ** (bits - 1), 2 ** (bits - 1) - 1)
    zero = rng.integers(qmin, qmax + 1, 40) if slug == "int-asymmetric" else np.zeros(40)
    q = ql.QParams(np.maximum(scale, np.finfo(np.float32).tiny), zero.astype(np.int32), qmin, qmax)
    ties = ((rng.integers(-(2**bits), 2**bits, (40, 200)) + 0.5) * q.scale[:, None].astype(np.float64)).clip(-3e38, 3e38).astype(np.float32)
    x = form(np.concatenate((FINITE, ties), axis=1))
    codes, values = _formula(x, q)
    out = np.empty_like(x)
    assert _affine.read_back(x, q, spec, out) and _same_bits(out, values)
    ours = _affine.codes(x, q, spec)
    assert ours is not None and _same_bits(ours + np.float32(0), codes + np.float32(0))


@pytest.mark.parametrize("length", [1, 15, 16, 100])
def test_squared_errors_of_rows_are_the_formulas(length):
    x = rng.normal(size=(9, length)).astype(np.float32)
    q = ql.QParams(np.full(9, 0.3, np.float32), np.arange(9, dtype=np.int32), -3, 7)
    spec = ql.QuantSpec("int-asymmetric", bits=4)
    ends = ql.SCHEMES["int-asymmetric"].ends(q, spec).astype(np.float32)
    squared, beyond = _affine.row_errors(x, q, spec)
    assert squared == pytest.approx(np.square(_formula(x, q)[1].astype(float) - x).sum(axis=1), rel=1e-5)
    assert beyond == pytest.approx(np.square(x - np.clip(x, *ends.T[:, :, None]).astype(float)).sum(axis=1), rel=1e-5, abs=1e-12)


@pytest.mark.parametrize("count", [0.5, 15, 255.0])
def test_a_step_is_the_formulas(count):
    """None is subnormal, none so large that a level overflows; 1 where there is no span."""
    info = np.finfo(np.float32)
    span = np.concatenate((np.abs(FINITE.ravel()[:2000].astype(float)) * 2, [0.0, 1e-320, info.max, 2 * float(info.max)]))
    s = np.clip(span / count, float(info.tiny), float(info.max)).astype(np.float32)
    s = np.where(s.astype(np.float64) * count > 2 * float(info.max), np.nextafter(s, np.float32(0)), s)
    assert _same_bits(_affine.step(span, count), np.where(span == 0, np.float32(1), s))


@pytest.mark.parametrize("slug", ["int-symmetric", "int-asymmetric"])
@pytest.mark.parametrize("rounding", ["nearest-even", "stochastic"])
def test_parameters_chosen_block_by_block_are_those_chosen_at_once(slug, rounding):
    """Five blocks of groups and a part of one, in threads."""
    x = rng.normal(size=(7, 400_007)).astype(np.float32)
    spec = ql.QuantSpec(slug, bits=4, rounding=rounding, granularity=ql.per_group(100))
    assert _same_bits(ql.fake_quantize(x, spec), ql.fake_quantize(x, spec, ql.choose_qparams(x, spec)))


def test_what_is_not_finite_is_refused_whether_parameters_are_at_hand_or_not():
    spec = ql.QuantSpec("int-symmetric", bits=4, granularity=ql.per_group(100))
    x = rng.normal(size=(3000, 400)).astype(np.float32)
    qparams = ql.choose_qparams(x, spec)
    x[2900, 7] = np.nan
    for given in (None, qparams):
        with pytest.raises(ValueError, match="1 of 1200000 values are NaN or infinite, the first at index 1160007"):
            ql.fake_quantize(x, spec, given)


@pytest.mark.parametrize("levels", [1, 2, 5, 40])
@pytest.mark.parametrize("repeated", [False, True])
def test_cuts_found_in_ranges_are_those_found_among_all_positions(monkeypatch, levels, repeated):
    x = np.sort(rng.integers(0, 4000, 5000).astype(float) if repeated else rng.laplace(size=5000))
    among_all = _clustering.optimal(x, levels)
    monkeypatch.setattr(_clustering, "_RANGES", 16)
    assert np.array_equal(_clustering.optimal(x, levels), among_all)


def test_many_threads_enter_the_same_loop():
    x = rng.normal(size=(8, 300_000)).astype(np.float32)
    spec = ql.QuantSpec("int-symmetric", bits=4, granularity=ql.per_group(64))
    alone = [ql.fake_quantize(row, spec) for row in x]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda row: ql.fake_quantize(row, spec), x))
    assert all(map(np.array_equal, alone, together))


def _python(code: str, **settings: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT), **settings}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


ONCE = "import sys, numpy as np, quantlab as ql; print('numba' in sys.modules); print(ql.fake_quantize(np.array([1.0, 0.3]), ql.QuantSpec('int-symmetric', bits=2)).tolist())"


@pytest.mark.slow
def test_importing_the_package_loads_no_compiler():
    assert _python(ONCE).splitlines()[0] == "False"


@pytest.mark.slow
@pytest.mark.parametrize("kept", ["folder", "off", "unwritable"])
def test_loops_run_wherever_the_cache_is(tmp_path, kept):
    """A file in the place of a folder cannot be written into, whoever runs the test."""
    place = tmp_path / "cache"
    if kept == "unwritable":
        place.write_text("")
    result = _python(ONCE, QUANTLAB_CACHE="off" if kept == "off" else str(place), NUMBA_CACHE_DIR="")
    assert result.splitlines()[1] == "[1.0, 0.0]"
    assert bool(list(tmp_path.rglob("*.nbi"))) == (kept == "folder")
    assert not list((ROOT / "quantlab" / "loops").rglob("*.nbi"))


def test_all_loops_compile():
    loops.compile_all()
    assert all(f"quantlab.loops.{name}" in sys.modules for name in loops.names())


def _nearest(points: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """By all colours: 2 p·c - |c|², each sum rounded to float32 once; the first of equals."""
    score = np.zeros((len(points), len(colours)), np.float32)
    for c in range(3):
        score = (np.outer(points[:, c].astype(np.float64), 2 * colours[:, c].astype(np.float64)) + score).astype(np.float32)
    return (score - np.square(colours).sum(axis=1)).argmax(axis=1)


@pytest.mark.parametrize("spread", [0, 1, 40, 255])
@pytest.mark.parametrize("count", [1, 2, 40, 256])
def test_cells_hold_every_colour_that_is_nearest(count, spread):
    """Near ties too: points in the middle of two colours; colours heaped in one cell, and points outside 0 to 255."""
    colours = (100 + rng.integers(0, spread + 1, (count, 3))).astype(np.float32)
    between = (rng.choice(colours, 3000) + rng.choice(colours, 3000)) / 2
    points = np.concatenate((between, rng.uniform(-90, 400, (3000, 3)), rng.integers(0, 256, (3000, 3)))).astype(np.float32)
    assert np.array_equal(nearest_colours(points, colours), _nearest(points, colours))


def test_diffusion_in_a_palette_is_the_loop_over_pixels():
    picture, palette = rng.integers(0, 256, (19, 23, 3), np.uint8), rng.integers(0, 256, (12, 3), np.uint8)
    colours = palette.astype(np.float32)
    v, expected = picture.astype(np.float64), np.empty_like(picture)
    for y, x in np.ndindex(19, 23):
        v[y, x] = v[y, x].clip(0, 255)
        expected[y, x] = palette[_nearest(v[y, x][None].astype(np.float32), colours)[0]]
        for dx, dy, weight in ((1, 0, 7), (-1, 1, 3), (0, 1, 5), (1, 1, 1)):  # Floyd and Steinberg 1976
            if y + dy < 19 and 0 <= x + dx < 23:
                v[y + dy, x + dx] += weight / 16 * (v[y, x] - expected[y, x])
    assert np.array_equal(draw(picture, [palette], DITHERS["floyd-steinberg"])[0], expected)


def _colours_of(kind: str, shape: tuple[int, int]) -> np.ndarray:
    return np.full((*shape, 3), 200, np.uint8) if kind == "flat" else rng.integers(0, 256, (*shape, 3), np.uint8)


@pytest.mark.parametrize("kind", ["flat", "noise"])
@pytest.mark.parametrize("shape", [(7, 7), (8, 31), (40, 9)])
def test_similarity_is_scikit_images_to_the_last_bit(kind, shape):
    a, b = _colours_of(kind, shape), _colours_of("noise", shape)
    options = {"win_size": 7, "data_range": 255, "channel_axis": 2, "full": True}
    value, local = structural_similarity(a.astype(np.float32), b.astype(np.float32), **options)
    mean, seen = ssim(a, b)
    assert mean == pytest.approx(float(value), abs=1e-7)
    assert np.array_equal(seen, np.rint(np.clip(local.mean(axis=2), 0, 1) * 255))
    ours = np.empty(a.shape, np.float32)
    similarities(a.reshape(shape[0], -1), b.reshape(shape[0], -1), ours)
    assert _same_bits(ours, local)
