"""What the language lab looks at: a model, and the text that it is asked about."""

from __future__ import annotations

from dataclasses import dataclass

from quantlab.caching import lru_cache
from quantlab.labs.address import Parameter, Values
from quantlab.labs.forms import Choice, File, Text
from quantlab.labs.language import looks
from quantlab.language.catalogue import FILE, LanguageModel, named, titles
from quantlab.language.held import digest_of
from quantlab.language.tokenizers import decoded
from quantlab.sources.upload import Refused
from quantlab.sources.uploads import UPLOADS

ROOMS = {"widths": "All widths", "text": "The text itself", "methods": "All methods", "layers": "Layer by layer"} | looks.ROOMS
OWN = "own"
WORDS_MOST = 1500  # characters that an address holds
TEXT_MOST = 1 << 20  # bytes of a file


@dataclass(frozen=True)
class Subject:
    """model : by its name. own : the text that a person brought, "" for the held-out one. file : what that file is called."""

    name: str = "large"
    own: str = ""
    file: str = ""

    @property
    def model(self) -> LanguageModel:
        """The model; ValueError in one sentence where it cannot be had any more."""
        return named(self.name)

    @property
    def title(self) -> str:
        """What a person calls it."""
        return self.model.title

    def count(self, most: int) -> int:
        """Tokens that are read where ``most`` are wanted: a person's own text may have fewer."""
        return min(most, _length(self.name, self.own)) if self.own else most


@lru_cache(maxsize=16)
def _length(name: str, own: str) -> int:
    return len(named(name).ids(own))


def subject_of(values: Values) -> Subject:
    """The subject that the values name; ValueError in one sentence where the model or the text cannot be used."""
    name = values["source"] if values["source"] != OWN else FILE + digest_of(values["file"])
    if values.get("text", "test") != OWN:
        found = Subject(name)
        _ = found.model
        return found
    try:
        own, file = _own(values)
        found = Subject(name, own, file)
        found.count(2)
    except Refused:
        raise
    except ValueError as problem:  # of the core, which writes no whole sentences
        raise Refused(f"{str(problem)[0].upper()}{str(problem)[1:]}.") from problem
    return found


def _own(values: Values) -> tuple[str, str]:
    if digest := values["textfile"]:
        title, content = UPLOADS.content(UPLOADS.check(digest, "That text is no longer held by this server; open it again."))
        return decoded(content[:TEXT_MOST]), title
    if not values["words"].strip():
        raise Refused("Write a text of your own, or open a file of text in UTF-8.")
    return values["words"], ""


def model_of(values: Values) -> LanguageModel:
    """The model of the subject that was found."""
    subject: Subject = values.subject
    return subject.model


def _brings(values: Values) -> bool:
    return bool(values.get("text", "test") == OWN)


SUBJECT = (
    Parameter(
        "source",
        "the language model: `large` or `small`, of one training at two widths; `smollm2`, where its package is installed; `folder-NAME` of the "
        "folder QUANTLAB_MODELS; `own`, a file that was brought",
        lambda values: Choice(titles() | {OWN: "Your own: GGUF or Hugging Face"}),
        "large",
        "Model",
        advice="All are of the Llama architecture. The first two are shipped, read bytes and learnt Python's documentation.",
    ),
    Parameter(
        "file",
        "a model of your own, by the token that the server gave it: a GGUF file, or a Hugging Face folder",
        File(kind="model", endings=(".gguf", ".zip", ".safetensors", ".json")),
        when=lambda values: values["source"] == OWN,
        advice="A GGUF file, or a zip or all files of a Hugging Face folder.",
    ),
    Parameter(
        "room",
        "the room: `widths` (one method at all its widths), `text` (token by token, and how the model goes on writing), `methods` (all methods and, "
        "of the shipped ones, both models), `layers` (one linear layer rounded at a time), `columns` (GPTQ column by column), `gains` (where AWQ's "
        "and GPTQ's gain comes from), `outliers` (channels of what a layer reads), `memory` (the cache, and the bound of speed), `claims` (what "
        "people say, measured)",
        Choice(ROOMS, buttons=True),
        "widths",
        "Room",
        "rooms",
        advice="One way to round at all widths, or a look from another side.",
    ),
    Parameter(
        "text",
        "the text that perplexity is measured on: `test` (held out of the shipped models' training) or `own`",
        Choice({"test": "Python's documentation", OWN: "a text of yours"}),
        "test",
        "Text",
        "more",
        when=lambda values: values["room"] not in (*looks.INSIDE, "memory"),
        advice="The shipped models learnt other topics of the same documentation.",
    ),
    Parameter(
        "textfile",
        "a text of your own as a file, by the token that the server gave it",
        File(kind="text", endings=(".txt",), most=TEXT_MOST),
        place="more",
        when=_brings,
        advice="Text in UTF-8.",
    ),
    Parameter(
        "words",
        f"a text of your own, up to {WORDS_MOST} characters, where no file was brought",
        Text(
            lambda raw: len(raw) <= WORDS_MOST,
            f"write at most {WORDS_MOST} characters, or open a file of text",
            "A text of at least two words",
            True,
        ),
        "",
        "A text of yours",
        "more",
        when=lambda values: _brings(values) and not values["textfile"],
        advice="The more of it, the narrower the intervals.",
    ),
)
