"""Training of the shipped networks: ``python -m quantlab.networks.engine.train NAME`` trains one again, within minutes.

AdamW under a one-cycle learning rate, fixed seeds, one thread: the number of cores changes nothing. The file is
``assets/networks/NAME.safetensors`` in half precision. ``seeds.py`` tells what other seeds would have given.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch.nn.functional import cross_entropy

from quantlab.networks.data import DATA, DataSet, Images
from quantlab.networks.engine.models import MODELS, Network, tensor_of
from quantlab.networks.engine.shipped_networks import file_of, state_of
from quantlab.progress import Steps, finish


@dataclass(frozen=True)
class Recipe:
    """A recipe of training. rate : the largest learning rate. decay : AdamW's weight decay."""

    epochs: int
    rate: float = 3e-3
    batch: int = 100
    decay: float = 1e-2


RECIPES = {"plain": Recipe(12), "depthwise": Recipe(16, rate=6e-3), "small": Recipe(40)}


def train(network: Network, data: DataSet, recipe: Recipe, seed: int = 0) -> Steps[None]:
    """Trains the network in place; yields (epochs done, epochs). Weights are drawn by whoever builds the network."""
    torch.manual_seed(seed)
    modules = network.modules
    pixels, labels = tensor_of(data.training.pixels), torch.from_numpy(data.training.labels)
    pixels = pixels.contiguous(memory_format=torch.channels_last)
    steps = len(labels) // recipe.batch
    optimizer = torch.optim.AdamW(modules.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.rate, total_steps=recipe.epochs * steps)
    for epoch in range(recipe.epochs):
        yield epoch, recipe.epochs
        modules.train()
        order = torch.randperm(len(labels))
        for batch in order[: steps * recipe.batch].split(recipe.batch):
            optimizer.zero_grad()
            cross_entropy(network(pixels[batch]), labels[batch]).backward()
            optimizer.step()
            schedule.step()
    modules.eval().requires_grad_(False)


@torch.inference_mode()
def accuracy(network: Network, images: Images) -> float:
    """Share of right answers, 0 to 1."""
    logits = torch.cat([network(tensor_of(images.pixels[i : i + 250])) for i in range(0, len(images), 250)])
    return float((logits.argmax(1).numpy() == images.labels).mean())


def train_shipped(name: str, seed: int = 0) -> tuple[Network, DataSet]:
    """A freshly trained network and its data."""
    torch.manual_seed(seed)
    network, data = MODELS[name].build(), DATA[MODELS[name].data]()
    finish(train(network, data, RECIPES[name], seed))
    return network, data


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m quantlab.networks.engine.train", description="Train a shipped network anew.")
    parser.add_argument("name", choices=sorted(MODELS))
    parser.add_argument("--out", type=Path, help="where to write instead of assets/networks")
    args = parser.parse_args()
    start = time.perf_counter()
    network, data = train_shipped(args.name)
    print(f"{accuracy(network, data.test):.2%} of {len(data.test)} test images, {time.perf_counter() - start:.0f} s", flush=True)
    path = args.out or file_of(args.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(state_of(network), path)
    print(f"{path}: {path.stat().st_size} bytes, SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
