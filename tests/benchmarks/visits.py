"""Visits over websockets, without a browser: a session opens a page, waits for the end of its run, and goes."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.typing import Origin, Subprotocol

LIMIT = 180.0  # seconds that a run may take


@dataclass(frozen=True)
class Visit:
    """seconds : until the page's run ended, None where it did not. nbytes : that came. errors : exceptions on the page, or what went wrong."""

    seconds: float | None
    nbytes: int = 0
    errors: tuple[str, ...] = ()


async def visit(url: str, address: str, runs: int = 1, limit: float = LIMIT, pause: float = 0) -> list[Visit]:
    """A session that opens ``url/address`` and asks for so many runs of its page, ``pause`` seconds between two; one Visit each."""
    path, _, query = address.partition("?")
    found: list[Visit] = []
    try:
        async with websockets.connect(
            f"{url.replace('http', 'ws', 1)}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            max_size=None,
            origin=Origin(url),
            open_timeout=limit,
            ping_interval=None,
        ) as socket:
            for n in range(runs):
                await asyncio.sleep(pause if n else 0)
                found += [await _run(socket, path, query, limit)]
    except (OSError, TimeoutError, websockets.WebSocketException) as problem:
        found.append(Visit(None, 0, (f"{type(problem).__name__}: {problem}",)))
    return found


async def _run(socket: websockets.ClientConnection, path: str, query: str, limit: float) -> Visit:
    begun, nbytes, errors = time.perf_counter(), 0, []
    ask = BackMsg()
    ask.rerun_script.query_string, ask.rerun_script.page_name = query, path
    await socket.send(ask.SerializeToString())
    while True:
        data = await asyncio.wait_for(socket.recv(), limit)
        nbytes += len(data)
        message = ForwardMsg()
        message.ParseFromString(data)
        if message.WhichOneof("type") == "delta" and message.delta.new_element.WhichOneof("type") == "exception":
            errors.append(message.delta.new_element.exception.message[:120])
        if message.WhichOneof("type") == "script_finished":
            return Visit(time.perf_counter() - begun, nbytes, tuple(errors))


@dataclass(frozen=True)
class Load:
    """What a server has used: CPU seconds and MB of its own process, and threads."""

    cpu: float
    memory: float
    threads: int


def load_of(pid: int) -> Load:
    """The load of a process by its id."""
    process = psutil.Process(pid)
    times = process.cpu_times()
    return Load(times.user + times.system, process.memory_info().rss / 1e6, process.num_threads())
