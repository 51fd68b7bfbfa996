"""The network lab's subject: a network that is shipped, taught on pictures that were brought or fetched, or fetched as trained on ImageNet."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from quantlab.labs.address import Choice, File, Parameter, Values
from quantlab.networks import catalogue
from quantlab.networks.catalogue import CATALOGUE, TITLES, Entry, Origin
from quantlab.sources.uploads import UPLOADS

ROOMS = {"answers": "Answers", "layers": "Layers", "budget": "Budget"}


@dataclass(frozen=True)
class NetworkSubject:
    """A network and the pictures it is asked about, by the slug of its entry and a person's own file, "" for none."""

    source: str
    file: str = ""

    @property
    def entry(self) -> Entry:
        return CATALOGUE[self.source]

    @property
    def title(self) -> str:
        """What a person calls it."""
        return TITLES[self.source]

    @property
    def key(self) -> Hashable:
        return (self.source, self.file)

    @property
    def file_name(self) -> str:
        """The file's own name, "" where there is none."""
        return UPLOADS.name(self.file) if self.file else ""

    def check_file(self) -> None:
        """ValueError in one sentence where the file that it needs or names is missing."""
        if self.entry.file_needed and not self.file:
            raise ValueError("Choose a folder or a zip of pictures: in it one folder for each class, with at least 4 pictures each.")
        if self.file and self.file not in UPLOADS:
            raise ValueError("That file is no longer held by this server; open it again.")


def network_subject(values: Values) -> NetworkSubject:
    """The subject that the values name; ValueError in one sentence where its file is missing."""
    subject = NetworkSubject(values["source"], values.get("file", ""))
    subject.check_file()
    return subject


def written_subject(query: Mapping[str, str]) -> NetworkSubject:
    """The subject that an address names, whether or not it can be had."""
    source = query.get("source", "")
    entry = CATALOGUE.get(source, CATALOGUE["plain"])
    return NetworkSubject(entry.slug, "" if entry.file is catalogue.File.NONE else query.get("file", ""))


def _entry(values: Values) -> Entry:
    return CATALOGUE[values["source"]]


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
        "folder a class), `mnist`, `fashion-mnist`, `cifar-10`; or fetched as trained on ImageNet: `mobilenet-v2`, `resnet-18`",
        Choice(TITLES),
        "plain",
        "Network",
        advice="The network that is quantized; some are fetched, or learn from your pictures first.",
    ),
    Parameter(
        "file",
        "that folder or zip, a picture for a network trained on ImageNet, or a state_dict of your own for a shipped network, by the hash "
        "of its content",
        lambda values: File(kind=file_kind(_entry(values))),
        place=lambda values: "more" if _entry(values).origin is Origin.SHIPPED else "side",
        when=lambda values: _entry(values).file is not catalogue.File.NONE,
        advice="A file of yours. It stays in this server's memory only.",
    ),
)
