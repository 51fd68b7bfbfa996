"""A person's own network from an ONNX file, read and checked once for all labs; the file is data, and nothing in it can run."""

from __future__ import annotations

from dataclasses import replace

from quantlab.caching import lru_cache
from quantlab.networks import engine
from quantlab.networks.catalogue import CATALOGUE, OWN, Entry
from quantlab.networks.data import DATA, DataSet
from quantlab.sources.uploads import UPLOADS

WANTED = "Choose an ONNX file of a network that reads photo patches (32 x 32, colour, 20 classes) or digits (8 x 8, grey, 10 classes)."
LOST = "That file is no longer held by this server; open it again."


def own_network(digest: str) -> engine.Network:
    """The network of the file of this digest; ValueError in one sentence where there is none or it cannot be used."""
    if not digest:
        raise ValueError(WANTED)
    if digest not in UPLOADS:
        raise ValueError(LOST)
    return _read(digest)[0]


def own_pair(digest: str) -> tuple[engine.Network, DataSet]:
    """The network, and the pictures that it reads."""
    network = own_network(digest)
    return network, DATA[_read(digest)[1]]()


def own_entry(digest: str) -> Entry:
    """It as an entry of the catalogue."""
    network = own_network(digest)
    return replace(CATALOGUE[OWN], title=network.title, layers=network.layers, overlapping=_read(digest)[1] == "patches")


@lru_cache(maxsize=8)
def _read(digest: str) -> tuple[engine.Network, str]:
    network = engine.read_onnx(*UPLOADS.content(digest))
    return network, engine.pictures_for(network)
