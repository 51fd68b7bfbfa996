"""The public names of ``quantlab``: signatures, fields, members, and the slugs of its registries."""

from __future__ import annotations

import dataclasses
import inspect
import types
from collections.abc import Mapping
from typing import Any

import quantlab as ql


def public() -> dict[str, Any]:
    """Everything that a program can rely on, as JSON keeps it."""
    return {name: described(getattr(ql, name)) for name in ql.__all__}


def described(thing: Any) -> Any:
    """A module by its public functions, a registry by its slugs, a class by its fields and methods, a function by its signature."""
    if isinstance(thing, types.ModuleType):
        own = {name: value for name, value in vars(thing).items() if name[0] != "_" and callable(value)}
        return {name: described(value) for name, value in sorted(own.items()) if value.__module__.startswith("quantlab")}
    if isinstance(thing, Mapping):
        return list(thing)
    if inspect.isclass(thing):
        fields = [field.name for field in dataclasses.fields(thing) if field.name[0] != "_"] if dataclasses.is_dataclass(thing) else []
        own = [(name, value) for name, value in inspect.getmembers_static(thing) if name[0] != "_" and name not in dir(tuple)]
        return {"made": signature(thing), "fields": fields, "members": {name: member(value) for name, value in own if name not in fields}}
    return signature(thing) if callable(thing) else repr(thing)


def member(value: Any) -> str:
    """A method by its signature, anything else by its kind."""
    value = value.__func__ if isinstance(value, classmethod | staticmethod) else value
    return signature(value) if inspect.isfunction(value) else "attribute"


def signature(thing: Any) -> str:
    """Names, kinds and defaults of the parameters: what a caller writes; annotations may get sharper."""
    parameters = inspect.signature(thing).parameters.values()
    return ", ".join(f"{p.kind.name[:3]} {p.name}{'' if p.default is p.empty else f'={p.default!r}'}" for p in parameters)
