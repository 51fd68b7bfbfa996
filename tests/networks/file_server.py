"""A file server that can be told to break off, to know no ranges, or to send nonsense; it writes down what it was asked."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FileServer(ThreadingHTTPServer):
    """files : path after the slash -> content. cuts : how many bytes the next answers send before they break off.

    ranges : whether a range is honoured. shift : by how much the range sent differs from that asked for.
    lengths : whether an answer says how long it is. silent : seconds that it stays silent where it breaks off.
    """

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files, self.ranges, self.shift, self.cuts, self.lengths = files, True, 0, list[int](), True
        self.silent = 0.0
        self.asked: list[tuple[str, str | None]] = []
        self.sent = 0

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class _Handler(BaseHTTPRequestHandler):
    server: FileServer

    def do_GET(self):
        name, span = self.path[1:], self.headers.get("Range")
        self.server.asked.append((name, span))
        if name not in self.server.files:
            self.send_error(404)
            return
        content, start = self.server.files[name], 0
        if span and self.server.ranges:
            start = int(span.removeprefix("bytes=").rstrip("-")) + self.server.shift
            if start >= len(content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(content)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        if self.server.lengths:
            self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        end = start + self.server.cuts.pop(0) if self.server.cuts else len(content)
        self.server.sent += len(content[start:end])  # counted before the other side can have it
        self.wfile.write(content[start:end])
        time.sleep(self.server.silent if end < len(content) else 0)
        self.close_connection = True

    def log_message(self, *args):
        pass


@contextmanager
def serving(files: dict[str, bytes]):
    server = FileServer(files)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
