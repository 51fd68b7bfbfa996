"""The bench lab's parameters and its request."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from quantlab.bench.faults import FAULTS
from quantlab.bench.insertion import Plan
from quantlab.bench.pictures import PIXELS
from quantlab.bench.targets import Target, target
from quantlab.labs.address import Address, Parameter, Table, Values
from quantlab.labs.forms import Choice, File, Number, Text, levels
from quantlab.labs.network.shared import images_parameter
from quantlab.networks.catalogue import TITLES
from quantlab.sources.uploads import UPLOADS

ROOMS = {"report": "Report", "faults": "Which box finds what", "quiz": "Find the fault"}
OWN = "own"
YOURS = "yours"  # the stop of a quantized file that was brought
WIDTHS = tuple(range(2, 9))
BOXES = ("black", "grey", "white")
SLUGS = {name.lower().replace(" ", "-"): name for name in FAULTS}
WANTED = (
    "a float ONNX file",
    "examples: an .npz with x and y (labels, or targets as float32), or a zip of pictures in a folder for each class",
)
NUMBERS = tuple(str(i + 1) for i in range(len(SLUGS)))
FILES = ("file", "data", "quantized")
NOT_YET = "not-yet"
USUAL = "top1=-1pp"


@dataclass(frozen=True)
class BenchSubject:
    """A shipped network by its slug, or a person's model and examples by their names in addresses."""

    source: str
    file: str = ""
    data: str = ""
    quantized: str = ""
    pixels: str = "unit"

    @property
    def title(self) -> str:
        """What a person calls it."""
        return UPLOADS.name(self.file) if self.source == OWN else TITLES[self.source]

    @property
    def pictures(self) -> bool:
        """Whether the examples that were brought are a zip of pictures."""
        return _is_zip(self.data)

    @property
    def key(self) -> Hashable:
        return (self.source, *map(UPLOADS.key, (self.file, self.data, self.quantized)), self.pixels)


@dataclass(frozen=True)
class BenchRequest:
    """What is computed, whatever the level of the slider. plan : at 8 bits of the weights; the slider sets them. number : of the quiz's model."""

    room: str
    subject: BenchSubject
    plan: Plan
    images: int = 200
    targets: tuple[Target, ...] = ()
    number: int = 1
    guess: str = NOT_YET

    @property
    def labels(self) -> tuple[str, ...]:
        """The stops of the slider."""
        return _stops(self.room, self.subject.quantized)


def request_of(address: Address) -> BenchRequest:
    """The request that an address makes."""
    room = address["room"]
    if room != "report":
        return BenchRequest(room, address.subject, Plan(), 200, (), int(address.get("model", 1)), address.get("guess", NOT_YET))
    granularity = "tensor" if address["granularity"] == "tensor" else "channel"
    plan = Plan(8, int(address["activations"]), granularity, calibrator=address["calibrator"])
    wanted = () if _wrong(address["target"]) else targets_of(address["target"])
    return BenchRequest(room, address.subject, plan, int(address.get("images", 200)), wanted)


def targets_of(text: str) -> tuple[Target, ...]:
    """Targets apart by commas; ValueError for what is none."""
    return tuple(target(part.strip()) for part in text.split(",") if part.strip())


def _wrong(text: str) -> str:
    try:
        targets_of(text)
    except ValueError as problem:
        return f"{problem}."
    return ""


def _stops(room: str, quantized: str) -> tuple[str, ...]:
    widths = (*((YOURS,) if quantized else ()), *map(str, WIDTHS))
    return {"report": widths, "faults": NUMBERS, "quiz": BOXES}[room]


def _subject(values: Values) -> BenchSubject:
    subject = BenchSubject(
        values["source"], values.get("file", ""), values.get("data", ""), values.get("quantized", ""), values.get("pixels", "unit")
    )
    if subject.source == OWN:
        if missing := [wanted for wanted, token in zip(WANTED, (subject.file, subject.data), strict=True) if not token]:
            raise ValueError(f"Choose {', and '.join(missing)}.")
        for token in (subject.file, subject.data, subject.quantized):
            if token:
                UPLOADS.check(token)
    return subject


def _sources(values: Values) -> Choice:
    shipped = {slug: TITLES[slug] for slug in ("plain", "depthwise", "small")}
    return Choice(shipped | ({OWN: "Your model (ONNX) and examples"} if values["room"] == "report" else {}))


def _is_zip(digest: str) -> bool:
    return digest in UPLOADS and UPLOADS.name(digest).lower().endswith(".zip")


def _is(room: str):  # type: ignore[no-untyped-def]  # a function of ``Values``
    return lambda values: values["room"] == room


