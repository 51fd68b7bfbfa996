"""Does torchvision run with a CPU build of torch? In a process of its own, since imports cannot be undone."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]

PROGRAM = """
import torch
from quantlab.networks.engine._torchvision import torchvision
package = torchvision()
assert torchvision() is package
model = package.models.mobilenet_v2(weights=None, num_classes=7).eval()
with torch.inference_mode():
    print(tuple(model(torch.rand(2, 3, 64, 64)).shape))
from torchvision.transforms import v2
print(tuple(v2.Resize((8, 8))(torch.rand(3, 16, 16)).shape))
print(package.models.resnet18(weights=None).fc.out_features, package.datasets.MNIST.__name__)
"""


def run(program):
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_models_transforms_and_data_sets_can_be_used():
    done = run(PROGRAM)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:3] == ["(2, 7)", "(3, 8, 8)", "1000 MNIST"]


def test_another_failure_of_the_import_is_not_hidden():
    broken = """
import sys
class Broken:
    def find_spec(self, name, path=None, target=None):
        if name == "torchvision":
            raise RuntimeError("something else")
sys.meta_path.insert(0, Broken())
from quantlab.networks.engine._torchvision import torchvision
torchvision()
"""
    done = run(broken)
    assert done.returncode == 1 and "RuntimeError: something else" in done.stderr


def test_its_absence_is_told_with_the_remedy(monkeypatch):
    from quantlab.networks.engine._torchvision import torchvision

    monkeypatch.setitem(sys.modules, "torchvision", None)
    with pytest.raises(ImportError, match="pip install -r requirements.txt"):
        torchvision()
