"""Levels of a sound at every stop of a slider: what is heard, its spectra, its numbers.

One ``Level`` a stop: the sound as a ``Parcel``, the gains at which it and its error are played, its numbers, its spectra and
spectrograms, and how the error depends on the signal. ``frames`` takes any scheme of the core through a ``Chain``, ``mdct_frames`` the
power law of MP3. All pictures share their axes. A sound whose levels would weigh more than ``BUDGET`` is cut to what fits.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from quantlab.audio import mdct, measure, rates, spectra
from quantlab.audio.chain import Chain, Conversion, common, convert_all
from quantlab.audio.dependence import Dependence, dependence, even_step
from quantlab.audio.dithers import DITHERS
from quantlab.audio.grids import Grid
from quantlab.audio.shaping import SHAPERS, response_db
from quantlab.audio.shipping import Parcel, pack_codes, pack_noise, pack_original, pack_samples
from quantlab.audio.spectra import Stft, stft
from quantlab.audio.weighting import loudness, matching_gain
from quantlab.progress import Progress
from quantlab.sources.sounds import Sound

BUDGET = 3_200_000  # bytes of sound in one state
MOST_AMPLIFIED = 2.0**10  # of the error: 60 dB
_PICTURE = (64, 160)
_PIECE, _PIECES = 2048, 12  # samples of the pieces from which the weight is foretold, and how many
_WORKERS = 2


@dataclass(frozen=True, eq=False)
class Level:
    """One stop of the slider.

    gain, error_gain : factors at which the copy and the error are played; the first matches the original's loudness
        (BS.1770, not gated), the second is a power of two and is stated to the listener.
    numbers : sqnr_db, segmental_db, noise_a_db, noise_heard_db, level_db, peak, crest_db, clipped, bit_rate, flac_bytes,
        correlation, stuck, loudness (see ``measure`` and ``weighting``).
    spectrum, error_spectrum : float32 (K,), dB. floor : the theory of the error's spectrum, float32 (K,), or None.
    spectrogram, error_spectrogram : uint8 (rows, columns). dependence : of the error on the signal.
    """

    label: str
    sound: Parcel
    gain: float
    error_gain: float
    numbers: dict[str, float]
    spectrum: np.ndarray
    error_spectrum: np.ndarray
    floor: np.ndarray | None
    spectrogram: np.ndarray
    error_spectrogram: np.ndarray
    dependence: Dependence


@dataclass(frozen=True, eq=False)
class Frames:
    """All stops; ``original`` is FLAC, ``noise`` the subtractive dither as FLAC or None, ``factor`` of the sample rate.

    frequencies : Hz (K,). seconds_cut : how long the sound was before it was cut to fit, or None.
    """

    labels: tuple[str, ...]
    levels: tuple[Level, ...]
    rate: int
    channels: int
    length: int
    factor: int
    original: bytes
    noise: bytes | None
    loudness: float
    frequencies: np.ndarray
    spectrum: np.ndarray
    spectrogram: np.ndarray
    seconds_cut: float | None

    @property
    def size(self) -> int:
        """Bytes that travel: sounds, pictures and curves."""
        sounds = len(self.original) + len(self.noise or b"") + sum(level.sound.size for level in self.levels)
        shown = self.spectrogram.nbytes + self.spectrum.nbytes
        for level in self.levels:
            shown += level.spectrum.nbytes + level.error_spectrum.nbytes + level.dependence.nbytes
            shown += level.spectrogram.nbytes + level.error_spectrogram.nbytes
        return sounds + shown


@dataclass(frozen=True, eq=False)
class _Source:
    """The sound that every level is compared with, with its transform."""

    x: np.ndarray
    rate: int
    loudness: float
    stft: Stft


def frames(sound: Sound, chains: Sequence[Chain], labels: Sequence[str]) -> Generator[Progress, None, Frames]:
    """Levels for chains that differ in their specs only; yields (done, total)."""
    first = common(chains)
    total = len(chains) + 1
    yield 0, total
    x, cut = _fitting(sound, _weigh_chains(sound.rate, chains), _tables(chains, sound.samples))
    source = _source(x, sound.rate)
    if first.shaping == "none":
        conversions: Sequence[Callable[[], Conversion]] = [lambda c=c: convert_all(x, sound.rate, [c])[0] for c in chains]  # type: ignore[misc]
    else:
        whole = convert_all(x, sound.rate, chains)
        conversions = [lambda c=c: c for c in whole]  # type: ignore[misc]

    def level(i: int) -> Level:
        c = conversions[i]()
        parcel = pack_codes(c)
        bit_rate = measure.bit_rate(c.grid.bits_per_sample(c.codes), sound.rate / first.factor, sound.samples.shape[1])
        clipped = measure.clipped(x, c.grid.levels) if len(c.grid.qparams.scale) == 1 else 0
        return _level(source, labels[i], c.heard, parcel, bit_rate, clipped, _theory(c, source), c.step_near_zero)

    levels = yield from _in_order(level, len(chains), total)
    noise = None
    if DITHERS[first.dither].subtractive:
        low = rates.down(x, first.factor, first.antialias)
        noise = pack_noise(DITHERS[first.dither].noise(low.shape, first.spec.seed))
    return _frames(source, tuple(labels), levels, first.factor, noise, cut)


def mdct_frames(
    sound: Sound, bits: Sequence[int] = range(1, 15), size: int = 2048, shape: str = "sine"
) -> Generator[Progress, None, Frames]:
    """Levels of the power law on MDCT coefficients, one a number of bits that the largest coefficient's code may need."""
    total = len(bits) + 1
    yield 0, total
    x, cut = _fitting(sound, _weigh_mdct(sound.rate, bits, size, shape))
    source = _source(x, sound.rate)
    coefficients = mdct.forward(x, size, shape)

    def level(i: int) -> Level:
        c = mdct.code(x, sound.rate, mdct.gain_for(coefficients, bits[i]), size, shape, coefficients)
        clipped = int(np.count_nonzero(np.abs(c.heard) > 1))
        return _level(source, str(bits[i]), c.heard, pack_samples(c.heard), 1000 * c.kbps, clipped)

    levels = yield from _in_order(level, len(bits), total)
    return _frames(source, tuple(map(str, bits)), levels, 1, None, cut)


