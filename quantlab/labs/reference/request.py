"""The reference's request and parameters: a room, and in it a scheme, a format, a word."""

from __future__ import annotations

from dataclasses import dataclass

from quantlab.labs.address import Address, Parameter, Values
from quantlab.labs.forms import Choice, Levels, Text, levels
from quantlab.labs.reference.bits import Reading, Single, example_word, is_word, read, single_format
from quantlab.labs.reference.films import BITS
from quantlab.schemes import SCHEMES

ROOMS = {
    "schemes": "Schemes",
    "formats": "Formats",
    "bits-of": "Bits of a number",
    "ranges": "Ranges",
    "roundings": "Roundings",
    "vectors": "Several together",
}
_LEVELS = {"schemes": levels(tuple(map(str, BITS))), "ranges": levels(tuple(map(str, BITS[1:])))}


@dataclass(frozen=True)
class ReferenceRequest:
    """A room; the scheme, format or word that is looked up there. word : 0 to 2^bits - 1 of the format."""

    room: str
    labels: tuple[str, ...]
    scheme: str = ""
    format: Single | None = None
    word: int = 0

    @property
    def reading(self) -> Reading | None:
        """The reading of the word, in the room of bits."""
        return read(self.format, self.word) if self.room == "bits-of" and self.format is not None else None


def request_of(address: Address) -> ReferenceRequest:
    """The request that an address makes."""
    room, entry = address["room"], _format(address.get("format", ""))
    word = int(address["word"], 16) % (1 << entry.bits) if entry is not None and "word" in address.values else 0
    return ReferenceRequest(room, _levels(room).labels, address.get("scheme", ""), entry, word)


def _levels(room: str) -> Levels:
    return _LEVELS.get(room, levels(()))


def _format(name: str) -> Single | None:
    """The format of this name, None where it names none."""
    return None if _format_problem(name) else single_format(_slug(name))


def _format_problem(name: str) -> str:
    try:
        single_format(_slug(name))
    except ValueError as problem:
        return f"{problem}."
    return ""


def _slug(name: str) -> str:
    return name.strip().lower()


def _has_word(values: Values) -> bool:
    return values["room"] == "bits-of" and _format(values["format"]) is not None


def _first_word(values: Values) -> str:
    entry = _format(values["format"])
    return f"{example_word(entry):x}" if entry else "0"


PARAMETERS = (
    Parameter("room", "of the reference: a room", Choice(ROOMS, buttons=True), "schemes", "Room", "rooms", advice="What is looked up."),
    Parameter(
        "bits",
        "the bit width on the slider",
        lambda values: _levels(values["room"]),
        "4",
        "Bits",
        "bottom",
        lambda values: values["room"] in _LEVELS,
        advice="Drag it, or use the arrow keys: everything on the page follows.",
    ),
    Parameter(
        "scheme",
        "the scheme whose formula is shown",
        Choice({slug: slug for slug in SCHEMES}),
        "int-symmetric",
        "Scheme",
        "page",
        lambda values: values["room"] == "schemes",
        advice="Its formula and source stand below.",
    ),
    Parameter(
        "format",
        "a number format: of the table, or any such as `e3m4`",
        Text(),
        "e4m3fn",
        "Format: a name from the table, or any such as e3m4, e5m2fn, int8",
        "page",
        lambda values: values["room"] in ("formats", "bits-of"),
        problem=lambda name, values: _format_problem(name),
        advice="A name of the table, or exponent and fraction bits such as e3m4.",
    ),
    Parameter("word", "the word that is read, in hexadecimal digits", Text(is_word), _first_word, "Word", "hidden", _has_word),
)
