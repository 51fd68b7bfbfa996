"""A reverse proxy that forwards what lies below one path, as it comes, and answers 404 to everything else."""

from __future__ import annotations

import asyncio
import threading

_LOST = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Proxy:
    """Forwards requests for ``/<below>/...``, websockets too, to a port of this machine; ``refused`` are the other paths asked for."""

    def __init__(self, below: str, port: int) -> None:
        self._below, self._port = f"/{below}/".encode(), port
        self.refused: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        server = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop).result(10)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/{below}"

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection, so that each is looked at."""
        try:
            first, _, rest = (await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")
        except asyncio.IncompleteReadError:  # a connection opened ahead, and never used
            return writer.close()
        path = first.split()[1]
        if not path.startswith(self._below):
            self.refused.append(path.decode())
            writer.write(_LOST)
            await writer.drain()
            return writer.close()
        there, to_there = await asyncio.open_connection("127.0.0.1", self._port)
        close = b"" if b"upgrade: websocket" in rest.lower() else b"Connection: close\r\n"
        lines = [line for line in rest.split(b"\r\n") if not (close and line.lower().startswith(b"connection:"))]
        to_there.write(first + b"\r\n" + close + b"\r\n".join(lines))
        await asyncio.gather(_pipe(reader, to_there), _pipe(there, writer), return_exceptions=True)


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
