"""Does the browser get exactly what was computed, within 4 MB, and do the numbers beside it hold?"""

import dataclasses
import io

import numpy as np
import pytest
import soundfile

import quantlab as ql
from quantlab.audio import measure, spectra
from quantlab.audio.chain import Chain
from quantlab.audio.clips import CLIPS, load_clip
from quantlab.audio.frames import Frames, frames, mdct_frames
from quantlab.audio.shipping import FILE_RATE, pack_original, play
from quantlab.audio.weighting import loudness
from quantlab.sources.sounds import Sound
from tests.steps import finished

SPEC = ql.QuantSpec("int-symmetric", bits=8)
RATE = 48_000
SHORT = Sound(load_clip("chord").samples[2000:14_001], RATE)
MONO = Sound(load_clip("voice").samples[30_000:50_000], RATE)


def of(sound: Sound, chain: Chain, widths=(2, 5, 9, 16)) -> tuple[Frames, list[Chain]]:
    chains = [chain.at(bits) for bits in widths]
    return finished(frames(sound, chains, [str(bits) for bits in widths])), chains


CHAINS = {
    "plain": Chain(SPEC),
    "mid-rise": Chain(SPEC, rise=True),
    "truncated": Chain(SPEC.replace(rounding="floor")),
    "asymmetric": Chain(ql.QuantSpec("int-asymmetric", bits=8)),
    "triangular": Chain(SPEC, dither="tpdf"),
    "high-passed": Chain(SPEC, dither="tpdf-hp"),
    "subtractive": Chain(SPEC, dither="subtractive"),
    "subtractive at a third": Chain(SPEC, dither="subtractive", factor=3),
    "shaped": Chain(SPEC, dither="tpdf", shaping="second"),
    "shaped for the ear": Chain(SPEC, shaping="lipshitz"),
    "a quarter": Chain(SPEC, factor=4),
    "a half, aliased": Chain(SPEC, factor=2, antialias=False),
    "mu-law": Chain(ql.QuantSpec("mu-law", bits=8)),
    "log": Chain(ql.QuantSpec("log", bits=8)),
    "k-means": Chain(ql.QuantSpec("kmeans", bits=4)),
}


@pytest.mark.parametrize("sound", [SHORT, MONO], ids=["stereo", "mono"])
@pytest.mark.parametrize("name", CHAINS)
def test_the_browsers_rule_gives_the_samples_that_were_computed(name, sound):
    widths = (2, 4) if name == "k-means" else (2, 5, 9, 16)
    f, chains = of(sound, CHAINS[name], widths)
    for level, chain in zip(f.levels, chains, strict=True):
        heard = chain.convert(sound.samples, RATE).heard
        played = play(level.sound, f.noise, f.factor, f.length)
        assert played.shape == sound.samples.shape
        exact = f.factor == 1 and f.noise is None
        assert np.array_equal(played, heard) if exact else np.abs(played - heard).max() < 1e-6
        assert level.numbers["sqnr_db"] == pytest.approx(ql.metrics.sqnr_db(sound.samples, heard))


@pytest.mark.parametrize("law", ["mu-law", "a-law"])
def test_g711_travels_as_a_table_of_its_levels(law):
    spec = ql.QuantSpec(law, variant="g711")
    f = finished(frames(MONO, [Chain(spec)], ["G.711"]))
    assert np.array_equal(play(f.levels[0].sound), Chain(spec).convert(MONO.samples, RATE).heard)
    assert len(f.levels[0].sound.table) in (255, 256)


@pytest.mark.parametrize("spec", [ql.QuantSpec("mx"), SPEC.replace(granularity=ql.per_group(64))], ids=["mx", "groups"])
def test_what_has_no_single_table_travels_as_16_bit_samples(spec):
    f = finished(frames(MONO, [Chain(spec)], ["x"]))
    heard = Chain(spec).convert(MONO.samples, RATE).heard
    assert np.abs(play(f.levels[0].sound) - heard).max() <= 2**-16 + 1e-7


@pytest.mark.parametrize("bits", [16, 24])
def test_the_original_travels_without_loss(bits):
    x = (np.random.default_rng(0).integers(-(2 ** (bits - 1)), 2 ** (bits - 1), (5000, 2)) / 2 ** (bits - 1)).astype(np.float32)
    back, rate = soundfile.read(io.BytesIO(pack_original(x)), dtype="float32", always_2d=True)
    assert rate == FILE_RATE and np.array_equal(back, x)


def test_numbers_of_a_level_are_those_of_the_measures():
    f, chains = of(MONO, CHAINS["triangular"])
    x = MONO.samples
    for level, chain in zip(f.levels, chains, strict=True):
        heard, numbers = chain.convert(x, RATE).heard, level.numbers
        error = spectra.stft(heard - x, RATE)
        assert numbers["noise_a_db"] == pytest.approx(measure.noise_levels(error.power(), error.frequencies)[0], abs=0.01)
        assert numbers["peak"] == np.abs(heard).max()
        assert numbers["bit_rate"] == chain.spec.bits * RATE
        assert numbers["flac_bytes"] == len(level.sound.flac)
        if chain.spec.bits > 4:  # below, the noise is louder than 12 dB of gain or full scale allow for
            assert loudness(heard * np.float32(level.gain), RATE) == pytest.approx(f.loudness, abs=0.01)
        assert np.log2(level.error_gain) == int(np.log2(level.error_gain)) and level.error_gain >= 1
        assert np.abs(heard - x).max() * level.error_gain <= 1 or level.error_gain == 1


