"""Scores of a language model at one stop of the slider: computed in a worker process, kept on disk, read back at once.

A record holds, for every scored token: log p of the right one, divergence, same top, five likeliest tokens, their shares; float32 (T, 13).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeGuard

import numpy as np

from quantlab import workers
from quantlab.cache_folder import cache_folder
from quantlab.caching import cache, lru_cache
from quantlab.labs.language.looks import UNUSED
from quantlab.labs.language.request import CALIBRATION_TOKENS, LanguageRequest
from quantlab.language.calibration import Calibration, calibrate
from quantlab.language.evaluation import TOP, Conditions, Scores, scores
from quantlab.language.few_bits import Rounding
from quantlab.language.methods import METHODS
from quantlab.language.model import Hooks, Model
from quantlab.language.quantized import quantized
from quantlab.language.rotation import rotate, smooth
from quantlab.language.shipped import folder_of, load, tokens_of
from quantlab.networks.store import Store
from quantlab.progress import Steps, finish, part

EXACT = "as it is"  # the stop of the model before anything is done to it
_ASIDE = ("ui", "labs", "audio", "images", "cli", "learn", "_app")


@cache
def program() -> str:
    """A name for the code that computes: results of an older one count as absent."""
    root = Path(__file__).parents[2]
    files = [f for f in sorted(root.rglob("*.py")) if f.relative_to(root).parts[0] not in _ASIDE] + [Path(__file__)]
    return hashlib.sha256(b"".join(f.read_bytes() for f in files) + np.__version__.encode()).hexdigest()


@cache
def digest_of(source: str) -> str:
    """A name for a model's weights."""
    return hashlib.sha256((folder_of(source) / "model.safetensors").read_bytes()).hexdigest()


def key_of(request: LanguageRequest, stop: str) -> str:
    """The name of a record."""
    asked = request.conditions if stop == EXACT else (replace(request, room="", prompt="", look=UNUSED), stop)
    return hashlib.sha256(f"{program()} {digest_of(request.source)} {asked!r}".encode()).hexdigest()[:40]


@lru_cache(maxsize=8)
def changed_model(source: str, before: str, text: str) -> Model:
    """The float model, smoothed or rotated where that is asked for."""
    model = load(source)
    if before == "smooth":
        return smooth(model, calibration_of(source, "none", text))
    return rotate(model) if before == "rotate" else model


@lru_cache(maxsize=8)
def calibration_of(source: str, before: str, text: str) -> Calibration:
    """What the layers of that model read on a held-out text."""
    return finish(calibrate(changed_model(source, before, text), tokens_of(text, CALIBRATION_TOKENS)))


@lru_cache(maxsize=4)
def exact_of(source: str, conditions: Conditions) -> tuple[Scores, np.ndarray]:
    """Scores and log-shares of the model as it is."""
    return finish(scores(load(source), tokens_of(conditions.text, conditions.tokens), conditions))


def prepared(request: LanguageRequest, stop: str) -> tuple[Model, Hooks | None]:
    """The model at a stop, and what rounds its activations and cache."""
    where = request.source, request.before, request.calibration
    needed = METHODS[request.method].calibrated or request.few.static
    seen = calibration_of(*where) if needed else None
    model = quantized(changed_model(*where), request.plan(stop), seen)
    return model, None if request.few.idle else Rounding(request.few, seen)


def record(found: Scores) -> np.ndarray:
    """Scores as one array, float32 (T, 13)."""
    columns = [found.right[:, None], found.kld[:, None], found.same[:, None], found.top, found.shares]
    return np.concatenate([np.asarray(c, np.float32) for c in columns], axis=1)


def scores_of(array: np.ndarray) -> Scores:
    """The inverse of ``record``, of a model that reads bytes."""
    right, kld, same, top, shares = np.split(array, [1, 2, 3, 3 + TOP], axis=1)
    return Scores(right[:, 0], kld[:, 0], top.astype(np.int32), shares, same[:, 0] > 0, len(array))


def computed_steps(request: LanguageRequest, wanted: Sequence[str]) -> Steps[list[np.ndarray]]:
    """Records of some stops, in their order; yields (tokens done, tokens) in hundredths of a stop."""
    conditions = request.conditions
    tokens = tokens_of(conditions.text, conditions.tokens)
    records: list[np.ndarray] = []
    for i, stop in enumerate(wanted):
        yield 100 * i, 100 * len(wanted)
        exact, shares = exact_of(request.source, conditions)
        if stop == EXACT:
            records.append(record(exact))
            continue
        model, hooks = prepared(request, stop)
        steps = scores(model, tokens, conditions, shares, hooks)
        found, _ = yield from part(steps, i, len(wanted))
        records.append(record(found))
    return records


def level_steps(request: LanguageRequest, wanted: Sequence[str]) -> Steps[dict[str, Scores]]:
    """Scores at some stops: those that are kept on disk at once, the others by a worker; yields (done, total)."""
    store = Store(cache_folder())
    kept = {stop: array for stop in wanted if _sound(array := store.get(key_of(request, stop)), request)}
    if missing := [stop for stop in wanted if stop not in kept]:
        found = yield from workers.steps(partial(computed_steps, request, missing), request.source)
        for stop, array in zip(missing, found, strict=True):
            store.put(key_of(request, stop), array)
            kept[stop] = array
    return {stop: scores_of(kept[stop]) for stop in wanted}


def _sound(array: np.ndarray | None, request: LanguageRequest) -> TypeGuard[np.ndarray]:
    return array is not None and array.dtype == np.float32 and array.shape == (request.conditions.tokens - 1, 3 + 2 * TOP)