def _in_order(level: Callable[[int], Level], count: int, total: int) -> Generator[Progress, None, tuple[Level, ...]]:
    """All levels, some at a time: numpy, pocketfft and libsndfile work without Python's lock."""
    levels: list[Level] = []
    with ThreadPoolExecutor(_WORKERS) as pool:
        results: Iterator[Level] = pool.map(level, range(count))
        for i in range(count):
            yield i + 1, total
            levels.append(next(results))
    return tuple(levels)


def _level(
    source: _Source,
    label: str,
    heard: np.ndarray,
    parcel: Parcel,
    bit_rate: float,
    clipped: int,
    floor: np.ndarray | None = None,
    step: float | None = None,
) -> Level:
    x, rate = source.x, source.rate
    error = heard - x
    transform = stft(heard, rate)
    power, error_power = transform.power(), (transform - source.stft).power()
    peak, worst = float(np.abs(heard).max()), float(np.abs(error).max())
    heard_loudness, error_loudness = loudness(heard, rate), loudness(error, rate)
    noise_a, noise_heard = measure.noise_levels(error_power, source.stft.frequencies)
    numbers = {
        "sqnr_db": measure.sqnr_db(x, heard),
        "segmental_db": measure.segmental_db(x, heard, rate),
        "noise_a_db": noise_a,
        "noise_heard_db": noise_heard,
        "level_db": measure.level_db(heard),
        "peak": peak,
        "crest_db": measure.crest_db(heard),
        "clipped": float(clipped),
        "bit_rate": bit_rate,
        "flac_bytes": float(len(parcel.flac)),
        "correlation": measure.correlation(x, error),
        "stuck": measure.stuck(x, heard, rate),
        "loudness": heard_loudness,
    }
    return Level(
        label,
        parcel,
        matching_gain(heard_loudness, source.loudness, peak),
        _error_gain(error_loudness, source.loudness, worst),
        numbers,
        spectra.spectrum_db(power),
        spectra.spectrum_db(error_power),
        floor,
        spectra.spectrogram(power, *_PICTURE),
        spectra.spectrogram(error_power, *_PICTURE),
        dependence(x, error, step or even_step(error)),
    )


