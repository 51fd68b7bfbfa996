"""Narrower forms of the plain network, which the lab of small files trains from nothing: the other way to take fewer bytes.

They learn from the same images and labels as the plain network, always from the same seed, so that an address means one network.
"""

from __future__ import annotations

from dataclasses import dataclass

LIKE = "plain"  # the network that they are narrower forms of
SEED = 0


@dataclass(frozen=True)
class Narrow:
    """A narrower network. width : of each layer, as a share of the whole one's, 0 to 1. title : what a person calls it."""

    width: float
    title: str


NARROW = {"plain-half": Narrow(0.5, "Plain CNN, half as wide"), "plain-quarter": Narrow(0.25, "Plain CNN, a quarter as wide")}


def like(source: str) -> str:
    """The shipped network, or the network that was trained here, whose layers a source has.

    >>> like("plain-half"), like("depthwise")
    ('plain', 'depthwise')
    """
    return LIKE if source in NARROW else source
