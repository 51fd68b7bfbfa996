"""Has a sine the signal to noise ratio of theory at every bit depth, and is G.711 the telephone's, bit for bit?"""

import warnings

import numpy as np
import pytest

import quantlab as ql
from quantlab.audio.chain import Chain
from quantlab.audio.grids import Grid, fits_full_scale

CYCLES = (5**0.5 - 1) / 128  # golden: every phase once
SINE = np.sin(2 * np.pi * CYCLES * np.arange(1 << 20))[:, None]
LINEAR = ql.QuantSpec("int-symmetric", bits=8)


def sqnr(spec: ql.QuantSpec, rise: bool = False, level_db: float = 0.0) -> float:
    x = (10 ** (level_db / 20) * SINE).astype(np.float32)
    return ql.metrics.sqnr_db(x, Chain(spec, rise).convert(x, 48_000).heard)


@pytest.mark.parametrize("bits", range(1, 17))
def test_a_full_scale_sine_on_a_mid_rise_grid_has_the_exact_ratio(bits):
    assert sqnr(LINEAR.replace(bits=bits), rise=True) == pytest.approx(ql.theory.sine_sqnr_exact_db(bits, "mid-rise"), abs=0.03)


@pytest.mark.parametrize("bits", range(2, 17))
def test_a_full_scale_sine_on_a_mid_tread_grid_has_the_exact_ratio(bits):
    assert sqnr(LINEAR.replace(bits=bits)) == pytest.approx(ql.theory.sine_sqnr_exact_db(bits, "mid-tread"), abs=0.03)


@pytest.mark.parametrize(("bits", "rise", "tread"), [(2, 12.81, 8.93), (4, 25.31, 25.09), (8, 49.79, 49.95), (16, 98.08, 98.10)])
def test_the_ratios_are_those_of_numerics_section_7(bits, rise, tread):
    assert (sqnr(LINEAR.replace(bits=bits), True), sqnr(LINEAR.replace(bits=bits))) == pytest.approx((rise, tread), abs=0.03)


@pytest.mark.parametrize(("level", "mu", "linear"), [(0, 38.5, 50.3), (-20, 38.3, 29.7), (-40, 33.8, 11.1)])
def test_companding_holds_the_ratio_where_linear_steps_lose_it(level, mu, linear):
    """numerics.md section 7. Its linear converter is not described; ours, mid-tread, is within 0.5 dB of it."""
    assert sqnr(ql.QuantSpec("mu-law", variant="g711"), level_db=level) == pytest.approx(mu, abs=0.3)
    assert sqnr(LINEAR, level_db=level) == pytest.approx(linear, abs=0.5)


@pytest.mark.parametrize(("scheme", "law"), [("mu-law", "ulaw"), ("a-law", "alaw")])
def test_all_65536_samples_are_coded_as_by_audioop(scheme, law):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        audioop = pytest.importorskip("audioop")
    samples = np.arange(-32768, 32768).astype("<i2")
    coded = getattr(audioop, f"lin2{law}")(samples.tobytes(), 2)
    expected = np.frombuffer(getattr(audioop, f"{law}2lin")(coded, 2), "<i2")
    x = (samples / 32768).astype(np.float32)[:, None]
    heard = Chain(ql.QuantSpec(scheme, variant="g711")).convert(x, 8000).heard
    assert np.array_equal(heard[:, 0] * 32768, expected)


@pytest.mark.parametrize("scheme", ql.SCHEMES)
def test_every_scheme_of_the_core_makes_a_grid(scheme):
    spec = ql.QuantSpec(scheme)
    x = (0.1 * SINE[:4096]).astype(np.float32)
    if ql.SCHEMES[scheme].full_scale:
        assert Grid.of(spec).levels[-1] == pytest.approx(1, rel=0.07)  # of full scale, not of the clip
    elif not fits_full_scale(spec):
        with pytest.raises(ValueError, match="give the clip"):
            Grid.of(spec)
    heard = Chain(spec).convert(x, 48_000).heard
    assert heard.shape == x.shape and heard.dtype == np.float32 and np.isfinite(heard).all()


@pytest.mark.parametrize("bits", range(1, 17))
def test_levels_step_and_scale_of_a_grid_agree(bits):
    for rise in (False, True):
        grid = Grid.of(LINEAR.replace(bits=bits), rise)
        assert len(grid.levels) == 2**bits - (not rise and bits > 1)
        assert np.allclose(np.diff(grid.levels), grid.step, rtol=0, atol=2e-7)
        codes = np.arange(grid.qparams.qmin, grid.qparams.qmax + 1)
        assert np.array_equal(grid.values(codes), grid.levels)
        if grid.affine:
            scale, shift = map(np.float32, grid.affine)
            assert np.array_equal(codes.astype(np.float32) * scale + shift, grid.levels)
        if rise:
            assert np.array_equal(grid.levels, -grid.levels[::-1]) and 0 not in grid.levels
