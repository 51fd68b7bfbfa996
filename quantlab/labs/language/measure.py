"""Scores of a language model at one stop of the slider: computed in a worker process, kept on disk, read back at once.

A record holds, for every scored token: log p of the right one, divergence, same top, five likeliest tokens, their shares; float32 (T, 13).
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeGuard

import numpy as np

from quantlab import workers
from quantlab.cache_folder import cache_folder
from quantlab.caching import lru_cache
from quantlab.labs.language.kept import calibration_steps, observation_steps, program
from quantlab.labs.language.looks import UNUSED
from quantlab.labs.language.request import LanguageRequest
from quantlab.language.calibration import MANY, Calibration, Observation, Place, place_of
from quantlab.language.catalogue import named
from quantlab.language.evaluation import TOP, Conditions, Forward, Scores, scores
from quantlab.language.few_bits import Rounding
from quantlab.language.methods import FLOAT, METHODS
from quantlab.language.model import Hooks, Model, forward
from quantlab.language.quantized import quantized
from quantlab.language.rotation import rotate, smooth
from quantlab.language.suffix import Suffix
from quantlab.networks.store import Store
from quantlab.progress import Steps, finish, part, side_by_side

LEAST = 2  # stops that one worker of several takes at least, since each asks the model as it is
EXACT = "as it is"  # the stop of the model before anything is done to it


def key_of(request: LanguageRequest, stop: str) -> str:
    """The name of a record."""
    asked = (request.conditions, request.own) if stop == EXACT else (replace(request, room="", prompt="", source="", look=UNUSED), stop)
    return hashlib.sha256(f"{program()} {request.model.digest} {asked!r}".encode()).hexdigest()[:40]


@lru_cache(maxsize=2)
def changed_model(source: str, before: str, text: str) -> Model:
    """The float model, smoothed or rotated where that is asked for."""
    model = named(source).model()
    if before == "smooth":
        return smooth(model, calibration_of(source, "none", text))
    return rotate(model) if before == "rotate" else model


@lru_cache(maxsize=2)
def calibration_of(source: str, before: str, text: str) -> Calibration:
    """What the layers of that model read on a held-out text."""
    return finish(calibration_steps(named(source), partial(changed_model, source, before, text), before, text))


def observation_of(source: str, before: str, text: str, place: Place) -> Steps[Observation]:
    """What one place of it reads; of a model of a hundred million weights that takes seconds, and all places a minute."""
    return observation_steps(named(source), partial(changed_model, source, before, text), before, text, place)


@lru_cache(maxsize=1)
def suffix_of(source: str, before: str, text: str, layer: int) -> Suffix:
    """Forward passes of models that are that one up to a layer."""
    return Suffix(changed_model(source, before, text), layer)


@lru_cache(maxsize=2)
def exact_of(source: str, conditions: Conditions, own: str) -> tuple[Scores, np.ndarray]:
    """Scores and log-shares of the model as it is."""
    model = named(source)
    return finish(scores(model.model(), model.tokens(conditions.text, conditions.tokens, own), conditions))


def prepared(request: LanguageRequest, stop: str) -> tuple[Model, Hooks | None]:
    """The model at a stop, and what rounds its activations and cache."""
    where = request.source, request.before, request.calibration
    seen = None
    if METHODS[request.method].calibrated and request.only is not None and not request.few.static:
        place = place_of(*request.only)
        seen = {place: finish(observation_of(*where, place))}
    elif METHODS[request.method].calibrated or request.few.static:
        seen = calibration_of(*where)
    model = quantized(changed_model(*where), request.plan(stop), seen)
    return model, None if request.few.idle else Rounding(request.few, seen)


def asking(request: LanguageRequest) -> Forward:
    """The forward pass: where one layer alone is rounded, what lies before it is computed once for all kinds and stops."""
    if request.only is None or not request.few.idle or not request.embedding == request.head == FLOAT:
        return forward
    return suffix_of(request.source, request.before, request.calibration, request.only[0])


def record(found: Scores) -> np.ndarray:
    """Scores as one array, float32 (T, 13)."""
    columns = [found.right[:, None], found.kld[:, None], found.same[:, None], found.top, found.shares]
    return np.concatenate([np.asarray(c, np.float32) for c in columns], axis=1)


def scores_of(array: np.ndarray, size: int | None = None) -> Scores:
    """The inverse of ``record``. size : bytes of the scored text, as many as tokens if left out."""
    right, kld, same, top, shares = np.split(array, [1, 2, 3, 3 + TOP], axis=1)
    return Scores(right[:, 0], kld[:, 0], top.astype(np.int32), shares, same[:, 0] > 0, len(array) if size is None else size)


def computed_steps(request: LanguageRequest, wanted: Sequence[str]) -> Steps[list[np.ndarray]]:
    """Records of some stops, in their order; yields (tokens done, tokens) in hundredths of a stop."""
    conditions, tokens = request.conditions, request.tokens()
    records: list[np.ndarray] = []
    for i, stop in enumerate(wanted):
        yield 100 * i, 100 * len(wanted)
        exact, shares = exact_of(request.source, conditions, request.own)
        if stop == EXACT:
            records.append(record(exact))
            continue
        model, hooks = prepared(request, stop)
        steps = scores(model, tokens, conditions, shares, hooks, ask=asking(request))
        found, _ = yield from part(steps, i, len(wanted))
        del model, steps  # before the next one is made: a real one takes half a gigabyte
        records.append(record(found))
    return records


def level_steps(request: LanguageRequest, wanted: Sequence[str], lane: int | None = None) -> Steps[dict[str, Scores]]:
    """Scores at some stops: those that are kept on disk at once, the others by a worker; yields (done, total).

    lane : which of several that work side by side this is, each with a worker of its own.
    """
    store = Store(cache_folder())
    kept = {stop: array for stop in wanted if _sound(array := store.get(key_of(request, stop)), request)}
    if missing := [stop for stop in wanted if stop not in kept]:
        found = yield from _computed(request, missing, lane)
        for stop, array in zip(missing, found, strict=True):
            store.put(key_of(request, stop), array)
            kept[stop] = array
    size = request.model.size(request.tokens())
    return {stop: scores_of(kept[stop], size) for stop in wanted}


def _computed(request: LanguageRequest, missing: Sequence[str], lane: int | None) -> Steps[list[np.ndarray]]:
    """Records by one worker, or by all of a scheduler's; of a large model by two, each of which reads the model and asks it as it is."""
    if lane is not None:
        return (yield from workers.steps(partial(computed_steps, request, missing), lane_of(request.source, lane)))
    if workers.POOL.width == 1 and request.model.config.weights >= MANY and len(missing) >= 4 and workers.POOL.count > 1:
        pieces = [missing[::2], missing[1::2]]
        steps = [workers.steps(partial(computed_steps, request, piece), lane_of(request.source, i)) for i, piece in enumerate(pieces)]
        found = yield from side_by_side(steps)
    else:
        pieces = workers.shares(missing, LEAST)
        found = yield from workers.each([partial(computed_steps, request, piece) for piece in pieces], request.source)
    table = {stop: array for piece, arrays in zip(pieces, found, strict=True) for stop, array in zip(piece, arrays, strict=True)}
    return [table[stop] for stop in missing]


def lane_of(source: str, lane: int) -> Hashable:
    """What names a lane's worker: the first lane, which has the longer piece, is that of the first level, which holds the model already."""
    return source if lane == 0 else (source, lane)


def _sound(array: np.ndarray | None, request: LanguageRequest) -> TypeGuard[np.ndarray]:
    return array is not None and array.dtype == np.float32 and array.shape == (request.conditions.tokens - 1, 3 + 2 * TOP)
