"""Is a sound file read to the sample, and a hostile one refused in one sentence before it is decoded?"""

import io
import struct
import tracemalloc

import numpy as np
import pytest
import soundfile

import quantlab.sources.sounds as limits
from quantlab.sources.sounds import encode, load_sound, to_wav

RATE = 48_000
TONE = (0.5 * np.sin(np.arange(48_000) / 20))[:, None]
WAV = to_wav(TONE, RATE)
COMPRESSED = {"FLAC": "PCM_16", "OGG": "VORBIS", "MP3": "MPEG_LAYER_III"}


def refusal(data, name: str = "a.wav") -> str:
    with pytest.raises(ValueError) as error:
        load_sound(name, data)
    text = str(error.value)
    assert text.endswith(".") and "\n" not in text and ": " in text and len(text) < 300, text
    return text


def patched(data: bytes, at: int, form: str, value: int) -> bytes:
    out = bytearray(data)
    struct.pack_into(form, out, at, value)
    return bytes(out)


# ---- sound files


@pytest.mark.parametrize(("subtype", "bits"), [("PCM_U8", 8), ("PCM_16", 16), ("PCM_24", 24)])
@pytest.mark.parametrize("channels", [1, 2])
def test_whole_numbers_are_read_as_fractions_of_full_scale(subtype, bits, channels):
    top = 2 ** (bits - 1)
    whole = np.random.default_rng(0).integers(-top, top, (1000, channels))
    sound = load_sound("x.wav", encode((whole << (32 - bits)).astype(np.int32), RATE, "WAV", subtype))
    assert np.array_equal(sound.samples, (whole / top).astype(np.float32))
    assert sound.samples.dtype == np.float32 and not sound.samples.flags.writeable and not sound.notes


def test_8_bit_unsigned_silence_is_zero():
    header = encode(np.zeros((4, 1)), RATE, "WAV", "PCM_U8")
    assert header[44:48] == b"\x80" * 4
    assert not load_sound("x.wav", header).samples.any()


@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
def test_floats_are_kept_and_what_exceeds_full_scale_is_scaled_and_said(subtype):
    sound = load_sound("x.wav", to_wav(TONE, RATE, subtype))
    assert np.array_equal(sound.samples, TONE.astype(np.float32))
    loud = load_sound("x.wav", to_wav(8 * TONE, RATE, subtype))
    assert np.abs(loud.samples).max() == 1 and "4 times full scale" in loud.notes[0]


@pytest.mark.parametrize("kind", COMPRESSED)
def test_compressed_files_are_read_whatever_their_name_says(kind):
    sound = load_sound("wrong.wav", encode(TONE, RATE, kind, COMPRESSED[kind]))
    assert sound.rate == RATE and abs(len(sound.samples) - len(TONE)) < 3000
    n = min(len(sound.samples), len(TONE))
    assert np.abs(sound.samples[:n] - TONE[:n]).mean() < 0.02


@pytest.mark.parametrize("form", ["bytes", "BytesIO", "path"])
def test_bytes_streams_and_paths_give_the_same(form, tmp_path):
    (tmp_path / "x.wav").write_bytes(WAV)
    data = {"bytes": WAV, "BytesIO": io.BytesIO(WAV), "path": tmp_path / "x.wav"}[form]
    assert np.allclose(load_sound("x.wav", data).samples, TONE, atol=2**-16)


def test_a_long_sound_is_cut_and_says_so():
    sound = load_sound("long.flac", encode(np.zeros((4000 * 301, 1), np.int16), 4000, "FLAC", "PCM_16"))
    assert sound.seconds == 300 and sound.notes == ("Cut to the first 300 of 301 seconds.",)


