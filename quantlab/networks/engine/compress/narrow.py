"""Narrower networks, trained from nothing on the labels, once for each machine."""

from __future__ import annotations

from quantlab.cache_folder import cache_folder
from quantlab.networks.data import DataSet
from quantlab.networks.engine.compress.distil import Distilling, label_student_steps, student_of
from quantlab.networks.engine.compress.shrink import network_of
from quantlab.networks.engine.models import Network
from quantlab.networks.engine.shipped_networks import shipped
from quantlab.networks.narrow import LIKE, NARROW, SEED
from quantlab.networks.store import Store
from quantlab.progress import Steps


def narrow_steps(slug: str, store: Store | None = None) -> Steps[tuple[Network, DataSet]]:
    """A narrower network and its data; yields (batches done, batches). What was trained before is read from disk.

    slug : of ``quantlab.networks.narrow.NARROW``. store : the user's cache folder where none is named.
    """
    whole, data = shipped(LIKE)
    asked, title = Distilling(NARROW[slug].width), NARROW[slug].title
    small = yield from label_student_steps(whole, data, asked, Store(cache_folder()) if store is None else store, SEED)
    network = network_of(student_of(whole, data, NARROW[slug].width, SEED), small)
    return Network(network.slug, title, network.steps), data
