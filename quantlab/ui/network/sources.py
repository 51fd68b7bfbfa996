"""Where do the network and its pictures come from? Shipped; a person's own pictures or weights; what is fetched."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator, Hashable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import streamlit as st

from quantlab.networks.catalogue import CATALOGUE, Origin
from quantlab.progress import Progress
from quantlab.ui import cached, jobs
from quantlab.ui.network.controls import Asked
from quantlab.ui.state import State

SIDE = 32  # pixels of a person's own pictures
OWN = "your picture"
TAUGHT = "plain"  # the architecture that learns what is brought or fetched


@dataclass(frozen=True, eq=False)
class Pair:
    """A network and the data that it is asked about."""

    network: Any
    data: Any


_seen: set[tuple[str, str]] = set()  # what was here already: asking for it takes no time, as a rule


def ready(state: State, asked: Asked) -> Asked:
    """What was asked, once its network is here; what is wrong with it is a problem, and the last sound one stays."""
    try:
        with nullcontext() if (asked.source, asked.file) in _seen else waiting("network"):
            there = evaluator(asked)
    except ValueError as problem:
        if asked.file or not state.problems:  # else it is said already why there is no file
            state.problems.append(str(problem))
        source, file = st.session_state.get("cnn:last", ("plain", ""))
        asked = replace(asked, source=source, file=file, options=_without_layers(asked))
        there = evaluator(asked)
    st.session_state["cnn:last"] = asked.source, asked.file
    _seen.add((asked.source, asked.file))
    return fitting(asked, there)


def fitting(asked: Asked, there: Any) -> Asked:
    """What was asked, with no more calibration images than this evaluator has."""
    options = dict(asked.options)
    options["calibration"] = min(options["calibration"], len(there.runner.data.calibration))
    return replace(asked, options=tuple(options.items()))


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """A film that has no level yet, in place of those to come."""
    place = st.empty()
    here = "torch" in sys.modules
    with place.container(key=f"waiting-{what}"):
        words = "Asking the network" if here else "Opening PyTorch, which takes a few seconds the first time"
        st.html(f'<div data-film="waiting" class="ql-waiting">{words} …</div>')
    if not here:
        time.sleep(0.2)  # loading it holds the interpreter: what is drawn so far leaves first
    try:
        yield
    finally:
        place.empty()


def evaluator(asked: Asked) -> Any:
    """The ``Evaluator`` of what was asked; shows progress while pictures are read or fetched and a network learns them."""
    if CATALOGUE[asked.source].origin is Origin.SHIPPED and not asked.file:
        return cached.evaluator(asked.source, asked.images)
    if not asked.file and asked.source == "zip":
        raise ValueError("Choose a folder or a zip of pictures: in it one folder for each class, with at least 4 pictures each.")
    if asked.file and asked.file not in cached.uploads():
        raise ValueError("That file is no longer held by this server; open it again.")
    key: Hashable = ("cnn-network", asked.source, asked.file)
    if CATALOGUE[asked.source].origin is Origin.PRETRAINED:
        pair = _pretrained(asked, key)
    else:
        pair = jobs.run_or_stop(key, lambda: _steps(asked), "Reading pictures, then teaching a network")
    return _evaluator(pair, min(asked.images, len(pair.data.test)))


@lru_cache(maxsize=6)
def _evaluator(pair: Pair, images: int) -> Any:
    from quantlab.networks.engine import Evaluator, Runner

    return Evaluator(Runner(pair.network, pair.data, images=images))


def _steps(asked: Asked) -> Generator[Progress, None, Pair]:
    from quantlab.networks.engine import shipped
    from quantlab.networks.engine.fetched_data import data_steps
    from quantlab.networks.engine.own_pictures import data_set, training_steps
    from quantlab.networks.engine.states import with_file
    from quantlab.sources.image_folders import from_zip

    if CATALOGUE[asked.source].origin is Origin.SHIPPED:
        yield 0, 1
        network, data = shipped(asked.source)
        return Pair(with_file(network, *cached.uploads().content(asked.file)), data)
    if asked.source == "zip":
        data = data_set((yield from from_zip(*cached.uploads().content(asked.file), SIDE)))
    else:
        data = yield from data_steps(asked.source)
    network = yield from training_steps(TAUGHT, data)
    return Pair(network, data)


def _pretrained(asked: Asked, key: Hashable) -> Pair:
    """A fetched network, which all pictures share; the bundled photographs, and before them the person's picture."""
    from quantlab.networks.engine.imagenet import network_steps
    from quantlab.sources.picture_files import load_picture

    if (known := jobs.known(key)) is not None:
        return known
    own = {OWN: load_picture(*cached.uploads().content(asked.file)).array} if asked.file else None
    network = jobs.run_or_stop(("cnn-fetched", asked.source), lambda: network_steps(asked.source), "Fetching the network, in bytes")
    return jobs.run_or_stop(key, lambda: _about_photographs(network, own), "Asking it about photographs")


def _about_photographs(network: Any, own: Any) -> Generator[Progress, None, Pair]:
    from quantlab.networks.engine.imagenet import photo_steps

    return Pair(network, (yield from photo_steps(network, own)))


def python(asked: Asked) -> str:
    """The lines that make ``network`` and ``data``."""
    name = cached.uploads().name(asked.file) if asked.file else ""
    if CATALOGUE[asked.source].origin is Origin.SHIPPED:
        taken = f"network, data = shipped({asked.source!r})"
        return f"{taken}\nnetwork = with_file(network, {name!r}, Path({name!r}))" if name else taken
    if CATALOGUE[asked.source].origin is Origin.PRETRAINED:
        own = f", {{{OWN!r}: load_picture({name!r}, Path({name!r})).array}}" if name else ""
        return f"network = finish(network_steps({asked.source!r}))\ndata = photo_set(network{own})"
    if not name:
        data = f"finish(data_steps({asked.source!r}))"
    elif name.endswith("/"):  # a folder, which was packed
        data = f"data_set(finish(from_folder(Path({name[:-1]!r}), {SIDE})))"
    else:
        data = f"data_set(finish(from_zip({name!r}, Path({name!r}), {SIDE})))"
    return f"data = {data}\nnetwork = finish(training_steps({TAUGHT!r}, data))"


def _without_layers(asked: Asked) -> tuple[tuple[str, Any], ...]:
    return tuple((dict(asked.options) | {"layer_weights": ()}).items())
