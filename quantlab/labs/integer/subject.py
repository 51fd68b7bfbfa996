"""The integer lab's subject: a network that is shipped, trained on this machine, or a person's own, and what is asked about it."""

from __future__ import annotations

from dataclasses import dataclass, field

from quantlab.labs.address import Parameter, Values
from quantlab.labs.forms import Choice, File
from quantlab.labs.network.own import own_network
from quantlab.labs.network.subject import titles
from quantlab.networks import engine
from quantlab.networks.catalogue import OWN, TITLES
from quantlab.networks.trained import entry_of
from quantlab.sources.upload import MAX_STATE
from quantlab.sources.uploads import UPLOADS

ROOMS = {
    "equal": "Same codes",
    "accumulator": "Accumulator",
    "rounding": "Requantization",
    "dot": "One dot product",
    "speed": "Export and speed",
}


@dataclass(frozen=True)
class IntegerSubject:
    """A network, shipped or of a person's own. source : its slug. file : of its content, "" for a shipped one.

    layers : those with weights, from first to last. products : of one sum of the first layer. name, content : of the file.
    """

    source: str
    title: str
    layers: tuple[str, ...]
    products: int
    file: str = ""
    name: str = field(default="", compare=False)
    content: bytes = field(default=b"", compare=False, repr=False)


_FIRST = {"plain": 27, "depthwise": 27, "small": 9}  # products of one sum of the first layer: channels times the window


def named_subject(source: str) -> IntegerSubject:
    """A shipped or trained network by its slug."""
    entry = entry_of(source)
    return IntegerSubject(source, entry.title, entry.layers, _FIRST[entry.architecture])


def integer_subject(values: Values) -> IntegerSubject:
    """The subject that the values name; ValueError in one sentence where its file is missing or cannot be used."""
    if values["source"] != OWN:
        return named_subject(values["source"])
    network = own_network(values["file"])
    if len(network.layers) < 2:
        raise ValueError(f"{network.title} has one layer with weights, and nothing is requantized between layers: give it two or more.")
    name, content = UPLOADS.content(values["file"])
    products = engine.products_of(network, network.layers[0])
    return IntegerSubject(OWN, network.title, network.layers, products, values["file"], name, content)


SUBJECT = (
    Parameter(
        "room",
        "the room: `equal` (is the converted network the fake-quantized one?), `accumulator` (sums of few bits), `rounding` "
        "(how an accumulator becomes a code), `dot` (one dot product, step by step), `speed` (ONNX, times, a model of energy)",
        Choice(ROOMS, buttons=True),
        "equal",
        "Room",
        "rooms",
        advice="Whether the codes agree, how wide sums must be, how they are rounded, one sum by hand, and what it takes.",
    ),
    Parameter(
        "source",
        "the network: `plain`, `depthwise`, `small`; `trained-…`, one that was trained with rounding on this machine; or `onnx`, your own",
        lambda values: Choice(titles() | {OWN: TITLES[OWN]}),
        "plain",
        "Network",
        advice="The network that is converted to integers.",
    ),
    Parameter(
        "file",
        "the ONNX file of a network of your own, by the token that the server gave it",
        File(kind="onnx", endings=(".onnx",), most=MAX_STATE),
        title="ONNX file",
        when=lambda values: values["source"] == OWN,
        advice="A network for the photo patches or the digits.",
    ),
)
