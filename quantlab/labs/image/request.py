"""The image lab's request and parameters: what of a picture is quantized and how, its dither, the dithers beside it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace

from quantlab.caching import lru_cache
from quantlab.grouping import PerTensor, parse_granularity
from quantlab.images import DITHERS, PALETTES, SPACES, Recipe
from quantlab.images.tables import is_table
from quantlab.labs.address import Address, Parameter, Place, Values
from quantlab.labs.forms import Choice, Number, Several, Value, levels
from quantlab.labs.image.subject import ImageSubject
from quantlab.labs.image.wipe import usual_view, wipe_views
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
from quantlab.schemes import SCHEMES
from quantlab.types import QuantSpec

_WHAT = {slug: space.title for slug, space in SPACES.items()} | {"palette": "A palette of few colours", "dct": "JPEG: waves of 8×8 blocks"}
_SHARED = {"tensor": "All channels", "channel-2": "Each channel"}
_RANGES = {"picture": "This picture's values", "full": "All values there are"}
_ORDERS = {"straight": "every row from left to right", "serpentine": "there and back (serpentine)"}
_DITHERS = {slug: dither.title for slug, dither in DITHERS.items()}
_FOLLOWS = "follow"


@dataclass(frozen=True)
class ImageRequest:
    """A picture, a recipe, and the dithers whose curves stand beside the recipe's own."""

    subject: ImageSubject
    recipe: Recipe
    dithers: tuple[str, ...]

    @property
    def key(self) -> Hashable:
        """Names all that is computed, in caches."""
        return (self.subject.key, self.recipe, self.dithers)


def image_request_of(address: Address) -> ImageRequest:
    """The request that an address makes."""
    return ImageRequest(address.subject, _recipe(address.values), tuple(address.get("compare", ())))


def without_dither(recipe: Recipe) -> Recipe:
    """The recipe without its dither."""
    return replace(recipe, dither="none", strength=1.0, serpentine=False, seed=0)


def _recipe(values: Mapping[str, Value]) -> Recipe:
    """The recipe of what was read so far."""
    what = values["what"]
    options: dict[str, Value] = {}
    if what in SPACES:
        options["spec"] = _spec(values)
    if "range" in values:
        options["full_range"] = values["range"] == "full"
    for name in ("luma", "chroma"):
        if name in values:
            options[name] = None if values[name] == _FOLLOWS else int(values[name])
    if "palette" in values:
        options["method"] = values["palette"]
    for name in ("dead_zone", "dither", "strength"):
        if name in values:
            options[name] = values[name]
    if "order" in values:
        options["serpentine"] = values["order"] == "serpentine"
    if _is_noise(values):
        options["seed"] = values["dice"]
    return _checked(what, tuple(options.items()))


@lru_cache(maxsize=256)
def _checked(what: str, options: tuple[tuple[str, Value], ...]) -> Recipe:
    return Recipe(what, **dict(options))


def _spec(values: Mapping[str, Value]) -> QuantSpec:
    """The scheme of a scalar space, at its default bits."""
    settings = range_settings(values) | knob_settings(values)
    return _checked_spec(values["scheme"], values.get("granularity", ""), tuple(settings.items()))


@lru_cache(maxsize=256)
def _checked_spec(scheme: str, granularity: str, settings: tuple[tuple[str, Value], ...]) -> QuantSpec:
    shared = (
        parse_granularity(granularity)
        if granularity
        else PerTensor()
        if _shares_tensor(scheme)
        else QuantSpec(scheme, **dict(settings)).granularity
    )
    return QuantSpec(scheme, granularity=shared, **dict(settings))


def _shares_tensor(scheme: str) -> bool:
    return "tensor" in SCHEMES[scheme].granularities


def _in_space(values: Values) -> bool:
    return values["what"] in SPACES


def _has_channels(values: Values) -> bool:
    """Whether a scheme can be chosen for all channels or for each."""
    space = SPACES.get(values["what"])
    return space is not None and not space.apart and len(space.channels) > 1 and _shares_tensor(values["scheme"])


def _shared(values: Values) -> dict[str, str]:
    kinds = scheme_of(values).granularities
    return {slug: title for slug, title in _SHARED.items() if slug.split("-")[0] in kinds}


def _is_apart(values: Values) -> bool:
    return _in_space(values) and SPACES[values["what"]].apart


def _has_fixed_levels(values: Values) -> bool:
    """Whether equal pixels become equal without a dither, which is what a dither needs."""
    return values["what"] == "palette" or (_in_space(values) and is_table(_spec(values)))


def _is_dithered(values: Values) -> bool:
    return values.get("dither", "none") != "none"


def _has_order(values: Values) -> bool:
    return _is_dithered(values) and DITHERS[values["dither"]].kernel is not None and values["what"] != "palette"


def _is_noise(values: Mapping[str, Value]) -> bool:
    return values.get("dither") == "white-noise"