def _error_gain(level: float, target: float, peak: float) -> float:
    """A power of two that lifts the error towards the loudness of the sound: never down, never past full scale.

    >>> _error_gain(-60.0, -20.0, 0.002), _error_gain(-20.0, -20.0, 0.9), _error_gain(-120.0, -20.0, 0.0)
    (64.0, 1.0, 1.0)
    """
    if peak == 0:
        return 1.0
    most = min(10 ** ((target - level) / 20), MOST_AMPLIFIED, 1 / peak)
    return float(2.0 ** np.floor(np.log2(max(most, 1.0))))


def _theory(c: Conversion, source: _Source) -> np.ndarray | None:
    """The error's spectrum that theory predicts: the noise of the dithered step, shaped; None where the steps differ."""
    chain = c.chain
    if c.grid.step is None or chain.factor != 1:
        return None
    f = source.stft.frequencies
    shaped = response_db(SHAPERS[chain.shaping].taps(source.rate), f, source.rate) if chain.shaping != "none" else np.zeros(len(f))
    dither = DITHERS[chain.dither]
    floor = spectra.floor_db(c.grid.step, dither.error_variance)
    return (floor + dither.error_colour_db(f, source.rate) + shaped).astype(np.float32)


def _source(x: np.ndarray, rate: int) -> _Source:
    return _Source(x, rate, loudness(x, rate), stft(x, rate))


def _frames(s: _Source, labels: tuple[str, ...], levels: tuple[Level, ...], factor: int, noise: bytes | None, cut: float | None) -> Frames:
    power = s.stft.power()
    return Frames(
        labels=labels,
        levels=levels,
        rate=s.rate,
        channels=s.x.shape[1],
        length=len(s.x),
        factor=factor,
        original=pack_original(s.x),
        noise=noise,
        loudness=s.loudness,
        frequencies=s.stft.frequencies,
        spectrum=spectra.spectrum_db(power),
        spectrogram=spectra.spectrogram(power, *_PICTURE),
        seconds_cut=cut,
    )


def _fitting(sound: Sound, weigh: Callable[[np.ndarray], Sequence[int]], tables: int = 0) -> tuple[np.ndarray, float | None]:
    """The sound, cut where its levels would weigh more than ``BUDGET``; (samples, seconds before the cut or None).

    weigh : bytes of all levels of a piece of sound; asked for short pieces spread over it, joined; asked again for what
        is left, which may be denser. tables : bytes that do not depend on the length.
    """
    x = sound.samples
    for _ in range(4):
        if len(x) <= _PIECES * _PIECE:
            break
        pieces = np.concatenate([x[a : a + _PIECE] for a in np.linspace(0, len(x) - _PIECE, _PIECES).astype(int)])
        bytes_per_sample = (sum(weigh(pieces)) + len(pack_original(pieces))) / len(pieces)
        most = int((BUDGET - tables) / bytes_per_sample)
        if len(x) <= most:
            break
        x = x[:most]
    return x, None if len(x) == len(sound.samples) else sound.seconds


def _weigh_chains(rate: int, chains: Sequence[Chain]) -> Callable[[np.ndarray], list[int]]:
    def weigh(piece: np.ndarray) -> list[int]:
        conversions = convert_all(piece, rate, chains, _PIECE)
        noise = conversions[0].noise
        return [len(pack_codes(c).flac) for c in conversions] + [0 if noise is None else noise.size]  # a byte each

    return weigh


def _tables(chains: Sequence[Chain], x: np.ndarray) -> int:
    return sum(4 << c.spec.bits for c in chains if Grid.of(c.spec, c.rise, x[:_PIECE]).affine is None)


def _weigh_mdct(rate: int, bits: Sequence[int], size: int, shape: str) -> Callable[[np.ndarray], list[int]]:
    def weigh(piece: np.ndarray) -> list[int]:
        coefficients = mdct.forward(piece, size, shape)
        encodings = (mdct.code(piece, rate, mdct.gain_for(coefficients, b), size, shape, coefficients) for b in bits)
        return [pack_samples(c.heard).size for c in encodings]

    return weigh
