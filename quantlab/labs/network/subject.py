"""The network lab's subject: a network that is shipped, trained with rounding on this machine, taught on pictures that were brought or
fetched, fetched as trained on ImageNet, or a person's own."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from quantlab.labs.address import Parameter, Values
from quantlab.labs.forms import Choice, File
from quantlab.labs.network.own import own_entry, own_network
from quantlab.networks import catalogue
from quantlab.networks.catalogue import CATALOGUE, OWN, TITLES, Entry, Origin, of_origin
from quantlab.networks.narrow import NARROW
from quantlab.networks.trained import PREFIX, entry_of, kept
from quantlab.sources.uploads import UPLOADS

ROOMS = {"answers": "Answers", "layers": "Layers", "budget": "Budget"}


@dataclass(frozen=True)
class NetworkSubject:
    """A network and the pictures it is asked about, by the slug of its entry and a person's own file, "" for none."""

    source: str
    file: str = ""

    @property
    def entry(self) -> Entry:
        """Its entry of the catalogue; ValueError in one sentence where its network or its file is not here any more."""
        return own_entry(self.file) if self.source == OWN else entry_of(self.source)

    @property
    def title(self) -> str:
        """What a person calls it."""
        return self.entry.title

    @property
    def key(self) -> Hashable:
        return (self.source, UPLOADS.key(self.file))

    @property
    def file_name(self) -> str:
        """The file's own name, "" where there is none."""
        return UPLOADS.name(self.file) if self.file else ""

    def check_file(self) -> None:
        """ValueError in one sentence where the file that it needs or names is missing."""
        if self.source == OWN:
            own_network(self.file)
        elif self.entry.file_needed and not self.file:
            raise ValueError("Choose a folder or a zip of pictures: in it one folder for each class, with at least 4 pictures each.")
        if self.file:
            UPLOADS.check(self.file)


def network_subject(values: Values) -> NetworkSubject:
    """The subject that the values name; ValueError in one sentence where its file is missing."""
    subject = NetworkSubject(values["source"], values.get("file", ""))
    subject.check_file()
    return subject


def written_subject(query: Mapping[str, str]) -> NetworkSubject:
    """The subject that an address names, whether or not it can be had."""
    source = query.get("source", "")
    entry = entry_of(source) if source in CATALOGUE or source in kept() else CATALOGUE["plain"]
    return NetworkSubject(entry.slug, "" if entry.file is catalogue.File.NONE else query.get("file", ""))


def _entry(values: Values) -> Entry:
    """Of the source alone: of a person's own network nothing but that it needs a file."""
    return entry_of(values["source"])


def titles(order: Sequence[str] = of_origin(Origin.SHIPPED)) -> dict[str, str]:
    """Slug -> title of the networks that every network lab offers: the shipped ones, and those that were trained on this machine."""
    return {slug: TITLES[slug] for slug in order} | {slug: one.title for slug, one in kept().items()}


def maker(source: str) -> str:
    """The function of the engine that a program calls for this network and its data.

    >>> maker("plain"), maker("trained-0123456789ab"), maker("plain-half")
    ('shipped', 'named', 'named')
    """
    return "named" if source.startswith(PREFIX) or source in NARROW else "shipped"


def _sources(values: Values) -> Choice:
    """The shipped and trained ones first, then all others."""
    return Choice(titles() | TITLES)


def file_kind(entry: Entry) -> str:
    """The kind of a person's file: a picture to any network that takes one, weights to one network."""
    return entry.file.value if entry.file is catalogue.File.PICTURE else entry.slug


SUBJECT = (
    Parameter(
        "room",
        "the room: `answers`, `layers`, `budget`",
        Choice(ROOMS, buttons=True),
        "answers",
        "Room",
        "rooms",
        advice="Answers of the whole network, one layer in detail, or bits to share out among layers.",
    ),
    Parameter(
        "source",
        "the network: `plain`, `depthwise`, `small`; or what `plain` then learns: `zip` (your pictures, as a folder or a zip with one "
        "folder a class), `mnist`, `fashion-mnist`, `cifar-10`; or fetched as trained on ImageNet: `mobilenet-v2`, `resnet-18`; "
        "`trained-…`, one that was trained with rounding on this machine; or `onnx`, your own",
        _sources,
        "plain",
        "Network",
        advice="The network that is quantized; some are fetched, or learn from your pictures first.",
    ),
    Parameter(
        "file",
        "that folder or zip, a picture for a network trained on ImageNet, a state_dict of your own for a shipped network, or the ONNX file "
        "of your own network, by the token that the server gave it",
        lambda values: File(kind=file_kind(_entry(values))),
        place=lambda values: "more" if _entry(values).origin is Origin.SHIPPED else "side",
        when=lambda values: _entry(values).file is not catalogue.File.NONE,
        advice="A file of yours.",
    ),
)
