"""Pretrained networks from the internet, MobileNetV2 and ResNet-18, and data sets of the photographs they are asked about.

Weights, their addresses and checksums, the preparation of pictures and the names of the 1000 classes are torchvision's
own. No truth is known about a person's picture: its label here is the float network's first answer, so that "right" means
"as before". Both were trained on ImageNet (Russakovsky et al. 2015, doi:10.1007/s11263-015-0816-y).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any  # torchvision's classes, each with attributes of its own

import numpy as np
import torch
from PIL import Image

from quantlab.networks.data import DataSet, Images, photographs
from quantlab.networks.downloads import Remote, fetch_steps
from quantlab.networks.engine import wrapping
from quantlab.networks.engine._torchvision import torchvision
from quantlab.networks.engine.models import Network, Step, tensor_of
from quantlab.progress import Steps, finish
from quantlab.sources.upload import Refused, show


@dataclass(frozen=True)
class PretrainedNetwork:
    """``model``, ``weights`` : torchvision's function and its table of weights, of which the first are taken."""

    slug: str
    title: str
    model: str
    weights: str
    as_steps: Callable[..., list[Step]]

    @property
    def entry(self) -> Any:  # of a type that torchvision has, which is imported here at the first use
        """torchvision's entry: address, transform, names of the classes."""
        return getattr(torchvision().models, self.weights).IMAGENET1K_V1

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(self.entry.meta["categories"])

    @property
    def remote(self) -> Remote:
        """The file of weights; its name ends in how its SHA-256 begins, as torch.hub has it."""
        mirror, _, name = self.entry.url.rpartition("/")
        return Remote(name, (f"{mirror}/",), "sha256", name.rpartition("-")[2].partition(".")[0])

    def network(self, state: Mapping[str, torch.Tensor]) -> Network:
        """The network with torchvision's state_dict; ValueError where it does not fit."""
        model = getattr(torchvision().models, self.model)(weights=None, num_classes=len(self.classes))
        try:
            model.load_state_dict(state)
        except (RuntimeError, TypeError) as error:
            raise Refused(f"{self.remote.name} does not fit {self.title} ({show(str(error))}): remove it and fetch it again.") from error
        normalize = self.entry.transforms()
        return wrapping.wrap(self.slug, self.title, model, self.as_steps, normalize.mean, normalize.std)

    def pixels(self, picture: np.ndarray) -> np.ndarray:
        """A picture uint8 (H, W, 3) as torchvision prepares it, before normalizing: uint8 (224, 224, 3)."""
        bare = self.entry.transforms(mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
        return (bare(Image.fromarray(picture)) * 255).round().to(torch.uint8).permute(1, 2, 0).contiguous().numpy()


PRETRAINED = {
    entry.slug: entry
    for entry in (
        PretrainedNetwork("mobilenet-v2", "MobileNetV2", "mobilenet_v2", "MobileNet_V2_Weights", wrapping.mobilenet_v2),
        PretrainedNetwork("resnet-18", "ResNet-18", "resnet18", "ResNet18_Weights", wrapping.resnet18),
    )
}


def network_steps(slug: str, where: Path | None = None, base: str | None = None) -> Steps[Network]:
    """The trained network, fetched where it is not here; yields (bytes here, bytes in all); ValueError in one sentence."""
    if slug not in PRETRAINED:
        raise ValueError(f"there is no trained network {slug!r} to fetch; choose one of {', '.join(PRETRAINED)}")
    entry = PRETRAINED[slug]
    path = yield from fetch_steps(entry.remote, where, base)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds on a damaged file
        raise Refused(
            f"{show(path.name)} cannot be read ({show(str(error))}): remove it from the cache folder and fetch it again."
        ) from error
    return entry.network(state)


def photo_steps(network: Network, own_pictures: Mapping[str, np.ndarray] | None = None) -> Steps[DataSet]:
    """Pictures for a trained network: every other bundled photograph calibrates, the rest and the person's ``own_pictures`` are the test.

    own_pictures : name -> uint8 (H, W, 3). Labels are the float network's first answers; nothing is there to train on.
    Yields (pictures answered, pictures).
    """
    entry, photos = PRETRAINED[network.slug], photographs()
    names = list(photos)
    questions = dict(own_pictures or {}) | {name: photos[name] for name in names[::2]}
    pictures = [*questions.values(), *(photos[name] for name in names[1::2])]
    pixels, answers = [], []
    for done, picture in enumerate(pictures):
        yield done, len(pictures)
        pixels.append(entry.pixels(picture))
        answers.append(_answer(network, pixels[-1]))
    every, count = Images(np.stack(pixels), np.array(answers, np.int64)), len(questions)
    none, test, calibration = (Images(every.pixels[part], every.labels[part]) for part in (slice(0), slice(count), slice(count, None)))
    return DataSet(network.slug, "Photographs", entry.classes, none, calibration, test, truth=False)


def photo_set(network: Network, own_pictures: Mapping[str, np.ndarray] | None = None) -> DataSet:
    """The data set of ``photo_steps``, without progress."""
    return finish(photo_steps(network, own_pictures))


@torch.inference_mode()
def _answer(network: Network, pixels: np.ndarray) -> int:
    return int(network(tensor_of(pixels[None])).argmax())
