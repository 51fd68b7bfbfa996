"""The schemes: a file of this folder that ends in ``SCHEME = Scheme(...)`` is registered by being here (README.md)."""

from __future__ import annotations

from typing import cast

from quantlab import types
from quantlab.registry import Registry
from quantlab.schemes.base import FAMILIES, Family, Knob, Scheme

SCHEMES = cast(Registry[Scheme], types.SCHEMES)  # one registry; the types, which lie below, know less of its entries

__all__ = ["FAMILIES", "SCHEMES", "Family", "Knob", "Scheme"]
