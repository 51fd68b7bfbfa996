"""Which parts of ``quantlab.networks`` load no torch? In processes of their own, since imports cannot be undone."""

import subprocess
import sys
from pathlib import Path

import pytest

import quantlab.networks

pytestmark = pytest.mark.slow

FOLDER = Path(quantlab.networks.__file__).parent
MODULES = sorted(path.stem for path in FOLDER.glob("[!_]*.py"))


def printed(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()


def test_everything_outside_the_engine_loads_no_torch():
    assert {"settings", "catalogue", "evaluation", "results", "store", "data"} <= set(MODULES)
    names = ", ".join(f"quantlab.networks.{name}" for name in MODULES)
    assert printed(f"import sys, {names}; print('torch' in sys.modules)") == "False"


def test_the_engine_loads_torch_with_the_first_name_that_is_used_and_every_name_is_there_and_torch_has_one_thread():
    program = """
import sys
from quantlab.networks import engine
print("torch" in sys.modules)
engine.Runner
print("torch" in sys.modules)
for name in engine.__all__:
    getattr(engine, name)
import torch
print(torch.get_num_threads())
"""
    assert printed(program).split() == ["False", "True", "1"]
