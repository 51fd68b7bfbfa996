"""Networks by the names under which the labs offer them: shipped, trained with rounding on this machine, or narrower."""

from __future__ import annotations

import torch

from quantlab.networks import trained
from quantlab.networks.data import DataSet
from quantlab.networks.engine.compress.narrow import narrow_steps
from quantlab.networks.engine.models import Network
from quantlab.networks.engine.shipped_networks import shipped
from quantlab.networks.engine.states import with_state
from quantlab.networks.narrow import NARROW
from quantlab.progress import finish


def named(slug: str) -> tuple[Network, DataSet]:
    """A network and its data; ValueError where there is no such network.

    slug : of a shipped network, of one that ``quantlab.networks.trained`` lists, or of a narrower network, which is trained now if it
    has not been before.
    """
    if slug in NARROW:
        return finish(narrow_steps(slug))
    if not slug.startswith(trained.PREFIX):
        return shipped(slug)
    kept, state = trained.state_of(slug)
    like, data = shipped(kept.request.network)
    network = with_state(like, {name: torch.from_numpy(value) for name, value in state.items()}, kept.title)
    return Network(network.slug, kept.title, network.steps), data
