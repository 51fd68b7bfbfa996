"""The tensor lab's words: what to notice, the texts of its numbers, the program and the table to take away."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from quantlab import sources
from quantlab.comparison import Row, reaching
from quantlab.formats import FORMATS, BlockFormat, FloatFormat, parse_format
from quantlab.labs.tensor import equations
from quantlab.labs.tensor.frames import FollowedValue, Frames
from quantlab.labs.text import decibels, fixed, kilobytes, percent, plain
from quantlab.quantizer import choose_qparams
from quantlab.schemes import SCHEMES
from quantlab.types import QParams, QuantSpec


def tiles(frames: Frames) -> list[tuple[str, str, list[str]]]:
    """(name, help, a text for every level) for each number of the lab."""
    points = [frame.point for frame in frames.frames]

    def column(name: str) -> list[float]:
        return [point.metrics[name] for point in points]

    scheme = SCHEMES[points[0].spec.scheme]
    codes = [len(SCHEMES[p.spec.scheme].levels(_one(p.spec), p.spec)[0]) if len(p.levels) == 0 else len(p.levels) for p in points]
    return [
        ("SQNR", "Signal to quantization noise: 10·log10 of the signal's power over the error's", [decibels(v) for v in column("sqnr_db")]),
        ("MSE", "The mean squared difference between original and reconstruction", [plain(v) for v in column("mse")]),
        ("Largest error", "The largest difference of any value", [plain(v) for v in column("max_error")]),
        ("Bits per value", "With all scales, zero points and codebooks", [fixed(v, 2) for v in column("bits_per_value")]),
        ("Code entropy", "Bits per code that an ideal entropy coder would need", [f"{fixed(v, 2)} bit" for v in column("entropy_bits")]),
        (
            "Levels used",
            "Different codes that occur, of those there are",
            [f"{int(v)} of {n}" for v, n in zip(column("levels_used"), codes, strict=True)],
        ),
        *(
            [("Clipped", "Share of the values outside the range of the levels", [percent(v) for v in column("clipped")])]
            if scheme.clips
            else []
        ),
        *([_codebook_tile([p.spec for p in points])] if "codebook" in scheme.stored(points[0].spec) else []),
    ]


def _codebook_tile(specs: Sequence[QuantSpec]) -> tuple[str, str, list[str]]:
    """What a codebook costs: its bytes, and a look-up for every value."""
    per = "" if specs[0].granularity.kind == "tensor" else " a group"
    texts = [f"{kilobytes(4 * 2**spec.bits)}{per}" for spec in specs]
    return "Codebook", "A float32 for each level; every code is looked up there, so codes cannot be multiplied as integers", texts


def _one(spec: QuantSpec) -> QParams:
    return choose_qparams(np.zeros(1, np.float32), spec)


def notice(frames: Frames, index: int) -> str:
    """Two or three sentences on the level under the thumb."""
    frame = frames.frames[index]
    m = frame.point.metrics
    words = [f"**{decibels(m['sqnr_db'])}** {_where(frames, index)}: {_power(m['sqnr_db'])}."]
    if m["mse"] == 0:
        return words[0]
    scheme = SCHEMES[frame.point.spec.scheme]
    if not scheme.clips:
        words.append("The levels are chosen from the values themselves: there is no range to clip.")
    elif m["clipped"] > 0 and m["overload"] > m["granular"]:
        words.append(
            f"Most of the error is clipping: {percent(m['clipped'])} of the values lie outside the levels, and more bits do not bring them back."
        )
    elif m["clipped"] > 0:
        words.append(
            f"{percent(m['clipped'])} of the values are clipped; they make {percent(m['overload'] / m['mse'])} of the error's power, rounding makes the rest."
        )
    else:
        words.append("Nothing is clipped: all of the error is rounding.")
    if "codebook" in scheme.stored(frame.point.spec):
        levels = "The learned levels" if scheme.clips else "They"
        words.append(f"{levels} cost a look-up for every value, and codes cannot be multiplied as integers.")
    if frame.crowd > 0.7:
        words.append(f"{percent(frame.crowd)} of the values share one code: the levels stand where the values are not.")
    elif frame.point.spec.bits - m["entropy_bits"] > 1:
        words.append(f"The codes carry {fixed(m['entropy_bits'], 2)} bits of information in {frame.point.spec.bits} bits.")
    return " ".join(words)


def _where(frames: Frames, index: int) -> str:
    label = frames.labels[index]
    return {
        "bits": f"at {label} bit{'' if label == '1' else 's'}",
        "format": f"in {label}",
        "clip": "with the full range" if label == "1" else f"with the range cut to {label} of the full one",
        "group_size": f"in groups of {label}",
        "outlier": f"with one outlier of {label}",
        "percentile": f"keeping {label} of the values",
    }.get(frames.knob, f"at {label}")


def _power(sqnr_db: float) -> str:
    if not math.isfinite(sqnr_db):
        return "every value comes back as it was"
    ratio = 10 ** (sqnr_db / 10)
    if ratio > 1.5:
        return f"the error has 1/{plain(ratio, 2)} of the signal's power"
    return "the error is as strong as the signal" if ratio > 1 / 1.5 else f"the error has {plain(1 / ratio, 2)} times the signal's power"


def following(frames: Frames, shape: tuple[int, ...]) -> list[tuple[str, str, list[str]]]:
    """The followed value at every level, in numbers put into the formula."""
    rows = [(frame.followed, frame.point.spec) for frame in frames.frames]
    return [
        ("Value", "The element nearest to the number you chose", [f"x = {plain(f.value, 5)}{_place_in(f.index, shape)}" for f, _ in rows]),
        _stored(frames),
        ("Place and code", "Where it falls among the codes, and the code it gets", [_code(f, s) for f, s in rows]),
        ("Bits", "The code as it is stored", [stored_bits(f, s) for f, s in rows]),
        ("Reconstruction", "The level that the code stands for", [_reconstruction(f, s) for f, s in rows]),
        (
            "Error",
            "Reconstruction minus value",
            [equations.difference(f) for f, _ in rows],
        ),
    ]


def _stored(frames: Frames) -> tuple[str, str, list[str]]:
    """What the group of the followed value stores beside its codes: no quantity that the scheme has not."""
    rows = [(frame.followed, frame.point.spec, frame.levels) for frame in frames.frames]
    spec = rows[0][1]
    names = SCHEMES[spec.scheme].stored(spec)
    if "codebook" in names:
        texts = [f"{2**s.bits} levels in a table of {kilobytes(4 * 2**s.bits)}" for _, s, _ in rows]
        if "scale" in names:  # one table for the tensor, stretched for each group
            texts = [f"s = {plain(f.scale, 5)}, {text}" for (f, _, _), text in zip(rows, texts, strict=True)]
            return (
                "Scale, Codebook",
                "Of the group this value belongs to; the levels are the whole tensor's, a code is its row there",
                texts,
            )
        return "Codebook", "The levels of the group this value belongs to; a code is its row there", texts
    if "moments" in names:
        return (
            "Levels",
            "They follow from two numbers of the group, its mean and its spread",
            [f"{2**s.bits} for this density" for _, s, _ in rows],
        )
    if "level" in names:
        return (
            "Level",
            "Of the group this value belongs to; the others are its negative and 0",
            [f"±{plain(float(v[-1]), 5)}" for _, _, v in rows],
        )
    if "zero" in names:  # any number: where 0.0 would lie among the codes
        texts = [f"s = {plain(f.scale, 5)}, z = {plain(f.place - f.value / f.scale, 5)}" for f, _, _ in rows]
        return "Scale, zero point", "Of the group this value belongs to; the zero point is any number", texts
    if "zero_point" in names or any(f.zero_point and is_affine(s) for f, s, _ in rows):
        texts = [f"s = {plain(f.scale, 5)}, z = {f.zero_point}" for f, _, _ in rows]
        return "Scale, zero point", "Of the group this value belongs to", texts
    texts = [f"s = {plain(f.scale, 5)}" if SCHEMES[s.scheme].stored(s) else "none" for f, s, _ in rows]
    return "Scale", "Of the group this value belongs to; where there is none, values are cast as they are", texts


def cheapest(rows: Sequence[Row], target_db: float) -> str:
    """The scheme of fewest bits per value that reaches the target, and what the most bits reach where none does."""
    if not rows:
        return ""
    best = reaching(rows, target_db)
    if best is None:
        most = max(rows, key=lambda row: row.sqnr_db)
        return f"No scheme reaches {plain(target_db)} dB on this tensor; {most.setting} comes nearest, with {decibels(most.sqnr_db)}."
    return (
        f"Cheapest that reaches {plain(target_db)} dB: **{best.setting}**, "
        f"{fixed(best.bits_per_value, 2)} bits per value, {decibels(best.sqnr_db)}."
    )


def row(row: Row) -> dict[str, Any]:
    """A row of the table of all schemes, numbers in full."""
    return {
        "Scheme": row.title,
        "Bits": row.spec.bits,
        "Bits per value": row.bits_per_value,
        "SQNR, dB": row.sqnr_db,
        "Largest error": row.max_error,
        "MSE": row.mse,
        "Stands for": row.used_by,
    }


def _place_in(index: int, shape: tuple[int, ...]) -> str:
    if len(shape) < 2:
        return f", element {index}"
    places: list[int] = []
    for length in reversed(shape):
        index, place = divmod(index, length)
        places.insert(0, place)
    return f", element [{', '.join(map(str, places))}]"


def _code(f: FollowedValue, spec: QuantSpec) -> str:
    if is_affine(spec):
        return equations.place_and_code(f, spec)
    clips = SCHEMES[spec.scheme].clips
    beyond = (f.code == f.qmax and f.place + f.zero_point > f.qmax + 0.5) or (f.code == f.qmin and f.place + f.zero_point < f.qmin - 0.5)
    return f"place {plain(f.place + f.zero_point, 4)} of {f.qmin} to {f.qmax}, code {f.code}{' (clipped)' if clips and beyond else ''}"


def _reconstruction(f: FollowedValue, spec: QuantSpec) -> str:
    return equations.reconstruction(f) if is_affine(spec) else f"level of code {f.code} = {plain(f.x_hat, 5)}"


def is_affine(spec: QuantSpec) -> bool:
    """Whether the code is the value over the scale, rounded, plus the zero point."""
    scheme = SCHEMES[spec.scheme]
    return scheme.affine and (spec.bits > 1 or not scheme.symmetric)  # one symmetric bit is a sign


def stored_bits(f: FollowedValue, spec: QuantSpec) -> str:
    """The code in binary: two's complement; sign, exponent and mantissa apart for a float format."""
    form = parse_format(spec.format) if spec.scheme in ("float", "mx") else None
    if isinstance(form, BlockFormat):
        form = FORMATS[form.element]
    if isinstance(form, FloatFormat):
        text = f"{int(form.encode(f.x_hat / f.scale)):0{form.bits}b}"
        return f"{text[0]} {text[1 : 1 + form.exponent_bits]} {text[1 + form.exponent_bits :]}".strip()
    return f"{f.code & (2**spec.bits - 1):0{spec.bits}b}"


