"""Networks that were trained with rounding on this machine and are kept on disk, by the slugs under which all network labs offer them.

A slug is ``trained-`` and the first digits of the training's own name. What is kept are the weights that the forward pass uses,
rounded, as the state of the architecture that they began from; activations are quantized by the lab that takes the network. What
cannot be read, or was removed for want of space, is no longer offered.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from quantlab.cache_folder import cache_folder
from quantlab.caching import lru_cache
from quantlab.networks.catalogue import CATALOGUE, Entry, File
from quantlab.networks.sealed import opened, sealed
from quantlab.networks.store import Store
from quantlab.networks.training import WEIGHTS, Training, TrainingRequest

PREFIX = "trained-"
DIGITS = 12
MOST = 24  # that are offered, the latest first


@dataclass(frozen=True)
class Trained:
    """A kept network, without its weights. top1 : of the training's last epoch, 0 to 1, on ``images`` test images."""

    slug: str
    request: TrainingRequest
    top1: float
    images: int

    @property
    def entry(self) -> Entry:
        """It as an entry of the catalogue: its architecture's, under its own name."""
        return replace(CATALOGUE[self.request.network], slug=self.slug, title=self.title, file=File.NONE)

    @property
    def title(self) -> str:
        """What a person calls it."""
        r = self.request
        how = {"ternary": "ternary", "binary": "binary"}.get(r.weights, f"{r.width} bits")
        short = WEIGHTS[r.weights].partition("(")[2].rstrip(")")
        what = CATALOGUE[r.network].title.partition(",")[0]
        return f"{what}, trained at {how} ({short}, {r.epochs} epoch{'s' * (r.epochs > 1)}, seed {r.seed}): {100 * self.top1:.1f} %"


def slug_of(key: str) -> str:
    """The slug of the training of this name, as ``engine.kept_steps`` keeps it.

    >>> slug_of("0123456789abcdef")
    'trained-0123456789ab'
    """
    return PREFIX + key[:DIGITS]


def keep(store: Store, key: str, training: Training, state: Mapping[str, np.ndarray]) -> None:
    """Keep a finished training's network; a full disk only means that it is not offered."""
    top1 = training.top1(training.epochs)
    header = {"request": asdict(training.request), "top1": top1.value, "images": top1.n}
    file = io.BytesIO()
    arrays = {"header": np.frombuffer(json.dumps(header).encode(), np.uint8)}
    arrays |= {f"state {name}": value for name, value in state.items()}
    np.savez(file, allow_pickle=False, **arrays)
    store.put(slug_of(key), sealed(file.getvalue()))


def kept(folder: Path | None = None) -> dict[str, Trained]:
    """Slug -> network, the latest first. folder : of the store, the user's own where none is named."""
    folder = cache_folder() if folder is None else folder
    if folder is None or not folder.is_dir():
        return {}
    return dict(_kept(folder, folder.stat().st_mtime_ns))


@lru_cache(maxsize=4)  # a folder's time is that of the last file that came or went: it is looked through then, not at every run of a page
def _kept(folder: Path, changed: int) -> dict[str, Trained]:
    stamped = []
    for file in folder.glob(f"{PREFIX}*.npy"):
        try:
            stamped.append((file.stat().st_mtime_ns, file.stem))
        except FileNotFoundError:  # pruned meanwhile
            continue
    found = (_read(slug, folder, used=False) for _, slug in sorted(stamped, reverse=True)[:MOST])
    return {one.slug: one for one, _ in filter(None, found)}


def state_of(slug: str, folder: Path | None = None) -> tuple[Trained, dict[str, np.ndarray]]:
    """A kept network with its weights, float32 by state name; ValueError in one sentence where it is not kept."""
    folder = cache_folder() if folder is None else folder
    found = _read(slug, folder) if folder is not None else None
    if found is None:
        raise ValueError(f"The network {slug[:40]!r} is no longer kept on this machine: train it once more in the lab Train.")
    return found


@lru_cache(maxsize=MOST)  # a name is of what it holds: nothing of it ever changes
def _unpacked(content: bytes, slug: str) -> tuple[Trained, dict[str, np.ndarray]] | None:
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays = dict(archive)
        header = json.loads(arrays.pop("header").tobytes())
        trained = Trained(slug, TrainingRequest(**header["request"]), float(header["top1"]), int(header["images"]))
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile):  # written by another version, under the same name
        return None
    return trained, {name.removeprefix("state "): value for name, value in arrays.items()}


def _read(slug: str, folder: Path, used: bool = True) -> tuple[Trained, dict[str, np.ndarray]] | None:
    if not slug.startswith(PREFIX) or not set(slug.removeprefix(PREFIX)) <= set("0123456789abcdef"):
        return None
    content = opened(Store(folder).get(slug, used))
    return None if content is None else _unpacked(content, slug)


def entry_of(slug: str) -> Entry:
    """The entry of a network of the catalogue or of a kept one; ValueError in one sentence where there is neither."""
    return CATALOGUE[slug] if slug in CATALOGUE else state_of(slug)[0].entry
