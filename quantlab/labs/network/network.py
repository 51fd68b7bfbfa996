"""The network of a request with the data that it is asked about, ready to answer settings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from threading import Lock

import numpy as np
from cachetools import cached

from quantlab import workers
from quantlab.labs.network.own import NEAR, own_pair
from quantlab.labs.network.request import NetworkRequest
from quantlab.labs.network.subject import NetworkSubject, maker
from quantlab.memory import Cache
from quantlab.networks import engine
from quantlab.networks.catalogue import Origin
from quantlab.networks.data import DataSet
from quantlab.progress import Steps
from quantlab.sources.image_folders import from_zip
from quantlab.sources.picture_files import is_small, load_picture
from quantlab.sources.tensors import is_safetensors
from quantlab.sources.uploads import UPLOADS
from quantlab.tasks import ENGINE, Task
from quantlab.workers.reading import read, read_steps

SIDE = 32  # pixels of a person's own pictures
OWN = "your picture"


@dataclass(frozen=True, eq=False)
class NetworkAndData:
    """A network and the pictures that it is asked about."""

    network: engine.Network
    data: DataSet


def tasks_of(subject: NetworkSubject) -> tuple[Task[object], ...]:
    """The tasks that bring the network: reading or fetching pictures and teaching, or fetching weights; each with its own title."""
    if subject.entry.origin is Origin.PRETRAINED:
        return _own_picture(subject), _fetched(subject), _pretrained(subject)
    return (_network(subject),)


def _network(subject: NetworkSubject) -> Task[NetworkAndData]:
    if subject.entry.origin is Origin.PRETRAINED:
        return _pretrained(subject)
    if subject.entry.origin is Origin.OWN:
        return Task(("network", subject.key), lambda: _own_steps(subject), "Reading your network")
    steps = _shipped_steps if subject.entry.origin is Origin.SHIPPED else _training_steps
    return Task(("network", subject.key), lambda: steps(subject), "Reading pictures, then teaching a network")


def _own_steps(subject: NetworkSubject) -> Steps[NetworkAndData]:
    yield 0, 1
    return NetworkAndData(*own_pair(subject.file))


def _shipped_steps(subject: NetworkSubject) -> Steps[NetworkAndData]:
    yield 0, 1
    network, data = engine.named(subject.source)
    if subject.file:
        name, content = UPLOADS.content(subject.file)
        state = yield from read_steps(name, partial(engine.read_state, name, content), is_safetensors(content[:16]), NEAR)
        network = engine.with_state(network, state, name)
    return NetworkAndData(network, data)


def _training_steps(subject: NetworkSubject) -> Steps[NetworkAndData]:
    if subject.file:
        data = engine.data_set((yield from workers.steps(partial(from_zip, *UPLOADS.content(subject.file), SIDE))))
    else:
        data = yield from engine.data_steps(subject.source)
    network = yield from workers.steps(partial(engine.training_steps, subject.entry.architecture, data))
    return NetworkAndData(network, data)


def _fetched(subject: NetworkSubject) -> Task[engine.Network]:
    """A fetched network, which all pictures share."""
    return Task(("fetched network", subject.source), lambda: engine.network_steps(subject.source), "Fetching the network, in bytes")


def _own_picture(subject: NetworkSubject) -> Task[dict[str, np.ndarray]]:
    """The person's picture by its name, if there is one: it is looked at before anything is fetched."""

    def steps() -> Steps[dict[str, np.ndarray]]:
        yield 0, 1
        if not subject.file:
            return {}
        name, content = UPLOADS.content(subject.file)
        return {OWN: read(name, partial(load_picture, name, content), cheap=is_small(content)).array}

    return Task(("own picture", UPLOADS.key(subject.file)), steps, "Reading the picture")


def _pretrained(subject: NetworkSubject) -> Task[NetworkAndData]:
    return Task(("network", subject.key), lambda: _photograph_steps(subject), "Asking it about photographs")


def _photograph_steps(subject: NetworkSubject) -> Steps[NetworkAndData]:
    """The bundled photographs, and before them the person's picture."""
    pictures = yield from ENGINE.once(_own_picture(subject))
    network = yield from ENGINE.once(_fetched(subject))
    return NetworkAndData(network, (yield from engine.photo_steps(network, pictures)))


def evaluator_steps(request: NetworkRequest) -> Steps[engine.Evaluator]:
    """The network on the request's first test images; it remembers what it answered."""
    request.subject.check_file()
    pair = yield from ENGINE.once(_network(request.subject))
    return _evaluator(pair, min(request.images, len(pair.data.test)))


@cached(Cache(8), lock=Lock())
def _evaluator(pair: NetworkAndData, images: int) -> engine.Evaluator:
    return engine.Evaluator(engine.Runner(pair.network, pair.data, images=images))


def source_lines(subject: NetworkSubject) -> str:
    """The lines of a program that make ``network`` and ``data``."""
    name, source = subject.file_name, subject.source
    if subject.entry.origin is Origin.SHIPPED:
        lines = f"network, data = {maker(source)}({source!r})"
        return f"{lines}\nnetwork = with_file(network, {name!r}, Path({name!r}))" if name else lines
    if subject.entry.origin is Origin.OWN:
        return f"network = read_onnx({name!r}, Path({name!r}))\ndata = DATA[pictures_for(network)]()"
    if subject.entry.origin is Origin.PRETRAINED:
        pictures = f", {{{OWN!r}: load_picture({name!r}, Path({name!r})).array}}" if name else ""
        return f"network = finish(network_steps({source!r}))\ndata = photo_set(network{pictures})"
    if not name:
        data = f"finish(data_steps({source!r}))"
    elif name.endswith("/"):  # a folder, which was packed
        data = f"data_set(finish(from_folder(Path({name[:-1]!r}), {SIDE})))"
    else:
        data = f"data_set(finish(from_zip({name!r}, Path({name!r}), {SIDE})))"
    return f"data = {data}\nnetwork = finish(training_steps({subject.entry.architecture!r}, data))"
