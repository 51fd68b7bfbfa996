"""A page whose packages are missing says so, with the command that brings them."""

from importlib import metadata

import pytest

from quantlab import packages
from tests.ui.test_pages import opened


@pytest.fixture
def no_torch(monkeypatch):
    version = metadata.version

    def look(name: str) -> str:
        if name.startswith("torch"):
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(metadata, "version", look)
    packages.absent.cache_clear()
    yield
    packages.absent.cache_clear()


def test_the_network_lab_without_pytorch_names_the_command_that_brings_it(no_torch):
    app = opened("cnn.py")
    assert [error.value.partition(".")[0] for error in app.error] == ["This page needs torch and torchvision"]
    assert [code.value for code in app.code] == ['python -m pip install "torch~=2.13" "torchvision~=0.28"']
    assert not app.exception


def test_the_other_labs_open_without_pytorch(no_torch):
    app = opened("tensor.py")
    assert not app.error and not app.exception
