"""Are mu-law and A-law G.711's, code for code?

Oracle: the standard library's audioop (Python up to 3.12; audioop-lts above), over all 65 536 samples. The package
g711 gets 508 mu-law codes wrong (numerics.md section 6), so it is not asked.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import quantlab as ql

SAMPLES = np.arange(-32768, 32768).astype("<i2")
LAWS = {"mu-law": ("ulaw", 32124, 255), "a-law": ("alaw", 32256, 256)}


def telephone(law):
    """Decoded values of all samples by audioop."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        audioop = pytest.importorskip("audioop")
    name = LAWS[law][0]
    codes = getattr(audioop, f"lin2{name}")(SAMPLES.tobytes(), 2)
    return np.frombuffer(getattr(audioop, f"{name}2lin")(codes, 2), "<i2")


@pytest.mark.parametrize("law", LAWS)
def test_all_65536_samples_are_decoded_as_by_audioop(law):
    _, peak, distinct = LAWS[law]
    q = ql.quantize(SAMPLES, ql.QuantSpec(law, variant="g711", clip=peak / 32768))
    x_hat = ql.dequantize(q)
    assert np.array_equal(x_hat, telephone(law))
    assert (x_hat.min(), x_hat.max(), len(np.unique(x_hat)), q.levels.shape[1]) == (-peak, peak, distinct, distinct)


@pytest.mark.parametrize("law", LAWS)
def test_codes_of_g711_number_the_decoded_values_upwards(law):
    q = ql.quantize(SAMPLES, ql.QuantSpec(law, variant="g711", clip=LAWS[law][1] / 32768))
    assert np.array_equal(q.codes, np.unique(telephone(law), return_inverse=True)[1])


@pytest.mark.parametrize("law", LAWS)
def test_g711_scales_with_the_largest_value_and_eight_bits_are_all_it_has(law):
    x = np.array([0.7, -0.1, 0.03], np.float32)
    q = ql.quantize(x, ql.QuantSpec(law, variant="g711"))
    assert q.levels[0, -1] == pytest.approx(0.7, rel=1e-6)
    assert q.bits_per_value == pytest.approx(8 + 32 / 3, rel=1e-12)
    with pytest.raises(ValueError, match="takes 8"):
        ql.QuantSpec(law, bits=4, variant="g711")
    with pytest.raises(ValueError, match="fixes"):
        ql.QuantSpec(law, variant="g711", **{"mu-law": {"mu": 100.0}, "a-law": {"a": 50.0}}[law])


def test_silence_stays_silent_in_g711_though_a_law_has_no_zero():
    x = np.zeros((2, 5))
    x[1] = 1
    for law in LAWS:
        assert np.all(ql.fake_quantize(x, ql.QuantSpec(law, variant="g711", granularity=ql.per_channel()))[0] == 0)


@pytest.mark.parametrize(("level", "mu", "linear"), [(0, 38.5, 50.3), (-20, 38.3, 29.7), (-40, 33.8, 11.1)])
def test_a_sine_through_mu_law_and_through_linear_codes_has_the_table_s_ratio(level, mu, linear):
    """numerics.md section 7: a sine of full scale and quieter ones. 0 dB is 32767, which mu-law clips to 32124."""
    t = np.arange(48_000)
    x = np.rint(32767 * 10 ** (level / 20) * np.sin(2 * np.pi * 997 / 48_000 * t))
    x_hat = ql.fake_quantize(
        x, ql.QuantSpec("mu-law", variant="g711"), ql.choose_qparams([32124.0], ql.QuantSpec("mu-law", variant="g711"))
    )
    assert ql.metrics.sqnr_db(x, x_hat) == pytest.approx(mu, abs=0.25)
    spec = ql.QuantSpec("int-symmetric", bits=8)
    assert ql.metrics.sqnr_db(x, ql.fake_quantize(x, spec, ql.choose_qparams([32767.0], spec))) == pytest.approx(linear, abs=0.4)


# ---------------------------------------------------------------- the smooth curves


@pytest.mark.parametrize("bits", [2, 4, 8])
@pytest.mark.parametrize("a", [1.0, 5.0, 87.6])
def test_a_law_rounds_the_formula_s_curve(bits, a):
    x = np.linspace(-2, 2, 4001)
    n = 2 ** (bits - 1) - 1
    u = np.abs(x / 2)
    curve = np.where(u < 1 / a, a * u, 1 + np.log(np.maximum(a * u, 1))) / (1 + np.log(a)) * n
    q = ql.quantize(x, ql.QuantSpec("a-law", bits=bits, a=a))
    clear = np.abs(curve % 1 - 0.5) > 1e-9
    assert np.array_equal(q.codes[clear], (np.sign(x) * np.rint(curve))[clear])
    level = np.arange(n + 1) / n * (1 + np.log(a))
    expected = 2 * np.where(level < 1, level, np.exp(level - 1)) / a
    assert q.levels[0, n:] == pytest.approx(expected, rel=1e-6)


def test_a_law_with_a_of_one_is_linear_near_zero_only_and_87_6_favours_small_values():
    x = np.random.default_rng(0).laplace(size=20_000) * 0.01
    x[0] = 1
    assert ql.metrics.mse(x, ql.fake_quantize(x, ql.QuantSpec("a-law", bits=6))) < 0.1 * ql.metrics.mse(
        x, ql.fake_quantize(x, ql.QuantSpec("a-law", bits=6, a=1.0))
    )
