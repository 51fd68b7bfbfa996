"""Synthesis of the built-in clips from formulas and a seed: a voice, strings, drums, tones.

    voice   pulses of the vocal folds (Rosenberg 1971) through five resonators in a row, one a formant, whose frequencies
            move from sound to sound (Klatt 1980, doi:10.1121/1.383940); the phrase has voiced sounds only
    string  y[n] = x[n] + d·(y[n-p] + y[n-p-1]) / 2, x a burst of noise one period long (Karplus and Strong 1983)
    drums   a sine that falls in pitch, noise through filters
    sweep   sin(2 pi f0 T / L (exp(L t / T) - 1)), L = ln(f1 / f0): every octave takes the same time (Farina 2000)

All functions return float64 (N, channels).
"""

from __future__ import annotations

import numpy as np

# seconds, first three formants in Hz, loudness: "we were away a year ago"
_PHRASE = (
    (0.10, (300, 650, 2200), 0.5),  # w
    (0.16, (280, 2250, 2950), 0.9),  # e
    (0.09, (310, 700, 2100), 0.5),  # w
    (0.15, (470, 1350, 1700), 0.9),  # ere
    (0.10, (550, 1300, 2450), 0.8),  # a
    (0.10, (310, 680, 2200), 0.5),  # w
    (0.14, (500, 1850, 2550), 1.0),  # ay
    (0.12, (320, 2200, 2850), 0.8),
    (0.11, (560, 1450, 2500), 0.7),  # a
    (0.09, (280, 2300, 3100), 0.6),  # y
    (0.13, (380, 2050, 2650), 0.9),  # ea
    (0.12, (400, 1250, 1650), 0.7),  # r
    (0.12, (560, 1350, 2450), 0.8),  # a
    (0.07, (220, 1800, 2100), 0.08),  # g, nearly closed
    (0.20, (520, 950, 2450), 1.0),  # o
    (0.18, (350, 800, 2350), 0.5),
)
_BLOCK = 64


