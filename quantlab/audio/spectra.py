"""Spectra of sounds: one short-time Fourier transform serves spectrum, spectrogram and weighted levels.

    X[m, k] = sum_n w[n] x[n + m·hop] exp(-2 pi i k n / size)      w: Hann, size 2048, hop 1024
    spectrum (Welch)   10 log10 of the mean over m of 4 |X|^2 / (sum w)^2: a full-scale sine reads 0 dB
    noise              the same mean summed over k and divided by 1.5, the noise bandwidth of the window in bins

White noise of variance step^2/12 therefore lies, flat, at ``floor_db``; a shaped one at ``floor_db`` + |H|^2 in dB. The
transform is linear: that of the error is the difference of two.

>>> round(floor_db(2.0**-15), 1)  # 16 bits: 98.1 dB below a sine in all, spread over 1024 bins and caught by 1.5
-126.4
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SIZE = 2048
HOP = 1024
BANDWIDTH = 1.5  # of a Hann window, in bins
LEAST_DB = -160.0
SHADES = (-120.0, 0.0)  # dB of the first and the last colour of a spectrogram


@dataclass(frozen=True, eq=False)
class Stft:
    """complex64 (M, C, K): a full-scale sine has magnitude 1 in its bin. ``rate`` in Hz."""

    bins: np.ndarray
    rate: float

    def __sub__(self, other: Stft) -> Stft:
        return Stft(self.bins - other.bins, self.rate)

    @property
    def frequencies(self) -> np.ndarray:
        """Frequencies of the bins in Hz, (K,)."""
        return np.arange(self.bins.shape[2]) * (self.rate / SIZE)

    def power(self) -> np.ndarray:
        """|X|^2, the mean over the channels, float32 (M, K)."""
        power = np.square(self.bins.real)
        power += np.square(self.bins.imag)
        return power.mean(axis=1) if power.shape[1] > 1 else power[:, 0]


def stft(x: np.ndarray, rate: float) -> Stft:
    """The short-time Fourier transform of x (N, C); a clip shorter than the window is filled up with zeros."""
    from scipy import fft, signal

    sound = np.pad(np.asarray(x, np.float32).T, ((0, 0), (0, max(SIZE - len(x), 0))))  # (C, N)
    frames = np.lib.stride_tricks.sliding_window_view(sound, SIZE, axis=1)[:, ::HOP].swapaxes(0, 1)  # (M, C, SIZE)
    window = signal.get_window("hann", SIZE).astype(np.float32)
    return Stft(fft.rfft(frames * (window * np.float32(2 / window.sum())), axis=2), rate)


def spectrum_db(power: np.ndarray) -> np.ndarray:
    """Welch's spectrum from |X|^2 (M, K): dB re a full-scale sine, float32 (K,), ``LEAST_DB`` at least."""
    return to_db(power.mean(axis=0, dtype=np.float64)).astype(np.float32)


def noise_power(power: np.ndarray, weights: np.ndarray | float = 1.0) -> float:
    """Power of a noise, each bin times its weight, in units of a full-scale sine's power."""
    return float((power.mean(axis=0, dtype=np.float64) * weights).sum() / BANDWIDTH)


def floor_db(step: float, variance: float = 1 / 12) -> float:
    """The level of white noise of ``variance`` steps^2 in ``spectrum_db``."""
    sine = 0.5
    return float(10 * np.log10(variance * step * step / sine * BANDWIDTH / (SIZE / 2)))


def spectrogram(power: np.ndarray, rows: int = 96, columns: int = 200) -> np.ndarray:
    """A picture of |X|^2 (M, K), uint8 (rows, columns), high notes on top; each cell the mean power in dB over ``SHADES``.

    Rows are even in frequency; fewer columns where the clip has fewer frames.
    """
    over, up = _cuts(len(power), min(columns, len(power))), _cuts(power.shape[1], rows)
    cells = np.add.reduceat(np.add.reduceat(power, over, axis=0), up, axis=1)
    sizes = np.outer(np.diff(np.append(over, len(power))), np.diff(np.append(up, power.shape[1])))
    low, high = SHADES
    shades = (to_db(cells / sizes) - low) * (255 / (high - low))
    return np.clip(shades, 0, 255).round().astype(np.uint8).T[::-1]


def to_db(power: np.ndarray) -> np.ndarray:
    """10 log10, ``LEAST_DB`` at least."""
    return 10 * np.log10(np.maximum(power, 10 ** (LEAST_DB / 10)))


def _cuts(n: int, parts: int) -> np.ndarray:
    return (np.arange(parts) * n) // parts
