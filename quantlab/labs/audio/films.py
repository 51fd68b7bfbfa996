"""The audio lab's films: arrays of all levels become charts whose axes stand still while the slider moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from quantlab.audio import spectra
from quantlab.audio.dependence import REACH
from quantlab.audio.frames import Frames
from quantlab.film import Strip, figures, image_film, numbers_film, words_film
from quantlab.film.figures import ERROR, ORIGINAL, QUANTIZED, THEORY, Chart
from quantlab.labs.audio.recipe import Recipe
from quantlab.labs.audio.sound import sound_film
from quantlab.labs.audio.words import notice, tiles
from quantlab.labs.text import decibels

HEIGHT = 190
_QUIET = -140.0  # dB, the lower edge of the spectrum


VIEWS = {
    "sound": "every level to hear, with its waveform",
    "spectrum": "the spectrum of original, quantized sound and error",
    "dependence": "the error against the sample's value",
    "numbers": "SQNR, noise, how much of the error the sound fixes, bit rate",
    "words": "what to notice, in words",
    "before": "the original's spectrogram",
    "after": "the quantized sound's spectrogram",
    "error": "the error's spectrogram",
    "curve": "signal to noise ratios at every level",
}


def films(f: Frames, recipe: Recipe, views: Sequence[str]) -> dict[str, bytes]:
    """The films of these views."""
    strip = Strip(f.labels)
    makers: dict[str, Callable[[], bytes]] = {
        "sound": lambda: sound_film(f),
        "spectrum": lambda: _spectrum(strip, f),
        "dependence": lambda: _dependence(strip, f),
        "numbers": lambda: numbers_film(strip, tiles(f)),
        "words": lambda: words_film(strip, [notice(f, i, recipe) for i in range(len(f.labels))]),
        "before": lambda: _picture(strip, [f.spectrogram], "original", f),
        "after": lambda: _picture(strip, [level.spectrogram for level in f.levels], "quantized sound", f),
        "error": lambda: _picture(strip, [level.error_spectrogram for level in f.levels], "error", f),
        "curve": lambda: _curve(strip, f),
    }
    return {view: makers[view]() for view in views}


def _spectrum(strip: Strip, f: Frames) -> bytes:
    hertz = f.frequencies[1:]
    chart = Chart(strip, HEIGHT, "Spectrum of the original, the quantized sound and the error, with the floor of theory", "Hz", "dB")
    chart.axes((np.log10(max(20.0, hertz[0])), np.log10(hertz[-1])), (_QUIET, 5.0), xaxis_type="log", yaxis_dtick=40)
    chart.axes(xaxis_tickvals=[20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000])
    chart.axes(xaxis_ticktext=["20", "50", "100", "200", "500", "1k", "2k", "5k", "10k", "20k"])
    floors = [np.full(len(hertz), np.nan) if level.floor is None else np.maximum(level.floor[1:], _QUIET - 20) for level in f.levels]
    chart.line("original", hertz, f.spectrum[1:], ORIGINAL, width=1.4, fill=False)
    chart.line("quantized", hertz, [level.spectrum[1:] for level in f.levels], QUANTIZED, width=1.4)
    chart.line("error", hertz, [level.error_spectrum[1:] for level in f.levels], ERROR, width=1.6)
    chart.line("theory", hertz, floors, THEORY, dash="dash", width=1.8)
    return chart.film()


def _dependence(strip: Strip, f: Frames) -> bytes:
    alt = "Error against the sample's value, both in steps, with the error's mean and spread"
    chart = Chart(strip, HEIGHT, alt, "sample, in steps", "error, in steps")
    all_of = [level.dependence for level in f.levels]
    spreads = [float(np.nanmax(d.spread, initial=0.0)) for d in all_of]
    reach = max(1.75, 2.5 * float(np.median(spreads)))
    chart.axes((-REACH, REACH), (-reach, reach), xaxis_dtick=1)
    chart.points("samples", [d.points[0] for d in all_of], [d.points[1] for d in all_of], ERROR, size=4, rim=0)
    chart.line("their mean", all_of[0].centres, [d.mean for d in all_of], QUANTIZED, width=2.2)
    chart.line("± spread", all_of[0].centres, [d.mean + d.spread for d in all_of], ORIGINAL, width=1.2, dash="dot")
    chart.line("", all_of[0].centres, [d.mean - d.spread for d in all_of], ORIGINAL, width=1.2, dash="dot", legend=False)
    return chart.film()


def _picture(strip: Strip, frames: list[np.ndarray], what: str, f: Frames) -> bytes:
    low, high = spectra.SHADES
    alt = f"Spectrogram of the {what}: {f.length / f.rate:.1f} s from left to right, 0 to {f.rate / 2000:g} kHz upwards"
    return image_film(strip, np.stack(frames), figures.magma(), alt, decibels(low, 0), decibels(high, 0))


def _curve(strip: Strip, f: Frames) -> bytes:
    at = figures.labels_at(f.labels)
    ratios = {name: np.array([level.numbers[name] for level in f.levels]) for name in ("sqnr_db", "segmental_db", "noise_a_db")}
    finite = {name: np.where(np.isfinite(values), values, np.nan) for name, values in ratios.items()}
    chart = Chart(
        strip,
        300,
        "Signal to noise ratios and A-weighted noise at every level of the slider",
        "bits" if all(label.isdigit() for label in f.labels) else "format",
        "dB",
    )
    every = np.concatenate([finite["sqnr_db"], finite["segmental_db"], -finite["noise_a_db"]])
    low, high = np.nanmin(every, initial=0.0), np.nanmax(every, initial=10.0)
    shown = slice(None, None, max(1, len(at) // 16))
    chart.axes((-0.4, len(at) - 0.6), (float(low - 4), float(high + 6)))
    chart.axes(xaxis={"tickvals": at[shown].tolist(), "ticktext": list(f.labels[shown])})
    chart.line("SQNR", at, finite["sqnr_db"], QUANTIZED, width=2.4)
    chart.line("segmental", at, finite["segmental_db"], ORIGINAL, width=1.8, dash="dot")
    chart.line("noise below 0 dB(A)", at, -finite["noise_a_db"], ERROR, width=1.8, dash="dashdot")
    if any(level.floor is not None for level in f.levels):
        law = np.array([float(label) for label in f.labels]) * (20 * np.log10(2))
        chart.line("6.02 dB a bit", at, law, THEORY, width=1.4, dash="dash")
    now = np.nan_to_num(finite["sqnr_db"], nan=-999.0)
    chart.points("now", [at[i : i + 1] for i in range(len(at))], [now[i : i + 1] for i in range(len(at))], QUANTIZED, size=13, legend=False)
    return chart.film()
