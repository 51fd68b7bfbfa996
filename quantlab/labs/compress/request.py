"""The request and parameters of the lab of small files: which network, what is pruned, shared and coded, what the slider moves.

The slider moves the bits of the codebook, or the share that is pruned, or the temperature of distillation. Bits are the usual
one: each is a file of another size, from 1 to 8 bits all look different, and it is the knob of every other lab.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from quantlab.distillation import TEMPERATURES
from quantlab.labs.address import Address, Parameter, Table, Values
from quantlab.labs.forms import Choice, Text, levels
from quantlab.labs.network.shared import images_parameter
from quantlab.labs.network.subject import titles
from quantlab.networks.catalogue import TITLES
from quantlab.networks.narrow import NARROW, like
from quantlab.networks.pruning import PATTERNS
from quantlab.networks.shrinking import CODEBOOK_BITS, SHARES, Shrinking
from quantlab.networks.trained import entry_of

ROOMS = {"shrink": "Prune, share, code", "distil": "Distil", "front": "All together"}
TUNINGS = {"none": "nothing follows", "norms": "batch norms follow", "1": "fine-tuned, 1 epoch", "3": "fine-tuned, 3 epochs"}
STUDENTS = {"quarter": "a quarter of the width", "half": "half the width", "two-bit": "the teacher at 2 bits"}
TEACHER = "plain"  # students are narrower plain networks
SEEDS = {"3": "3 seeds", "5": "5 seeds"}
_FREE_SHARE = [slug for slug, pattern in PATTERNS.items() if pattern.shared]


@dataclass(frozen=True)
class CompressRequest:
    """A network, its test images, and the ways to shrink it at the stops of the slider. scrub : "bits" or "share", what it moves."""

    source: str
    images: int
    scrub: str
    stops: tuple[int, ...]
    base: Shrinking

    def at(self, stop: int) -> Shrinking:
        """The way to shrink at a stop."""
        return self.base.replace(**{self.scrub: stop})

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(map(str, self.stops))

    @property
    def untuned(self) -> CompressRequest:
        """The same with no more than the batch norms following."""
        return replace(self, base=replace(self.base, epochs=0, norms=self.base.norms or self.base.epochs > 0))


@dataclass(frozen=True)
class DistilRequest:
    """A teacher, a student, and whether it is trained. temperature : at the slider's stop. seeds : how many pairs are trained."""

    source: str
    images: int
    student: str
    mix: float
    seeds: int
    trained: bool


def request_of(address: Address) -> CompressRequest:
    """The request of the rooms that shrink."""
    values, share = address.values, address["scrub"] == "share"
    tuning = values["tune"]
    base = Shrinking(
        pattern=values["pattern"],
        share=int(values.get("share", "60")),
        bits=_bits(values.get("codebook", "float" if values["sharing"] == "none" else "4")),
        layer_bits=plan_of(values["layers"]) if values["sharing"] != "none" else (),
        huffman=values["coding"] == "huffman",
        norms=tuning != "none",
        epochs=int(tuning) if tuning.isdigit() else 0,
    )
    return CompressRequest(values["source"], int(values["images"]), values["scrub"], SHARES if share else CODEBOOK_BITS, base)


def distil_request_of(address: Address) -> DistilRequest:
    """The request of the room of distillation."""
    values = address.values
    return DistilRequest(
        values["source"], int(values["images"]), values["student"], float(values["mix"]), int(values["seeds"]), values["train"] == "yes"
    )


def plan_of(raw: str) -> tuple[tuple[str, int], ...]:
    """Layers and the bits of their codebooks: ``conv1-4,conv2-3``.

    >>> plan_of("conv1-4,answer-2")
    (('conv1', 4), ('answer', 2))
    """
    parts = [entry.rpartition("-") for entry in raw.split(",") if entry]
    return tuple((layer, int(bits)) for layer, _, bits in parts)


def plan_text(plan: Sequence[tuple[str, int]]) -> str:
    """The inverse of ``plan_of``."""
    return ",".join(f"{layer}-{bits}" for layer, bits in plan)


def _bits(slug: str) -> int | None:
    return None if slug == "float" else int(slug)


def _distils(values: Values) -> bool:
    return bool(values["room"] == "distil")


def _shrinks(values: Values) -> bool:
    return not _distils(values)


def _scrubs(values: Values) -> Choice:
    titles = {"bits": "the codebook's bits", "share": "the share pruned"}
    allowed = (["bits"] if values["sharing"] != "none" else []) + (["share"] if values["pattern"] in _FREE_SHARE else [])
    return Choice({slug: titles[slug] for slug in allowed})


def _sharings(values: Values) -> Choice:
    """Weights stay float32 only where the share can move."""
    titles = {"kmeans": "weights shared", "none": "weights float32"}
    return Choice(titles if values["pattern"] in _FREE_SHARE else {"kmeans": titles["kmeans"]})


def _layer_bits(values: Values) -> Text:
    layers, allowed = entry_of(like(values["source"])).layers, tuple(map(str, CODEBOOK_BITS))

    def fits(raw: str) -> bool:
        parts = [entry.rpartition("-") for entry in raw.split(",") if entry]
        return all(layer in layers and bits in allowed for layer, _, bits in parts)

    return Text(fits, "write layers of this network and bits, such as conv1-4,answer-3")


def _stops(values: Values) -> tuple[str, ...]:
    if _distils(values):
        return tuple(map(str, TEMPERATURES))
    return tuple(map(str, SHARES if values["scrub"] == "share" else CODEBOOK_BITS))


