"""The browser's modules: unit tests under node, and types and lint where the checkers are installed (``npm ci`` in tests/js)."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "js"
REPO = HERE.parents[1]
MODULES = sorted(path for folder in ("quantlab/film/web", "quantlab/ui/live") for path in (REPO / folder).rglob("*.js"))


def run(*command: str) -> None:
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def node() -> str:
    found = shutil.which("node")
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("node is not installed: the unit tests of the browser's modules need it")
    return found


@pytest.mark.slow
def test_the_modules_units_pass_under_node(node):
    run(node, "--test", *sorted(path.name for path in HERE.glob("*.test.js")))


@pytest.mark.slow
@pytest.mark.parametrize("script", ["types", "lint"])
def test_types_and_lint_are_clean(node, script):
    if not (HERE / "node_modules").exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("the checkers are not installed: run `npm ci` in tests/js")
    run("npm", "run", "--silent", script)


def test_every_module_is_checked_for_types():
    assert len(MODULES) > 20
    for path in [*MODULES, *HERE.glob("*.test.js")]:
        assert path.read_text("utf-8").startswith("// @ts-check\n"), path


def test_films_know_nothing_of_streamlit():
    for path in MODULES:
        if "live" not in path.parts:
            assert "streamlit" not in path.read_text("utf-8").casefold(), path
