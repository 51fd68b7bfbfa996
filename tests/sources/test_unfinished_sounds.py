"""Sounds whose header does not know their length are read to their end, and it is said."""

import struct

import numpy as np
import pytest

from quantlab.sources.sounds import encode, load_sound, to_wav

TONE = np.sin(np.arange(8000) / 10)[:, None] * 0.5


def wav(size: int, samples=TONE, subtype="PCM_16") -> bytes:
    content = bytearray(to_wav(samples, 8000, subtype))
    data = content.index(b"data")
    content[4:8] = content[data + 4 : data + 8] = struct.pack("<I", size)
    return bytes(content)


def flac(samples=TONE) -> bytes:
    content = bytearray(encode(samples, 8000, "FLAC", "PCM_16"))
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    return bytes(content)


@pytest.mark.parametrize("content", [wav(0), wav(0xFFFFFFFF), wav(0, np.hstack([TONE, -TONE])), wav(0, subtype="FLOAT"), flac()])
def test_all_that_is_there_is_read_and_said(content):
    sound = load_sound("recording", content)
    assert len(sound.samples) == 8000
    assert np.abs(sound.samples[:, 0] - TONE[:, 0]).max() < 2**-15
    assert any("does not say how long it is: all 1.00 s" in note for note in sound.notes)


def test_a_flac_of_two_channels_that_stops_in_the_middle_gives_what_is_there():
    whole = flac(np.tile(np.hstack([TONE, -TONE]), (10, 1)))
    sound = load_sound("cut.flac", whole[: len(whole) // 2])
    assert 0 < len(sound.samples) < 80_000
    assert np.abs(sound.samples[:4000, 0] - TONE[:4000, 0]).max() < 2**-15


def test_a_file_that_knows_its_length_has_no_such_note():
    assert load_sound("tone.wav", to_wav(TONE, 8000)).notes == ()
    assert load_sound("tone.flac", encode(TONE, 8000, "FLAC", "PCM_16")).notes == ()


def test_a_wav_without_samples_and_a_list_after_them_holds_none():
    content = bytearray(to_wav(TONE[:0], 8000)) + b"LIST" + struct.pack("<I", 4) + b"INFO"
    content[4:8] = struct.pack("<I", len(content) - 8)
    with pytest.raises(ValueError, match="holds no sample"):
        load_sound("empty.wav", bytes(content))
