"""The model lab's parameters and its request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from quantlab.labs.address import Address, Parameter, Table, Values
from quantlab.labs.forms import Choice, File, Number, Text, levels
from quantlab.labs.model.subject import NONE, SERVER, SHIPPED, UPLOAD, ModelSubject, allowed, subject_of
from quantlab.model_file.hardware import DEVICES
from quantlab.model_file.opening import ENDINGS
from quantlab.model_file.options import Option, option
from quantlab.model_file.rules import Rule, rules_of
from quantlab.sources.upload import MAX_STATE

ROOMS = {"tensors": "Tensors", "hardware": "Hardware fit"}
RULES = "norms: leave, vectors: leave, embed: q8_0"
LONGEST_RULES = 300
_WIDTHS = tuple(map(str, range(2, 9)))
FAMILIES: dict[str, tuple[str, dict[str, str]]] = {
    "group-64": ("integers, a scale for 64 values", {b: f"int{b}-64" for b in _WIDTHS}),
    "group-32": ("integers, a scale for 32 values", {b: f"int{b}-32" for b in _WIDTHS}),
    "row": ("integers, a scale for each row", {b: f"int{b}-row" for b in _WIDTHS}),
    "asymmetric-64": ("integers with a zero point, 64 values", {b: f"int{b}a-64" for b in _WIDTHS}),
    "gguf": ("GGUF types", {kind.upper(): kind for kind in ("q2_k", "q3_k", "q4_0", "q4_k", "q5_0", "q5_k", "q6_k", "q8_0")}),
    "formats": ("small floats and NF4", {"MXFP4": "mxfp4", "NF4": "nf4-64", "NVFP4": "nvfp4", "E4M3": "fp8-row"}),
}  # slug -> title, and the option of every stop of the slider
_FIRST = {"gguf": "Q4_K", "formats": "NF4"}
ORDERS = {
    "file": "as in the file",
    "bytes": "largest first",
    "error": "largest error first",
    "outputs": "largest error of outputs first",
    "outliers": "largest outliers first",
}
OWN_DEVICE = "own"
CACHE_BITS = {"16": "16 bits", "8": "8 bits", "4": "4 bits"}


@dataclass(frozen=True)
class Use:
    """How a model is run. device : of ``DEVICES``, or own with bandwidth (GB/s) and peak (TFLOP/s). context : tokens. cache : bits of a key."""

    device: str = OWN_DEVICE
    bandwidth: float = 50.0
    peak: float = 1.0
    context: int = 4096
    batch: int = 1
    cache: int = 16


@dataclass(frozen=True)
class ModelRequest:
    """What is computed, whatever the level of the slider. rules : before the slider's own; budget : whether the plan is the budget's."""

    room: str
    subject: ModelSubject
    family: str
    rules: str
    budget: bool
    use: Use = Use()

    @property
    def labels(self) -> tuple[str, ...]:
        """The stops of the slider."""
        return tuple(FAMILIES[self.family][1])

    def rules_at(self, label: str) -> str:
        """The rules as a text, the slider's own at the end."""
        return ", ".join(filter(None, (self.rules.strip(" ,;\n"), f"rest: {FAMILIES[self.family][1][label]}")))

    def options(self) -> list[Option]:
        """The options of all stops."""
        return [option(slug) for slug in FAMILIES[self.family][1].values()]


def request_of(address: Address) -> ModelRequest:
    """The request that an address makes; rules that cannot be read are those that the lab opens with."""
    rules = RULES if wrong_rules(address["rules"]) else address["rules"]
    use = Use()
    if address["room"] == "hardware":
        named = {name: address[name] for name in ("bandwidth", "peak") if name in address.values}
        use = Use(address["device"], **named, context=address["context"], batch=address["batch"], cache=int(address["cache"]))
    return ModelRequest(address["room"], address.subject, address["family"], rules, address["plan"] == "budget", use)


