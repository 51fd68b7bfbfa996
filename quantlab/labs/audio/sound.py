"""The film of a sound, for the browser to play every level: FLAC files, how to read them, and gains.

The rule is ``quantlab.audio.shipping``'s; the header says where in the payload each file and table lies. ``id`` names the
whole, ``source`` the original: a player that meets the same source again goes on playing where it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np

from quantlab.audio.frames import Frames, Level
from quantlab.audio.rates import taps
from quantlab.audio.shipping import FILE_RATE
from quantlab.film import Json, Strip, header_of, pack


def sound_film(f: Frames) -> bytes:
    """All levels, the original and the noise as one film."""
    payload = bytearray()

    def put(data: bytes) -> tuple[int, int]:
        payload.extend(b"\0" * (-len(payload) % 4))
        payload.extend(data)
        return len(payload) - len(data), len(data)

    levels = [_level(level, put) for level in f.levels]
    header: Json = header_of(Strip(f.labels), "sound") | {
        "rate": f.rate,
        "file_rate": FILE_RATE,
        "channels": f.channels,
        "length": f.length,
        "factor": f.factor,
        "taps": taps(f.factor).tolist() if f.factor > 1 else [],
        "original": put(f.original),
        "noise": put(f.noise) if f.noise is not None else None,
        "levels": levels,
        "source": hashlib.sha256(f.original).hexdigest()[:16],
        "alt": "Waveform of the sound before and after quantization, with the place that is playing",
    }
    header["id"] = hashlib.sha256(bytes(payload) + repr(levels).encode()).hexdigest()[:16]
    return pack(header, bytes(payload))


def _level(level: Level, put: Callable[[bytes], tuple[int, int]]) -> Json:
    parcel = level.sound
    return {
        "flac": put(parcel.flac),
        "scale": float(np.float32(parcel.scale)),
        "shift": float(np.float32(parcel.shift)),
        "table": put(parcel.table.astype(np.float32).tobytes()) if parcel.table is not None else None,
        "first": parcel.first,
        "step": float(np.float32(parcel.step)),
        "gain": level.gain,
        "error_gain": level.error_gain,
    }