def python(source: str, spec: QuantSpec, transform: str = "none") -> str:
    """The program that reproduces the numbers on screen; ``source`` are the lines that make x, ``transform`` what x goes through first."""
    back = ""
    if transform != "none":
        source = f"{source.strip()}\nbefore = x\ntransform = fit(before, {transform!r})\nx = transform.forward(before)"
        back = 'print(f"Undone: SQNR {ql.metrics.sqnr_db(before, transform.inverse(x_hat)):.1f} dB")\n'
    call = repr(spec).replace("QuantSpec(", "ql.QuantSpec(").replace("=per_", "=ql.per_")
    used = [name for name in sources.__all__ if re.search(rf"\b{name}\(|\b{name}\[", source)]
    path = "from pathlib import Path\n\n" if "Path(" in source else ""
    return f"""{path}import quantlab as ql
from quantlab.sources import {", ".join(used)}
{"" if transform == "none" else f"from quantlab.transforms import fit{chr(10)}"}
{source.strip()}
spec = {call}
q = ql.quantize(x, spec)
x_hat = ql.dequantize(q)
print(f"SQNR {{ql.metrics.sqnr_db(x, x_hat):.1f}} dB, MSE {{ql.metrics.mse(x, x_hat):.4g}}")
print(f"{{q.bits_per_value:.2f}} bits per value, code entropy {{ql.metrics.entropy_bits(q.codes):.2f}} bit")
{back}"""


def csv(frames: Frames) -> str:
    """Every level and its numbers as comma separated values."""
    names: Sequence[str] = list(frames.frames[0].point.metrics)
    lines = [",".join([frames.knob, *names])]
    lines += [",".join([f.point.label, *(repr(f.point.metrics[n]) for n in names)]) for f in frames.frames]
    return "\n".join(lines) + "\n"
