"""The repair lab's parameters and its request."""

from __future__ import annotations

from dataclasses import dataclass, replace

from quantlab.grouping import parse_granularity
from quantlab.labs.address import Address, Parameter, Table, Values
from quantlab.labs.forms import Choice, Number, Several, Value, levels
from quantlab.labs.network.shared import calibration_parameter, images_parameter, sharing_parameter
from quantlab.labs.network.subject import NetworkSubject, titles
from quantlab.networks.repairs import NEAREST, REPAIRS, WIDTHS, Recipe
from quantlab.networks.settings import WEIGHTS, Bits, Setting
from quantlab.networks.trained import entry_of

ROOMS = {"ablation": "What each wins", "channels": "Channels", "rounding": "Rounding", "columns": "Column by column"}
LABELS = tuple(map(str, sorted(WIDTHS)))
STEPPED = {
    "depthwise": {"conv1": (24, 27), "depth2": (24, 9), "point2": (48, 24), "depth3": (48, 9), "depth4": (96, 9), "depth5": (96, 9)},
    "plain": {"conv1": (16, 27), "answer": (20, 96)},
    "small": {"conv1": (16, 9), "answer": (10, 32)},
}  # layers whose columns are few enough to step through: rows and columns of their weights, held to the networks by a test
_SWITCHES = {slug: repair.title for slug, repair in REPAIRS.items() if slug != "fold"}
_USUAL = ("equalise", "clip", "bias")


@dataclass(frozen=True)
class RepairRequest:
    """What is computed, whatever the level of the slider.

    setting : all but the bits of the weights, calibration images and granularity among it. images : to test on.
    recipe : the person's own. rows : which of the ablation, "quick", "all" or "own". layer, row, width : what the rooms of one
    layer look at.
    """

    room: str
    source: str
    setting: Setting
    images: int = 1000
    recipe: Recipe = NEAREST
    rows: str = "quick"
    layer: str = ""
    row: int = 0
    width: int = 3

    def at(self, bits: int) -> Setting:
        """The setting at a width of the weights."""
        return self.setting.replace(weights=bits)

    @property
    def subject(self) -> NetworkSubject:
        return NetworkSubject(self.source)

    @property
    def alone(self) -> RepairRequest:
        """What a row of the ablation depends on, whatever the person's own recipe."""
        return replace(self, recipe=NEAREST, rows="all")

    @property
    def labels(self) -> tuple[str, ...]:
        """The stops of the slider: widths, or how many columns are rounded."""
        return _stops(self.room, self.source, self.layer)


def request_of(address: Address) -> RepairRequest:
    """The request that an address makes."""
    room, bits = address["room"], address.get("activations", "float")
    setting = Setting(
        weights=None,
        activations=_bits(bits),
        inputs=None if bits == "float" else 8,
        weight_spec=WEIGHTS.replace(granularity=parse_granularity(address.get("granularity", "tensor"))),
        calibration=int(address["calibration"]),
    )
    if room == "ablation":
        recipe = NEAREST if _clash(address["repairs"]) else Recipe(("fold", *address["repairs"]))
        return RepairRequest(room, address["source"], setting, int(address["images"]), recipe, address["rows"])
    layer, row = address["layer"], int(address.get("row", 0))
    return RepairRequest(room, address["source"], setting, layer=layer, row=row, width=int(address.get("width", 3)))


def _bits(slug: str) -> Bits:
    return None if slug == "float" else int(slug)


def _clash(repairs: Value) -> bool:
    return "adaround" in repairs and "gptq" in repairs


def _problem(repairs: Value, values: Values) -> str:
    return "AdaRound and GPTQ both choose the codes of the weights: leave one of them out." if _clash(repairs) else ""


def _layers(values: Values) -> Choice:
    entry = entry_of(values["source"])
    names = {"channels": entry.layers[:-1], "columns": tuple(STEPPED[entry.architecture])}.get(values["room"], entry.layers)
    return Choice({name: name for name in names})


def _first_layer(values: Values) -> str:
    usual = {"channels": "conv1", "columns": "conv1"}.get(
        values["room"], "depth2" if entry_of(values["source"]).architecture == "depthwise" else "conv2"
    )
    return usual if usual in _layers(values).options else next(iter(_layers(values).options))


