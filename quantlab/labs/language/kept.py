"""What the language lab keeps on disk: what layers read on a calibration text, named by the model's content, the text and the program.

An observation is one array: the upper triangle of its moments, largest and mean magnitudes, and how many tokens. Those of a model of more
than ``MANY`` weights are kept for the places that somebody looks at; all of them would fill the store.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from quantlab.cache_folder import cache_folder
from quantlab.caching import cache
from quantlab.language.calibration import MANY, Calibration, Observation, Place, calibrate
from quantlab.language.catalogue import LanguageModel
from quantlab.language.config import Config
from quantlab.language.model import READS, Model
from quantlab.networks.store import Store
from quantlab.progress import Steps

_ASIDE = ("ui", "labs", "audio", "images", "cli", "learn", "_app")


@cache
def program() -> str:
    """A name for the code that computes: results of an older one count as absent."""
    root = Path(__file__).parents[2]
    measuring = [Path(__file__), Path(__file__).with_name("measure.py")]
    files = [f for f in sorted(root.rglob("*.py")) if f.relative_to(root).parts[0] not in _ASIDE] + measuring
    return hashlib.sha256(b"".join(f.read_bytes() for f in files) + np.__version__.encode()).hexdigest()


def key_of(language: LanguageModel, before: str, text: str, place: Place) -> str:
    """The name of an observation. before : what is done to the float model first. text : the calibration text."""
    asked = language.digest, before, text, language.calibration, place
    return hashlib.sha256(f"observation {program()} {asked!r}".encode()).hexdigest()[:40]


def packed(o: Observation) -> np.ndarray:
    """An observation as one array of the moments' type."""
    triangle = o.moments[np.triu_indices(len(o.moments))]
    return np.concatenate([triangle, o.largest, o.mean, [o.tokens]]).astype(o.moments.dtype)


def unpacked(array: np.ndarray | None, width: int, dtype: type[np.floating]) -> Observation | None:
    """The inverse of ``packed`` for a place that reads ``width`` channels; None where the array is none of that."""
    half = width * (width + 1) // 2
    if array is None or array.shape != (half + 2 * width + 1,) or array.dtype != dtype:
        return None
    moments = np.empty((width, width), array.dtype)
    rows, columns = np.triu_indices(width)
    moments[rows, columns] = moments[columns, rows] = array[:half]
    return Observation(moments, array[half : half + width], array[half + width : -1], int(array[-1]))


def width_of(config: Config, place: Place) -> int:
    """How many channels a place reads."""
    return config.inner if place[1] == "inner" else config.width


def observation_steps(language: LanguageModel, read: Callable[[], Model], before: str, text: str, place: Place) -> Steps[Observation]:
    """What one place reads on the calibration text, from disk where it lies there; yields (windows, windows).

    read : gives the model, changed as ``before`` says; it is asked for only where something has to be computed.
    """
    (found,) = (yield from _steps(language, read, before, text, [place])).values()
    return found


def calibration_steps(language: LanguageModel, read: Callable[[], Model], before: str, text: str) -> Steps[Calibration]:
    """The same of all places: those of a model of few weights from disk."""
    places = [(layer, name) for layer in range(language.config.layers) for name in dict.fromkeys(READS.values())]
    return (yield from _steps(language, read, before, text, places))


def _steps(language: LanguageModel, read: Callable[[], Model], before: str, text: str, places: Sequence[Place]) -> Steps[Calibration]:
    config, many = language.config, language.config.weights > MANY
    store = Store(None if many and len(places) > 1 else cache_folder())
    keys = {place: key_of(language, before, text, place) for place in places}

    def known(array: np.ndarray | None, place: Place) -> Observation | None:
        return unpacked(array, width_of(config, place), np.float32 if many else np.float64)

    kept = {place: found for place in places if (found := known(store.get(keys[place]), place))}
    if len(kept) == len(places):
        return kept
    only = places[0] if len(places) == 1 else None
    seen = yield from calibrate(read(), language.tokens(text, language.calibration), only)
    for place in places:
        store.put(keys[place], packed(seen[place]))
    return seen
