"""The integer lab's subject: a shipped network, and what is asked about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from quantlab.labs.address import Choice, File, Parameter, Values
from quantlab.networks import engine
from quantlab.networks.catalogue import CATALOGUE, Origin, of_origin
from quantlab.sources.upload import MAX_STATE
from quantlab.sources.uploads import UPLOADS

OWN = "onnx"
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


def shipped_subject(source: str) -> IntegerSubject:
    """A shipped network by its slug."""
    entry = CATALOGUE[source]
    return IntegerSubject(source, entry.title, entry.layers, _FIRST[source])


def integer_subject(values: Values) -> IntegerSubject:
    """The subject that the values name; ValueError in one sentence where its file is missing or cannot be used."""
    if values["source"] != OWN:
        return shipped_subject(values["source"])
    if not values["file"]:
        raise ValueError("Choose an ONNX file of a network that reads photo patches (32 x 32, colour) or digits (8 x 8, grey).")
    if values["file"] not in UPLOADS:
        raise ValueError("That file is no longer held by this server; open it again.")
    return _own(values["file"])


@lru_cache(maxsize=8)
def _own(digest: str) -> IntegerSubject:
    """The network of a file, read and checked."""
    name, content = UPLOADS.content(digest)
    network = engine.read_onnx(name, content)
    engine.pictures_for(network)
    if len(network.layers) < 2:
        raise ValueError(f"{network.title} has one layer with weights, and nothing is requantized between layers: give it two or more.")
    return IntegerSubject(OWN, network.title, network.layers, engine.products_of(network, network.layers[0]), digest, name, content)


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
        "the network: `plain`, `depthwise`, `small`, or `onnx`, your own",
        Choice({slug: CATALOGUE[slug].title for slug in of_origin(Origin.SHIPPED)} | {OWN: "Your own, as ONNX"}),
        "plain",
        "Network",
        advice="The network that is converted to integers.",
    ),
    Parameter(
        "file",
        "the ONNX file of a network of your own, by the hash of its content",
        File(kind="onnx", endings=(".onnx",), most=MAX_STATE),
        title="ONNX file",
        when=lambda values: values["source"] == OWN,
        advice="A network for the photo patches or the digits. It stays in this server's memory only.",
    ),
)
