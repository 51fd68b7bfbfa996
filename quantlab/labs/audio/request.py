"""The audio lab's request and parameters: a converter of any scheme with dither, noise shaping and another rate, or MP3's transform."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from quantlab.audio import mdct, rates
from quantlab.audio.chain import Chain
from quantlab.audio.dithers import DITHERS
from quantlab.audio.shaping import SHAPERS
from quantlab.caching import lru_cache
from quantlab.labs.address import Address, Parameter, Values
from quantlab.labs.audio.recipe import ChainRecipe, MdctRecipe, Recipe
from quantlab.labs.audio.subject import AudioSubject
from quantlab.labs.forms import Choice, Number, Value, levels
from quantlab.labs.kept import KEPT
from quantlab.labs.quantizer import knob_parameters, knob_settings, own_parameter, scheme_choice
from quantlab.schemes import SCHEMES
from quantlab.types import QuantSpec

MDCT = "mdct"
_ROUNDINGS = {"nearest-even": "to the nearest level", "floor": "cut off (truncation)"}


@dataclass(frozen=True)
class AudioRequest:
    """A sound and what is done to it."""

    subject: AudioSubject
    recipe: Recipe

    @property
    def key(self) -> Hashable:
        """Names all that is computed, in caches."""
        return (self.subject.key, self.recipe)


def request_of(address: Address) -> AudioRequest:
    """The request that an address makes."""
    return AudioRequest(address.subject, _recipe(address.values, address.subject))


def _recipe(values: Mapping[str, Value], subject: AudioSubject) -> Recipe:
    read = tuple((name, values[name]) for name in values if name in _OF_RECIPE)
    return _cached_recipe(read, subject.sound.rate)


@lru_cache(maxsize=256)
def _cached_recipe(read: tuple[tuple[str, Value], ...], rate: int) -> Recipe:
    """The recipe of these parameters; without its noise shaping where that filter is not made for the rate."""
    values = dict(read)
    if values["scheme"] == MDCT:
        return MdctRecipe(int(values["window"]), values["shape"])
    spec = QuantSpec(values["scheme"], seed=values.get("dice", 0), **knob_settings(values))
    factor, shaping = int(values["factor"]), values.get("shaping", "none")
    return ChainRecipe(
        Chain(
            spec.replace(rounding=values["rounding"]) if "rounding" in values else spec,
            rise=values.get("levels") == "rise",
            dither=values.get("dither", "none"),
            shaping="none" if _shaping_problem(shaping, rate, factor) else shaping,
            factor=factor,
            antialias=values.get("antialias", "yes") == "yes",
        )
    )


@lru_cache(maxsize=256)
def _shaping_problem(shaping: str, rate: int, factor: int) -> str:
    """Why this filter cannot be used at this rate, "" where it can."""
    try:
        SHAPERS[shaping].taps(rate / factor)
    except ValueError as problem:
        return f"{problem}."
    return ""


def _is_mdct(values: Values) -> bool:
    return values["scheme"] == MDCT


def _is_chain(values: Values) -> bool:
    return values["scheme"] != MDCT


def _is_uniform(values: Values) -> bool:
    return values["scheme"] in SCHEMES and SCHEMES[values["scheme"]].affine


def _has_knobs(values: Values) -> bool:
    return _is_chain(values) and not _is_uniform(values)


def _rate(values: Values) -> int:
    return values.subject.sound.rate


@lru_cache(maxsize=32)
def _rates(rate: int) -> Choice:
    """The sound's rate and what is left of it."""
    return Choice({str(k): f"{rate / k / 1000:.4g} kHz" for k in rates.FACTORS})


def _shapers(values: Values) -> Choice:
    subtractive = DITHERS[values["dither"]].subtractive
    return Choice({slug: shaper.title for slug, shaper in SHAPERS.items() if slug == "none" or not subtractive})


