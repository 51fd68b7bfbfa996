"""The audio lab's words: what to notice, the texts of its numbers, the program and the table to take away."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from quantlab.audio.frames import Frames, Level
from quantlab.labs.audio.recipe import ChainRecipe, Recipe
from quantlab.labs.text import decibels, fixed, kilobytes, rounded_percent

BUZZ_DB = 15.0  # how far the error's tones stand above its middle before it is called a buzz
FIXED = 0.5  # share of the error from which it is said to follow the sound
_QUIETER = 3.0  # dB that A-weighting takes off a noise that went where the ear is less keen


def tiles(f: Frames) -> list[tuple[str, str, list[str]]]:
    """(name, help, a text for every level) for each number of the lab."""

    def column(name: str, write: Callable[[float], str]) -> list[str]:
        return [write(level.numbers[name]) for level in f.levels]

    return [
        ("SQNR", "10·log10 of the signal's power over the error's", column("sqnr_db", decibels)),
        (
            "Segmental SNR",
            "The mean of the same over stretches of 20 ms, each within −10 ... 35 dB; those fainter than −60 dB left out",
            column("segmental_db", _segmental),
        ),
        ("Noise", "Level of the error, A-weighted, below a full-scale sine", column("noise_a_db", lambda v: f"{fixed(v)} dB(A)")),
        (
            "Fixed by the sound",
            "The share of the error's power that a sample's place between two levels fixes, within three steps of silence: all of it where "
            "the error buzzes, nothing where it is noise",
            [_share(level.dependence.fixed) for level in f.levels],
        ),
        ("Peak", "The largest sample; 1 is full scale", column("peak", lambda v: fixed(v, 3))),
        ("Clipped", "Samples beyond the outermost levels", column("clipped", lambda v: f"{v:.0f}")),
        (
            "Bit rate",
            "Uncompressed, with scales that are made for this sound; for the MDCT the entropy of the codes",
            column("bit_rate", lambda v: f"{v / 1000:.0f} kbit/s"),
        ),
        ("As FLAC", "Real size of a FLAC file of the codes", column("flac_bytes", lambda v: kilobytes(v, 2 if v >= 1e6 else 0))),
    ]


def _segmental(value: float) -> str:
    return decibels(value) if math.isfinite(value) else "silence"


def _share(fixed: float) -> str:
    return rounded_percent(fixed) if math.isfinite(fixed) else "–"


def tones_db(level: Level) -> float:
    """The height of the highest line of the error's spectrum above its middle, in dB."""
    return float(level.error_spectrum[1:].max() - np.median(level.error_spectrum[1:]))


def notice(f: Frames, index: int, recipe: Recipe) -> str:
    """Two to four sentences on the level under the thumb."""
    level = f.levels[index]
    m = level.numbers
    unit = f"{recipe.title.lower().rstrip('s')}{'' if f.labels[index] == '1' else 's'}"
    where = f"at {f.labels[index]} {unit}" if f.labels[index].isdigit() else f"in {f.labels[index]}"
    words = [f"**{decibels(m['sqnr_db'])}** {where}, noise at {fixed(m['noise_a_db'])} dB(A)."]
    if m["sqnr_db"] == math.inf:
        return f"{words[0]} Nothing is lost here: every sample lies on a level."
    if m["stuck"] > 0.02:
        words.append(f"**For {rounded_percent(m['stuck'])} of the time the copy stands still although the sound goes on.**")
    if isinstance(recipe, ChainRecipe):
        words += _of_chain(f, level, recipe)
    else:
        words.append(f"It takes **{m['bit_rate'] / 1000:.0f} kbit/s**: every frequency is rounded by itself, loud ones coarsely.")
        words.append("The error follows the music in time and frequency; at the bottom of the slider whole bands fall silent.")
    if m["clipped"]:
        words.append(f"{m['clipped']:.0f} samples are clipped.")
    return " ".join(words)


