"""The network lab's request and parameters: how the network is quantized, what the slider moves, which setting is pinned beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from quantlab.grouping import parse_granularity
from quantlab.labs.address import Address, Parameter, Place, Table, Values
from quantlab.labs.forms import Choice, Number, Text, Value, levels
from quantlab.labs.kept import KEPT, kept_query, title_of
from quantlab.labs.network.answers.agreement import EXTREMES
from quantlab.labs.network.answers.curves import measures
from quantlab.labs.network.shared import calibration_parameter, images_parameter
from quantlab.labs.network.subject import SUBJECT, NetworkSubject, network_subject, written_subject
from quantlab.labs.quantizer import (
    knob_parameters,
    knob_settings,
    own_parameter,
    range_parameters,
    range_settings,
    scheme_of,
    scheme_parameter,
)
from quantlab.networks.settings import WIDTHS, Bits, Setting
from quantlab.ranges import CALIBRATORS
from quantlab.schemes import SCHEMES
from quantlab.types import QuantSpec

_AFFINE = sorted(
    (s for s, e in SCHEMES.items() if e.affine and "arithmetic" in e.knobs), key=lambda s: SCHEMES[s].symmetric
)  # of activations
_SCRUBS = {"both": "Weights and activations", "weights": "Weights", "activations": "Activations"}
_BIT_TITLES = {"float": "float"} | {str(bits): f"{bits} bits" for bits in WIDTHS}
_GROUPS = ("tensor", "channel-0", "group-16", "group-32", "group-64")
OF_THE_VIEW = ("bits", "room", "measure", "layer", "picture", "images")  # no part of a setting that is pinned


@dataclass(frozen=True)
class NetworkRequest:
    """A network, the stops of the slider, and the settings at them.

    images : how many test images. scrub : what the slider moves, "both", "weights" or "activations". widths : its stops.
    setting : everything else. pinned : a request to compare with, on the same images.
    """

    subject: NetworkSubject
    images: int
    scrub: str
    widths: tuple[int, ...]
    setting: Setting
    pinned: NetworkRequest | None = None

    def at(self, bits: int) -> Setting:
        """The setting at a stop of the slider."""
        names = ("weights", "activations") if self.scrub == "both" else (self.scrub,)
        return self.setting.replace(**dict.fromkeys(names, bits))

    def with_pin(self, pinned: NetworkRequest | None) -> NetworkRequest:
        """The request beside another setting, or beside none."""
        return replace(self, pinned=pinned)

    def calibrated_on(self, images: int) -> NetworkRequest:
        """The same, with no more calibration images than there are."""
        return replace(self, setting=self.setting.replace(calibration=min(self.setting.calibration, images)))


def request_of(address: Address) -> NetworkRequest:
    """The request that an address makes; its pinned setting only where the room shows it."""
    request = _request(address)
    if address["room"] == "budget":
        widths = _allowed(address.values) if len(_allowed(address.values)) > 1 else request.widths
        return replace(request, scrub="weights", widths=widths, setting=_weights_alone(request.setting))
    pinned = address["kept"] if address["room"] == "answers" else ""
    return replace(request, pinned=replace(_request(pinned_address(pinned)), images=request.images)) if pinned else request


def _weights_alone(setting: Setting) -> Setting:
    """The setting whose layers get bits: activations in float, no layer an exception."""
    alone = setting.replace(weights=None, activations=None, inputs=None, activation_spec=Setting().activation_spec)
    return alone.replace(dynamic=False, ends_at_8=False, layer_weights=())


def pinned_address(text: str) -> Address:
    """The address that a pinned setting is written as, whether or not its network can be had."""
    query = kept_query(text)
    return TABLE.read(query, instead=written_subject(query))


def title_of_pinned(address: Address) -> str:
    """What a person calls the pinned setting, "" where none is."""
    return title_of(pinned_address(address["kept"])) if address["kept"] else ""


def _request(address: Address) -> NetworkRequest:
    values = address.values
    widths = WIDTHS if values["scrub"] == "activations" else _allowed(values)
    return NetworkRequest(address.subject, int(values["images"]), values["scrub"], widths, _setting(values))


def _setting(values: Mapping[str, Value]) -> Setting:
    """The setting, whatever the slider says."""
    return Setting(
        weights=_bits(values.get("weights", "float")),
        activations=_bits(values.get("activations", "float")),
        inputs=_bits(values["input"]),
        weight_spec=_weight_spec(values),
        activation_spec=QuantSpec(values["activation"], calibrator=values["observer"], arithmetic="torch_fake"),
        dynamic=values["ranges"] == "dynamic",
        ends_at_8=values["ends"] == "8",
        layer_weights=tuple((layer, _bits(bits)) for layer, bits in dict(_pairs(values["layers"])).items()),
        bias_at_32=values["bias"] == "32",
        folded=values["norm"] == "folded",
        calibration=int(values["calibration"]),
    )


def _weight_spec(values: Mapping[str, Value]) -> QuantSpec:
    spec = QuantSpec(values["scheme"], granularity=parse_granularity(values["granularity"]), **range_settings(values))
    return spec.replace(bits=None, **knob_settings(values))


def _allowed(values: Mapping[str, Value]) -> tuple[int, ...]:
    """Bits that the scheme of the weights can give them."""
    return tuple(bits for bits in scheme_of(values).bits_allowed(_weight_spec(values).knobs) if bits in WIDTHS)


def _bits(slug: str) -> Bits:
    return None if slug == "float" else int(slug)


def _pairs(raw: str) -> list[tuple[str, str]]:
    """Layers and their bits: ``conv2-4,answer-float``."""
    return [(layer, bits) for layer, _, bits in (entry.rpartition("-") for entry in raw.split(",") if entry)]


def _granularities(values: Values) -> Choice:
    block, scheme = QuantSpec(values["scheme"]).granularity, scheme_of(values)
    entries = {g.slug: g for g in [*map(parse_granularity, _GROUPS), block] if g.kind in scheme.granularities}
    return Choice({slug: "each output channel" if slug == "channel-0" else g.title for slug, g in entries.items()})


def _scrubs(values: Values) -> Choice:
    return Choice(_SCRUBS if len(_allowed(values)) > 1 else {"activations": _SCRUBS["activations"]})


def _weight_bits(values: Values) -> Choice:
    allowed = _allowed(values)
    return Choice({slug: title for slug, title in _BIT_TITLES.items() if slug == "float" or int(slug) in allowed})


def _range_rules(values: Values) -> Choice:
    rules = [c for c in SCHEMES[values["activation"]].calibrators if c in EXTREMES or values["ranges"] == "static"]
    return Choice({c: CALIBRATORS[c].title for c in rules})


def _layer_bits(values: Values) -> Text:
    layers, allowed = values.subject.entry.layers, ("float", *map(str, _allowed(values)))
    return Text(
        lambda raw: all(layer in layers and bits in allowed for layer, bits in _pairs(raw)),
        "write layers of this network and bits, such as conv1-4,answer-8",
    )


def _stops(values: Values) -> tuple[int, ...]:
    spent = _in_room("budget", values) and len(_allowed(values)) > 1  # on weights, whatever the slider moved elsewhere
    return WIDTHS if values["scrub"] == "activations" and not spent else _allowed(values)


def _last_picture(values: Values) -> int:
    subject: NetworkSubject = values.subject
    photographs = subject.entry.photographs
    return int(values["images"]) - 1 if photographs is None else photographs - 1 + bool(subject.file)


def _outside_budget(place: Place, values: Values) -> Place:
    """The place of a control that a budget of the weights' bytes does not ask."""
    return "hidden" if _in_room("budget", values) else place


