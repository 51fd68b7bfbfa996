"""Licences of all packages that QuantLab brings along, as their authors state them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import Message
from importlib import metadata
from typing import cast

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


@dataclass(frozen=True, order=True)
class Licensed:
    """An installed package. licence : "" where its author states none."""

    name: str
    version: str
    licence: str


def licences(requirements: Iterable[Requirement]) -> list[Licensed]:
    """What is installed of these packages, and of all that they need in turn, by name."""
    found: dict[str, Licensed] = {}
    for requirement in requirements:
        for package in _walk(requirement, "", found):
            found[canonicalize_name(package.name)] = package
    return sorted(found.values())


def _walk(requirement: Requirement, extra: str, found: dict[str, Licensed]) -> Iterator[Licensed]:
    """A package and what it needs; nothing where it is known, not installed or not meant for this machine."""
    if canonicalize_name(requirement.name) in found or (requirement.marker and not requirement.marker.evaluate({"extra": extra})):
        return
    try:
        package = metadata.distribution(requirement.name)
    except metadata.PackageNotFoundError:
        return
    stated = cast(Message, package.metadata)
    found[canonicalize_name(requirement.name)] = here = Licensed(stated["Name"], package.version, licence_of(stated))
    yield here
    for line in package.requires or []:
        for wanted in sorted(requirement.extras) or [""]:
            yield from _walk(Requirement(line), wanted, found)


def licence_of(stated: Message) -> str:
    """The licence in a package's metadata: the expression, else the classifiers, else the first line of the free text."""
    if expression := stated.get("License-Expression"):
        return str(expression)
    named = [line.rsplit(" :: ", 1)[-1] for line in stated.get_all("Classifier") or [] if line.startswith("License ::")]
    lines = (stated.get("License") or "").strip().splitlines()
    return "; ".join(named) or (lines[0].strip() if lines else "")