def _of_chain(f: Frames, level: Level, recipe: ChainRecipe) -> list[str]:
    chain, tones = recipe.chain, tones_db(level)
    if level.numbers["correlation"] > 0.5 and level.numbers["sqnr_db"] > 60:
        return ["What is left of an error is mostly the sound itself, far below it: the copy is a hair louder, and that is all."]
    words = []
    if chain.shaping != "none":
        words.append(_of_shaping(level))
    elif tones > BUZZ_DB and chain.factor == 1:
        by_sound = level.dependence.fixed >= FIXED
        words.append(
            f"The error is made of tones, {tones:.0f} dB above its middle: it {'follows the sound and ' if by_sound else ''}buzzes."
        )
    elif chain.dither == "none" and level.floor is not None:
        words.append(
            "The sound is lively enough to spread its error like a hiss, though each sample still fixes its own (right-hand chart)."
        )
    elif chain.factor == 1 and level.floor is not None:
        words.append("The error lies on the dashed line of theory: a steady hiss that has nothing to do with the music.")
        if 10 ** (f.spectrum.max() / 20) < level.sound.scale / 2:
            words.append("**The loudest tone is smaller than half a step, and yet it is there**: the dither carries it over the border.")
    if chain.factor > 1:
        words.append(
            "Above half the new rate nothing is left; that loss is part of the error."
            if chain.antialias
            else "Tones above half the new rate fold down as mirror images, which run against the melody (spectrogram below)."
        )
    if chain.spec.rounding == "floor":
        words.append(
            "Cut off instead of rounded, the sound also sinks by half a step: an offset that nobody hears and that costs up to 6 dB."
        )
    return [*words, _of_dither(chain.dither)] if level.floor is not None else words


def _of_shaping(level: Level) -> str:
    """Whether the noise went where the ear, as A-weighting has it, hears less of it."""
    m = level.numbers
    weighted = m["noise_a_db"] - (m["level_db"] - m["sqnr_db"])
    where = "along the dashed curve" if level.floor is not None else "to other frequencies"
    if weighted < -_QUIETER:
        return f"The noise is not less but elsewhere, {where}: A-weighted it counts {fixed(-weighted)} dB less than its power."
    if weighted > _QUIETER:
        return f"The noise moved {where}, and there the ear is no less keen: A-weighted it counts {fixed(weighted)} dB more than its power."
    return f"The noise moved {where}; A-weighted it counts about as much as before."


def _of_dither(dither: str) -> str:
    return {
        "none": "Press 3 to hear it alone. A little noise before rounding would free it from the music.",
        "rpdf": "Even dither frees the error's mean from the signal, but its power still comes and goes (right-hand chart).",
        "tpdf": "Triangular dither costs 4.8 dB and buys an error whose mean and power stand still.",
        "tpdf-hp": "High-passed, the dither itself is moved to the treble, where it disturbs less.",
        "subtractive": "The player takes the dither off again: nothing is paid, but it must know the noise.",
    }[dither]


def python(sound: str, recipe: Recipe, label: str) -> str:
    """The program that reproduces the numbers on screen; ``sound`` are the lines that make ``sound`` and ``x``."""
    body = recipe.python(label)
    imports_of = {
        "mdct.": "from quantlab.audio import mdct, measure",
        "Chain(": "from quantlab.audio import measure\nfrom quantlab.audio.chain import Chain",
        "load_clip(": "from quantlab.audio.clips import load_clip",
    }
    imports = "\n".join(line for call, line in imports_of.items() if call in sound + body)
    return f"""from pathlib import Path

import quantlab as ql
{imports}
from quantlab.audio.dependence import dependence, even_step
from quantlab.sources.sounds import {"load_sound, " if "load_sound(" in sound else ""}to_wav

{sound}
{body}
print(f"SQNR {{ql.metrics.sqnr_db(x, heard):.1f}} dB, segmental {{measure.segmental_db(x, heard, sound.rate):.1f}} dB")
fixed = dependence(x, heard - x, step or even_step(heard - x)).fixed
print(f"peak {{abs(heard).max():.3f}}, fixed by the sound {{100 * fixed:.1f}} %")
Path("heard.wav").write_bytes(to_wav(heard, sound.rate))
"""


def csv(f: Frames) -> str:
    """Every level and its numbers as comma separated values."""
    names: Sequence[str] = list(f.levels[0].numbers)
    lines = [",".join(["level", *names])]
    lines += [",".join([level.label, *(repr(level.numbers[n]) for n in names)]) for level in f.levels]
    return "\n".join(lines) + "\n"


def scales(f: Frames) -> str:
    """A sentence on the axes of the spectrograms."""
    return f"Time to the right, {f.length / f.rate:.1f} s; frequency upwards, 0 to {f.rate / 2000:g} kHz."


def cut(f: Frames) -> str:
    """A sentence on the part that is shown of a sound whose levels would not travel whole (``frames.BUDGET``), or nothing."""
    if f.seconds_cut is None:
        return ""
    return f"The first {f.length / f.rate:.1f} of {f.seconds_cut:.1f} s are shown: more would not travel to the browser in one piece."
