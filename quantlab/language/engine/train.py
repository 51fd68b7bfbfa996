"""Training of the shipped language models: ``python -m quantlab.language.engine.train large`` (or ``small``).

AdamW, a warm-up and a cosine, windows of the training text drawn at random, fixed seed. Nothing is chosen on the test text, nor on
the calibration text: the number of steps is fixed beforehand. The result is a folder as Hugging Face's, in half precision.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch.nn.functional import cross_entropy, dropout, rms_norm, scaled_dot_product_attention, silu

from quantlab.language.config import EMBEDDING, HEAD, NORM, Config, norm_name, tensor_name
from quantlab.language.shipped import CONFIGS, config_json, folder_of
from quantlab.language.texts import held_out, training
from quantlab.progress import Steps

Weights = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Recipe:
    """steps : how many batches. batch : windows in each. rate : the largest learning rate. drop : share of each branch's outputs."""

    steps: int = 1800
    batch: int = 8
    rate: float = 3e-3
    decay: float = 0.1
    drop: float = 0.0
    warm_up: int = 100


def initial(config: Config, seed: int = 0) -> Weights:
    """Normal weights of 0.02, those that write to the residual stream smaller by sqrt(2 layers); norms of one."""
    draw = torch.Generator().manual_seed(seed)
    weights = {}
    for name, shape in config.shapes().items():
        deviation = 0.02 / (math.sqrt(2 * config.layers) if "o_proj" in name or "down_proj" in name else 1)
        start = torch.ones(shape) if len(shape) == 1 else torch.randn(shape, generator=draw) * deviation
        weights[name] = start.requires_grad_()
    return weights


def rotated(x: torch.Tensor, theta: float) -> torch.Tensor:
    """Rotary positions on (N, heads, T, D): the halves of a head turn together."""
    half = x.shape[-1] // 2
    place, turn = torch.arange(x.shape[-2], dtype=torch.float64), torch.arange(half, dtype=torch.float64)
    angles = torch.outer(place, theta ** (-turn / half))  # (T, D / 2); in float32 an angle of 255 is 1e-5 off, and a logit 1e-4
    cos, sin = angles.cos().to(x), angles.sin().to(x)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def logits_of(config: Config, weights: Weights, tokens: torch.Tensor, drop: float = 0.0) -> torch.Tensor:
    """Logits (N, T, vocabulary) of tokens (N, T)."""
    n, t = tokens.shape
    x = weights[EMBEDDING][tokens]

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        return rms_norm(x, (config.width,), weights[name], config.epsilon)

    for layer in range(config.layers):

        def linear(x: torch.Tensor, kind: str, layer: int = layer) -> torch.Tensor:
            return x @ weights[tensor_name(layer, kind)].T

        def heads(x: torch.Tensor, count: int) -> torch.Tensor:
            return x.view(n, t, count, config.head).transpose(1, 2)

        y = norm(x, norm_name(layer, "input"))
        q = rotated(heads(linear(y, "q"), config.heads), config.theta)
        k = rotated(heads(linear(y, "k"), config.key_heads), config.theta)
        v = heads(linear(y, "v"), config.key_heads)
        mixed = scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True).transpose(1, 2).reshape(n, t, -1)
        x = x + dropout(linear(mixed, "o"), drop)
        y = norm(x, norm_name(layer, "post_attention"))
        x = x + dropout(linear(silu(linear(y, "gate")) * linear(y, "up"), "down"), drop)
    return norm(x, NORM) @ weights[EMBEDDING if config.tied else HEAD].T


def train(config: Config, weights: Weights, text: bytes, recipe: Recipe, seed: int = 0) -> Steps[float]:
    """Trains the weights in place; yields (steps done, steps) and returns the mean loss of the last hundred, in nats a token."""
    torch.manual_seed(seed)
    tokens = torch.from_numpy(np.frombuffer(text, np.uint8).astype(np.int64))
    matrices = [w for w in weights.values() if w.ndim == 2]
    norms = [w for w in weights.values() if w.ndim == 1]
    groups = [{"params": matrices, "weight_decay": recipe.decay}, {"params": norms, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.95))
    losses: list[float] = []
    for step in range(recipe.steps):
        yield step, recipe.steps
        done = (step - recipe.warm_up) / max(1, recipe.steps - recipe.warm_up)
        factor = (step + 1) / recipe.warm_up if step < recipe.warm_up else 0.05 + 0.95 * (1 + math.cos(math.pi * done)) / 2
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * min(1.0, factor)
        starts = torch.randint(len(tokens) - config.context - 1, (recipe.batch,))
        windows = torch.stack([tokens[i : i + config.context + 1] for i in starts.tolist()])
        logits = logits_of(config, weights, windows[:, :-1], recipe.drop)
        loss = cross_entropy(logits.reshape(-1, config.vocabulary), windows[:, 1:].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(weights.values()), 1.0)
        optimizer.step()
        losses.append(float(loss.detach()))
    return float(np.mean(losses[-100:]))


@torch.inference_mode()
def perplexity(config: Config, weights: Weights, text: bytes) -> float:
    """Of a text in windows of the context, each from nothing."""
    tokens = torch.from_numpy(np.frombuffer(text, np.uint8).astype(np.int64))
    total, count = 0.0, 0
    for i in range(0, len(tokens) - 1, config.context):
        window = tokens[i : i + config.context + 1]
        total += float(cross_entropy(logits_of(config, weights, window[None, :-1])[0], window[1:], reduction="sum"))
        count += len(window) - 1
    return math.exp(total / count)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m quantlab.language.engine.train", description="Train a shipped language model anew.")
    parser.add_argument("name", choices=sorted(CONFIGS))
    parser.add_argument("--steps", type=int, default=Recipe.steps)
    parser.add_argument("--out", type=Path, help="where to write instead of assets/language/NAME")
    args = parser.parse_args()
    config, start = CONFIGS[args.name], time.perf_counter()
    weights = initial(config)
    steps = train(config, weights, training(), Recipe(steps=args.steps))
    try:
        while True:
            done, total = next(steps)
            if done % 100 == 0:
                print(f"{done} of {total}, {time.perf_counter() - start:.0f} s", flush=True)
    except StopIteration as end:
        loss = end.value
    rounded = {name: w.detach().half().contiguous() for name, w in weights.items()}
    folder = args.out or folder_of(args.name)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(rounded, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(config_json(config), indent=2) + "\n")
    exact = {name: w.float() for name, w in rounded.items()}
    print(f"training loss {loss:.4f} nats a byte, {time.perf_counter() - start:.0f} s")
    for text in ("calibration", "test"):
        print(f"perplexity a byte of the {text} text {perplexity(config, exact, held_out(text)):.3f}")
    print(f"{folder / 'model.safetensors'}: {(folder / 'model.safetensors').stat().st_size} bytes")


if __name__ == "__main__":
    main()