def _knob_place(values: Values) -> Place:
    return "side" if "format" in scheme_of(values).knobs else "more"


def _bits_of(values: Values) -> Choice:
    allowed = Recipe(values["what"], _spec(values)).levels
    return Choice({_FOLLOWS: "as the slider says"} | {str(bits): f"{bits} bits" for bits in allowed})


def _slider_title(values: Values) -> str:
    return {"palette": "Colours", "dct": "JPEG quality"}.get(values["what"], "Bits a channel")


def _first_level(values: Values) -> str:
    labels = _recipe(values).labels
    usual = {"palette": "16", "dct": "10"}.get(values["what"], "2")
    return usual if usual in labels else labels[0]


PARAMETERS = (
    Parameter(
        "what",
        f"what is quantized: {', '.join(f'`{slug}`' for slug in _WHAT)}",
        Choice(_WHAT),
        "rgb",
        "What is quantized",
        advice="The numbers that are rounded: channels, colours of a palette, or JPEG's waves.",
    ),
    scheme_parameter(list(SCHEMES), "int-asymmetric", _in_space),
    Parameter(
        "granularity",
        "what shares one scale: `tensor` (all channels), `channel-2` (each)",
        lambda values: Choice(_shared(values)),
        "tensor",
        "One scale for",
        "more",
        _has_channels,
        advice="One range for all channels together, or one for each.",
    ),
    *range_parameters("more", _in_space),
    *knob_parameters(_knob_place, _in_space, without=lambda values: ("scales",)),
    own_parameter(_in_space, _knob_place),
    Parameter(
        "range",
        "what the range is chosen on: this `picture` or the `full` bytes",
        Choice(_RANGES),
        "picture",
        "Range chosen on",
        "more",
        lambda values: _in_space(values) and is_table(_spec(values)),
        advice="Whether the range fits this picture or all that a byte can hold.",
    ),
    Parameter(
        "luma",
        "bits of luma that stay while the slider moves",
        _bits_of,
        _FOLLOWS,
        "Bits of luma",
        "more",
        _is_apart,
        advice="Bits of brightness, when they shall not follow the slider.",
    ),
    Parameter(
        "chroma",
        "bits of chroma that stay while the slider moves",
        _bits_of,
        _FOLLOWS,
        "Bits of chroma",
        "more",
        _is_apart,
        advice="Bits of colour, when they shall not follow the slider.",
    ),
    Parameter(
        "palette",
        "how a palette is made",
        Choice({slug: palette.title for slug, palette in PALETTES.items()}),
        "median-cut",
        "Palette by",
        when=lambda values: values["what"] == "palette",
        advice="How the few colours are chosen.",
    ),
    Parameter(
        "dead_zone",
        "how wide the bin at zero of JPEG's waves is",
        Number(1.0, 2.0, step=0.1),
        1.0,
        "Bin at zero, times as wide",
        "more",
        lambda values: values["what"] == "dct",
        advice="A wider bin at zero makes more waves 0, and the file smaller.",
    ),
    Parameter(
        "dither",
        "the dither",
        Choice(_DITHERS),
        "floyd-steinberg",
        "Dither",
        when=_has_fixed_levels,
        advice="Noise or a pattern before rounding, or errors passed on: bands become grain.",
    ),
    Parameter(
        "strength",
        "the share of the dither",
        Number(0.0, 1.0, step=0.1),
        1.0,
        "Strength of the dither",
        "more",
        _is_dithered,
        advice="How much of the dither is added: 1 is all of it.",
    ),
    Parameter(
        "order",
        "the order of the pixels: `straight` or `serpentine`",
        Choice(_ORDERS),
        "straight",
        "Order of the pixels",
        "more",
        _has_order,
        advice="Straight goes every row from left to right; serpentine turns at the end of each.",
    ),
    Parameter(
        "dice",
        "the seed of the white noise",
        Number(0, 2**31 - 1),
        0,
        "Seed of the noise",
        "more",
        _is_noise,
        advice="Another number draws other noise.",
    ),
    Parameter(
        "compare",
        "the dithers whose curves are drawn beside, with commas between",
        Several(_DITHERS),
        ("none",),
        "Dithers compared",
        "more",
        _has_fixed_levels,
        advice="Their curves stand beside the one you chose.",
    ),
    Parameter(
        "view",
        "what the canvas shows: `original`, `plain` (no dither), `error`, `ssim`",
        lambda values: Choice(wipe_views(_is_dithered(values))),
        lambda values: usual_view(_is_dithered(values)),
        place="hidden",
    ),
    KEPT,
    Parameter(
        "bits",
        "the level on the slider",
        lambda values: levels(_recipe(values).labels),
        _first_level,
        _slider_title,
        "bottom",
        advice="Drag it, or use the arrow keys: everything on the page follows.",
    ),
)
