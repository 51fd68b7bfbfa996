"""Is what a blind test plays fair: one length, equally loud, within full scale?"""

import numpy as np
import pytest

import quantlab as ql
from quantlab.audio.chain import Chain
from quantlab.audio.clips import CLIPS, load_clip
from quantlab.audio.excerpt import SECONDS, equally_loud, most_different
from quantlab.audio.weighting import loudness


@pytest.mark.parametrize("bits", [1, 4, 12])
@pytest.mark.parametrize("clip", CLIPS)
def test_the_two_sounds_of_a_trial_are_equally_loud(clip, bits):
    sound = load_clip(clip)
    heard = Chain(ql.QuantSpec("int-symmetric", bits=bits)).convert(sound.samples, sound.rate).heard
    where = most_different(sound.samples, heard, sound.rate)
    assert where.stop - where.start == SECONDS * sound.rate
    a, b = equally_loud(sound.samples[where], heard[where], sound.rate)
    assert a.dtype == b.dtype == np.float32 and a.shape == b.shape
    assert max(np.abs(a).max(), np.abs(b).max()) <= 1
    before = loudness(heard[where], sound.rate) - loudness(sound.samples[where], sound.rate)
    after = loudness(b, sound.rate) - loudness(a, sound.rate)
    assert abs(after) < max(0.1, abs(before) - 11)  # 12 dB at most are turned down


@pytest.mark.parametrize("n", [1, 5, 2000])
def test_the_shortest_sounds_are_compared_whole(n):
    x = np.linspace(-0.5, 0.5, n, dtype=np.float32)[:, None]
    where = most_different(x, x, 48_000)
    assert (where.start, where.stop) == (0, n)
    a, b = equally_loud(x, x, 48_000)
    assert np.array_equal(a, b) and np.isfinite(a).all()


def test_silence_against_noise_stays_finite():
    x = np.zeros((9600, 1), np.float32)
    a, b = equally_loud(x, x + np.float32(0.1), 48_000)
    assert np.isfinite(a).all() and np.isfinite(b).all()
