"""A Chromium or Chrome of this machine."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

_COMMANDS = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser", "chrome", "msedge")
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"%PROGRAMFILES%\Google\Chrome\Application\chrome.exe",
    r"%PROGRAMFILES(X86)%\Google\Chrome\Application\chrome.exe",
    r"%LOCALAPPDATA%\Google\Chrome\Application\chrome.exe",
    r"%PROGRAMFILES(X86)%\Microsoft\Edge\Application\msedge.exe",
)


def find_browser() -> Path | None:
    """The first that is on the path or where its installer puts it; None where there is none."""
    on_path = [Path(path) for command in _COMMANDS if (path := shutil.which(command))]
    places = [Path(os.path.expandvars(place)) for place in _PLACES]
    return next(iter([*on_path, *(place for place in places if place.exists())]), None)
