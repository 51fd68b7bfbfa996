"""The tensor lab's request and parameters: a quantizer, what the slider scrubs, the value that is followed."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from math import prod

from quantlab.grouping import Granularity, PerChannel, PerGroup, PerTensor, PerToken, parse_granularity
from quantlab.labs.address import Address, Parameter, Values
from quantlab.labs.forms import Choice, Levels, Number, OpenChoice, Text, Value, finite_number, levels
from quantlab.labs.kept import KEPT
from quantlab.labs.quantizer import (
    knob_parameters,
    knob_settings,
    own_parameter,
    range_parameters,
    range_settings,
    scheme_of,
    scheme_parameter,
)
from quantlab.labs.tensor.scrubs import SCRUBS, Scrub, before, scrubs_for
from quantlab.labs.tensor.subject import Tensor
from quantlab.schemes import SCHEMES
from quantlab.types import QuantSpec

_GROUPS = (16, 32, 64, 128, 256)
MOST_SMALL_GROUPS, SMALL = 1 << 17, 16  # groups x levels of a codebook scheme, and their scales, would take gigabytes


@dataclass(frozen=True)
class TensorRequest:
    """A tensor, a spec (with any level of the slider), what the slider scrubs, and the number to follow, if there is one.

    axis : what the chart of all schemes counts bits for, a ``value`` or a ``code``.
    """

    tensor: Tensor
    spec: QuantSpec
    scrub: Scrub
    follow: float | None
    axis: str

    @property
    def key(self) -> Hashable:
        """Names all that is computed, in caches."""
        return (self.tensor.key, self.spec, self.scrub.slug, self.follow, self.axis)


def request_of(address: Address) -> TensorRequest:
    """The request that an address makes."""
    spec = _spec(address.values)
    allowed = SCHEMES[spec.scheme].bits_allowed(spec.knobs)
    bits = address.get("width") if address["scrub"] != "bits" and len(allowed) > 1 else None
    tensor, scrub = address.subject, SCRUBS[address["scrub"]]
    scrub = scrub if tensor.original is None else before(scrub, tensor.original.x, tensor.word)
    return TensorRequest(tensor, spec.replace(bits=bits), scrub, finite_number(address["value"]), address.get("axis", "value"))


def _spec(values: Mapping[str, Value]) -> QuantSpec:
    """The spec of what was read so far, at the scheme's default bits."""
    spec = _calibrated(values)
    return spec.replace(bits=None, **knob_settings(values)) if "scrub" in values else spec


def _calibrated(values: Mapping[str, Value]) -> QuantSpec:
    """The spec before the scheme's own knobs."""
    granularity = parse_granularity(values["granularity"])
    percentile = {"percentile": values["percentile"]} if "percentile" in values else {}
    return QuantSpec(values["scheme"], granularity=granularity, **range_settings(values), **percentile)


def _granularities(values: Values) -> OpenChoice:
    """The granularities that the scheme supports and that fit the shape; others that fit can be written."""
    shape, scheme = values.subject.x.shape, scheme_of(values)
    block = QuantSpec(scheme.slug).granularity
    entries: list[Granularity] = [PerTensor(), *(PerChannel(axis) for axis in range(len(shape)) if len(shape) > 1)]
    entries += [PerToken()] if len(shape) > 2 else []  # of a matrix it is each row
    entries += [PerGroup(n) for n in _GROUPS if shape and n < shape[-1]]
    entries = [block] if scheme.block_only else [*(g for g in entries if not too_many(g, shape)), block]
    entries.sort(key=lambda g: (g.kind != "tensor", g.kind, getattr(g, "size", 0)))

    def other(raw: str) -> str | None:
        try:
            granularity = parse_granularity(raw)
            granularity.tile(shape)
        except ValueError:
            return None
        fits = granularity == block if scheme.block_only else granularity.kind in scheme.granularities and not too_many(granularity, shape)
        return granularity.title if fits and granularity.slug == raw else None

    limit = f"a tensor is cut into at most {MOST_SMALL_GROUPS} groups of fewer than {SMALL} values"
    titles = {g.slug: "the format's own blocks" if scheme.block_only else g.title for g in entries if g.kind in scheme.granularities}
    return OpenChoice(titles, other=other, limit=limit)


