"""The rooms inside of a layer and of memory: which layer is looked at, which slider they have, which parameters they leave out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from quantlab.labs.address import Address, Parameter, Values
from quantlab.labs.forms import Choice, Number
from quantlab.language.catalogue import LanguageModel
from quantlab.language.config import KINDS
from quantlab.language.methods import WIDTHS
from quantlab.language.shapes import SHAPES

ROOMS = {
    "columns": "GPTQ by columns",
    "gains": "Gains",
    "outliers": "Outliers",
    "memory": "Memory",
    "claims": "Claims",
}
INSIDE = ("columns", "gains", "outliers")  # rooms that look at one linear layer
COLUMNS = 32  # of the block that GPTQ is watched on
STOPS = {"columns": tuple(map(str, range(COLUMNS + 1))), "gains": WIDTHS, "outliers": WIDTHS}  # of rooms whose slider is no method's
FIRST = {"columns": "12", "gains": "3", "outliers": "4", "memory": "4", "claims": "4"}
SLIDER = {"columns": "Columns rounded", "gains": "Bits of the weights", "outliers": "Bits of the activations"}
_WHOLE = {"method", "activations", "ranges", "before", "keys", "values", "cache", "embedding", "head", "tokens", "context", "stride"}
_LEFT_OUT = {
    "columns": _WHOLE,
    "gains": _WHOLE,
    "outliers": _WHOLE | {"scheme", "granularity"},
    "memory": {"activations", "ranges", "before", "tokens", "context", "stride", "calibration"},
}


@dataclass(frozen=True)
class Look:
    """layer, kind : the linear layer. bits : of its weights, in the room of columns. shape : whose measures memory is counted for, "own"
    for the model's. bandwidth : of the memory, 10⁹ bytes a second."""

    layer: int = 1
    kind: str = "v"
    bits: int = 3
    shape: str = "own"
    bandwidth: int = 50

    def __str__(self) -> str:
        return f"{self.kind} of layer {self.layer}"


UNUSED = Look()


def look_of(address: Address) -> Look:
    """The look that an address asks for; where a room has none, the one that is unused."""
    get = address.get
    return Look(
        int(get("layer", UNUSED.layer)),
        get("kind", UNUSED.kind),
        int(get("width", UNUSED.bits)),
        get("shape", UNUSED.shape),
        int(get("bandwidth", UNUSED.bandwidth)),
    )


def where_used(parameter: Parameter) -> Parameter:
    """The parameter, left out in rooms where it changes nothing."""
    rooms = {room for room, names in _LEFT_OUT.items() if parameter.name in names}
    return replace(parameter, when=lambda values: values["room"] not in rooms and parameter.when(values)) if rooms else parameter


def _inside(values: Values) -> bool:
    return values["room"] in INSIDE


def _memory(values: Values) -> bool:
    return bool(values["room"] == "memory")


def _layers(values: Values) -> int:
    model: LanguageModel = values.subject.model
    return model.config.layers


PARAMETERS = (
    Parameter(
        "kind",
        "the kind of the linear layer that is looked at: `q`, `k`, `v`, `o`, `gate`, `up`, `down`",
        Choice({kind: kind for kind in KINDS}),
        UNUSED.kind,
        "Linear layer",
        when=_inside,
        advice="Attention has q, k, v and o, the SwiGLU gate, up and down; q, k and v read the same.",
    ),
    Parameter(
        "layer",
        "the layer of the model that is looked at, from `0`",
        lambda values: Choice({str(i): str(i) for i in range(_layers(values))}),
        lambda values: str(min(UNUSED.layer, _layers(values) - 1)),
        "Of layer",
        when=_inside,
        advice="The first layer reads the embedding itself.",
    ),
    Parameter(
        "width",
        "bits of the weights in the room `columns`: `2`, `3`, `4`",
        Choice({b: f"{b} bits" for b in ("2", "3", "4")}),
        str(UNUSED.bits),
        "Bits of the weights",
        when=lambda values: values["room"] == "columns",
        advice="With fewer bits each column leaves more for the next ones to make good.",
    ),
    Parameter(
        "shape",
        "whose measures the room `memory` counts: `own` (the chosen model's) or those of a published one",
        Choice({"own": "the chosen model's"} | {slug: shape.title for slug, shape in SHAPES.items()}),
        UNUSED.shape,
        "Measures",
        when=_memory,
        advice="Bytes follow from a model's shapes alone, so that no weights are needed to count them.",
    ),
    Parameter(
        "bandwidth",
        "bandwidth of the memory in the room `memory`, in GB/s from 1 to 10 000",
        Number(1, 10_000),
        UNUSED.bandwidth,
        "Memory bandwidth, GB/s",
        when=_memory,
        advice="About 50 to 90 with two channels of DDR5, 300 to 1000 on a graphics card.",
    ),
)
