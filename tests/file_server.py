"""A server of files on this machine, that can be told to behave badly."""

import hashlib
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class FileServer:
    """Serves bytes by path.

    Attributes:
        files: path, with its slash, to content.
        ranges: whether parts of files are sent.
        headers: which of ETag and Last-Modified are.
        sends: for the requests to come, in order, the bytes after which the connection ends.
        stall: where set, a connection that is to end waits for this first.
        requests: (path, Range header) of what was asked.
        said: headers that it sends instead of the true ones; None for none.
        status: the status that it sends instead of the true one, of a whole file.
        part_status: the status that it sends of a part.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.ranges = True
        self.checks_if_range = True
        self.headers = {"ETag"}
        self.sends: list[int] = []
        self.stall: threading.Event | None = None
        self.stalled = threading.Event()
        self.requests: list[tuple[str, str | None]] = []
        self.said: dict[str, str | None] = {}
        self.status: int | None = None
        self.part_status = 206
        handler = type("Handler", (_Handler,), {"files": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    files: FileServer

    def do_GET(self) -> None:
        server, wanted = self.files, self.headers.get("Range")
        server.requests.append((self.path, wanted))
        content = server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        known = {"ETag": f'"{hashlib.sha256(content).hexdigest()[:16]}"', "Last-Modified": "Sat, 02 Aug 2025 10:00:00 GMT"}
        kept = {name: value for name, value in known.items() if name in server.headers}
        first, match = 0, re.fullmatch(r"bytes=(\d+)-", wanted or "")
        same = not server.checks_if_range or self.headers.get("If-Range") in (None, *kept.values())
        if match and server.ranges and same:
            first = int(match[1])
            if first >= len(content):
                self.send_error(416)
                return
            self.send_response(server.part_status)
            kept["Content-Range"] = f"bytes {first}-{len(content) - 1}/{len(content)}"
        else:
            self.send_response(server.status or 200)
        for name, value in {**kept, "Content-Length": str(len(content) - first), **server.said}.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        self._send(content[first:])

    def _send(self, content: bytes) -> None:
        cut = self.files.sends.pop(0) if self.files.sends else len(content)
        self.wfile.write(content[:cut])
        self.wfile.flush()
        if cut < len(content) and self.files.stall is not None:
            self.files.stalled.set()
            self.files.stall.wait(20)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
