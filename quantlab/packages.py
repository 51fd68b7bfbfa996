"""The packages that QuantLab states it needs, with the ranges it supports, and what of them is installed."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from importlib import metadata

from packaging.requirements import Requirement

from quantlab.caching import cache
from quantlab.paths import app_folder

EXTRAS = ("class", "dask", "networks", "export")  # all that pyproject.toml names but for those that gather others


def requirements(extra: str = "") -> list[Requirement]:
    """What an extra adds, or what the package always needs; in a checkout from pyproject.toml, else from what was installed.

    >>> [requirement.name for requirement in requirements()][:2]
    ['bitarray', 'cachetools']
    """
    project = app_folder() / "pyproject.toml"
    if project.exists():
        stated = tomllib.loads(project.read_text("utf-8"))["project"]
        lines = stated["optional-dependencies"][extra] if extra else stated["dependencies"]
    else:
        lines = [line for line in metadata.requires("quantlab") or [] if ("extra ==" in line) == bool(extra)]
    apply_here = [r for r in map(Requirement, lines) if r.marker is None or r.marker.evaluate({"extra": extra})]
    return [Requirement(f"{r.name}{r.specifier}") for r in apply_here if r.name != "quantlab"]


def installed(requirement: Requirement) -> str | None:
    """The version of the package that is installed, or None."""
    try:
        return metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return None


def is_met(requirement: Requirement) -> bool:
    """Whether a version within the range is installed."""
    version = installed(requirement)
    return version is not None and requirement.specifier.contains(version, prereleases=True)


def unmet(extra: str) -> list[Requirement]:
    """What is missing, or outside its range, of an extra and of what the package always needs."""
    return [requirement for requirement in [*requirements(), *requirements(extra)] if not is_met(requirement)]


@cache
def absent(extra: str) -> tuple[Requirement, ...]:
    """What of an extra is not installed at all; looked up once in a process."""
    return tuple(requirement for requirement in requirements(extra) if installed(requirement) is None)


def install_command(missing: Sequence[Requirement]) -> str:
    """The command that brings these packages, for any shell.

    >>> install_command([Requirement("plotly~=7.1"), Requirement("pillow>=11,<14")])
    'python -m pip install "plotly~=7.1" "pillow<14,>=11"'
    """
    return "python -m pip install " + " ".join(f'"{requirement.name}{requirement.specifier}"' for requirement in missing)
