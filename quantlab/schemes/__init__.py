"""Every scheme there is: a file of this folder that ends in ``SCHEME = Scheme(...)`` is registered by being here."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from quantlab.schemes.base import Knob, Scheme


def _registered() -> dict[str, Scheme]:
    found = [
        import_module(f"{__name__}.{module.name}").SCHEME
        for module in iter_modules(__path__)
        if module.name != "base" and not module.name.startswith("_")
    ]
    return {scheme.slug: scheme for scheme in sorted(found, key=lambda s: (s.rank, s.slug))}


SCHEMES: dict[str, Scheme] = _registered()

__all__ = ["SCHEMES", "Knob", "Scheme"]
