"""Times of the language lab from nothing: ``python -m tests.benchmarks.language large smollm2`` (on Linux).

The first level, the next one, all widths, tokens a second, memory of a worker. Each tells seconds on the wall and seconds that all
processes computed: beside other work on the machine only the latter say something. Levels go to a cache folder of their own; loops
come from the usual one, where a server has compiled them as it started.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from quantlab.cache_folder import cache_folder

TICKS = os.sysconf("SC_CLK_TCK")
PROMPT, COUNT = "The for statement is used to", 24


def main() -> None:
    if "--here" not in sys.argv:
        for source in sys.argv[1:]:
            with tempfile.TemporaryDirectory() as folder:
                ours = {
                    "QUANTLAB_CACHE": folder,
                    "NUMBA_CACHE_DIR": str((cache_folder() or Path(folder)) / "loops"),
                    "OPENBLAS_NUM_THREADS": "1",
                }
                subprocess.run([sys.executable, "-m", __spec__.name, source, "--here"], env={**os.environ, **ours}, check=True)
        return
    from quantlab.labs.catalog import LABS
    from quantlab.language.catalogue import named
    from quantlab.language.model import generate
    from quantlab.tasks import ENGINE

    lab, source = LABS["language"], sys.argv[1]
    address, other = (lab.read({"source": source, "bits": bits}) for bits in ("3", "4"))
    print(f"{source}, {address['tokens']} tokens")
    _told("first level from nothing", lambda: ENGINE.ahead(lab.tasks(address, ())[0]))
    _told("another level", lambda: ENGINE.ahead(lab.tasks(other, ())[0]))
    _told("all other stops", lambda: ENGINE.ahead(lab.tasks(address, ())[-1]))
    print(f"a worker held {max(_peak(pid) for pid in _children()) / 1e9:.2f} GB at most")
    language = named(source)
    model, prompt = language.model(), language.ids(PROMPT).tolist()
    wall, computed = _told(f"{COUNT} tokens written", lambda: list(generate(model, prompt, COUNT)))
    print(f"{COUNT / wall:.1f} tokens a second, {COUNT / computed:.1f} in a second that a core computed")


def _told(what: str, do: Callable[[], object]) -> tuple[float, float]:
    start, before = time.perf_counter(), _computed()
    do()
    wall, computed = time.perf_counter() - start, _computed() - before
    print(f"{what}: {wall:.1f} s, {computed:.1f} s computed", flush=True)
    return wall, computed


def _children() -> list[int]:
    return [int(pid) for listed in Path("/proc/self/task").glob("*/children") for pid in listed.read_text().split()]


def _computed() -> float:
    """Seconds of this process and its workers."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in (os.getpid(), *_children())]
    return sum(int(user) + int(system) for field in fields for user, system in [field[11:13]]) / TICKS


def _peak(pid: int) -> float:
    """Bytes that a process held at most."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((1024 * float(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0.0)


if __name__ == "__main__":
    main()
