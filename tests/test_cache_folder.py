"""Does the cache folder follow the system, and can it be named and switched off?"""

import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix
from platformdirs.windows import Windows

from quantlab import cache_folder as module
from quantlab.cache_folder import cache_folder

SYSTEMS = {"linux": Unix, "darwin": MacOS, "win32": Windows}


@pytest.fixture
def system(monkeypatch, tmp_path):
    """Makes the folder that of another system."""
    monkeypatch.delenv("QUANTLAB_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return lambda name: monkeypatch.setattr(module, "PlatformDirs", SYSTEMS[name])


@pytest.mark.parametrize("name, parts", [("linux", (".cache",)), ("darwin", ("Library", "Caches"))])
def test_it_lies_where_the_system_keeps_caches(system, tmp_path, name, parts):
    system(name)
    assert cache_folder() == tmp_path.joinpath(*parts, "quantlab", "networks")


def test_linux_follows_xdg(system, monkeypatch, tmp_path):
    system("linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "quantlab" / "networks"


def test_windows_follows_its_local_folder(system, monkeypatch, tmp_path):
    system("win32")
    monkeypatch.setattr("platformdirs.windows.get_win_folder", {"CSIDL_LOCAL_APPDATA": str(tmp_path / "local")}.get)
    assert cache_folder() == tmp_path / "local" / "quantlab" / "networks"


@pytest.mark.parametrize("name", SYSTEMS)
def test_it_can_be_named_and_switched_off(system, monkeypatch, tmp_path, name):
    system(name)
    monkeypatch.setenv("QUANTLAB_CACHE", str(tmp_path / "mine"))
    assert cache_folder() == tmp_path / "mine"
    monkeypatch.setenv("QUANTLAB_CACHE", "off")
    assert cache_folder() is None
