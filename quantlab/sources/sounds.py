"""Uploaded sounds: the header is read first and checked, and only then are samples decoded.

wav, flac, ogg and mp3 are told by their content and read by the soundfile library (libsndfile), integers as k / 2^(b-1), so that
8-bit unsigned silence is 0. Nothing beyond ``MAX_SECONDS`` or ``MAX_VALUES`` is decoded. A sound is float32 (N, channels) within -1 ... 1.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from quantlab.sources.unfinished_sounds import with_length
from quantlab.sources.upload import Refused, Upload, as_upload, show

if TYPE_CHECKING:
    import soundfile

MAX_SECONDS = 300
MAX_VALUES = 30_000_000  # 5 minutes of stereo at 48 kHz are 28.8 million
MAX_CHANNELS = 2
RATES = (4_000, 192_000)
MAX_BYTES = 200 << 20  # of the file: 5 minutes of 32-bit stereo at 48 kHz are 110 MiB
EXTENSIONS = (".wav", ".flac", ".ogg", ".mp3")

_BITS = {"PCM_U8": 8, "PCM_S8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}

_FORMATS: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (lambda head: head[:4] in (b"RIFF", b"RF64", b"RIFX") and head[8:12] == b"WAVE", "WAV"),
    (lambda head: head.startswith(b"fLaC"), "FLAC"),
    (lambda head: head.startswith(b"OggS"), "Ogg"),
    (lambda head: head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0), "MP3"),
)


@dataclass(frozen=True, eq=False)
class Sound:
    """samples : float32 (N, channels), finite, within -1 ... 1, read-only. rate : in Hz. notes : sentences on what was changed."""

    samples: np.ndarray
    rate: int
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


def load_sound(name: str, data: BinaryIO | bytes | Path) -> Sound:
    """The sound of a file; what was cut, scaled or missing stands in its notes.

    Parameters
    ----------
    name : the file's name, for the messages only.
    data : its content, a stream at its start, or a path.

    Raises
    ------
    ValueError : one sentence: what is wrong with the file and what to do.

    >>> load_sound("tone.wav", to_wav(np.array([[0.5], [-0.25]]), 8000)).samples.ravel()
    array([ 0.5 , -0.25], dtype=float32)
    """
    import soundfile

    upload = as_upload(name, data)
    kind = next((kind for recognises, kind in _FORMATS if recognises(upload.head)), None)
    if kind is None:
        raise Refused(f"{show(name)} is no sound in a known format: upload one of {', '.join(EXTENSIONS)}.")
    if len(upload.view) > MAX_BYTES:
        raise Refused(f"{show(name)} has {len(upload.view) >> 20} MiB, at most {MAX_BYTES >> 20} are read: cut it shorter.")
    mended = with_length(upload, kind, MAX_VALUES)
    try:
        with soundfile.SoundFile(upload.open() if mended is None else io.BytesIO(mended)) as file:
            _check(upload, file)
            frames, rate = file.frames, int(file.samplerate)
            count = min(frames, MAX_SECONDS * rate, MAX_VALUES // file.channels)
            samples = file.read(count, dtype="float32", always_2d=True) if mended is None else _to_the_end(file, count)
    except (soundfile.SoundFileError, RuntimeError, MemoryError) as error:
        raise Refused(f"{show(name)} is a damaged {kind} file ({_reason(error)}): save it again, as .wav or .flac.") from error
    if mended is not None:
        cut = len(samples) == count < frames
        rest = f"the first {count / rate:.0f} s are read" if cut else f"all {len(samples) / rate:.2f} s there are were read"
        return _finish(name, samples, rate, (f"Its header does not say how long it is: {rest}.",))
    return _finish(name, samples, rate, _lengths(samples, rate, frames, count, _cut_short(upload) if kind == "WAV" else False))


def to_wav(samples: np.ndarray, rate: int, subtype: str = "PCM_16") -> bytes:
    """Samples (N, channels) or (N,) as a wav: PCM_U8, PCM_16, PCM_24, PCM_32, FLOAT or DOUBLE; what exceeds full scale is clipped."""
    return encode(samples, rate, "WAV", subtype)


def encode(samples: np.ndarray, rate: int, kind: str, subtype: str, level: float | None = None) -> bytes:
    """A file as bytes. ``kind``: WAV, FLAC, OGG or MP3; ``level``: compression, 0 to 1.

    Fractions are rounded to the nearest sample here (the library cuts them off); whole numbers (int16, int32, left-aligned)
    are kept as they are.
    """
    import soundfile

    out = io.BytesIO()
    if samples.dtype.kind == "f" and subtype in _BITS:
        top = 2.0 ** (_BITS[subtype] - 1)
        whole = np.clip(np.rint(samples.astype(np.float64) * top), -top, top - 1)
        samples = whole.astype(np.int64).astype(np.int32) << (32 - _BITS[subtype])
    options: dict[str, float] = {} if level is None else {"compression_level": level}
    soundfile.write(out, samples, rate, format=kind, subtype=subtype, **options)
    return out.getvalue()


def _check(upload: Upload, file: soundfile.SoundFile) -> None:
    """Refuse a claim that cannot or should not be decoded."""
    name = show(upload.name)
    if file.channels > MAX_CHANNELS:
        raise Refused(f"{name} has {file.channels} channels, at most {MAX_CHANNELS} are played: mix it down to stereo or mono.")
    if not RATES[0] <= file.samplerate <= RATES[1]:
        raise Refused(f"{name} has {file.samplerate} samples a second: save it at a rate from {RATES[0]} to {RATES[1]} Hz, such as 48000.")
    if file.frames <= 0:
        raise Refused(f"{name} holds no sample: record or save it again.")


def _to_the_end(file: soundfile.SoundFile, count: int) -> np.ndarray:
    """The samples that can be decoded of at most ``count``; the library writes what there is, then misses the rest."""
    import soundfile

    samples = np.full((count, file.channels), np.nan, np.float32)
    try:
        file.read(out=samples)
    except soundfile.LibsndfileError:
        missing = np.flatnonzero(np.isnan(samples[:, 0]))
        if not len(missing):
            raise
        samples = samples[: missing[0]]
    return samples


def _lengths(samples: np.ndarray, rate: int, frames: int, count: int, short: bool) -> tuple[str, ...]:
    """What of the announced length was read, where that is not all."""
    if not len(samples):
        return ()
    if frames > count:
        return (f"Cut to the first {count / rate:.0f} of {frames / rate:.0f} seconds.",)
    if short:
        return (f"The file ends early: {len(samples) / rate:.2f} s could be read, fewer than its header announces.",)
    if len(samples) < count:
        return (f"The file ends early: {len(samples) / rate:.2f} s could be read where {frames / rate:.2f} s were announced.",)
    return ()


def _finish(name: str, samples: np.ndarray, rate: int, notes: tuple[str, ...]) -> Sound:
    if not len(samples):
        raise Refused(f"{show(name)} holds no sample that can be decoded: record or save it again.")
    if bad := int(np.count_nonzero(~np.isfinite(samples))):
        at = int(np.flatnonzero(~np.isfinite(samples).all(axis=1))[0])
        raise Refused(f"{show(name)} holds NaN or infinite samples ({bad}, the first at {at / rate:.2f} s): repair it and save it again.")
    peak = float(np.abs(samples).max())
    if peak > 1:
        samples /= np.float32(peak)
        notes += (f"Scaled down: its peak was {peak:.4g} times full scale.",)
    samples.flags.writeable = False
    return Sound(samples, rate, notes)


def _cut_short(upload: Upload) -> bool:
    """Whether a RIFF header announces more bytes than there are; 0 and all ones mean that its writer did not know."""
    announced = int.from_bytes(upload.view[4:8], "little")
    return upload.head[:4] == b"RIFF" and announced < 0xFFFFFF00 and announced + 8 > len(upload.view) + 1


def _reason(error: BaseException) -> str:
    text = " ".join(str(getattr(error, "error_string", error)).split())
    return text[:80].rstrip(". ") or type(error).__name__
