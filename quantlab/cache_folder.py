"""The user's cache folder: where heavy results and fetched files are kept between runs.

``QUANTLAB_CACHE`` names another folder, and ``off`` keeps nothing. Otherwise it is ``quantlab/networks`` within the folder
that the system has for this: ``~/.cache`` or ``XDG_CACHE_HOME`` on Linux, ``~/Library/Caches`` on macOS, ``LOCALAPPDATA`` on
Windows.
"""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import PlatformDirs


def cache_folder() -> Path | None:
    """The folder, which need not exist yet; None where the cache is switched off."""
    named = os.environ.get("QUANTLAB_CACHE", "")
    if named == "off":
        return None
    return Path(named) if named else PlatformDirs("quantlab", appauthor=False, opinion=False).user_cache_path / "networks"