def _in_room(room: str, values: Values) -> bool:
    return bool(values["room"] == room)


PARAMETERS = (
    scheme_parameter([slug for slug, scheme in SCHEMES.items() if scheme.layers], "int-symmetric"),
    Parameter(
        "granularity",
        "what of the weights shares one scale",
        _granularities,
        lambda values: QuantSpec(values["scheme"]).granularity.slug,
        "One scale for",
        advice="Which weights share one scale: a scale per channel costs little and spares much.",
    ),
    *range_parameters(),
    *knob_parameters(),
    own_parameter(),
    Parameter(
        "scrub",
        "what the slider moves: `both`, `weights`, `activations`",
        _scrubs,
        lambda values: next(iter(_scrubs(values).options)),
        "The slider moves",
        place=lambda values: _outside_budget("side", values),
        advice="Whether the slider changes the bits of weights, of activations, or of both.",
    ),
    Parameter(
        "weights",
        "bits of the weights where the slider does not move them: `2` to `16` or `float`",
        _weight_bits,
        lambda values: "float" if len(_allowed(values)) > 1 else str(_allowed(values)[0]),
        "Weights",
        when=lambda values: values["scrub"] == "activations",
        place=lambda values: _outside_budget("side", values),
        advice="Bits of the weights while the slider changes the activations.",
    ),
    Parameter(
        "activations",
        "bits of the activations where the slider does not move them",
        Choice(_BIT_TITLES),
        "float",
        "Activations",
        when=lambda values: values["scrub"] == "weights",
        place=lambda values: _outside_budget("side", values),
        advice="Bits of the activations while the slider changes the weights.",
    ),
    Parameter(
        "ranges",
        "when the activations' ranges are chosen: `static` (calibrated) or `dynamic` (each image's own)",
        Choice({"static": "static, calibrated", "dynamic": "dynamic, each image's"}),
        "static",
        "Activation ranges",
        place=lambda values: _outside_budget("side", values),
        advice="Static ranges come from examples beforehand; dynamic ones from each image.",
    ),
    Parameter(
        "activation",
        "the activations' scheme",
        Choice({slug: SCHEMES[slug].title for slug in _AFFINE}),
        "int-asymmetric",
        "Scheme of the activations",
        lambda values: _outside_budget("more", values),
        advice="Where the levels of the activations lie.",
    ),
    Parameter(
        "observer",
        "the activations' range rule",
        _range_rules,
        lambda values: next(iter(_range_rules(values).options)),
        "Range of the activations",
        lambda values: _outside_budget("more", values),
        advice="How the range of the activations is chosen from what was seen.",
    ),
    images_parameter(),
    Parameter(
        "input",
        "bits of the picture that goes in",
        Choice(_BIT_TITLES),
        "8",
        "Picture that goes in",
        lambda values: _outside_budget("more", values),
        advice="Bits of each channel of the picture that goes in.",
    ),
    calibration_parameter(
        "on how many images the activations' ranges are observed", (1, 5, 20, 100, 200), "More images show more of the range."
    ),
    Parameter(
        "ends",
        "`8`: the first and last layer keep 8 bits",
        Choice({"same": "as the others", "8": "at least 8 bits"}),
        "same",
        "First and last layer",
        lambda values: _outside_budget("more", values),
        advice="The first and the last layer often suffer most.",
    ),
    Parameter(
        "bias",
        "`same`: biases quantized as the weights",
        Choice({"32": "32 bits", "same": "as the weights"}),
        "32",
        "Biases",
        "more",
        advice="Biases are few: 32 bits cost next to nothing.",
    ),
    Parameter(
        "norm",
        "`apart`: batch norm not folded",
        Choice({"folded": "folded into the weights", "apart": "apart, in float"}),
        "folded",
        "Batch norm",
        "more",
        advice="Folded, a layer and its batch norm are rounded once.",
    ),
    Parameter("layers", "bits of single layers' weights, such as `conv2-4,answer-float`", _layer_bits, place="hidden"),
    Parameter(
        "measure",
        "what the chart shows against the bits: `top` (Top-1 and Top-5), `top5`, `f1`, `agreement`",
        lambda values: Choice({slug: measure.title for slug, measure in measures(values.subject.entry.truth).items()}),
        "top",
        "The chart shows",
        when=lambda values: _in_room("answers", values),
        advice="What is counted at each width.",
    ),
    KEPT,
    Parameter(
        "layer",
        "which layer is looked into",
        lambda values: Choice({name: name for name in values.subject.entry.layers}),
        lambda values: values.subject.entry.layers[0],
        "Layer",
        when=lambda values: _in_room("layers", values),
        advice="The layer whose maps and weights are shown.",
    ),
    Parameter(
        "picture",
        "with which of the test images",
        lambda values: Number(0, _last_picture(values)),
        lambda values: values.subject.entry.picture,
        "Test image",
        when=lambda values: _in_room("layers", values),
        advice="The image that goes through the layer.",
    ),
    Parameter(
        "bits",
        "the bits on the slider",
        lambda values: levels(tuple(map(str, _stops(values)))),
        lambda values: "5" if 5 in _stops(values) else str(_stops(values)[0]),
        "Bits",
        "bottom",
        advice="Drag it, or use the arrow keys: everything on the page follows.",
    ),
)
TABLE = Table(PARAMETERS, SUBJECT, network_subject)
