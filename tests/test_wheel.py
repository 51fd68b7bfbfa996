"""The wheel carries the whole project: it is built, installed, and used from another folder.

The environment sees the packages of this one but not the checkout, so what is missing in the wheel is missing here.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from quantlab import __version__
from quantlab.ui.web import plotly_address
from tests.browser.lab import free_port

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow

CORE_ALONE = """
import sys
allowed = {"numpy", "scipy", "quantlab", *sys.stdlib_module_names}
class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in allowed and not name.startswith("_sysconfigdata"):
            raise ImportError(f"{name} is imported by the core")
sys.meta_path.insert(0, Nothing())
import numpy as np, quantlab as ql
allowed |= {"numba", "llvmlite", "platformdirs"}  # the loops, loaded at first use, and the folder of their machine code
x = np.array([-1.0, -0.2, 0.0, 0.3, 0.9], np.float32)
print(ql.__version__, ql.fake_quantize(x, ql.QuantSpec("int-symmetric", bits=2)), ql.__file__)
"""

PAGES = """
import functools, sys
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from quantlab.labs.catalog import LABS
from quantlab.paths import app_folder
manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)
networks = {f"{slug}.py" for slug, lab in LABS.items() if lab.extra == "networks"}
pages = {path.name for path in (app_folder() / "pages").glob("[!_]*.py")}
def run(page):
    app = AppTest.from_file(str(app_folder() / "pages" / "_frame.py"), default_timeout=300)
    app.switch_page(page).run()
    print(page, [error.value for error in app.exception], len(app.main.children) > 0)
for page in sorted(pages - networks):
    run(page)
print("torch" in sys.modules, "quantlab.networks.engine.models" in sys.modules)
for page in sorted(pages & networks):
    run(page)
"""

SETTINGS = """
from streamlit import config
from quantlab.paths import app_folder
config._main_script_path = str(app_folder() / "app.py")  # as `streamlit run` sets it
print(config.get_option("server.fileWatcherType"), config.get_option("theme.light.primaryColor"))
"""


def tracked(*folders: str) -> set[str]:
    """The files of the tree that belong into a wheel."""
    files = (path for folder in folders for path in [ROOT / folder, *(ROOT / folder).rglob("*")])
    return {path.relative_to(ROOT).as_posix() for path in files if path.is_file() and "__pycache__" not in path.parts}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel as ``pip wheel .`` builds it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


class Installation:
    """An environment with the wheel in it, and a folder that is not the checkout."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        venv.create(folder / "venv", with_pip=False)
        self.scripts = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
        site = Path(sysconfig.get_path("purelib", vars={"base": str(folder / "venv")}))
        (site / "others.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
        self.elsewhere = folder / "elsewhere"
        self.elsewhere.mkdir()
        command = [sys.executable, "-m", "pip", "--python", str(self.scripts / "python"), "install", "--quiet", "--no-deps", str(wheel)]
        subprocess.run(command, check=True, capture_output=True)
        self.environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        self.environment["NUMBA_CACHE_DIR"] = str(folder / "loops")  # machine code of these files, which go with the folder

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command of this environment, run to its end from elsewhere."""
        command = [str(self.scripts / words[0]), *words[1:]]
        return subprocess.run(command, cwd=self.elsewhere, env=self.environment, capture_output=True, text=True, timeout=600)


@pytest.fixture(scope="module")
def installation(wheel, tmp_path_factory) -> Installation:
    return Installation(tmp_path_factory.mktemp("installation"), wheel)


@pytest.fixture(scope="module")
def url(installation) -> Iterator[str]:
    """The app as ``quantlab app`` serves it, beside a file that has the name of one of its own."""
    (installation.elsewhere / "app.py").write_text("raise RuntimeError('not this one')\n")
    address = f"http://127.0.0.1:{(port := free_port())}"
    words = [str(installation.scripts / "quantlab"), "app", "--port", str(port), "--host", "127.0.0.1", "--no-browser"]
    log = installation.elsewhere / "log.txt"
    with log.open("w") as file:
        process = subprocess.Popen(words, cwd=installation.elsewhere, env=installation.environment, stdout=file, stderr=file)
    end = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=5).close()
            break
        except OSError:
            assert process.poll() is None and time.monotonic() < end, log.read_text()
            time.sleep(0.2)
    yield address
    process.terminate()
    process.wait(20)


def test_the_wheel_holds_every_file_of_package_pages_and_assets(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert tracked("quantlab") <= names
    assert {f"quantlab/_app/{name}" for name in tracked("app.py", "pages", "assets", ".streamlit")} <= names
    assert not [name for name in names if name.startswith("tests/")]


def test_the_core_needs_numpy_and_scipy_and_its_loops_numba(installation):
    done = installation.run("python", "-c", CORE_ALONE)
    assert done.stdout.startswith(f"{__version__} [-1.  0.  0.  0.  1.]"), done.stderr
    assert str(ROOT) not in done.stdout.replace(str(installation.elsewhere.parent), "")


def test_the_command_tells_its_version_and_finds_itself_well(installation):
    assert installation.run("quantlab", "--version").stdout == f"quantlab {__version__}\n"
    done = installation.run("quantlab", "doctor")
    assert done.returncode == 0 and "The app can run" in done.stdout, done.stdout + done.stderr


def test_a_tensor_is_swept(installation):
    np.save(installation.elsewhere / "w.npy", np.random.default_rng(0).standard_normal(500).astype(np.float32))
    done = installation.run("quantlab", "sweep", "w.npy", "--bits", "3")
    assert done.returncode == 0 and done.stdout.splitlines()[1].split()[0] == "3", done.stderr
    assert installation.run("python", "-m", "quantlab", "w.npy", "--bits", "3").stdout == done.stdout


@pytest.fixture(scope="module")
def pages(installation) -> subprocess.CompletedProcess[str]:
    """Every page in one process, those of networks last; answers of networks are those of the usual cache folder where it has them."""
    return installation.run("python", "-c", PAGES)


def test_every_page_runs(pages):
    names = {path.name for path in (ROOT / "pages").glob("[!_]*.py")}
    lines = [line for line in pages.stdout.splitlines() if ".py " in line]
    assert sorted(lines) == sorted(f"{name} [] True" for name in names), pages.stderr


def test_opening_the_other_pages_does_not_load_torch(pages):
    """2.5 s that only labs of networks cost."""
    assert [line for line in pages.stdout.splitlines() if ".py " not in line] == ["False False"], pages.stdout + pages.stderr


def test_the_app_is_served_with_its_routes(url):
    with urllib.request.urlopen(f"{url}/{plotly_address()}", timeout=60) as answer:
        assert answer.status == 200 and b"plotly.js v" in answer.read(500)
    with urllib.request.urlopen(f"{url}/tensor", timeout=60) as answer:
        assert b"<title>" in answer.read()


def test_the_apps_theme_and_settings_hold_from_another_folder(installation):
    """Streamlit reads them beside the script that it is given."""
    done = installation.run("python", "-c", SETTINGS)
    assert done.stdout.split() == ["none", "#0072B2"], done.stderr
