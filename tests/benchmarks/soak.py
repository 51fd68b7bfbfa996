"""Sessions that come and go over all labs, bounded in count: does the server's memory stay flat, and does nothing fail?

    python -m tests.benchmarks.soak [sessions] [--together 4] [--labs tensor,image]

Starts the app, visits every lab once, and lets sessions open labs in turn over websockets, without a browser, so many at once. Prints
after each tenth of them: sessions, failures, MB, threads, CPU seconds of the server a session. Streamlit keeps a session that went for two
minutes, 128 at most, so memory is judged over the second half: MB that a hundred sessions add, by a straight line.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from collections import Counter

import numpy as np

from quantlab.labs.catalog import LABS
from tests.benchmarks.load import ROOT, start, stop
from tests.benchmarks.visits import Load, Visit, load_of, visit


def addresses(labs: str) -> list[str]:
    """What is opened: each lab at its default, as its tries name it, or those of a list."""
    chosen = [slug for slug in labs.split(",") if slug] or list(LABS)
    return ["" if slug == "home" else slug for slug in chosen]


async def soak(url: str, pid: int, pages: list[str], sessions: int, together: int) -> tuple[list[tuple[int, Load]], Counter[str]]:
    """Loads of the server by sessions done, and how often each thing went wrong."""
    loads, wrong, done = [(0, load_of(pid))], Counter[str](), 0
    waiting = iter(range(sessions))

    async def person() -> None:
        nonlocal done
        for n in waiting:
            page = pages[n % len(pages)]
            for one in await visit(url, page):
                note(page, one)
            done += 1
            if done % max(1, sessions // 10) == 0:
                before, now = loads[-1], load_of(pid)
                loads.append((done, now))
                cpu = (now.cpu - before[1].cpu) / (done - before[0])
                print(
                    f"| {done} | {sum(wrong.values())} | {now.memory:.0f} | {now.threads} | {cpu:.2f} |",
                    flush=True,
                )

    def note(page: str, one: Visit) -> None:
        for error in one.errors:
            wrong[f"/{page}: {error}"] += 1

    print("| sessions | failures | MB | threads | CPU s of the server a session |\n|---|---|---|---|---|", flush=True)
    await asyncio.gather(*(person() for _ in range(together)))
    return loads, wrong


def growth(loads: list[tuple[int, Load]]) -> float:
    """MB that a hundred sessions add, by a straight line through the second half.

    >>> growth([(n, Load(0, 500 + min(n, 50) + n / 10, 9)) for n in range(0, 201, 20)])
    10.0
    """
    half = loads[len(loads) // 2 :]
    slope = np.polyfit([n for n, _ in half], [load.memory for _, load in half], 1)[0]
    return round(100 * float(slope), 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sessions", type=int, nargs="?", default=300)
    parser.add_argument("--together", type=int, default=4)
    parser.add_argument("--labs", default="")
    asked = parser.parse_args()
    pages = addresses(asked.labs)
    server, url, _ = start(ROOT)
    try:
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {len(pages)} labs, {asked.together} at once")
        for page in pages:
            before = load_of(server.pid).cpu
            (one,) = asyncio.run(visit(url, page))
            print(
                f"first /{page}: {one.seconds and round(one.seconds, 1)} s, CPU {load_of(server.pid).cpu - before:.1f} s {one.errors or ''}"
            )
        loads, wrong = asyncio.run(soak(url, server.pid, pages, asked.sessions, asked.together))
    finally:
        stop(server)
    for what, count in wrong.most_common(8):
        print(f"{count} × {what}")
    print(f"{asked.sessions} sessions, {sum(wrong.values())} failures; a hundred more add {growth(loads)} MB")


if __name__ == "__main__":
    main()
