"""Are the clips in assets/audio those that the script makes, short, small and described?"""

import numpy as np
import pytest

from quantlab.audio import synth
from quantlab.audio.clips import CLIPS, FOLDER, load_clip


@pytest.mark.parametrize("slug", CLIPS)
def test_a_clip_is_what_its_script_makes(slug):
    clip = CLIPS[slug]
    made = clip.samples()
    kept = load_clip(slug).samples * 2.0 ** (clip.bits - 1)
    assert kept.shape == made.shape
    assert np.abs(kept - made).max() <= 1  # a sine of another machine may round the other way
    assert (kept == made).mean() > 0.999


@pytest.mark.parametrize("slug", CLIPS)
def test_a_clip_has_its_length_rate_and_words(slug):
    clip, sound = CLIPS[slug], load_clip(slug)
    assert sound.seconds == pytest.approx(clip.seconds, abs=0.01) and 4 <= sound.seconds <= 8
    assert sound.rate == clip.rate and not sound.notes
    assert clip.title and clip.blurb.endswith(".") and clip.slug == slug


def test_all_clips_together_are_small_and_nothing_else_lies_there():
    files = sorted(FOLDER.iterdir())
    assert [file.name for file in files] == sorted(f"{slug}.flac" for slug in CLIPS)
    assert sum(file.stat().st_size for file in files) < 1_500_000


@pytest.mark.parametrize("slug", CLIPS)
def test_the_list_of_sources_names_every_clip(slug):
    assert f"`audio/{slug}.flac`" in (FOLDER.parent / "SOURCES.md").read_text("utf-8")


def test_the_voice_has_pitch_and_formants_and_pauses():
    x, rate = load_clip("voice").samples[:, 0].astype(float), 48_000
    vowel = x[round(0.29 * rate) : round(0.35 * rate)]  # the e of "we"
    correlation = np.correlate(vowel, vowel, "full")[len(vowel) :]
    pitch = rate / (np.argmax(correlation[rate // 250 : rate // 70]) + rate // 250 + 1)
    assert 100 < pitch < 180
    quiet = np.square(x[-round(0.3 * rate) :]).mean()
    assert quiet < 1e-4 * np.square(x).mean()
    power = np.square(np.abs(np.fft.rfft(vowel * np.hanning(len(vowel)), 8192)))
    f = np.fft.rfftfreq(8192, 1 / rate)
    low, valley, high = (power[(f > a) & (f < b)].max() for a, b in ((150, 500), (900, 1600), (1900, 3200)))
    assert low > high > 4 * valley  # a first formant near 280 Hz and a second near 2200: the vowel of "we"


def test_the_sweep_takes_equal_time_for_every_octave():
    x = synth.sweep(48_000, 40, 16_000, 6)[:, 0]
    for t in (1.0, 3.0, 5.0):
        piece = x[round(t * 48_000) :][:2400]
        crossings = np.flatnonzero(np.diff(np.signbit(piece)))
        measured = 48_000 * (len(crossings) - 1) / 2 / (crossings[-1] - crossings[0])
        assert measured == pytest.approx(40 * 400 ** ((t + 0.025) / 6), rel=0.03)


def test_faint_tones_have_the_levels_that_are_stated():
    assert np.abs(load_clip("faint").samples).max() == pytest.approx(1e-3, rel=1e-3)
    fade = load_clip("fade").samples
    first, last = (20 * np.log10(np.abs(piece).max()) for piece in (fade[2000:10_000], fade[-20_000:-10_000]))
    assert first - last == pytest.approx(90 * (8 - 22_000 / 48_000) / 8, abs=0.5)  # 90 dB in 8 s, seen over a little less


def test_an_unknown_clip_is_refused_with_the_choice():
    with pytest.raises(ValueError, match="voice, chord"):
        load_clip("../../etc/passwd")
