"""A directory that routers ask, with the API of Synapse's locator."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Directory:
    """Where tenants are, and what was asked."""

    places: dict[str, str]
    port: int = 0
    answers: bool = True
    """False: it is ill, and says 500."""
    questions: list[str] = field(default_factory=list)


@contextmanager
def directory(places: Mapping[str, str]) -> Iterator[Directory]:
    """Answer `GET /?id=NAME&locality=LOCALITY` with the cell, or 404."""
    state = Directory(dict(places))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.questions.append(self.path)
            asked = parse_qs(urlsplit(self.path).query)
            cell = state.places.get(asked["id"][0], "")
            known = cell.startswith(asked["locality"][0])
            self._say(500 if not state.answers else 200 if known else 404, {"cell": cell} if known else {})

        def _say(self, status: int, said: dict[str, str]) -> None:
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
