"""``quantlab doctor`` says what is there, what is missing and what brings it."""

from importlib import metadata
from pathlib import Path

import pytest

from quantlab import packages
from quantlab.cli import browsers, doctor, main


@pytest.fixture
def without(monkeypatch):
    """Let a package count as not installed."""

    def hide(*names: str) -> None:
        version = metadata.version

        def look(name: str) -> str:
            if name in names:
                raise metadata.PackageNotFoundError(name)
            return version(name)

        monkeypatch.setattr(metadata, "version", look)

    return hide


def report(capsys) -> tuple[int, str]:
    status = main(["doctor"])
    return status, capsys.readouterr().out


def line(text: str, what: str) -> str:
    return next(line for line in text.splitlines() if line[2:].startswith(f"{what} "))


def test_a_whole_installation_is_well(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("QUANTLAB_CACHE", str(tmp_path / "cache"))
    status, text = report(capsys)
    assert status == 0 and "The app can run: quantlab app" in text
    for extra in ("", "networks"):
        for requirement in packages.requirements(extra):
            assert metadata.version(requirement.name) in line(text, requirement.name)
    assert f"{tmp_path / 'cache'} holds 0 B" in line(text, "cache")
    assert not (tmp_path / "cache").exists()
    assert "SQLite" in line(text, "database")
    assert "1 thread for each" in line(text, "torch threads")


def test_what_the_app_misses_fails_and_is_brought_by_one_command(capsys, without):
    without("plotly", "torch")
    status, text = report(capsys)
    assert status == 1
    assert line(text, "plotly").startswith("! plotly") and "missing" in line(text, "plotly")
    assert text.splitlines()[-1].split('"')[1::2] == ["plotly~=7.1", "torch~=2.13"]


def test_the_app_can_run_without_torch(capsys, without):
    without("torch", "torchvision")
    status, text = report(capsys)
    assert status == 0
    assert "the network lab cannot open" in line(text, "torch")
    assert text.splitlines()[-1].split('"')[1::2] == ["torch~=2.13", "torchvision~=0.28"]


def test_a_version_outside_its_range_counts_as_missing(capsys, monkeypatch):
    version = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "1.20.0" if name == "streamlit" else version(name))
    status, text = report(capsys)
    assert status == 1 and "1.20.0 is outside of what is supported" in line(text, "streamlit")


def test_a_cache_is_weighed_and_one_that_is_switched_off_is_said_to_be(capsys, monkeypatch, tmp_path):
    (tmp_path / "result.npy").write_bytes(bytes(2500))
    monkeypatch.setenv("QUANTLAB_CACHE", str(tmp_path))
    assert line(report(capsys)[1], "cache").endswith("holds 2.5 kB")
    monkeypatch.setenv("QUANTLAB_CACHE", "off")
    assert "switched off" in line(report(capsys)[1], "cache")


def test_a_folder_that_cannot_be_written_is_said_to_be(tmp_path):
    assert doctor.is_writable(tmp_path)
    assert not doctor.is_writable(tmp_path / "absent")


def test_the_password_of_a_database_is_not_shown(capsys, monkeypatch):
    monkeypatch.setenv("QUANTLAB_DATABASE", "postgresql://teacher:s3cret@db.school/quantlab")
    text = report(capsys)[1]
    assert "teacher:***@db.school" in line(text, "database") and "s3cret" not in text


def test_a_browser_is_looked_for_on_the_path_and_where_installers_put_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(browsers, "_PLACES", ("%QUANTLAB_ABSENT%/chrome", str(tmp_path / "chrome.exe")))
    assert browsers.find_browser() is None
    (tmp_path / "chrome.exe").touch()
    assert browsers.find_browser() == tmp_path / "chrome.exe"
    command = tmp_path / "chromium"
    command.touch(0o755)
    assert browsers.find_browser() == Path(command)
