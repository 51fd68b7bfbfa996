"""The language lab's parameters."""

from __future__ import annotations

from dataclasses import dataclass

from quantlab.labs.address import Choice, Parameter, Table, Text, Values, levels
from quantlab.labs.language import looks
from quantlab.labs.language.request import SCHEMED, stops
from quantlab.language.methods import FLOAT, METHODS

ROOMS = {"widths": "All widths", "text": "The text itself", "methods": "All methods", "layers": "Layer by layer"} | looks.ROOMS
SOURCES = {"large": "1.8 million weights", "small": "half a million weights"}
_FEW = {FLOAT: "as they are", "8": "8 bits", "6": "6 bits", "4": "4 bits", "3": "3 bits", "2": "2 bits"}
_APART = {FLOAT: "16 bits", "8": "8 bits", "6": "6 bits", "4": "4 bits", "3": "3 bits", "2": "2 bits"}
BLOCKS = ("gguf", "imatrix")  # methods whose blocks are the format's own
PROMPT, PROMPT_MOST = "The for statement is used to ", 155  # bytes: the context has room for a hundred more
_CONTEXTS = ("256", "128", "64", "32")


@dataclass(frozen=True)
class Subject:
    """The model that is looked at."""

    source: str

    @property
    def title(self) -> str:
        """What a person calls it."""
        return f"the model of {SOURCES[self.source]}"


def _granular(values: Values) -> bool:
    return values.get("method") not in BLOCKS