def page_rules(text: str) -> tuple[Rule, ...]:
    """Rules from an address; ValueError where they cannot be read, or hold a regular expression, which can take for ever."""
    rules = rules_of(text)
    if any(len(rule.pattern) > 2 and rule.pattern[0] == rule.pattern[-1] == "/" for rule in rules):
        raise ValueError("regular expressions are for the command line; write a part of the name or a glob such as *.0.*")
    return rules


def wrong_rules(text: str) -> str:
    """What is wrong with rules, "" where nothing is."""
    try:
        page_rules(text)
    except ValueError as problem:
        return f"{str(problem)[0].upper()}{str(problem)[1:]}."
    return ""


def _is(room: str) -> Callable[[Values], bool]:
    return lambda values: bool(values["room"] == room)


def _of(source: str, of: str = "source") -> Callable[[Values], bool]:
    return lambda values: bool(values[of] == source)


def _inputs(values: Values) -> Choice:
    own = {UPLOAD: "your file"} | ({SERVER: "a file of this server"} if _archives() else {})
    return Choice({NONE: "none"} | own)


def _archives() -> list[str]:
    """Names of the owner's folder that can hold activations."""
    return [name for name in allowed() if name.endswith(".npz")]


def _sources(values: Values) -> Choice:
    own = {UPLOAD: "Your file"} | ({SERVER: "A file of this server"} if allowed() else {})
    return Choice({slug: title for slug, (title, _) in SHIPPED.items()} | own)


def _own_device(values: Values) -> bool:
    return values["room"] == "hardware" and values["device"] == OWN_DEVICE


