"""Trainings on disk: a finished one under its request, the network's weights and the code, so that a second visit is instant; one
that was left goes on from its last epoch.

One array of bytes in numpy's own archive, a SHA-256 before it: what is cut short, damaged or of another form counts as absent.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import asdict

import numpy as np

from quantlab.cache_folder import cache_folder
from quantlab.caching import lru_cache
from quantlab.networks import trained
from quantlab.networks.data import DataSet
from quantlab.networks.engine.evaluate import program
from quantlab.networks.engine.models import Network
from quantlab.networks.engine.training.loop import training_steps
from quantlab.networks.engine.training.settled import settled
from quantlab.networks.sealed import opened, sealed
from quantlab.networks.store import Store
from quantlab.networks.training import LayerFilm, Training, TrainingRequest
from quantlab.progress import Steps


@lru_cache(maxsize=1)
def user_store() -> Store:
    return Store(cache_folder())


def key_of(network: Network, data: DataSet, request: TrainingRequest) -> str:
    """The name of a training: its request, weights, pictures, and the code that trains."""
    state = network.modules.state_dict()
    weights = hashlib.sha256(b"".join(k.encode() + v.contiguous().numpy().tobytes() for k, v in sorted(state.items()))).hexdigest()
    return hashlib.sha256(f"training {program()} {weights} {data.digest} {request!r}".encode()).hexdigest()[:40]


def kept_steps(
    network: Network, data: DataSet, request: TrainingRequest, store: Store | None = None, until: int | None = None
) -> Steps[Training]:
    """The training from disk where it is known there, else trained and kept; yields (batches done, batches).

    until : after which epoch it may stop for now; the next call goes on from there. A finished one is kept as a network too,
    which the labs offer (``quantlab.networks.trained``).
    """
    store = user_store() if store is None else store
    key = key_of(network, data, request)
    kept = store.get(key)
    known = None if kept is None else unpacked(kept)
    if known is not None and known.request == request:
        if trained.slug_of(key) not in trained.kept(store.path):  # others came since; who asks for it means to use it
            trained.keep(store, key, known, settled(network, known))
        return known
    training = yield from training_steps(network, data, request, store, f"{key}-under-way", until)
    if training.epochs == request.epochs:
        store.put(key, packed(training))
        trained.keep(store, key, training, settled(network, training))
    return training


def packed(training: Training) -> np.ndarray:
    """A training as uint8 (bytes,)."""
    arrays = {name: getattr(training, name) for name in ("loss", "predicted", "labels", "predicted_by_float", "flips", "moved", "negative")}
    for layer, film in training.layers.items():
        arrays |= {f"film {layer} {part}": value for part, value in vars(film).items()}
    arrays |= {f"state {name}": value for name, value in training.state.items()}
    header = {
        "request": asdict(training.request),
        "weights": training.weights,
        "resorted": training.resorted,
        "layers": list(training.layers),
    }
    file = io.BytesIO()
    np.savez_compressed(file, header=np.frombuffer(json.dumps(header).encode(), np.uint8), **arrays)
    return sealed(file.getvalue())


def unpacked(kept: np.ndarray) -> Training | None:
    """The training in these bytes; None where they are not a sound one."""
    content = opened(kept)
    if content is None:
        return None
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays = dict(archive)
        header = json.loads(arrays.pop("header").tobytes())
        films = {
            layer: LayerFilm(*(arrays[f"film {layer} {part}"] for part in LayerFilm.__dataclass_fields__)) for layer in header["layers"]
        }
        state = {name.removeprefix("state "): value for name, value in arrays.items() if name.startswith("state ")}
        request = TrainingRequest(**header["request"])
        return Training(
            request,
            arrays["loss"],
            arrays["predicted"],
            arrays["labels"],
            arrays["predicted_by_float"],
            arrays["flips"],
            arrays["moved"],
            header["weights"],
            arrays["negative"],
            header["resorted"],
            films,
            state,
        )
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile):  # written by another version, under the same name
        return None