def _strides(values: Values) -> Choice:
    context = int(values["context"])
    return Choice({str(context // part): "the context" if part == 1 else f"{context // part} tokens" for part in (1, 2, 4)})


def _promptable(raw: str) -> bool:
    return 1 <= len(raw.encode("utf-8", "replace")) <= PROMPT_MOST


def _calibrates(values: Values) -> bool:
    if values["room"] in looks.INSIDE:
        return True
    static = values["activations"] != FLOAT and values["ranges"] == "static"
    return METHODS[values["method"]].calibrated or values["before"] == "smooth" or static


SUBJECT = (
    Parameter(
        "room",
        "the room: `widths` (one method at all its widths), `text` (byte by byte, and how the model goes on writing), `methods` (all methods and "
        "both models), `layers` (one linear layer rounded at a time), `columns` (GPTQ column by column), `gains` (where AWQ's and GPTQ's gain comes from), "
        "`outliers` (channels of what a layer reads), `memory` (the cache, and the bound of speed), `claims` (what people say, measured)",
        Choice(ROOMS, buttons=True),
        "widths",
        "Room",
        "rooms",
        advice="One way to round at all widths, or a look from another side.",
    ),
    Parameter(
        "source",
        "the language model: `large` or `small`, of one training at two widths",
        Choice(SOURCES),
        "large",
        "Model",
        advice="Both read bytes and are of the Llama architecture; they learnt Python's documentation.",
    ),
)
_MEASURED = (
    Parameter(
        "method",
        "how the linear layers are rounded: `nearest`, `clip`, `hqq`, `gptq`, `awq`, `formats`, `gguf`, `imatrix`",
        Choice({slug: method.title for slug, method in METHODS.items()}),
        "nearest",
        "Method",
        advice=lambda values: "How the weights of the linear layers get into few bits.",
    ),
    Parameter(
        "scheme",
        "`int-asymmetric` or `int-symmetric` steps, where the method has that choice",
        Choice({"int-asymmetric": "with a zero point", "int-symmetric": "symmetric"}),
        "int-asymmetric",
        "Steps",
        when=lambda values: values.get("method", "gptq") in SCHEMED,
        advice="A zero point lets few levels lie where the weights of a group are.",
    ),
    Parameter(
        "granularity",
        "which weights share a scale: `group-32`, `group-64`, `group-128`, `channel-0`, `tensor`",
        Choice(
            {"group-32": "32 weights", "group-64": "64 weights", "group-128": "128 weights", "channel-0": "a row", "tensor": "the layer"}
        ),
        "group-64",
        "One scale for",
        when=_granular,
        advice="Smaller groups fit better and store more scales; MX and NVFP4 have blocks of their own.",
    ),
    Parameter(
        "activations",
        "bits of what the linear layers read: `16`, `8`, `6`, `4`, `3`, `2`",
        Choice(_FEW),
        FLOAT,
        "Activations",
        advice="A layer that multiplies in integers needs what it reads in few bits too.",
    ),
    Parameter(
        "ranges",
        "ranges of activations: `token` (each its own) or `static` (one, fixed on the calibration text)",
        Choice({"token": "one for each token", "static": "fixed beforehand"}),
        "token",
        "Their ranges",
        when=lambda values: values["activations"] != FLOAT,
        advice="A fixed range costs nothing while the model runs, and has to hold every outlier.",
    ),
    Parameter(
        "before",
        "what is done to the float model first: `none`, `smooth` (SmoothQuant), `rotate` (Hadamard)",
        Choice({"none": "nothing", "smooth": "SmoothQuant", "rotate": "Hadamard rotation"}),
        "none",
        "Before rounding",
        advice="Both leave the float model's answers alone, and even out what is rounded.",
    ),
    Parameter(
        "keys",
        "bits of the cache's keys: `16`, `8`, `6`, `4`, `3`, `2`",
        Choice(_FEW),
        FLOAT,
        "Keys in the cache",
        advice="The cache grows with the context; long contexts need more of it than of weights.",
    ),
    Parameter("values", "bits of the cache's values, as for `keys`", Choice(_FEW), FLOAT, "Values in the cache", advice="As for the keys."),
    Parameter(
        "cache",
        "what shares a range in the cache: `token` (a head of one token) or `channel` (over 32 tokens)",
        Choice({"token": "a head of one token", "channel": "a channel of 32 tokens"}),
        "token",
        "One range in the cache for",
        when=lambda values: FLOAT not in (values["keys"], values["values"]) or values["keys"] != values["values"],
        advice="Keys have channels that are large for every token: a range for each channel keeps the others fine.",
    ),
    Parameter(
        "prompt",
        "what the model goes on from, up to 155 bytes, in the room `text`",
        Text(_promptable, f"write 1 to {PROMPT_MOST} bytes"),
        PROMPT,
        "Go on from",
        when=lambda values: values["room"] == "text",
        advice="Both models write on from here, always the likeliest byte.",
    ),
    Parameter("embedding", "bits of the embedding: `16` to `2`", Choice(_APART), FLOAT, "Embedding", "more", advice="Rounded to nearest."),
    Parameter("head", "bits of the head: `16` to `2`", Choice(_APART), FLOAT, "Head", "more", advice="Rounded to nearest."),
    Parameter(
        "tokens",
        "how many tokens of the test text are read: `1024`, `2048`, `4096`, `8192`",
        Choice({n: n for n in ("1024", "2048", "4096", "8192")}),
        "2048",
        "Tokens",
        "more",
        advice="More tokens give narrower intervals, and take longer.",
    ),
    Parameter(
        "context",
        "tokens in a window: `256`, `128`, `64`, `32`",
        Choice({n: f"{n} tokens" for n in _CONTEXTS}),
        "256",
        "Context",
        "more",
        advice="A shorter context raises the perplexity of the very same model.",
    ),
    Parameter(
        "stride",
        "tokens from one window to the next: the context, its half or its quarter",
        _strides,
        lambda values: values["context"],
        "Stride",
        "more",
        advice="A smaller stride gives every token more to look back at, and lowers the perplexity.",
    ),
    Parameter(
        "calibration",
        "the text that is looked at: `calibration`, or `test`, which cheats",
        Choice({"calibration": "a text of its own", "test": "the test text: cheating"}),
        "calibration",
        "Calibrate on",
        "more",
        when=_calibrates,
        advice="Who looks at the test text beforehand measures how well it was learnt by heart.",
    ),
)
_SLIDER = Parameter(
    "bits",
    "the stop of the slider: bits of a weight, or a format; in `columns` how many columns are rounded, in `outliers` bits of activations",
    lambda values: levels(_stops(values)),
    lambda values: looks.FIRST.get(values["room"]) or ("2" if "2" in _stops(values) else _stops(values)[0]),
    lambda values: (
        looks.SLIDER.get(values["room"]) or ("Format of the weights" if values["method"] in ("formats", *BLOCKS) else "Bits of the weights")
    ),
    "bottom",
    advice="Drag it, or use the arrow keys: everything on the page follows.",
)


def _stops(values: Values) -> tuple[str, ...]:
    return looks.STOPS.get(values["room"]) or stops(values["method"])


PARAMETERS = (*looks.PARAMETERS, *map(looks.where_used, _MEASURED), _SLIDER)
TABLE = Table(PARAMETERS, SUBJECT, lambda values: Subject(values["source"]))
