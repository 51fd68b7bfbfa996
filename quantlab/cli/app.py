"""Open the app in the browser.

The same as ``streamlit run app.py`` in a checkout, from any folder: Streamlit finds the app's theme and server settings
beside ``app.py``. Streamlit's own options pass through: ``quantlab app --server.maxUploadSize=100``.
"""

from __future__ import annotations

import argparse
import re
import runpy
import sys
from collections.abc import Sequence

from quantlab.cli.parsing import worded
from quantlab.packages import install_command, unmet
from quantlab.paths import app_folder

_SETS = re.compile(r"--[a-zA-Z]+(?:\.[a-zA-Z]+)+(=.*)?", re.DOTALL)


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of ``quantlab app``."""
    parser.usage = "quantlab app [--port N] [--host ADDRESS] [--base-path PATH] [--no-browser] [--SECTION.OPTION=VALUE ...]"
    parser.epilog = "Streamlit's own options pass through, such as --server.maxUploadSize=100."
    parser.add_argument("--port", type=worded(port), metavar="N", help="the server's port; 8501, if nothing else is said")
    parser.add_argument("--host", "--address", metavar="ADDRESS", help="the address it listens on; 127.0.0.1 keeps the app to this machine")
    parser.add_argument("--base-path", metavar="PATH", help="the path below which a proxy serves the app, such as lab")
    parser.add_argument("--no-browser", action="store_true", help="open no browser")
    parser.set_defaults(others=[])


def port(text: str) -> int:
    """A port's number.

    >>> port("8502")
    8502
    >>> port("http")
    Traceback (most recent call last):
    ValueError: 'http' is no port; write a number from 1 to 65535
    """
    if not re.fullmatch("[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise ValueError(f"{text!r} is no port; write a number from 1 to 65535")
    return int(text)


def checked(others: Sequence[str]) -> list[str]:
    """Streamlit's options as they were given; ValueError for a word that is none.

    >>> checked(["--server.maxUploadSize=100", "--theme.base", "dark"])
    ['--server.maxUploadSize=100', '--theme.base', 'dark']
    >>> checked(["--prot", "80"])
    Traceback (most recent call last):
    ValueError: '--prot' is unknown; quantlab app --help lists the options
    """
    takes_value = False
    for word in others:
        option = _SETS.fullmatch(word)
        if not option and not takes_value:
            raise ValueError(f"{word!r} is unknown; quantlab app --help lists the options")
        takes_value = option is not None and option[1] is None
    return list(others)


def run(arguments: argparse.Namespace) -> int:
    """Serve the app until it is interrupted; 1 where a package that it needs is missing."""
    options = checked(arguments.others)
    if missing := unmet("app"):
        names = ", ".join(requirement.name for requirement in missing)
        print(f"quantlab app: needs {names}; this brings what is missing: {install_command(missing)}", file=sys.stderr)
        return 1
    flags = {"server.port": arguments.port, "server.address": arguments.host, "server.baseUrlPath": arguments.base_path}
    flags["server.headless"] = "true" if arguments.no_browser else None
    given = [f"--{name}={value}" for name, value in flags.items() if value is not None]
    sys.argv = ["streamlit", "run", str(app_folder() / "app.py"), *given, *options]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
    return 0