SUBJECT = (
    Parameter(
        "room",
        "the room: `tensors` (what every tensor loses), `hardware` (memory at run time, and the roofline)",
        Choice(ROOMS, buttons=True),
        "tensors",
        "Room",
        "rooms",
        advice="The file itself, or what runs it.",
    ),
    Parameter(
        "source",
        "the file: `language-large`, `language-small`, `plain`, `depthwise`, `small`, `upload`, or `server`, one of the owner's folder",
        _sources,
        "language-large",
        "File",
        advice="A shipped file of weights, or yours: it is read in a process of its own.",
    ),
    Parameter(
        "file",
        "the file that was brought, by the token that the server gave it",
        File(endings=tuple(e for e in ENDINGS if e.count(".") == 1), most=MAX_STATE),
        title="Your file",
        when=_of(UPLOAD),
        advice="One file: safetensors, GGUF, ONNX, .pt or .npz.",
    ),
    Parameter(
        "name",
        "the name of a file in the folder that the server's owner allows (`QUANTLAB_MODELS`)",
        lambda values: Choice({name: name for name in allowed()} or {"": "none"}),
        lambda values: next(iter(allowed()), ""),
        "Name",
        when=_of(SERVER),
        advice="Files of the folder that the server's owner allows.",
    ),
    Parameter(
        "inputs",
        "activations beside the file, so that errors of outputs are measured: `none`, `upload`, or `server`, one of the owner's folder",
        _inputs,
        NONE,
        "Activations",
        advice="Inputs of its matrices: with them, the error of what the layers give is measured too, and a budget weighs it.",
    ),
    Parameter(
        "activations",
        "the .npz of activations that was brought, by the token that the server gave it: arrays (samples, inputs) named after the matrices",
        File(kind="activations", endings=("npz",), most=MAX_STATE),
        title="Your activations",
        when=_of(UPLOAD, "inputs"),
        advice="An .npz with an array (samples, inputs) for each matrix, named after it; .weight may be left out.",
    ),
    Parameter(
        "beside",
        "the name of an .npz of activations in the owner's folder",
        lambda values: Choice({name: name for name in _archives()} or {"": "none"}),
        lambda values: next(iter(_archives()), ""),
        "Their name",
        when=_of(SERVER, "inputs"),
        advice="Archives of the folder that the server's owner allows.",
    ),
)
PARAMETERS = (
    Parameter(
        "family",
        "what the slider's stops are: " + ", ".join(f"`{slug}`" for slug in FAMILIES),
        Choice({slug: title for slug, (title, _) in FAMILIES.items()}),
        "group-64",
        "The slider gives",
        advice="What becomes of every tensor that no rule names.",
    ),
    Parameter(
        "rules",
        "rules by pattern before the slider's own, such as `embed: 8 bits, norms: leave, mlp: q4_k`; the first that fits decides",
        Text(lambda raw: len(raw) <= LONGEST_RULES, f"write at most {LONGEST_RULES} characters", RULES, area=True),
        RULES,
        "Rules",
        advice="PATTERN: OPTION, the first that fits decides. What no rule names follows the slider.",
        problem=lambda text, values: wrong_rules(text),
    ),
    Parameter(
        "plan",
        "whose plan is shown: `rules`, or `budget`: the least error in as many bytes as the rules take",
        Choice({"rules": "the rules", "budget": "a budget of the same size"}),
        "rules",
        "Plan by",
        advice="A budget gives each tensor its own option, for the least summed squared error.",
    ),
    Parameter(
        "order",
        "the order of the table: " + ", ".join(f"`{slug}`" for slug in ORDERS),
        Choice(ORDERS),
        "error",
        "Order",
        "table",
        when=_is("tensors"),
        advice="Which tensors stand first in the table.",
    ),
    Parameter(
        "filter",
        "a pattern of the names that the table shows, such as `*mlp*`",
        Text(lambda raw: len(raw) <= 100, "write at most 100 characters", "*mlp*"),
        "",
        "Show names like",
        "table",
        when=_is("tensors"),
        advice="A part of the name, or a pattern with * and ?.",
    ),
    Parameter(
        "device",
        "whose peak and bandwidth bound the speed: " + ", ".join(f"`{slug}`" for slug in (*DEVICES, OWN_DEVICE)),
        Choice({slug: device.title for slug, device in DEVICES.items()} | {OWN_DEVICE: "your own numbers"}),
        OWN_DEVICE,
        "Device",
        when=_is("hardware"),
        advice="Numbers of the vendors' data sheets; none of these was measured here.",
    ),
    Parameter(
        "bandwidth",
        "bandwidth of the memory in GB/s",
        Number(0.1, 100_000.0),
        50.0,
        "Bandwidth, GB/s",
        when=_own_device,
        advice="Two channels of DDR5-5600 have 89.6 GB/s: 2 · 8 bytes · 5.6 GT/s.",
    ),
    Parameter(
        "peak",
        "operations a second with 16 bits, in TFLOP/s",
        Number(0.001, 100_000.0),
        1.0,
        "Peak, TFLOP/s",
        when=_own_device,
        advice="Multiplications and additions count one each.",
    ),
    Parameter(
        "context",
        "tokens that the cache holds for each text",
        Number(0, 1_048_576),
        4096,
        "Tokens of context",
        when=_is("hardware"),
        advice="Each token leaves a key and a value in every layer.",
    ),
    Parameter(
        "batch",
        "texts that are answered at once",
        Number(1, 4096),
        1,
        "Texts at once",
        when=_is("hardware"),
        advice="All texts share one reading of the weights.",
    ),
    Parameter(
        "cache",
        "bits of a number in the key-value cache, scales left out",
        Choice(CACHE_BITS),
        "16",
        "Cache",
        when=_is("hardware"),
        advice="Bits of keys and values.",
    ),
    Parameter(
        "bits",
        "the stop of the slider: bits, or the name of a type",
        lambda values: levels(tuple(FAMILIES[values["family"]][1])),
        lambda values: _FIRST.get(values["family"], "4"),
        lambda values: "Type" if values["family"] in _FIRST else "Bits",
        "bottom",
        advice="Drag it, or use the arrow keys: everything on the page follows.",
    ),
)
TABLE = Table(PARAMETERS, SUBJECT, subject_of)
