"""Transport of sounds to the browser: the codes of a level in a FLAC file, so that it plays there exactly as here.

Codes of b bits compress to little more than their entropy, where the samples they stand for would not; and FLAC is decoded by
every browser, without loss and to the sample (decodeAudioData in an OfflineAudioContext of the same rate: no resampling). Every
file says ``FILE_RATE``, whatever the sound's rate: browsers need not decode the lowest, and the player is told the true one. The
browser then applies what Python made, and quantizes nothing:

    code  = 32768 · decoded
    low   = float32(code · scale) + shift, or table[code - first] where the steps differ
    low  -= step · (32768 · noise + 1/2) / 256                 subtractive dither only: the noise travels once, as a FLAC file
    heard = low, or low with factor - 1 zeros between the samples, filtered with ``rates.taps(factor)``
    error = heard - original                                   the original is FLAC too, 16 or 24 bits

The FLAC is of 24 bits and the codes are its upper 16 (FLAC packs the zeros below for nothing): Chromium turns 16-bit files to
floats with 1/32767 above zero and 1/32768 below, 24-bit files exactly.

A level that has no single table (block formats, MDCT) travels as 16-bit samples: scale 2^-15.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np

from quantlab.audio import rates
from quantlab.audio.chain import Conversion
from quantlab.audio.dithers import NOISE_LEVELS
from quantlab.sources.sounds import encode

FILE_RATE = 48_000  # Hz
COMPRESSION = 0.5  # of 0 to 1: libFLAC's usual level


@dataclass(frozen=True, eq=False)
class Parcel:
    """One level on its way. table : float32 (L,) of the codes ``first`` ..., or None: then scale and shift; step : see above."""

    flac: bytes
    scale: float = 1.0
    shift: float = 0.0
    table: np.ndarray | None = None
    first: int = 0
    step: float = 0.0

    @property
    def size(self) -> int:
        """Bytes in all."""
        return len(self.flac) + (0 if self.table is None else self.table.nbytes)


def pack_codes(c: Conversion) -> Parcel:
    """The codes and what they stand for."""
    grid, q = c.grid, c.grid.qparams
    if len(q.scale) != 1:
        return pack_samples(c.heard[:: c.chain.factor])
    middle = 0 if q.qmin < 0 else (q.qmin + q.qmax + 1) // 2
    flac = pcm16(c.codes.astype(np.int32) - middle)
    step = grid.step if c.noise is not None and grid.step else 0.0
    if grid.affine is not None:
        return Parcel(flac, *grid.affine, step=step)
    return Parcel(flac, table=grid.levels, first=q.qmin - middle, step=step)


def pack_samples(y: np.ndarray) -> Parcel:
    """Samples rounded to 16 bits."""
    return Parcel(pcm16(np.clip(np.rint(y * 32768.0), -32768, 32767)), 2.0**-15)


def pack_noise(noise: np.ndarray) -> bytes:
    """The subtractive dither (M, C) in steps: whole numbers -128 ... 127."""
    return pcm16(np.rint(noise * NOISE_LEVELS - 0.5))


def pack_original(x: np.ndarray) -> bytes:
    """The sound itself, to 24 bits."""
    return encode(x, FILE_RATE, "FLAC", "PCM_24", COMPRESSION)


def pcm16(whole: np.ndarray) -> bytes:
    """Whole numbers in int16's range as the upper 16 bits of a FLAC."""
    return encode(whole.astype(np.int32) << 16, FILE_RATE, "FLAC", "PCM_24", COMPRESSION)


def play(parcel: Parcel, noise: bytes | None = None, factor: int = 1, length: int | None = None) -> np.ndarray:
    """A parcel as the browser plays it, float32 (N, C): the rule above, for comparison."""
    codes = _decoded(parcel.flac)
    if parcel.table is None:
        y = codes.astype(np.float32) * np.float32(parcel.scale) + np.float32(parcel.shift)
    else:
        y = parcel.table[codes.astype(np.int64) - parcel.first]
    if parcel.step and noise is not None:
        y = y - ((_decoded(noise) + np.float32(0.5)) / np.float32(NOISE_LEVELS)) * np.float32(parcel.step)
    return rates.up(y, factor, length or len(y) * factor)


def _decoded(flac: bytes) -> np.ndarray:
    import soundfile

    return soundfile.read(io.BytesIO(flac), dtype="int16", always_2d=True)[0].astype(np.float32)