@pytest.mark.parametrize("name", ["triangular", "high-passed", "subtractive", "shaped"])
def test_the_dithered_error_lies_on_the_floor_of_theory(name):
    f, _ = of(MONO, CHAINS[name], (8, 12))
    for level in f.levels:
        for low, high in ((1500, 4000), (8000, 12_000), (20_000, 23_000)):
            seen = (f.frequencies > low) & (f.frequencies < high)
            assert np.abs(np.median((level.error_spectrum - level.floor)[seen])) < 1  # 18 windows of sound
    assert of(MONO, CHAINS["mu-law"], (8,))[0].levels[0].floor is None


def test_all_pictures_of_a_state_have_one_shape():
    f, _ = of(SHORT, CHAINS["plain"])
    shapes = {(lv.spectrogram.shape, lv.error_spectrogram.shape, lv.spectrum.shape) for lv in f.levels}
    assert shapes == {(f.spectrogram.shape, f.spectrogram.shape, f.spectrum.shape)}
    assert len({lv.dependence.points.shape for lv in f.levels}) == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["plain", "triangular", "shaped for the ear", "mu-law", "subtractive"])
@pytest.mark.parametrize("clip", ["drums", "chord"])
def test_a_state_weighs_at_most_4_megabytes_however_long_the_sound(clip, name):
    x = np.tile(load_clip(clip).samples, (3, 1))
    f, _ = of(Sound(x, RATE), CHAINS[name], range(2, 17))
    assert f.size < 4_000_000
    assert (f.seconds_cut is None) == (f.length == len(x))
    if f.seconds_cut is not None:
        assert f.seconds_cut == pytest.approx(len(x) / RATE) and f.length > 2 * RATE


@pytest.mark.slow
@pytest.mark.parametrize("clip", CLIPS)
def test_the_clips_of_the_lab_fit_whole_in_its_first_state(clip):
    f, _ = of(load_clip(clip), CHAINS["plain"], range(1, 17))
    assert f.seconds_cut is None and f.size < 4_000_000


def test_mdct_levels_get_better_and_say_what_they_cost():
    f = finished(mdct_frames(MONO, bits=(2, 5, 8, 11)))
    assert f.labels == ("2", "5", "8", "11")
    for number in ("sqnr_db", "bit_rate"):
        assert np.all(np.diff([level.numbers[number] for level in f.levels]) > 0)


@pytest.mark.parametrize("n", [1, 2, 239, 2047])
@pytest.mark.parametrize("chain", [CHAINS["plain"], CHAINS["shaped"], CHAINS["subtractive at a third"]], ids=["plain", "shaped", "low"])
def test_the_shortest_sounds_have_frames_too(chain, n):
    f, _ = of(Sound(SHORT.samples[:n], RATE), chain)
    assert f.length == n and all(np.isfinite(level.error_spectrum).all() for level in f.levels)
    finished(mdct_frames(Sound(SHORT.samples[:n], RATE), bits=(4,)))


def test_silence_has_frames_without_a_warning():
    silent = Sound(np.zeros((3000, 1), np.float32), RATE)
    for chain in (CHAINS["plain"], CHAINS["mu-law"], CHAINS["triangular"]):
        f, _ = of(silent, chain)
        assert all(level.gain > 0 and level.error_gain >= 1 for level in f.levels)


def test_chains_that_differ_in_more_than_the_spec_are_refused():
    with pytest.raises(ValueError, match="one by one"):
        finished(frames(MONO, [CHAINS["plain"], dataclasses.replace(CHAINS["plain"], dither="tpdf")], ["a", "b"]))


def test_a_block_of_a_sound_is_samples_that_follow_each_other_in_one_channel():
    """gguf Q4_0 by its definition: 32 samples, scale = the largest sample / -8, code = trunc(x / scale + 8.5), kept as float16."""
    x = np.stack([MONO.samples[:6400, 0], MONO.samples[6400:12800, 0]], axis=1)
    blocks = x.T.reshape(-1, 32)
    scale = np.take_along_axis(blocks, np.abs(blocks).argmax(1)[:, None], 1) / np.float32(-8)
    codes = np.clip(np.trunc(blocks / np.where(scale, scale, 1) + np.float32(8.5)), 0, 15)
    scale = scale.astype(np.float16).astype(np.float32)
    expected = ((codes - 8) * scale).reshape(2, -1).T
    f = finished(frames(Sound(x, RATE), [Chain(ql.QuantSpec("gguf"))], ["Q4_0"]))
    heard = Chain(ql.QuantSpec("gguf")).convert(x, RATE).heard
    assert ql.metrics.sqnr_db(expected, heard) > 60  # a tie or two may fall the other way
    assert f.levels[0].numbers["bit_rate"] == 2 * RATE * 4.5  # 4 bits and a 32nd of 16
