"""Where the app's files lie: in the checkout, or inside the installed package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
_CHECKOUT = _PACKAGE.parent


def app_folder() -> Path:
    """The folder of ``app.py``, ``pages`` and ``assets``."""
    packed = _PACKAGE / "_app"
    return packed if packed.is_dir() else _CHECKOUT


ASSETS = app_folder() / "assets"