def too_many(granularity: Granularity, shape: tuple[int, ...]) -> bool:
    """Whether the tensor would have too many small groups to be computed beside others on one machine.

    >>> too_many(PerGroup(1), (1000, 1000)), too_many(PerGroup(16), (3162, 3162)), too_many(PerChannel(0), (10**6, 1))
    (True, False, True)
    """
    return prod(granularity.tile(shape)) < SMALL and granularity.count(shape) > MOST_SMALL_GROUPS


def _scrubs(values: Values) -> dict[str, Scrub]:
    return scrubs_for(_calibrated(values), values.subject.x.shape)


def _scrub_options(values: Values) -> Choice:
    spec = _calibrated(values)
    return Choice({slug: scrub.title(spec) for slug, scrub in _scrubs(values).items()})


def _scrubbed_knob(values: Values) -> tuple[str, ...]:
    return (SCRUBS[values["scrub"]].knob(_calibrated(values)),)


def _widths(values: Values) -> tuple[int, ...]:
    spec = _spec(values)
    return tuple(scheme_of(values).bits_allowed(spec.knobs))


def _stops(values: Values) -> Levels:
    return levels(SCRUBS[values["scrub"]].labels(_spec(values), values.subject.x.shape))


PARAMETERS = (
    scheme_parameter(list(SCHEMES), "int-symmetric"),
    Parameter(
        "granularity",
        "what shares one scale: `tensor`, `channel-0`, `token`, `group-64`, `block-16x16`",
        _granularities,
        lambda values: QuantSpec(values["scheme"]).granularity.slug,
        "One scale for",
        advice="Which values share one scale: fewer together cost bits and spare error.",
    ),
    *range_parameters(),
    Parameter(
        "percentile",
        "the share of values that the percentile rule keeps",
        Number(50.0, 100.0),
        99.9,
        "Percentile",
        "more",
        lambda values: values["calibrator"] == "percentile",
        advice="The share of the values, in per cent, that stays inside the range.",
    ),
    Parameter(
        "scrub",
        "what the slider scrubs: `bits` (or the format), `clip`, `group`, `outlier`, `percentile`",
        _scrub_options,
        lambda values: next(iter(_scrubs(values))),
        "Slider",
        advice="What the slider below changes.",
    ),
    *knob_parameters(without=_scrubbed_knob),
    own_parameter(),
    Parameter(
        "width",
        "the bit width while the slider scrubs something else",
        lambda values: Number(int(_widths(values)[0]), int(_widths(values)[-1])),
        lambda values: min(max(4, int(_widths(values)[0])), int(_widths(values)[-1])),
        "Bits",
        when=lambda values: values["scrub"] != "bits" and len(_widths(values)) > 1,
        advice="Bits of a code while the slider changes something else.",
    ),
    KEPT,
    Parameter(
        "bits",
        "the level on the slider, whatever it scrubs",
        _stops,
        lambda values: SCRUBS[values["scrub"]].default_label(_spec(values), values.subject.x.shape),
        lambda values: SCRUBS[values["scrub"]].title(_spec(values)),
        "bottom",
        advice="Drag it, or use the arrow keys: everything on the page follows.",
    ),
    Parameter(
        "axis",
        "what the chart of all schemes counts bits for: `value`, with its share of scales and codebooks, or `code`, without",
        Choice({"value": "value, with all that is stored", "code": "code alone"}),
        "value",
        "The chart counts bits per",
        "side",
        lambda values: values["scrub"] == "bits" and len(_widths(values)) > 1,
        "Bits of a value count its share of all scales and codebooks; bits of a code do not.",
    ),
    Parameter(
        "target",
        "the SQNR in dB that the cheapest scheme shall reach",
        Number(0.0, 120.0, 1.0),
        30.0,
        "Good enough, dB",
        "table",
        advice="The least bits per value that reach this SQNR are named above the table of all schemes.",
    ),
    Parameter(
        "value",
        "the number that is followed",
        Text(placeholder="0.013"),
        title="A number; or click one in a chart",
        place="page",
        problem=lambda raw, values: (
            f"{raw[:40]!r} is not a number to follow; type one like 0.013." if raw and finite_number(raw) is None else ""
        ),
        advice="The value nearest to this number is followed through the quantizer.",
    ),
)
