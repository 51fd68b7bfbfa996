"""A person's own network from an ONNX file, read and checked once for all labs by a reader; the file is data, and nothing in it can run."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from quantlab.caching import lru_cache
from quantlab.networks import engine
from quantlab.networks.catalogue import CATALOGUE, OWN, Entry
from quantlab.networks.data import DATA, DataSet
from quantlab.sources.uploads import UPLOADS
from quantlab.workers.reading import read

NEAR = "torch"  # what a reader of networks loads first
WANTED = "Choose an ONNX file of a network that reads photo patches (32 x 32, colour, 20 classes) or digits (8 x 8, grey, 10 classes)."


def own_network(file: str) -> engine.Network:
    """The network of this file; ValueError in one sentence where there is none or it cannot be used."""
    if not file:
        raise ValueError(WANTED)
    return _read(UPLOADS.key(UPLOADS.check(file)))[0]


def own_pair(file: str) -> tuple[engine.Network, DataSet]:
    """The network, and the pictures that it reads."""
    network = own_network(file)
    return network, DATA[_read(UPLOADS.key(file))[1]]()


def own_entry(file: str) -> Entry:
    """It as an entry of the catalogue."""
    network = own_network(file)
    return replace(CATALOGUE[OWN], title=network.title, layers=network.layers, overlapping=_read(UPLOADS.key(file))[1] == "patches")


@lru_cache(maxsize=8)
def _read(key: str) -> tuple[engine.Network, str]:
    return network_in(*UPLOADS.content(key))


def network_in(name: str, content: bytes) -> tuple[engine.Network, str]:
    """The network in an ONNX file, and the slug of the pictures that it reads; in a worker, which is limited itself, it is read at once."""
    return read(name, partial(_decoded, name, content), near=NEAR)


def _decoded(name: str, content: bytes) -> tuple[engine.Network, str]:
    network = engine.read_onnx(name, content)
    return network, engine.pictures_for(network)