def _own(values: Values) -> bool:
    return bool(values["source"] == OWN)


_TITLES = {"report": "Bits of the weights", "faults": "Fault number", "quiz": "Boxes opened"}
SUBJECT = (
    Parameter(
        "room",
        "the room: `report` (pass or fail), `faults` (the detection matrix), `quiz` (a broken model: find the fault)",
        Choice(ROOMS, buttons=True),
        "report",
        "Room",
        "rooms",
        advice="Test a model, or test the tests.",
    ),
    Parameter(
        "source",
        "the network: `plain`, `depthwise`, `small`, or `own`, an ONNX file with examples",
        _sources,
        "plain",
        "Model",
        advice="The float model that is quantized and tested.",
    ),
    Parameter(
        "file",
        "the float ONNX file, by the token that the server gave it",
        File(kind="model", endings=("onnx",)),
        when=_own,
        advice="The model as it was trained, in float.",
    ),
    Parameter(
        "data",
        "an .npz of `x` and `y`, or a zip of pictures, by the token that the server gave it",
        File(kind="data", endings=("npz", "zip")),
        when=_own,
        advice="Arrays x and y, or a folder of pictures for each class.",
    ),
    Parameter(
        "quantized",
        "the same model quantized elsewhere (ONNX), by the token that the server gave it; left out, quantizers are inserted here alone",
        File(kind="quantized", endings=("onnx",)),
        when=_own,
        advice="It is tested at the slider's first stop, beside what is inserted here.",
    ),
    Parameter(
        "pixels",
        "how the model reads the pictures of a zip: `unit`, `symmetric`, `bytes`, `imagenet`",
        Choice({slug: title for slug, (title, _) in PIXELS.items()}),
        "unit",
        "Pixels",
        when=lambda values: _own(values) and _is_zip(values.get("data", "")),
        advice="As the model was trained; with other pixels the float model is wrong too.",
    ),
)
PARAMETERS = (
    Parameter(
        "granularity",
        "what of the weights shares one scale: `tensor`, `channel-0`",
        Choice({"tensor": "the whole layer", "channel-0": "each output channel"}),
        "tensor",
        "One scale for",
        when=_is("report"),
        advice="With one scale for each channel there is less damage.",
    ),
    Parameter(
        "activations",
        "bits of what flows between the layers: `8`, `6`, `4`, `3`",
        Choice({str(bits): f"{bits} bits" for bits in (8, 6, 4, 3)}),
        "8",
        "Activations",
        when=_is("report"),
        advice="Their ranges are chosen from calibration examples.",
    ),
    Parameter(
        "calibrator",
        "how the ranges of activations are chosen: `minmax`, `percentile`, `mse`",
        Choice({"minmax": "smallest to largest", "percentile": "percentile", "mse": "least error"}),
        "minmax",
        "Range of activations",
        when=_is("report"),
        advice="A tighter range has finer steps, and clips.",
    ),
    Parameter(
        "target",
        "what the model has to reach, joined by commas, such as `top1=-1pp,flips=5%,size=30%`",
        Text(lambda raw: len(raw) <= 200, "write at most 200 characters", "top1=-1pp,flips=5%"),
        USUAL,
        "Targets",
        when=_is("report"),
        advice="At least: top1, f1. At most: flips, size, ece, mse. pp is against the float model.",
        problem=lambda text, values: _wrong(text),
    ),
    Parameter(
        "model",
        "the number of the broken model",
        Number(1, 99),
        1,
        "Model number",
        when=_is("quiz"),
        advice="Every number is a model with one fault.",
    ),
    Parameter(
        "guess",
        "the fault that you think it has: `not-yet`, or a fault's slug",
        Choice({NOT_YET: "not yet"} | SLUGS),
        NOT_YET,
        "The fault is",
        when=_is("quiz"),
        advice="Open as few boxes as you can before you say it.",
    ),
    images_parameter((200, 500), 200, when=lambda values: values["room"] == "report" and not _own(values)),
    Parameter(
        "bits",
        "the bits of the weights, `yours` for a quantized file that was brought; in the room `faults` the number of the fault, in `quiz` the last box that is opened",
        lambda values: levels(_stops(values["room"], values.get("quantized", ""))),
        lambda values: {"report": YOURS if values.get("quantized") else "4", "faults": "1", "quiz": "black"}[values["room"]],
        lambda values: _TITLES[values["room"]],
        "bottom",
        advice="Drag it, or use the arrow keys: everything on the page follows.",
    ),
)
TABLE = Table(PARAMETERS, SUBJECT, _subject)
