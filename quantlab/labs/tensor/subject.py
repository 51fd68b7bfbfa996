"""The tensor lab's subject: a built-in tensor, pasted numbers, or a tensor of a person's file."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np

from quantlab.caching import cached_property, lru_cache
from quantlab.labs.address import Parameter, Values
from quantlab.labs.forms import Choice, File, Number, OpenChoice, Text, Value
from quantlab.sources import EXTENSIONS, TENSOR_SOURCES, count_nonfinite, make_finite, parse_floats
from quantlab.sources.tensor_source import MAX_SIZE, Knob
from quantlab.sources.upload import MAX_FILE, show
from quantlab.sources.uploads import UPLOADS
from quantlab.transforms import TRANSFORMS, Transform, fit, rules

_BROUGHT = {"paste": "Paste numbers", "upload": "Open a file"}
_NONFINITE = {"refuse": "Refuse them", "drop": "Drop them", "clip": "Clip them"}
_SCREEN = 2000  # characters of pasted numbers that a program may hold


@dataclass(frozen=True, eq=False)
class Tensor:
    """A tensor that was picked. key : names it in caches. x : its values, read-only. python : the lines that make it. title : its name.

    original, word, transform : where it is another tensor transformed: that one, the transforms' slugs, and the map.
    """

    key: Hashable
    x: np.ndarray
    python: str
    source: str
    title: str
    original: Tensor | None = None
    word: str = "none"
    transform: Transform | None = None

    @cached_property
    def nonfinite(self) -> int:
        """The number of its values that are NaN or infinite."""
        return count_nonfinite(self.x)


def tensor_of(values: Values) -> Tensor:
    """The tensor that the values name; ValueError in one sentence where they name none that is sound."""
    tensor = _as_brought(values)
    tensor = tensor if "nonfinite" not in values else _finite(tensor, values["nonfinite"])
    return tensor if values.get("transform", "none") == "none" or tensor.nonfinite else _transformed(tensor, values["transform"])


def _as_brought(values: Values) -> Tensor:
    """The tensor with all of its values, also those that are not finite."""
    source = values["source"]
    if source == "paste":
        return _pasted(values["values"])
    if source == "upload":
        return _uploaded(UPLOADS.key(_file(values)), values["tensor"])
    return _built_in(source, values["size"], values["seed"], tuple((k.slug, values[k.slug]) for k in TENSOR_SOURCES[source].knobs))


@lru_cache(maxsize=24)
def _built_in(source: str, size: int, seed: int, knobs: tuple[tuple[str, float | str], ...]) -> Tensor:
    x = TENSOR_SOURCES[source].make(size, seed, **dict(knobs))
    arguments = "".join(f", {name}={value!r}" for name, value in knobs)
    return Tensor(
        (source, size, seed, knobs),
        _read_only(x),
        f'x = TENSOR_SOURCES["{source}"].make({size}, seed={seed}{arguments})',
        source,
        TENSOR_SOURCES[source].title,
    )


@lru_cache(maxsize=24)
def _pasted(text: str) -> Tensor:
    numbers = repr(text) if len(text) <= _SCREEN else "Path('numbers.txt').read_text()"
    note = "" if len(text) <= _SCREEN else "  # the numbers that were pasted, saved as a file"
    x = parse_floats(text).astype(np.float32)
    return Tensor(
        ("paste", text), _read_only(x), f"x = parse_floats({numbers}).astype('float32'){note}", "paste", "the numbers pasted before"
    )


@lru_cache(maxsize=8)
def _uploaded(key: str, tensor: str) -> Tensor:
    name, _ = UPLOADS.content(key)
    python = f"x = load_tensor({name!r}, Path({name!r}), {tensor!r})"
    x = np.atleast_1d(UPLOADS.load(key, tensor))  # a single number is a tensor of one value
    title = show(name) if tensor == name else f"{show(tensor)} of {show(name)}"
    return Tensor(("upload", key, tensor), x, python, "upload", title)


@lru_cache(maxsize=4)
def _finite(tensor: Tensor, how: str) -> Tensor:
    x = make_finite(tensor.x, how)
    return Tensor((tensor.key, how), x, f"{tensor.python}\nx = make_finite(x, {how!r})", tensor.source, tensor.title)


@lru_cache(maxsize=4)
def _transformed(tensor: Tensor, word: str) -> Tensor:
    try:
        transform = fit(tensor.x, word)
        x = _read_only(transform.forward(tensor.x))
    except ValueError as problem:
        raise ValueError(f"{str(problem)[0].upper()}{str(problem)[1:]}.") from problem
    title = f"{tensor.title}, after {' and '.join(rule.title for rule in rules(word))}"
    return Tensor((tensor.key, word), x, tensor.python, tensor.source, title, tensor, word, transform)


def _transforms(values: Values) -> OpenChoice:
    """The transforms that fit the shape, and several with commas between them."""
    axes = _as_brought(values).x.ndim
    titles = {slug: rule.title for slug, rule in TRANSFORMS.items() if axes > 1 or not rule.columns}

    def other(word: str) -> str | None:
        try:
            chosen = rules(word)
        except ValueError:
            return None
        fits = all(rule.slug in titles for rule in chosen)
        return ", then ".join(rule.title for rule in chosen) if fits else None

    return OpenChoice({"none": "none"} | titles, other=other, limit="several stand with commas between them, such as scaling,hadamard")


def _file(values: Mapping[str, Value]) -> str:
    """The file of these values; ValueError where none was brought, or it is held no longer."""
    if not values["file"]:
        raise ValueError(f"Choose a file: {', '.join(EXTENSIONS[:-1])} or {EXTENSIONS[-1]}.")
    return UPLOADS.check(values["file"])


def _read_only(x: np.ndarray) -> np.ndarray:
    x.flags.writeable = False
    return x


def _source(values: Values) -> str:
    return values["source"]


def _is_built_in(values: Values) -> bool:
    return _source(values) in TENSOR_SOURCES


def _knob_parameters() -> tuple[Parameter, ...]:
    """The knobs of single sources."""
    names = dict.fromkeys(knob.slug for source in TENSOR_SOURCES.values() for knob in source.knobs)
    return tuple(_knob_parameter(name) for name in names)


def _knob_parameter(name: str) -> Parameter:
    knobs = {slug: knob for slug, source in TENSOR_SOURCES.items() for knob in source.knobs if knob.slug == name}
    title = next(iter(knobs.values())).title

    def form(values: Values) -> Choice | Number:
        knob: Knob = knobs[_source(values)]
        if knob.choices:
            return Choice({choice: choice for choice in knob.choices})
        kind = int if isinstance(knob.default, int) else float
        return Number(kind(knob.low or 0), kind(knob.high or 1e9))

    return Parameter(
        name,
        f"of single sources: {title[0].lower()}{title[1:]}",
        form,
        lambda values: knobs[_source(values)].default,
        lambda values: knobs[_source(values)].title,
        "more",
        lambda values: _source(values) in knobs,
        "It shapes the values of this tensor.",
    )


SUBJECT = (
    Parameter(
        "source",
        "the tensor: a built-in one, `paste` (numbers), `upload`",
        Choice({slug: source.title for slug, source in TENSOR_SOURCES.items()} | _BROUGHT),
        "weights",
        "Tensor",
        advice="The values that are quantized: made here, pasted, or from a file of yours.",
    ),
    Parameter(
        "size", "how many values", Number(1, MAX_SIZE), 65536, "Values", "more", _is_built_in, advice="How many values the tensor has."
    ),
    Parameter(
        "seed",
        "which draw",
        Number(0, 2**31 - 1),
        0,
        "Seed",
        "more",
        _is_built_in,
        advice="Another number draws other values of the same kind.",
    ),
    *_knob_parameters(),
    Parameter(
        "values",
        "the pasted numbers",
        Text(area=True),
        "0.1 -0.4 0.25 1.5 -0.9 0.02 0.6 -0.15",
        "Numbers",
        when=lambda values: _source(values) == "paste",
        advice="Numbers with spaces, commas or line breaks between them.",
    ),
    Parameter(
        "file",
        "an opened file, by the token that the server gave it",
        File(kind="tensor", endings=tuple(EXTENSIONS), most=MAX_FILE, notes=UPLOADS.notes),
        title="File",
        when=lambda values: _source(values) == "upload",
        advice="A .npy, .npz or .csv file, or a model as .safetensors, .gguf or .onnx.",
    ),
    Parameter(
        "tensor",
        "the tensor in the file",
        lambda values: Choice({name: name for name in UPLOADS.tensors(_file(values))}),
        lambda values: UPLOADS.tensors(_file(values))[0],
        "Tensor in the file",
        when=lambda values: _source(values) == "upload",
        advice="The file holds several tensors; choose one.",
    ),
    Parameter(
        "nonfinite",
        "what to do with NaN and infinity: `refuse`, `drop`, `clip`",
        Choice(_NONFINITE),
        "refuse",
        lambda values: f"{_as_brought(values).nonfinite} NaN or infinite values",
        when=lambda values: _as_brought(values).nonfinite > 0,
        advice="NaN and infinity have no code: leave them out, or clip them to the largest finite value.",
    ),
    Parameter(
        "transform",
        "what the values go through before they are quantized, and back through after: `none`, `hadamard`, `scaling`, `sorting`",
        _transforms,
        "none",
        "Transform before",
        "more",
        lambda values: _as_brought(values).x.shape[-1:] > (1,),
        "An invertible map before the quantizer, undone after it: a rotation spreads outliers, a scaling evens columns.",
    ),
)
