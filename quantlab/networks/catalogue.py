"""The catalogue of networks: what can be known of each before torch is loaded.

Three are shipped with their weights. One of their architectures learns the pictures that a person brings or that are
fetched. Others are fetched with their weights and are asked about photographs, of which nobody wrote down what they show; one is a
person's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

OWN = "onnx"  # the slug of a person's own network; what it is made of stands in its file
_EYE = 4  # of the photo patches: a cat's; the first is a piece of plain wall
PHOTOGRAPHS = 10  # bundled ones that a pretrained network is asked about, beside one's own


class Origin(Enum):
    """The origin of weights: they are shipped, learnt here from other pictures, fetched, or in a file of a person's own."""

    SHIPPED = "shipped"
    TRAINED_HERE = "trained here"
    PRETRAINED = "pretrained"
    OWN = "own"


class File(Enum):
    """The file of a person's own that a network takes."""

    NONE = "none"
    WEIGHTS = "weights"
    PICTURE = "picture"
    PICTURES = "pictures"
    ONNX = "onnx"


@dataclass(frozen=True)
class Entry:
    """One choice of network and pictures.

    layers : the names of those with weights, from first to last. file, file_needed : what a person may bring, and whether
    nothing works without it. truth : whether labels say what the test images show, or only the float network's answers.
    overlapping : whether test images share pixels with one another. photographs : how many bundled photographs are the
    test images; None where there are as many as the data set has. picture : of the test images, one on which a person sees what it is.
    """

    slug: str
    title: str
    origin: Origin
    layers: tuple[str, ...]
    architecture: str
    file: File = File.NONE
    file_needed: bool = False
    overlapping: bool = False
    photographs: int | None = None
    picture: int = 0

    @property
    def truth(self) -> bool:
        return self.origin is not Origin.PRETRAINED


PLAIN = ("conv1", "conv2", "conv3", "conv4", "answer")
DEPTHWISE = ("conv1", *(f"{part}{i}" for i in range(2, 6) for part in ("depth", "point")), "answer")
SMALL = ("conv1", "conv2", "answer")
MOBILENET_V2 = (
    "conv1",
    *(f"block{i}_{part}" for i in range(1, 18) for part in ("expand", "depth", "project") if i > 1 or part != "expand"),
    "conv2",
    "answer",
)
RESNET_18 = (
    "conv1",
    *(
        f"block{i}_{j}_{part}"
        for i in range(1, 5)
        for j in (1, 2)
        for part in ("conv1", "conv2", "round")
        if part != "round" or (i > 1 and j == 1)
    ),
    "answer",
)


def _shipped(slug: str, title: str, layers: tuple[str, ...], overlapping: bool, picture: int = 0) -> Entry:
    return Entry(slug, title, Origin.SHIPPED, layers, slug, File.WEIGHTS, overlapping=overlapping, picture=picture)


def _trained_here(slug: str, title: str, file: File = File.NONE) -> Entry:
    return Entry(slug, title, Origin.TRAINED_HERE, PLAIN, "plain", file, file_needed=file is not File.NONE)


def _pretrained(slug: str, title: str, layers: tuple[str, ...]) -> Entry:
    return Entry(slug, title, Origin.PRETRAINED, layers, slug, File.PICTURE, photographs=PHOTOGRAPHS)


CATALOGUE: dict[str, Entry] = {
    entry.slug: entry
    for entry in (
        _shipped("plain", "Plain CNN, photo patches", PLAIN, overlapping=True, picture=_EYE),
        _shipped("depthwise", "Depthwise CNN, patches", DEPTHWISE, overlapping=True, picture=_EYE),
        _shipped("small", "Small CNN, digits", SMALL, overlapping=False),
        _trained_here("zip", "Your own pictures", File.PICTURES),
        _trained_here("mnist", "MNIST, fetched"),
        _trained_here("fashion-mnist", "Fashion-MNIST, fetched"),
        _trained_here("cifar-10", "CIFAR-10, fetched"),
        Entry(OWN, "Your own, as ONNX", Origin.OWN, (), "own", File.ONNX, file_needed=True),
        _pretrained("mobilenet-v2", "MobileNetV2, fetched", MOBILENET_V2),
        _pretrained("resnet-18", "ResNet-18, fetched", RESNET_18),
    )
}
TITLES = {slug: entry.title for slug, entry in CATALOGUE.items()}


def of_origin(origin: Origin) -> tuple[str, ...]:
    """The slugs of the networks whose weights come from there.

    >>> of_origin(Origin.PRETRAINED)
    ('mobilenet-v2', 'resnet-18')
    """
    return tuple(slug for slug, entry in CATALOGUE.items() if entry.origin is origin)
