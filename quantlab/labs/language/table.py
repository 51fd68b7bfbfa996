"""The language lab's parameters."""

from __future__ import annotations

from quantlab.labs.address import Parameter, Table, Values
from quantlab.labs.forms import Choice, Text, levels
from quantlab.labs.language import looks
from quantlab.labs.language.request import SCHEMED, stops
from quantlab.labs.language.subject import SUBJECT, model_of, subject_of
from quantlab.language.methods import FLOAT, METHODS

_FEW = {FLOAT: "as they are", "8": "8 bits", "6": "6 bits", "4": "4 bits", "3": "3 bits", "2": "2 bits"}
_APART = {FLOAT: "16 bits", "8": "8 bits", "6": "6 bits", "4": "4 bits", "3": "3 bits", "2": "2 bits"}
BLOCKS = ("gguf", "imatrix")  # methods whose blocks are the format's own
PROMPT, PROMPT_MOST = "The for statement is used to ", 600  # bytes


def _granular(values: Values) -> bool:
    return values.get("method") not in BLOCKS


def _strides(values: Values) -> Choice:
    context = int(values["context"])
    return Choice({str(context // part): "the context" if part == 1 else f"{context // part} tokens" for part in (1, 2, 4)})


def _prompt(values: Values) -> Text:
    most = _prompt_most(values)
    return Text(lambda raw: 1 <= len(raw.encode("utf-8", "replace")) <= most, f"write 1 to {most} bytes")


def _prompt_most(values: Values) -> int:
    """Bytes, which are no fewer than tokens: the context has room for what is written behind them."""
    model = model_of(values)
    return max(1, min(PROMPT_MOST, model.config.context - model.written - 1))


def _tokens(values: Values) -> Choice:
    counts = ("1024", "2048", "4096", "8192") if model_of(values).unit == "byte" else ("256", "512", "1024")
    return Choice({n: n for n in counts})


def _contexts(values: Values) -> Choice:
    model = model_of(values)
    longest = str(model.config.context)
    counts = [
        n for n in ("1024", "512", "256", "128", "64", "32") if int(n) <= min(model.config.context, 256 if model.unit == "byte" else 1024)
    ]
    return Choice({n: f"{n} tokens" for n in counts or [longest]})


def _context(values: Values) -> str:
    return str(min(256, model_of(values).config.context))


def _first_stop(values: Values) -> str:
    """Where the damage can be seen and the answers are not lost: real models stand fewer bits less well."""
    usual, there = "2" if model_of(values).unit == "byte" else "3", _stops(values)
    wanted = looks.FIRST.get(values["room"], usual)
    return wanted if wanted in there else there[0]


def _calibrates(values: Values) -> bool:
    if values["room"] in looks.INSIDE:
        return True
    static = values["activations"] != FLOAT and values["ranges"] == "static"
    return METHODS[values["method"]].calibrated or values["before"] == "smooth" or static


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
        "what the model goes on from, up to 155 bytes (600 where the context has room), in the room `text`",
        _prompt,
        lambda values: PROMPT[: _prompt_most(values)],
        "Go on from",
        when=lambda values: values["room"] == "text",
        advice="Both models write on from here, always the likeliest token.",
    ),
    Parameter("embedding", "bits of the embedding: `16` to `2`", Choice(_APART), FLOAT, "Embedding", "more", advice="Rounded to nearest."),
    Parameter("head", "bits of the head: `16` to `2`", Choice(_APART), FLOAT, "Head", "more", advice="Rounded to nearest."),
    Parameter(
        "tokens",
        "how many tokens of the text are read at most: `1024`, `2048`, `4096`, `8192` bytes, or `256`, `512`, `1024` parts of words",
        _tokens,
        lambda values: "2048" if model_of(values).unit == "byte" else "256",
        "Tokens",
        "more",
        advice="More tokens give narrower intervals, and take longer.",
    ),
    Parameter(
        "context",
        "tokens in a window: `256`, `128`, `64`, `32`; of models that read parts of words also `512`, `1024`",
        _contexts,
        _context,
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
    _first_stop,
    lambda values: (
        looks.SLIDER.get(values["room"]) or ("Format of the weights" if values["method"] in ("formats", *BLOCKS) else "Bits of the weights")
    ),
    "bottom",
    advice="Drag it, or use the arrow keys: everything on the page follows.",
)


def _stops(values: Values) -> tuple[str, ...]:
    return looks.STOPS.get(values["room"]) or stops(values["method"])


PARAMETERS = (*looks.PARAMETERS, *map(looks.where_used, _MEASURED), _SLIDER)
TABLE = Table(PARAMETERS, SUBJECT, subject_of)