def _slider(values: Values) -> str:
    return "Temperature" if _distils(values) else "Share pruned, %" if values["scrub"] == "share" else "Bits of the codebook"


def _networks(values: Values) -> Choice:
    """In the room of distillation the plain one, whose students are narrower; where a file is made these narrower ones, too."""
    if _distils(values):
        return Choice({TEACHER: TITLES[TEACHER]})
    narrow = {slug: one.title for slug, one in NARROW.items()} if values["room"] == "shrink" else {}
    return Choice(titles() | narrow)


SUBJECT = (
    Parameter(
        "room",
        "the room: `shrink`, `distil`, `front`",
        Choice(ROOMS, buttons=True),
        "shrink",
        "Room",
        "rooms",
        advice="Make one file small, let a small network learn from a large one, or see all of it at once.",
    ),
    Parameter(
        "source",
        "the network: `plain`, `plain-half` and `plain-quarter` (narrower, trained from nothing), `depthwise`, `small`, or `trained-…`, one "
        "that was trained with rounding on this machine",
        _networks,
        "plain",
        "Network",
        advice="The network that becomes small.",
    ),
)
PARAMETERS = (
    Parameter(
        "pattern",
        "what is pruned: `global`, `layer`, `channel`, `2-4`, `none`",
        Choice({slug: pattern.title for slug, pattern in PATTERNS.items()} | {"none": "nothing"}),
        "global",
        "Prune",
        when=_shrinks,
        advice="Which weights become zero: the smallest ones, whole channels of them, or two of every four.",
    ),
    Parameter(
        "sharing",
        "`kmeans`: each layer's weights share a codebook; `none`: they stay float32",
        _sharings,
        "kmeans",
        "Share",
        when=_shrinks,
        advice="Whether a layer's weights share a few values, found by k-means.",
    ),
    Parameter(
        "coding",
        "`huffman` or `none`: whether places and codes get words as long as they are rare",
        Choice({"huffman": "Huffman words", "none": "all of one length"}),
        "huffman",
        "Code",
        when=_shrinks,
        advice="Huffman coding takes bytes and changes no weight.",
    ),
    Parameter(
        "scrub",
        "what the slider moves: `bits` of the codebook, or the `share` pruned",
        _scrubs,
        lambda values: next(iter(_scrubs(values).options)),
        "The slider moves",
        when=_shrinks,
        advice="The other one of the two stands still beside it.",
    ),
    Parameter(
        "share",
        "per cent of the weights that are pruned, where the slider does not move it",
        Choice({str(share): f"{share} %" for share in SHARES}),
        "60",
        "Share pruned",
        when=lambda values: _shrinks(values) and values["scrub"] == "bits" and values["pattern"] in _FREE_SHARE,
        advice="How many of the weights, or of the channels, go.",
    ),
    Parameter(
        "codebook",
        "bits of the codebook, where the slider does not move them",
        Choice({str(bits): f"{bits} bit{'s' * (bits > 1)}" for bits in CODEBOOK_BITS}),
        "4",
        "Bits of the codebook",
        when=lambda values: _shrinks(values) and values["scrub"] == "share" and values["sharing"] != "none",
        advice="A codebook of b bits holds 2^b values a layer.",
    ),
    Parameter(
        "tune",
        "what follows each change: `none`; `norms`, estimated anew on calibration images; `1` or `3` epochs of fine-tuning",
        Choice(TUNINGS),
        "norms",
        "What follows",
        when=_shrinks,
        advice="Fine-tuning takes seconds for each level; what it found is kept.",
    ),
    Parameter(
        "student",
        "the student: `quarter`, `half` of the teacher's width, or `two-bit`",
        Choice(STUDENTS),
        "quarter",
        "Student",
        when=_distils,
        advice="A narrower network that begins from nothing, or the teacher with four values a layer.",
    ),
    Parameter(
        "mix",
        "the teacher's share of the loss: `0.5`, `0.9`, `1`",
        Choice({"0.5": "half", "0.9": "nine tenths", "1": "all of it"}),
        "0.5",
        "The teacher's share of the loss",
        when=_distils,
        advice="The rest of the loss comes from the labels.",
    ),
    Parameter(
        "seeds",
        "how many seeds are trained, in pairs",
        Choice(SEEDS),
        "3",
        "Seeds",
        when=_distils,
        advice="Each trains two students that begin alike. More seeds give a narrower interval.",
    ),
    Parameter(
        "train",
        "`yes`: students are trained at the slider's temperature",
        Choice({"no": "teacher only", "yes": "train students"}),
        "no",
        "Students",
        when=_distils,
        advice="Training takes about a minute; what it found is kept.",
    ),
    images_parameter(),
    Parameter("layers", "bits of single layers' codebooks, such as `conv1-5,answer-3`", _layer_bits, place="hidden", when=_shrinks),
    Parameter(
        "bits",
        "the slider's level: bits of the codebook, per cent pruned, or the temperature",
        lambda values: levels(_stops(values)),
        lambda values: "60" if _stops(values) == tuple(map(str, SHARES)) else "4",
        _slider,
        "bottom",
        advice="Drag it, or use the arrow keys: everything on the page follows.",
    ),
)
TABLE = Table(PARAMETERS, SUBJECT, lambda values: Subject(values["source"]))


@dataclass(frozen=True)
class Subject:
    """The network that is looked at."""

    source: str

    @property
    def title(self) -> str:
        """What a person calls it."""
        return NARROW[self.source].title if self.source in NARROW else TITLES[self.source]
