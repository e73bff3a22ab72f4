"""Cells to stand behind a real router: one server that is whichever cell it is asked to be, by mutual TLS.

A router says in the TLS handshake which cell it wants (SNI), so the answer tells which cell a request reached, and what
it looked like there.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import trustme


@dataclass(frozen=True)
class Authorities:
    """Who signs what: the public hosts' and cells' certificates, and the routers' own."""

    public: trustme.CA
    routers: trustme.CA

    @classmethod
    def made(cls) -> Authorities:
        return cls(trustme.CA(), trustme.CA())


class _Cell(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one write
    disable_nagle_algorithm = True  # else an answer waits 40 ms for what was sent before to be acknowledged

    def do_GET(self) -> None:
        connection = self.connection
        assert isinstance(connection, ssl.SSLSocket)
        certificate = connection.getpeercert() or {}
        said = {
            "cell": getattr(connection, "cell", ""),
            "client": [name for _, name in certificate.get("subjectAltName", ())],
            "host": self.headers["host"],
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
        }
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 (the name is http.server's)

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Cell)
        self._context = context

    def finish_request(self, request: Any, address: Any) -> None:
        try:
            with self._context.wrap_socket(request, server_side=True) as wrapped:
                super().finish_request(wrapped, address)
        except (ssl.SSLError, OSError):
            pass  # a router that closes its connection, or has no certificate


def _remember(connection: Any, name: str | None, _context: ssl.SSLContext) -> None:
    connection.cell = (name or "").removesuffix(".cells.acme.io")


@contextmanager
def cells(authorities: Authorities, *names: str) -> Iterator[int]:
    """Serve as every cell of acme.io, and as `names`; the port is yielded."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authorities.public.issue_cert("*.cells.acme.io", *names).configure_cert(context)
    authorities.routers.configure_trust(context)
    context.verify_mode = ssl.CERT_OPTIONAL  # other localities' routers show none
    context.set_alpn_protocols(["http/1.1"])
    context.sni_callback = _remember
    server = _Server(context)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
