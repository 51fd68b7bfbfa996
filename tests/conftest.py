"""Hypothesis profiles: `dev` looks for new counterexamples, `daily` for fewer, `ci` repeats the same ones, `thorough` is for a night.

Choose one with HYPOTHESIS_PROFILE; `ci` is taken where the variable CI is set, `daily` where slow tests are left out.
"""

import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in workers: threads of several processes wait for each other
os.environ.setdefault("QUANTLAB_WORKER_NICE", "5")  # the cores are busy all the time, and tests wait for workers
os.environ.setdefault("QUANTLAB_WORKERS", "0")  # a process for each of pytest's own would load torch again; tests/workers starts its own

import pytest

from quantlab.cache_folder import cache_folder
from tests.order import ordered

if folder := cache_folder():  # loops are compiled once for all processes, also for tests with a cache folder of their own
    os.environ.setdefault("NUMBA_CACHE_DIR", str(folder / "loops"))

from hypothesis import HealthCheck, Phase, settings

# Where it is forbidden to write byte code, each of some sixty processes of the suite would compile the project again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

_usual = {
    "deadline": None,
    "print_blob": True,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.differing_executors],
}
# Most values come from a seeded generator, so shrinking costs minutes and shows little.
_quick = _usual | {"max_examples": 6, "phases": [Phase.explicit, Phase.reuse, Phase.generate]}
settings.register_profile("dev", **_quick)
settings.register_profile("daily", **_quick | {"max_examples": 2})
settings.register_profile("ci", derandomize=True, **_quick)
settings.register_profile("thorough", max_examples=300, **_usual)


def pytest_configure(config: pytest.Config) -> None:
    usual = "ci" if os.environ.get("CI") else "daily" if "not slow" in config.option.markexpr else "dev"
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or usual)


@pytest.fixture(scope="session")
def cache_of_all(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder that pytest's own processes share, empty as they start."""
    folder = tmp_path_factory.getbasetemp()
    return (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "networks"


COMPILED = """
import sys
from importlib import import_module
from quantlab import loops
for name in loops.names()[int(sys.argv[1])::2]:
    import_module(f"quantlab.loops.{name}")
"""


def pytest_sessionstart(session: pytest.Session) -> None:
    """Before pytest's own processes start: the loops of a new checkout are compiled once, by two processes, and not by each of them."""
    config = session.config
    if getattr(config.option, "dist", "no") != "no" and not hasattr(config, "workerinput") and not config.option.collectonly:
        halves = [subprocess.Popen([sys.executable, "-c", COMPILED, str(half)], cwd=config.rootpath) for half in range(2)]
        failures = [half.wait() for half in halves]
        if any(failures):
            raise pytest.UsageError("quantlab.loops cannot be compiled; what is wrong is said above")


@pytest.hookimpl(trylast=True)  # once those that nobody asked for are out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items[:] = ordered(items, getattr(config, "workerinput", {}).get("pieces", 1))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell each of pytest's own processes into how many pieces the tests will be cut."""
    if node.config.option.dist == "worksteal":
        node.workerinput["pieces"] = node.workerinput["workercount"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """As many as there are cores, and one more for browser tests: half of such a test is waiting."""
    return (os.cpu_count() or 1) + ("not browser" not in config.option.markexpr)
