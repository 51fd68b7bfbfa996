"""Training on other pictures: a person's own, or a fetched data set; as many updates as the shipped network had.

The number of updates decides how long that takes, not the number of images: of many images only the first are used, and
few pass by more often, in smaller batches.
"""

from __future__ import annotations

from dataclasses import replace
from math import ceil

import numpy as np
import torch

from quantlab.networks.data import DataSet, Images
from quantlab.networks.engine.models import MODELS, Network
from quantlab.networks.engine.train import RECIPES, Recipe, train
from quantlab.progress import Steps
from quantlab.sources.labelled_images import LabelledImages

TO_TRAIN = {"plain": 6000, "depthwise": 6000, "small": 997}  # images that the shipped ones learnt from
LEAST_SIDE = 8  # pixels; the networks halve a picture up to three times


def data_set(images: LabelledImages, title: str = "Your pictures") -> DataSet:
    """A person's own pictures as a data set."""

    def part(places: np.ndarray) -> Images:
        return Images(images.pixels[places], images.labels[places])

    return DataSet("own", title, images.classes, part(images.training), part(images.calibration), part(images.test))


def recipe_for(model: str, images: int) -> Recipe:
    """The recipe of a shipped network for another number of training images, at least 2: batches of an eighth, at most 100.

    >>> recipe_for("plain", 6000) == RECIPES["plain"]
    True
    >>> recipe_for("plain", 80)  # 720 updates in epochs of 8
    Recipe(epochs=90, rate=0.003, batch=10, decay=0.01)
    """
    shipped = RECIPES[model]
    updates = shipped.epochs * (TO_TRAIN[model] // shipped.batch)
    batch = min(shipped.batch, max(2, images // 8))
    return replace(shipped, epochs=ceil(updates / (images // batch)), batch=batch)


def training_steps(model: str, data: DataSet, seed: int = 0) -> Steps[Network]:
    """A network of this architecture for this data, trained; yields (epochs done, epochs)."""
    if model not in MODELS:
        raise ValueError(f"there is no network {model!r}; choose one of {', '.join(MODELS)}")
    _, side, other, channels = data.training.pixels.shape
    if min(side, other) < LEAST_SIDE or len(data.training) < 2:
        raise ValueError(
            f"{len(data.training)} pictures of {side} x {other} pixels are too few or too small to learn from; "
            f"give 2 or more of at least {LEAST_SIDE} x {LEAST_SIDE}"
        )
    training = data.training.first(TO_TRAIN[model])
    torch.manual_seed(seed)
    network = MODELS[model].build(channels, len(data.classes))
    yield from train(network, replace(data, training=training), recipe_for(model, len(training)), seed)
    return network
