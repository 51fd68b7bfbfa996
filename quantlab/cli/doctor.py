"""Say what is installed, where results are kept, what is missing and which command brings it.

The exit status is 0 where the app can run, else 1.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

from quantlab import __version__
from quantlab.cache_folder import cache_folder
from quantlab.cli.browsers import find_browser
from quantlab.licences import licences
from quantlab.packages import EXTRAS, install_command, installed, is_met, requirements, unmet

_WITHOUT = {
    "": "the app cannot run",
    "networks": "the network lab cannot open",
    "class": "no class can be opened",
    "export": "no network is written as ONNX and timed",
}
_MORE = {"networks": "The network lab needs", "class": "Classes need", "export": "Networks as ONNX need"}


@dataclass(frozen=True)
class Finding:
    """One line of the report: what was looked at, what was found, and whether that is as it should be."""

    what: str
    text: str
    good: bool = True

    def __str__(self) -> str:
        return f"{' ' if self.good else '!'} {self.what:<16} {self.text}"


def describe(parser: argparse.ArgumentParser) -> None:
    """``quantlab doctor``, and ``quantlab doctor --licences``."""
    parser.add_argument("--licences", action="store_true", help="list the licence of every package that comes along, and nothing else")


def run(arguments: argparse.Namespace) -> int:
    """Print all findings and what they mean for the app."""
    if arguments.licences:
        return print_licences()
    for finding in [*machine(), *packages(), browser(), *cache(), database(), *torch_threads(), *workers()]:
        print(finding)
    print()
    more = {extra: [requirement for requirement in unmet(extra) if requirement not in unmet("app")] for extra in _MORE}
    if missing := unmet("app"):
        print(f"The app cannot run; this brings what it needs:\n  {install_command([*missing, *more['networks'], *more['class']])}")
        return 1
    print("The app can run: quantlab app")
    for extra, needed in more.items():
        if needed:
            print(f"{_MORE[extra]} more:\n  {install_command(needed)}")
    return 0


def print_licences() -> int:
    """Print a line for each package that is installed of what QuantLab and its extras need; 1 where one states no licence."""
    packages = licences([*requirements(), *(requirement for extra in EXTRAS for requirement in requirements(extra))])
    for package in packages:
        print(f"{package.name:<26} {package.version:<18} {package.licence or 'states none'}")
    return int(not all(package.licence for package in packages))


def in_bytes(count: float) -> str:
    """A number of bytes for people.

    >>> in_bytes(0), in_bytes(25_300_000), in_bytes(16.4e9)
    ('0 B', '25.3 MB', '16.4 GB')
    """
    units = ["B", "kB", "MB", "GB", "TB"]
    while count >= 1000 and len(units) > 1:
        count, units = count / 1000, units[1:]
    return f"{count:.0f} B" if units[0] == "B" else f"{count:.1f} {units[0]}"


def machine() -> Iterator[Finding]:
    """Versions, cores and memory."""
    yield Finding("quantlab", f"{__version__} in {Path(__file__).parents[1]}")
    yield Finding("Python", f"{platform.python_version()} on {platform.platform()}")
    yield Finding("cores", str(os.cpu_count() or "unknown"))
    yield Finding("memory", in_bytes(size) if (size := memory()) else "unknown on this system")


def memory() -> int | None:
    """The machine's memory in bytes; None where the system does not tell (Windows)."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError):
        return None


def packages() -> Iterator[Finding]:
    """Every package that something here needs, beside the range that is supported."""
    seen: set[str] = set()
    for extra in _WITHOUT:
        for requirement in requirements(extra):
            if requirement.name in seen:
                continue
            seen.add(requirement.name)
            version, supported = installed(requirement), str(requirement.specifier)
            if is_met(requirement):
                yield Finding(requirement.name, f"{version} (supported: {supported})")
            else:
                state = "missing" if version is None else f"{version} is outside of what is supported"
                yield Finding(requirement.name, f"{state} (supported: {supported}); without it {_WITHOUT[extra]}", False)


def browser() -> Finding:
    """The browser that the browser tests drive."""
    path = find_browser()
    return Finding("browser", str(path) if path else "no Chromium or Chrome is found; the browser tests are skipped", path is not None)


def cache() -> Iterator[Finding]:
    """Where heavy results and downloads are kept, and how much room is left there."""
    path = cache_folder()
    if path is None:
        yield Finding("cache", "switched off by QUANTLAB_CACHE=off")
        return
    existing = next(parent for parent in (path, *path.parents) if parent.exists())
    held = sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) if path.is_dir() else 0
    if is_writable(existing):
        yield Finding("cache", f"{path} holds {in_bytes(held)}")
    else:
        text = f"{path} cannot be written, so results are computed anew; QUANTLAB_CACHE names another folder"
        yield Finding("cache", text, False)
    yield Finding("free disk", f"{in_bytes(shutil.disk_usage(existing).free)} at {existing}")


def is_writable(path: Path) -> bool:
    """Whether a file can be made in this folder, tried."""
    try:
        with tempfile.TemporaryFile(dir=path):
            return True
    except OSError:
        return False


def database() -> Finding:
    """The database that is named, without its password, or SQLite."""
    named = os.environ.get("QUANTLAB_DATABASE")
    if not named:
        return Finding("database", f"SQLite {sqlite3.sqlite_version}; QUANTLAB_DATABASE names no other")
    return Finding("database", f"{without_password(named)}, as QUANTLAB_DATABASE says")


def without_password(address: str) -> str:
    """A database's address as it may be shown.

    >>> without_password("postgresql://teacher:secret@db.school:5432/quantlab")
    'postgresql://teacher:***@db.school:5432/quantlab'
    >>> without_password("sqlite:///class.db")
    'sqlite:///class.db'
    """
    parts = urlsplit(address)
    if parts.password is None:
        return address
    login, _, host = parts.netloc.rpartition("@")
    return address.replace(f"{login}@{host}", f"{login.partition(':')[0]}:***@{host}", 1)


def torch_threads() -> Iterator[Finding]:
    """How PyTorch's work is spread, where it is installed."""
    if unmet("networks"):
        return
    try:
        runner = import_module("quantlab.networks.engine.runner")
    except (ImportError, OSError, RuntimeError) as problem:  # a build that does not fit the machine
        yield Finding("torch threads", f"PyTorch cannot be loaded: {problem}", False)
        return
    yield Finding("torch threads", f"{runner.THREADS} batches at a time, {runner.torch.get_num_threads()} thread for each")


def workers() -> Iterator[Finding]:
    """Where long work is done."""
    from quantlab.workers import POOL, remote

    most = f", {in_bytes(POOL.most)} of memory each" if POOL.most else ""
    text = f"{POOL.count} processes{most}" if POOL.count else "none, as QUANTLAB_WORKERS says: long work runs in the server's own process"
    yield Finding("workers", text)
    if named := remote.address():
        found = remote.client()
        here = "does not answer, or distributed is not installed; long work is done on this machine"
        yield Finding("Dask", f"{named} {'answers' if found else here}", found is not None)