def voice(rate: int, seed: int = 4) -> np.ndarray:
    """The phrase twice, the second time as a question, with a pause between and after."""
    rng = np.random.default_rng(seed)
    pause = np.zeros(round(0.35 * rate))
    statement, question = _say(rate, rng, 128, 88), _say(rate, rng, 112, 168)
    return _with_peak(np.concatenate((pause[: len(pause) // 3], statement, pause, question, pause)), 0.8)


def _say(rate: int, rng: np.random.Generator, start_hz: float, end_hz: float) -> np.ndarray:
    ends = np.cumsum([seconds for seconds, _, _ in _PHRASE])
    centres = ends - np.array([seconds for seconds, _, _ in _PHRASE]) / 2
    n = round(ends[-1] * rate)
    t = np.arange(n) / rate
    formants = np.array([np.interp(t, centres, [f[k] for _, f, _ in _PHRASE]) for k in range(3)])
    loud = np.interp(t, centres, [level for _, _, level in _PHRASE]) * np.clip(np.minimum(t, ends[-1] - t) / 0.06, 0, 1)
    pitch = np.interp(t, [0, ends[-1] * 0.3, ends[-1]], [start_hz, start_hz * 1.12, end_hz]) * (1 + 0.012 * np.sin(2 * np.pi * 4.7 * t))
    phase = np.cumsum(pitch / rate) % 1
    flow = np.where(
        phase < 0.4, 0.5 - 0.5 * np.cos(np.pi * phase / 0.4), np.where(phase < 0.56, np.cos(np.pi / 2 * (phase - 0.4) / 0.16), 0)
    )
    source = (np.diff(flow, prepend=0) * 40 + 0.03 * rng.standard_normal(n) * (0.3 + flow)) * loud
    tracks = [(f, w) for f, w in zip(formants, (70, 90, 140), strict=True)] + [(np.full(n, 3500.0), 220), (np.full(n, 4400.0), 300)]
    for centre, width in tracks:
        source = _resonator(source, centre, width, rate)
    return source


def _resonator(x: np.ndarray, centre: np.ndarray, width: float, rate: int) -> np.ndarray:
    """A two-pole resonance with gain 1 at 0 Hz whose frequency moves from block to block."""
    from scipy import signal

    y, state = np.empty_like(x), np.zeros(2)
    r = np.exp(-np.pi * width / rate)
    for start in range(0, len(x), _BLOCK):
        a = [1.0, -2 * r * np.cos(2 * np.pi * centre[start] / rate), r * r]
        y[start : start + _BLOCK], state = signal.lfilter([sum(a)], a, x[start : start + _BLOCK], zi=state)
    return y


def chord(rate: int, seed: int = 1) -> np.ndarray:
    """A strummed chord of six strings, stereo: each its own place between left and right."""
    rng = np.random.default_rng(seed)
    n = 5 * rate
    out = np.zeros((n, 2))
    for i, hertz in enumerate((82.41, 123.47, 164.81, 207.65, 246.94, 329.63)):  # E major on a guitar
        start = round((0.05 + 0.035 * i) * rate)
        string = _pluck(hertz, n - start, rate, rng)
        place = (0.15 + 0.7 * i / 5) * np.pi / 2
        out[start:] += string[:, None] * [np.cos(place), np.sin(place)]
    return _with_peak(_faded(out, rate, 0.3), 0.85)


def _pluck(hertz: float, n: int, rate: int, rng: np.random.Generator) -> np.ndarray:
    from scipy import signal

    period = int(rate / hertz - 0.5)
    x = np.zeros(n)
    x[:period] = signal.lfilter([0.35], [1, -0.65], rng.uniform(-1, 1, period))  # a soft finger
    loop = np.zeros(period + 2)
    loop[0], loop[period], loop[period + 1] = 1, -0.4985, -0.4985
    return signal.lfilter([1.0], loop, x)


def drums(rate: int, seed: int = 2) -> np.ndarray:
    """Two bars at 104 beats a minute: kick, snare, hi-hat."""
    rng = np.random.default_rng(seed)
    eighth = 60 / 104 / 2
    n = round(16 * eighth * rate)
    out = np.zeros(n)
    for step in range(16):
        at = round(step * eighth * rate)
        hits = [_hat(rate, rng) * (0.28 if step % 2 else 0.4)]
        hits += [_kick(rate)] if step % 8 in (0, 3, 5) else []
        hits += [_snare(rate, rng) * 0.8] if step % 4 == 2 else []
        for hit in hits:
            out[at : at + len(hit)] += hit[: n - at]
    return _with_peak(np.tanh(out)[:, None], 0.9)


def _kick(rate: int) -> np.ndarray:
    t = np.arange(round(0.3 * rate)) / rate
    return np.sin(2 * np.pi * (48 * t + 4.2 * (1 - np.exp(-t / 0.03)))) * np.exp(-t / 0.09)


def _snare(rate: int, rng: np.random.Generator) -> np.ndarray:
    from scipy import signal

    t = np.arange(round(0.22 * rate)) / rate
    noise = signal.sosfilt(signal.butter(2, [900, 8000], "bandpass", fs=rate, output="sos"), rng.standard_normal(len(t)))
    return 0.6 * np.sin(2 * np.pi * 185 * t) * np.exp(-t / 0.05) + 0.7 * noise * np.exp(-t / 0.06)


def _hat(rate: int, rng: np.random.Generator) -> np.ndarray:
    from scipy import signal

    t = np.arange(round(0.09 * rate)) / rate
    return signal.sosfilt(signal.butter(4, 6500, "highpass", fs=rate, output="sos"), rng.standard_normal(len(t))) * np.exp(-t / 0.02)


def sweep(rate: int, low: float = 40.0, high: float = 16_000.0, seconds: float = 6.0) -> np.ndarray:
    """A sine from low to high at half of full scale."""
    t = np.arange(round(seconds * rate)) / rate
    octaves = np.log(high / low)
    return 0.5 * _faded(np.sin(2 * np.pi * low * seconds / octaves * np.expm1(t / seconds * octaves))[:, None], rate, 0.02)


def fade(rate: int, hertz: float = 220.0, seconds: float = 8.0, floor_db: float = -96.0) -> np.ndarray:
    """A tone with two overtones that fades evenly in dB from -6 dB to ``floor_db``."""
    t = np.arange(round(seconds * rate)) / rate
    tone = sum(np.sin(2 * np.pi * hertz * k * t) / k for k in (1, 2, 3)) / 1.6
    return _faded((tone * 10 ** ((-6 + (floor_db + 6) * t / seconds) / 20))[:, None], rate, 0.02)


def faint_sine(rate: int, hertz: float = 440.0, seconds: float = 4.0, level_db: float = -60.0) -> np.ndarray:
    """A sine whose peaks just reach the first level of 10 bits and not that of 9."""
    t = np.arange(round(seconds * rate)) / rate
    return _faded(10 ** (level_db / 20) * np.sin(2 * np.pi * hertz * t)[:, None], rate, 0.02)


def _with_peak(x: np.ndarray, peak: float) -> np.ndarray:
    x = x if x.ndim == 2 else x[:, None]
    return x * (peak / np.abs(x).max())


def _faded(x: np.ndarray, rate: int, seconds: float) -> np.ndarray:
    """The ends drawn to zero so that they do not click; x (N, C)."""
    n = round(seconds * rate)
    ramp = np.ones(len(x))
    ramp[-n:] = 0.5 + 0.5 * np.cos(np.pi * np.arange(1, n + 1) / n)
    ramp[: min(n, rate // 50)] *= np.linspace(0, 1, min(n, rate // 50))
    return x * ramp[:, None]