def test_a_small_file_of_many_samples_is_not_expanded_beyond_the_limit(monkeypatch):
    monkeypatch.setattr(limits, "MAX_VALUES", 1_000_000)
    bomb = encode(np.zeros((20_000_000, 2), np.int16), 192_000, "FLAC", "PCM_16")
    assert len(bomb) < 200_000
    tracemalloc.start()
    sound = load_sound("bomb.flac", bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sound.samples.size == 1_000_000 and peak < 30e6 and "Cut" in sound.notes[0]


@pytest.mark.parametrize("at", [100, 30_000, len(WAV) - 2])
def test_a_wav_that_ends_early_is_read_as_far_as_it_goes_and_says_so(at):
    sound = load_sound("x.wav", WAV[:at])
    assert np.allclose(sound.samples, TONE[: (at - 44) // 2], atol=2**-16)
    assert "ends early" in sound.notes[0]


def test_a_wav_whose_writer_did_not_know_its_length_is_read():
    streamed = patched(patched(WAV, 4, "<I", 0xFFFFFFFF), 40, "<I", 0xFFFFFFFF)
    assert len(load_sound("x.wav", streamed).samples) == len(TONE)


# ---- hostile files


@pytest.mark.parametrize("kind", ["FLAC", "OGG"])
@pytest.mark.parametrize("share", [0.005, 0.5, 0.95])
def test_a_truncated_compressed_file_is_refused(kind, share):
    data = encode(TONE, RATE, kind, COMPRESSED[kind])
    assert "save it again" in refusal(data[: int(len(data) * share) + 8])


def test_an_empty_file_is_refused():
    assert "empty" in refusal(b"")


def test_a_header_without_samples_is_refused():
    assert "no sample" in refusal(to_wav(TONE[:0], RATE))
    assert "damaged" in refusal(WAV[:30])


@pytest.mark.parametrize("data", [b"these are words\n", b"\x89PNG\r\n\x1a\n" + bytes(60), b"\x1aE\xdf\xa3" + bytes(60), bytes(100)])
def test_what_is_no_sound_is_refused_and_the_formats_named(data):
    assert ".wav, .flac, .ogg, .mp3" in refusal(data)


@pytest.mark.parametrize("data", [b"\xff\xfb" + bytes(500), b"ID3" + bytes(300), b"OggS" + bytes(100), b"fLaC" + bytes(100)])
def test_the_mark_of_a_format_alone_is_refused(data):
    assert "damaged" in refusal(data)


def test_seven_channels_are_refused_with_the_remedy():
    assert "7 channels" in (text := refusal(to_wav(np.zeros((100, 7)), RATE))) and "mix it down" in text


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_are_refused_with_number_and_place(bad):
    x = TONE.copy()
    x[24_000:24_003] = bad
    assert "(3, the first at 0.50 s)" in refusal(to_wav(x, RATE, "FLOAT"))


@pytest.mark.parametrize("rate", [100, 3999, 200_000, 4_000_000_000])
def test_absurd_sample_rates_are_refused(rate):
    refusal(patched(WAV, 24, "<I", rate))


@pytest.mark.parametrize("channels", [0, 3, 255, 65_535])
def test_absurd_channel_counts_are_refused(channels):
    refusal(patched(WAV, 22, "<H", channels))


def test_a_flac_that_lies_about_its_length_is_refused_or_cut():
    data = bytearray(encode(TONE, RATE, "FLAC", "PCM_16"))
    data[21] |= 0x0F
    data[22:26] = b"\xff\xff\xff\xff"  # 2^36 - 1 samples
    refusal(bytes(data))


def test_a_large_file_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(limits, "MAX_BYTES", 1000)
    assert "at most" in refusal(WAV)


@pytest.mark.parametrize("kind", ["WAV", *COMPRESSED])
def test_no_damage_does_more_than_a_refusal(kind):
    rng = np.random.default_rng(0)
    sane = WAV if kind == "WAV" else encode(TONE[:9000], RATE, kind, COMPRESSED[kind])
    for i in range(60):
        data = bytearray(sane)
        for at in rng.integers(0, 120 if i % 2 else len(data), 6):
            data[at] = rng.integers(256)
        try:
            sound = load_sound("x", bytes(data))
        except ValueError:
            continue
        assert np.isfinite(sound.samples).all() and np.abs(sound.samples).max() <= 1 and len(sound.samples)


# ---- writing


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "FLOAT"])
def test_a_wav_written_here_is_read_by_the_library_as_it_was(subtype):
    back, rate = soundfile.read(io.BytesIO(to_wav(TONE, RATE, subtype)), always_2d=True)
    assert rate == RATE and np.abs(back - TONE).max() <= {"PCM_U8": 2**-7, "PCM_16": 2**-15, "PCM_24": 2**-23, "FLOAT": 1e-7}[subtype]


def test_what_exceeds_full_scale_is_clipped_in_the_file():
    back = soundfile.read(io.BytesIO(to_wav(np.array([2.0, -2.0, 0.5]), RATE)))[0]
    assert np.allclose(back, [1, -1, 0.5], atol=1e-4)
