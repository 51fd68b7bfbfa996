"""``quantlab app`` gives Streamlit the app, its options and nothing else."""

import runpy
import sys

import pytest
from packaging.requirements import Requirement

from quantlab.cli import app, main
from quantlab.paths import app_folder


@pytest.fixture
def started(monkeypatch) -> list[str]:
    """The words that Streamlit receives in place of being started."""
    words: list[str] = []

    def run_module(name: str, run_name: str, alter_sys: bool) -> None:
        assert (name, run_name, alter_sys) == ("streamlit", "__main__", True)
        words.extend(sys.argv)

    monkeypatch.setattr(sys, "argv", ["quantlab"])
    monkeypatch.setattr(runpy, "run_module", run_module)
    return words


def test_without_options_streamlit_gets_the_app_alone(started):
    assert main(["app"]) == 0
    assert started == ["streamlit", "run", str(app_folder() / "app.py")]


def test_options_become_streamlits(started):
    words = ["app", "--port", "8600", "--host", "127.0.0.1", "--base-path", "lab", "--no-browser", "--server.maxUploadSize", "9"]
    assert main(words) == 0
    assert started[3:] == [
        "--server.port=8600",
        "--server.address=127.0.0.1",
        "--server.baseUrlPath=lab",
        "--server.headless=true",
        "--server.maxUploadSize",
        "9",
    ]


def test_an_absent_package_is_named_with_the_command_that_brings_it(started, monkeypatch, capsys):
    monkeypatch.setattr(app, "unmet", lambda extra: [Requirement("plotly~=7.1")])
    assert main(["app"]) == 1
    assert started == []
    assert capsys.readouterr().err == ('quantlab app: needs plotly; this brings what is missing: python -m pip install "plotly~=7.1"\n')
