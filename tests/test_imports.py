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


MODULES = {".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p for p in FILES}


def edges(path: Path) -> set[str]:
    """The project's modules that a file's import statements name, wherever they stand: indented and TYPE_CHECKING ones too.

    ``from package import name`` names the module of that name where there is one, else the package. That a package's
    ``__init__`` runs before its modules is left out: every module would be in a circle with its own package.
    """
    named = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{place(path)} imports by a relative name, which nothing else here does"
            each = {f"{node.module}.{alias.name}" for alias in node.names}
            named |= {name if name in MODULES else str(node.module) for name in each}
    return named & set(MODULES)


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Modules that import each other in turn, the first one named again at the end; empty where there are none."""
    done: set[str] = set()

    def walk(module: str, way: list[str]) -> list[str]:
        if module in way:
            return [*way[way.index(module) :], module]
        if module in done:
            return []
        for other in sorted(graph[module]):
            if found := walk(other, [*way, module]):
                return found
        done.add(module)
        return []

    return next((found for module in sorted(graph) if (found := walk(module, []))), [])


def test_no_module_imports_itself_by_way_of_others():
    assert " -> ".join(circle({module: edges(path) for module, path in MODULES.items()})) == ""


def test_a_circle_is_found_and_named():
    assert circle({"a": {"b"}, "b": {"c", "d"}, "c": set(), "d": {"b"}}) == ["b", "d", "b"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def importers(*packages: str, but: tuple[str, ...] = (), below: str = "") -> list[str]:
    """The files in a folder that import one of the packages, those whose places begin with ``but`` aside."""
    files = [path for path in FILES if place(path).startswith(below) and not place(path).startswith(but)]
    return [place(path) for path in files if any(uses(path, package) for package in packages)]


def test_only_ui_and_pages_import_streamlit():
    assert importers("streamlit", "quantlab.ui", but=("pages/", "quantlab/ui/")) == []


def test_only_figures_imports_plotly():
    assert importers("plotly") == ["quantlab/film/figures.py"]


def test_only_networks_import_torch():
    assert importers("torch", "torchvision", but=("quantlab/networks/engine/", "quantlab/language/engine/")) == []


def test_only_one_file_imports_torchvision():
    assert importers("torchvision", but=("quantlab/networks/engine/_torchvision.py",)) == []


def test_the_core_does_not_reach_for_networks():
    """Networks build on the core and not the other way round: only they, language models, the bench and the labs import them."""
    above = ("networks/", "language/", "bench/", "labs/", "ui/", "cli/")
    assert importers("quantlab.networks", but=(*(f"quantlab/{folder}" for folder in above), "pages/")) == []


def test_only_labs_ui_and_pages_use_figures():
    assert importers("quantlab.film.figures", but=("pages/", "quantlab/ui/", "quantlab/labs/")) == []


ABOVE_LABS = ("quantlab/learn/", "quantlab/export/", "quantlab/cli/")  # what asks labs for their films and numbers


def test_the_core_does_not_reach_for_labs_nor_labs_for_what_asks_them():
    assert importers("quantlab.labs", but=("pages/", "quantlab/ui/", "quantlab/labs/", *ABOVE_LABS)) == []
    asking = [part.strip("/").replace("/", ".") for part in ABOVE_LABS]
    assert importers(*asking, below="quantlab/labs/") == []


@pytest.mark.parametrize("path", [p for p in FILES if place(p).startswith("pages/")], ids=place)
def test_a_page_is_short_and_holds_no_maths(path):
    assert len(path.read_text("utf-8").splitlines()) <= 80
    assert not uses(path, "numpy") and not uses(path, "scipy")


def test_importing_the_core_loads_neither_screen_nor_torch_nor_heavy_scipy_and_the_labs_load_little_more():
    program = "import sys, quantlab; print(*sys.modules); import quantlab.labs.catalog; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    core, labs = (set(line.split()) for line in said.strip().splitlines())
    assert not {"streamlit", "plotly", "torch", "skimage", "scipy.stats", "scipy.optimize"} & core
    assert not {"streamlit", "plotly", "torch", "scipy.stats"} & labs


def test_importing_the_core_reads_no_scheme_until_one_is_asked_for():
    program = "import sys, quantlab; before = set(sys.modules); quantlab.QuantSpec('log'); print(*before, '|', *sys.modules)"
    before, after = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("|")
    entries = {m for m in MODULES if m.startswith(("quantlab.schemes.", "quantlab.ranges.")) and "._" not in m and not m.endswith(".base")}
    assert not entries & set(before.split()) and entries <= set(after.split())