def _roundings(values: Values) -> dict[str, str]:
    return {slug: title for slug, title in _ROUNDINGS.items() if slug in SCHEMES[values["scheme"]].roundings}


PARAMETERS = (
    Parameter(
        "scheme",
        "how samples become codes: a slug of the table of schemes, or `mdct`",
        scheme_choice({slug: scheme.title for slug, scheme in SCHEMES.items()} | {MDCT: "MDCT and power law, as in MP3"}),
        "int-symmetric",
        "Scheme",
        advice="Where the levels lie that samples are moved to.",
    ),
    Parameter(
        "window",
        "of `mdct`: the samples of a window",
        Choice({str(size): f"{size} samples" for size in mdct.SIZES}),
        "2048",
        "Window",
        "more",
        _is_mdct,
        advice="Long windows tell pitches apart, short ones moments.",
    ),
    Parameter(
        "shape",
        "of `mdct`: the shape of the window",
        Choice({"sine": "sine", "kbd": "Kaiser-Bessel"}),
        "sine",
        "Shape of the window",
        "more",
        _is_mdct,
        advice="How a window fades in and out.",
    ),
    Parameter(
        "dither",
        "the noise that is added before rounding",
        Choice({slug: dither.title for slug, dither in DITHERS.items()}),
        "none",
        "Dither",
        when=_is_uniform,
        advice="Noise before rounding: the error no longer follows the sound.",
    ),
    Parameter(
        "shaping",
        "the filter that moves the error's noise",
        _shapers,
        "none",
        "Noise shaping",
        when=_is_uniform,
        advice="Moves the noise to where the ear hears it less.",
    ),
    *knob_parameters(when=_has_knobs, without=lambda values: ("format", "scales")),
    own_parameter(when=_has_knobs),
    Parameter(
        "factor",
        "by what the sample rate is divided",
        lambda values: _rates(_rate(values)),
        "1",
        "Sample rate",
        when=_is_chain,
        problem=lambda factor, values: _shaping_problem(values.get("shaping", "none"), _rate(values), int(factor)),
        advice="Fewer samples a second: nothing above half that rate remains.",
    ),
    Parameter(
        "antialias",
        "whether a low-pass filter comes before fewer samples: `yes`, `no`",
        Choice({"yes": "low-pass filter", "no": "no filter: aliases"}),
        "yes",
        "Before fewer samples",
        "more",
        lambda values: values.get("factor", "1") != "1",
        advice="A filter takes away what the lower rate cannot hold; without it, it comes back as false tones.",
    ),
    Parameter(
        "levels",
        "of `int-symmetric`: whether one level is zero, `tread`, or none, `rise`",
        Choice({"tread": "mid-tread: one is zero", "rise": "mid-rise: none is zero"}),
        "tread",
        "Levels",
        "more",
        lambda values: values["scheme"] == "int-symmetric",
        advice="With a level at zero silence stays silent; without, there is one level more.",
    ),
    Parameter(
        "rounding",
        "the rounding: `nearest-even`, `floor`",
        lambda values: Choice(_roundings(values)),
        "nearest-even",
        "Rounding",
        "more",
        lambda values: _is_chain(values) and len(_roundings(values)) > 1,
        advice="To the nearest level, or always down.",
    ),
    Parameter(
        "dice",
        "the seed of the dither",
        Number(0, 2**31 - 1),
        0,
        "Seed of the dither",
        "more",
        lambda values: values.get("dither", "none") != "none",
        advice="Another number draws other noise.",
    ),
    KEPT,
    Parameter(
        "bits",
        "the level on the slider",
        lambda values: levels(_recipe(values, values.subject).labels),
        lambda values: _recipe(values, values.subject).default,
        lambda values: _recipe(values, values.subject).title,
        "bottom",
        advice="Drag it, or use the arrow keys: everything on the page follows.",
    ),
)
_OF_RECIPE = frozenset(parameter.name for parameter in PARAMETERS) - {"bits", KEPT.name}
