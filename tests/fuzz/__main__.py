"""Fuzz all readers and pages by turns: ``python -m tests.fuzz --seconds 600`` or ``--inputs 1000000``; ``--only pictures --seed 7``.

What is found is printed and kept in a folder, one file each; the exit status tells whether there was any.
"""

import argparse
import hashlib
import sys
import time
import traceback
from collections import Counter
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import numpy as np

from quantlab.labs.catalog import LABS
from tests.fuzz import addresses, readers
from tests.fuzz.readers import READERS, Found


def main() -> int:
    """The number of different faults found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="how long")
    parser.add_argument("--inputs", type=int, default=0, help="how many inputs in all, however long that takes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", default=[], help=f"of {', '.join([*READERS, *LABS])}")
    parser.add_argument("--keep", type=Path, default=Path("found"), help="the folder of what is found")
    asked = parser.parse_args()
    streams = {}
    for place, name in enumerate([*READERS, *LABS]):
        rng = np.random.default_rng((asked.seed, place))
        if not asked.only or name in asked.only:
            streams[name] = readers.inputs(READERS[name], rng) if name in READERS else addresses.queries(LABS[name], rng)
    tried, good, found, until = Counter(), Counter(), {}, time.monotonic() + asked.seconds
    with suppress(KeyboardInterrupt):  # what was tried until then is told
        while time.monotonic() < until if not asked.inputs else sum(tried.values()) < asked.inputs:
            for name, stream in streams.items():
                for _ in range(20):
                    given = next(stream)
                    tried[name] += 1
                    try:
                        good[name] += readers.check(READERS[name], *given) if name in READERS else addresses.check(LABS[name], given)
                    except Found as fault:
                        _keep(asked.keep, name, given, fault, found)
    for name in streams:
        print(f"{name:13} {tried[name]:9} inputs, {good[name]:9} accepted as they are")
    print(f"{sum(tried.values())} inputs, {len(found)} different faults")
    return min(len(found), 100)


def _keep(folder: Path, name: str, given: object, fault: Found, found: dict[str, int]) -> None:
    """Print a fault the first time that its place is met, and keep what made it."""
    cause = fault.__cause__
    frames = traceback.extract_tb(cause.__traceback__) if cause else []
    place = next((f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames) if "quantlab" in f.filename), "")
    kind = f"{name} {place} {str(fault)[:60] if not place else type(cause).__name__}"
    found[kind] = found.get(kind, 0) + 1
    if found[kind] > 1:
        return
    folder.mkdir(parents=True, exist_ok=True)
    content = given[1] if isinstance(given, tuple) else f"{name}?{urlencode(given)}".encode()
    path = folder / f"{name}-{hashlib.sha256(content).hexdigest()[:10]}-{given[0] if isinstance(given, tuple) else 'address.txt'}"
    path.write_bytes(content)
    print(f"{kind}\n    {fault}\n    {path}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
