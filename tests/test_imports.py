"""Imports point one way: pages -> ui, figures, core; ui -> core; figures -> core; the core touches no screen and no torch."""

import ast
import functools
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(path for folder in ("quantlab", "pages") for path in (ROOT / folder).rglob("*.py"))


@functools.cache
def imported(path: Path) -> set[str]:
    """The modules named by every import statement of a file, also those inside functions."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def uses(path: Path, package: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for name in imported(path))


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", FILES, ids=place)
def test_only_ui_and_pages_import_streamlit(path):
    if not place(path).startswith(("pages/", "quantlab/ui/")):
        assert not uses(path, "streamlit")
        assert not uses(path, "quantlab.ui")


@pytest.mark.parametrize("path", FILES, ids=place)
def test_only_figures_imports_plotly(path):
    if place(path) != "quantlab/film/figures.py":
        assert not uses(path, "plotly")


@pytest.mark.parametrize("path", FILES, ids=place)
def test_only_networks_import_torch(path):
    if not place(path).startswith("quantlab/networks/engine/"):
        assert not uses(path, "torch") and not uses(path, "torchvision")


@pytest.mark.parametrize("path", FILES, ids=place)
def test_only_one_file_imports_torchvision(path):
    if path.name != "_torchvision.py":
        assert not uses(path, "torchvision")


@pytest.mark.parametrize("path", FILES, ids=place)
def test_the_core_does_not_reach_for_networks(path):
    """Whatever imports quantlab.networks loads torch: only the lab's own code may, in a function that runs when it is opened."""
    if not place(path).startswith(("quantlab/networks/", "quantlab/labs/", "quantlab/ui/", "pages/")):
        assert not uses(path, "quantlab.networks")


@pytest.mark.parametrize("path", FILES, ids=place)
def test_only_labs_ui_and_pages_use_figures(path):
    if not place(path).startswith(("pages/", "quantlab/ui/", "quantlab/labs/")):
        assert not uses(path, "quantlab.film.figures") and not uses(path, "quantlab.labs")


@pytest.mark.parametrize("path", [p for p in FILES if place(p).startswith("pages/")], ids=place)
def test_a_page_is_short_and_holds_no_maths(path):
    assert len(path.read_text("utf-8").splitlines()) <= 80
    assert not uses(path, "numpy") and not uses(path, "scipy")


def test_importing_the_core_loads_neither_screen_nor_torch_nor_heavy_scipy():
    program = "import sys, quantlab; print(' '.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert not {"streamlit", "plotly", "torch", "skimage", "scipy.stats", "scipy.optimize"} & set(loaded)


@pytest.mark.slow
def test_opening_the_other_pages_does_not_load_torch():
    """2.5 s that only the network lab costs; in a process of its own, since the oracles load torch in this one."""
    program = f"""
import sys
from streamlit.testing.v1 import AppTest
for page in {[p.name for p in (ROOT / "pages").glob("[!_]*.py") if p.name != "cnn.py"]!r}:
    app = AppTest.from_file({str(ROOT / "pages" / "_frame.py")!r}, default_timeout=120)
    app.switch_page(page).run()
    assert not app.exception, page
print("torch" in sys.modules, "quantlab.networks" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
