"""Files that only other programs read: they parse, and what they say twice they say alike."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from quantlab import __version__

ROOT = Path(__file__).parents[1]
YAML = sorted([ROOT / "compose.yaml", ROOT / ".pre-commit-config.yaml", *(ROOT / ".github").rglob("*.yml")])
TESTED_WITH = dict(re.findall(r"^([\w-]+)==([\w.]+)", (ROOT / "tests" / "requirements.txt").read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("path", YAML, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_yaml_file_parses(path):
    assert isinstance(yaml.safe_load(path.read_text("utf-8")), dict)


def test_before_a_commit_ruff_is_the_one_of_the_tests():
    repositories = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    (ruff,) = (r for r in repositories if r["repo"].endswith("ruff-pre-commit"))
    assert ruff["rev"] == f"v{TESTED_WITH['ruff']}"


def test_hosted_checks_run_on_three_systems_and_the_pythons_that_are_stated():
    matrix = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))["jobs"]["readme"]["strategy"]["matrix"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    stated = [line.rsplit(" ")[-1] for line in project["classifiers"] if line.startswith("Programming Language :: Python :: 3.")]
    assert matrix["python"] == stated and project["requires-python"] == f">={stated[0]}"
    assert [system.partition("-")[0] for system in matrix["os"]] == ["ubuntu", "macos", "windows"]


def test_hosted_checks_run_the_readmes_commands():
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    for command in re.findall(r"^```\n(python .*)\n```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE):
        assert command in workflow


def test_the_changelog_and_the_container_name_the_version():
    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert f"image: quantlab:{__version__}\n" in (ROOT / "compose.yaml").read_text("utf-8")


def test_the_container_copies_what_the_wheel_needs_and_nothing_is_ignored_that_it_copies():
    copied = re.findall(r"^COPY (.+) \S+$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {name.partition("/")[0] for name in [*wheel["force-include"], *wheel["packages"]]} <= names
    assert all((ROOT / name).exists() for name in names)
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert names == allowed
