"""What the package says it needs is what it imports, and what it is tested with lies within the ranges it states."""

import ast
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CORE = [Requirement(line) for line in PROJECT["dependencies"]]
EXTRAS = {name: [Requirement(line) for line in lines] for name, lines in PROJECT["optional-dependencies"].items()}
STATED = {canonicalize_name(r.name): r for r in [*CORE, *(r for lines in EXTRAS.values() for r in lines)] if r.name != "quantlab"}
PINS = {
    canonicalize_name(name): version
    for name, version in (line.split("==") for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines() if line)
}


def imported() -> dict[str, Path]:
    """Top-level name of every package that the project imports, anywhere in a file, and one file that does."""
    names = {}
    for path in [ROOT / "app.py", *(file for folder in ("quantlab", "pages") for file in (ROOT / folder).rglob("*.py"))]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0]: path for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names[node.module.partition(".")[0]] = path
    return {name: path for name, path in names.items() if name not in sys.stdlib_module_names and name != "quantlab"}


def test_the_pinned_packages_are_those_that_the_package_needs():
    assert PINS.keys() == STATED.keys()


@pytest.mark.parametrize("name", PINS)
def test_every_pin_lies_within_the_stated_range(name):
    assert STATED[name].specifier and STATED[name].specifier.contains(PINS[name])


@pytest.mark.slow
def test_every_imported_package_is_stated():
    distributions, missing = metadata.packages_distributions(), {}
    for name, path in imported().items():
        if not {canonicalize_name(owner) for owner in distributions.get(name, [name])} & STATED.keys():
            missing[name] = path.relative_to(ROOT).as_posix()
    assert missing == {}, "imported, and stated nowhere: add their packages to pyproject.toml"


def test_the_extra_all_holds_every_other_extra():
    (whole,) = EXTRAS["all"]
    assert whole.name == "quantlab" and whole.extras == EXTRAS.keys() - {"all"}


def test_the_package_is_marked_as_typed():
    assert (ROOT / "quantlab" / "py.typed").exists()
