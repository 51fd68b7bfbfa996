"""What happens to a person's own sounds and microphone: good ones are heard, bad ones refused in a sentence?"""

import struct

import numpy as np
import pytest

from quantlab.sources.sounds import encode, load_sound, to_wav

from .test_sound import rendered

RATE = 44_100
T = np.arange(RATE) / RATE
TONE = (0.5 * np.sin(2 * np.pi * 440 * T) * np.exp(-3 * T))[:, None].astype(np.float32)
EMPTY = to_wav(TONE[:1], RATE)[:40] + struct.pack("<I", 0)
BAD = {
    "truncated": ("a.flac", encode(TONE, RATE, "FLAC", "PCM_16")[:3000], "damaged"),
    "zero bytes": ("b.wav", b"", "empty"),
    "NaN in a float wav": ("c.wav", to_wav(np.where(T[:, None] > 0.5, np.nan, TONE), RATE, "FLOAT"), "NaN"),
    "0 samples": ("d.wav", EMPTY, "no sample"),
    "7 channels": ("e.wav", to_wav(np.repeat(TONE[:500], 7, axis=1), RATE), "7 channels"),
    "a picture's bytes": ("f.mp3", b"\x89PNG\r\n\x1a\n" + bytes(64), "no sound"),
}  # fmt: skip
GOOD = {
    "8-bit wav": ("eight.wav", to_wav(TONE, RATE, "PCM_U8")),
    "24-bit wav": ("twentyfour.wav", to_wav(TONE, RATE, "PCM_24")),
    "stereo ogg": ("stereo.ogg", encode(np.repeat(TONE, 2, axis=1), RATE, "OGG", "VORBIS")),
    "mp3": ("tone.mp3", encode(TONE, RATE, "MP3", "MPEG_LAYER_III")),
    "a low rate": ("low.wav", to_wav(TONE[:4000], 8000)),
    "one sample": ("one.wav", to_wav(TONE[40:41], RATE)),
}


def test_bad_files_are_refused_in_one_sentence_and_the_page_keeps_what_it_had(lab, tmp_path):
    lab.open("audio?source=drums&bits=7").choose("Sound", "Open a file")
    before = lab.texts()
    assert "Choose a file" in lab.says()[0]
    for case, (name, data, hint) in BAD.items():
        (tmp_path / name).write_bytes(data)
        lab.upload(tmp_path / name)
        (sentence,) = lab.says()
        assert hint in sentence and sentence.endswith("."), case
        assert lab.texts() == before and lab.level == "7", case
    name, data = GOOD["24-bit wav"]
    (tmp_path / name).write_bytes(data)
    assert lab.upload(tmp_path / name).says() == [] and lab.texts() != before


def test_good_files_sound_to_the_sample(reader, tmp_path):
    lab = reader().show("audio?source=upload&bits=16")
    for case, (name, data) in GOOD.items():
        (tmp_path / name).write_bytes(data)
        assert lab.upload(tmp_path / name).says() == [], case
        x = load_sound(name, data).samples
        original = rendered(lab, "16", "original")
        assert original.shape == x.shape, case
        assert np.abs(original - x).max() <= 2**-24 if case in ("mp3", "stereo ogg") else np.array_equal(original, x), case
        assert name in lab.code()
    lab.page.reload()
    assert lab.settle().says() == [] and name in lab.code(), "the address names the file"


@pytest.mark.parametrize("allowed", [True, False], ids=["allowed", "refused"])
def test_the_microphone_is_heard_where_it_is_allowed_and_missed_kindly_where_not(new_lab, allowed):
    lab = new_lab(permissions=["microphone"] if allowed else [])
    lab.open("audio?source=drums").choose("Sound", "Record with the microphone")
    assert "allow it the microphone" in lab.says()[0] and 'load_clip("drums")' in lab.code()
    before = lab.texts()
    input_ = lab.page.get_by_test_id("stAudioInput")
    input_.get_by_role("button", name="Record", exact=True).click()
    lab.page.wait_for_timeout(1500)
    if allowed:
        input_.get_by_role("button", name="Stop recording").click()
        lab.page.wait_for_function("document.querySelector('.ql-program')?.textContent.includes('load_sound')")
        lab.settle()
        assert lab.says() == [] and lab.texts() != before
        x = rendered(lab, lab.level, "original")
        assert len(x) > 0.5 * 48_000 and np.abs(x).max() > 0.01, "the fake microphone beeps"
    else:
        lab.page.get_by_test_id("stAudioInput").get_by_text("microphone").first.wait_for()
        lab.settle()
        assert lab.says() and lab.texts() == before
