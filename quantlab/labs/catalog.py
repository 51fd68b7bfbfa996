"""Every lab there is: a folder of ``labs`` whose ``lab`` module ends in ``LAB = Lab(...)`` is registered by being here."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from quantlab import labs
from quantlab.labs.lab import Lab


def _registered() -> dict[str, Lab]:
    modules = [f"{labs.__name__}.{module.name}.lab" for module in iter_modules(labs.__path__) if module.ispkg]
    entries: list[Lab] = [import_module(name).LAB for name in modules if find_spec(name) is not None]
    return {lab.slug: lab for lab in sorted(entries, key=lambda lab: (lab.rank, lab.slug))}


LABS: dict[str, Lab] = _registered()
