"""The built-in sounds, a registry: six clips, each with one reason to listen to it.

``python -m quantlab.audio.clips`` makes them anew into assets/audio: FLAC, 16 bits with triangular dither where there is
something to hear above it, 24 bits for the faint tones. Made by ``synth``, so the licence is the project's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from quantlab.audio import synth
from quantlab.audio.dithers import DITHERS
from quantlab.caching import cache
from quantlab.paths import ASSETS
from quantlab.sources.sounds import Sound, encode, load_sound

FOLDER = ASSETS / "audio"


@dataclass(frozen=True)
class Clip:
    """``make(rate)`` gives float64 (N, channels); ``bits`` of the file, 16 or 24; ``quiet``: no dither is put on."""

    slug: str
    title: str
    blurb: str
    rate: int
    seconds: float
    bits: int
    make: Callable[[int], np.ndarray]

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.slug}.flac"

    def samples(self) -> np.ndarray:
        """Samples as the file holds them: whole numbers int32 (N, channels) of ``bits`` bits."""
        x = self.make(self.rate) * 2.0 ** (self.bits - 1)
        noise = DITHERS["tpdf"].noise(x.shape, 0) if self.bits == 16 else 0.0
        top = 2 ** (self.bits - 1)
        return np.clip(np.rint(x + noise), -top, top - 1).astype(np.int32)

    def file(self) -> bytes:
        """The FLAC file."""
        return encode(self.samples() << (32 - self.bits), self.rate, "FLAC", f"PCM_{self.bits}", level=1.0)


_ENTRIES = (
    Clip(
        "voice",
        "A synthetic voice",
        "“We were away a year ago”, said twice by a formant synthesizer: the pauses show whether noise comes and goes with speech.",
        48_000,
        4.78,
        16,
        synth.voice,
    ),
    Clip(
        "chord",
        "A plucked chord",
        "Six strings in stereo that die away: at few bits the end breaks up into buzzing, which dither turns into hiss.",
        48_000,
        5.0,
        16,
        synth.chord,
    ),
    Clip(
        "drums",
        "A drum loop",
        "Loud and full of noise itself: it hides the error so well that 6 bits pass.",
        48_000,
        4.62,
        16,
        synth.drums,
    ),
    Clip(
        "sweep",
        "A sweep from 40 Hz to 16 kHz",
        "One pure tone at a time: whatever else is heard or seen is error, and what folds down runs against it.",
        48_000,
        6.0,
        16,
        synth.sweep,
    ),
    Clip(
        "fade",
        "A fade to silence",
        "A tone that sinks by 90 dB: without dither it stops where it falls below half a step, with dither it goes on under the noise.",
        48_000,
        8.0,
        24,
        synth.fade,
    ),
    Clip(
        "faint",
        "A sine at −60 dB",
        "440 Hz, a thousandth of full scale: short pulses at 10 bits, gone at 9, and back with dither.",
        48_000,
        4.0,
        24,
        synth.faint_sine,
    ),
)
CLIPS: dict[str, Clip] = {clip.slug: clip for clip in _ENTRIES}


@cache
def load_clip(slug: str) -> Sound:
    """A clip from assets/audio; ValueError for an unknown slug or a missing file, with the remedy."""
    if slug not in CLIPS:
        raise ValueError(f"there is no clip {slug!r}; choose one of {', '.join(CLIPS)}")
    path = CLIPS[slug].path
    if not path.exists():
        raise ValueError(f"{path.name} is missing in assets/audio; make it with python -m quantlab.audio.clips")
    return load_sound(path.name, path)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for clip in CLIPS.values():
        clip.path.write_bytes(clip.file())
        print(f"{clip.path.name:12} {clip.path.stat().st_size / 1000:7.1f} kB")


if __name__ == "__main__":
    main()