def _stops(room: str, source: str, layer: str) -> tuple[str, ...]:
    return tuple(map(str, range(STEPPED[entry_of(source).architecture][layer][1] + 1))) if room == "columns" else LABELS


def _subject(values: Values) -> NetworkSubject:
    return NetworkSubject(values["source"])


SUBJECT = (
    Parameter(
        "room",
        "the room: `ablation` (what each repair wins), `channels` (ranges before and after equalisation), `rounding` (AdaRound), "
        "`columns` (GPTQ, stepped)",
        Choice(ROOMS, buttons=True),
        "ablation",
        "Room",
        "rooms",
        advice="All repairs side by side, or one of them from inside.",
    ),
    Parameter(
        "source",
        "the network: `depthwise`, `plain`, `small`, or `trained-…`, one that was trained with rounding on this machine",
        lambda values: Choice(titles(("depthwise", "plain", "small"))),
        "depthwise",
        "Network",
        advice="The network that is repaired.",
    ),
)
PARAMETERS = (
    Parameter(
        "repairs",
        "the repairs of your own row, joined by commas; the batch norm is folded in any case",
        Several(_SWITCHES),
        _USUAL,
        "Repairs",
        when=lambda values: values["room"] == "ablation",
        advice="Switch repairs on and off: the gain of all of them together is measured.",
        problem=_problem,
    ),
    sharing_parameter(
        "what of the weights shares one scale: `tensor`, `channel-0`",
        lambda values: values["room"] != "channels",
        "With one scale for each channel there is less left to repair.",
    ),
    Parameter(
        "activations",
        "bits of the activations: `float`, `8`, `6`, `4`",
        Choice({"float": "float", "8": "8 bits", "6": "6 bits", "4": "4 bits"}),
        "8",
        "Activations",
        when=lambda values: values["room"] == "ablation",
        advice="Bits of what flows between the layers; the slider moves the weights.",
    ),
    Parameter(
        "layer",
        "the layer that is looked at",
        _layers,
        _first_layer,
        lambda values: "Channels written by" if values["room"] == "channels" else "Layer",
        when=lambda values: values["room"] != "ablation",
        advice="The layer whose weights are shown.",
    ),
    Parameter(
        "width",
        "bits of the weights where the slider steps through columns",
        Choice({label: f"{label} bits" for label in LABELS}),
        "3",
        "Weights",
        when=lambda values: values["room"] == "columns",
        advice="Bits of each weight.",
    ),
    Parameter(
        "row",
        "the output channel whose weights are stepped through",
        lambda values: Number(0, STEPPED[entry_of(values["source"]).architecture][values["layer"]][0] - 1),
        0,
        "Output channel",
        when=lambda values: values["room"] == "columns",
        advice="Each output channel is a row of weights of its own.",
    ),
    Parameter(
        "rows",
        "which repairs are compared with rounding to nearest: `quick` (all but those with AdaRound), `all`, `own` (only yours)",
        Choice({"quick": "all but AdaRound", "all": "all, AdaRound too", "own": "only yours"}),
        "quick",
        "The table has",
        "more",
        when=lambda values: values["room"] == "ablation",
        advice="AdaRound is learnt, which takes about a minute the first time.",
    ),
    images_parameter(when=lambda values: values["room"] == "ablation", advice="More images make smaller gains visible."),
    calibration_parameter(
        "on how many images the repairs are chosen, none of which is tested on", (5, 20, 100, 200), "The repairs see these images alone."
    ),
    Parameter(
        "bits",
        "the bits of the weights on the slider; in the room `columns`, how many columns are rounded",
        lambda values: levels(_stops(values["room"], values["source"], values.get("layer", ""))),
        lambda values: "4" if values["room"] != "columns" else "5",
        lambda values: "Columns rounded" if values["room"] == "columns" else "Bits of the weights",
        "bottom",
        advice="Drag it, or use the arrow keys: everything on the page follows.",
    ),
)
TABLE = Table(PARAMETERS, SUBJECT, _subject)
