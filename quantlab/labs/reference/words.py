"""Facts of the registries as tables: what every entry is, read off the entry itself; and what each room says."""

from __future__ import annotations

from collections.abc import Callable

from quantlab.formats import FORMATS, BlockFormat, FloatFormat, Format
from quantlab.labs.reference import vectors
from quantlab.labs.reference.bits import Reading, Single
from quantlab.labs.reference.request import ReferenceRequest
from quantlab.labs.text import plain
from quantlab.ranges import CALIBRATORS
from quantlab.rounding import ROUNDINGS
from quantlab.schemes import SCHEMES
from quantlab.types import QuantSpec

Table = list[dict[str, str]]


def schemes() -> Table:
    """One row a scheme."""
    return [
        {
            "Scheme": slug,
            "Name": s.title,
            "Bits": _span(slug),
            "What for": s.blurb,
            "Zero exact": "yes" if s.zero_exact(_example(slug)) else "no",
            "One scale for": ", ".join(s.granularities),
            "Ranges": ", ".join(s.calibrators),
            "Own knobs": ", ".join(f"{n}={k.default}" for n, k in s.knobs.items()),
            "Source": s.source,
        }
        for slug, s in SCHEMES.items()
    ]


def _example(slug: str) -> QuantSpec:
    allowed = SCHEMES[slug].bits_allowed({n: k.default for n, k in SCHEMES[slug].all_knobs().items()})
    return QuantSpec(slug, 4 if 4 in allowed else allowed[-1])


def _span(slug: str) -> str:
    scheme = SCHEMES[slug]
    defaults = {n: k.default for n, k in scheme.all_knobs().items()}
    choices = scheme.knobs["format"].choices if "format" in scheme.knobs else (None,)
    widths = sorted({b for f in choices for b in scheme.bits_allowed(defaults | ({"format": f} if f else {}))})
    return str(widths[0]) if len(widths) == 1 else f"{widths[0]} to {widths[-1]}"


def formats(unlisted: Single | None = None) -> Table:
    """One row a format, first ``unlisted`` where it is in no table; what a kind of format does not have stays empty."""
    first: dict[str, Format] = {} if unlisted is None or unlisted.slug in FORMATS else {unlisted.slug: unlisted}
    return [_format(slug, entry) for slug, entry in (first | FORMATS).items()]


_OF_FORMATS = ("Bits per value", "Largest", "Made of", "Smallest normal", "Smallest", "Infinity", "NaN")


def _format(slug: str, entry: Format) -> dict[str, str]:
    row: dict[str, str] = {"Format": slug, "Name": entry.title} | dict.fromkeys(_OF_FORMATS, "")
    if isinstance(entry, BlockFormat):
        row |= {"Bits per value": f"{entry.bits_per_value:.2f}", "Made of": f"{entry.block} × {entry.element}, scale {entry.scale_format}"}
    else:
        row |= {"Bits per value": str(entry.bits), "Largest": plain(float(entry.max), 6)}
    if isinstance(entry, FloatFormat):
        row |= {
            "Made of": f"1 sign, {entry.exponent_bits} exponent, {entry.mantissa_bits} fraction bits, bias {entry.bias}",
            "Smallest normal": plain(entry.min_normal, 4),
            "Smallest": plain(entry.min_subnormal, 4),
            "Infinity": "yes" if entry.has_inf else "no",
            "NaN": {"none": "none", "one": "one", "ieee": "many", "zero": "one, for −0"}[entry.nan],
        }
    return row | {"Used by": getattr(entry, "used_by", ""), "Source": getattr(entry, "source", "")}


def calibrators() -> Table:
    """One row a calibrator."""
    return [{"Calibrator": slug, "Name": c.title, "What it does": c.blurb, "Source": c.source} for slug, c in CALIBRATORS.items()]


def roundings() -> Table:
    """One row a rounding."""
    return [{"Rounding": slug, "Name": r.title, "Formula": r.formula, "Used by": r.used_by} for slug, r in ROUNDINGS.items()]


def neighbours(r: Reading) -> str:
    """The next values down and up, in words."""
    return f"Next value down {_number(r.below)}, next value up {_number(r.above)}."


def _number(value: float | None) -> str:
    return "none" if value is None else plain(value, 9)


def bits_of(request: ReferenceRequest) -> str:
    """The word and what it says."""
    entry, reading = request.format, request.reading
    if entry is None or reading is None:
        return ""
    return f"{entry.title}: **{reading.kind}**, the word is {request.word:#x}. {neighbours(reading)}"


_OF_RANGES = "Weights with outliers, int-symmetric, one scale: at the best range one error falls as fast as the other rises."

TABLES: dict[str, Callable[[ReferenceRequest], Table]] = {  # of each room
    "schemes": lambda request: schemes(),
    "formats": lambda request: formats(request.format),
    "bits-of": lambda request: [],
    "ranges": lambda request: calibrators(),
    "roundings": lambda request: roundings(),
    "vectors": lambda request: vectors.table(),
}
ABOUT: dict[str, Callable[[ReferenceRequest], str]] = {  # of each room, as Markdown
    "schemes": lambda request: SCHEMES[request.scheme].blurb,
    "formats": lambda request: "",
    "bits-of": bits_of,
    "ranges": lambda request: _OF_RANGES,
    "roundings": lambda request: "",
    "vectors": lambda request: vectors.about(),
}
