"""A cell and a client for the benchmark of routers: both as plain as can be, so that what is seen is the router's."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.routing.envoy.cells import Authorities
from tests.routing.envoy.running import Running

_END = b"\r\n\r\n"


@contextmanager
def upstream(authorities: Authorities) -> Iterator[int]:
    """Stand for every cell of acme.io, by mutual TLS, and answer anything with the cell's name; the port is yielded."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authorities.public.issue_cert("*.cells.acme.io").configure_cert(context)
    authorities.routers.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["http/1.1"])

    def remember(connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
        connection.cell = (name or "").partition(".")[0]  # type: ignore[union-attr]

    context.sni_callback = remember
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)

    def accept() -> None:
        while True:
            try:
                plain, _ = listening.accept()
            except OSError:
                return  # it is closed
            threading.Thread(target=_serve, args=(context, plain), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.close()


def _serve(context: ssl.SSLContext, plain: socket.socket) -> None:
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with context.wrap_socket(plain, server_side=True) as connection:
            cell: bytes = connection.cell.encode()  # type: ignore[attr-defined]
            answer = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(cell), cell)
            while received := connection.recv(16384):
                for _ in range(received.count(_END)):
                    connection.sendall(answer)
    except OSError:
        pass  # the router has closed it


class Client:
    """One kept-alive connection to a router, over TLS."""

    def __init__(self, router: Running) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        router.authorities.public.configure_trust(context)
        context.set_alpn_protocols(["http/1.1"])
        plain = socket.create_connection(("127.0.0.1", router.https))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection = context.wrap_socket(plain, server_hostname="us.acme.io")

    def ask(self, host: str, path: str) -> tuple[float, int, str]:
        """Seconds, status, and what the cell said."""
        request = f"GET {path} HTTP/1.1\r\nhost: {host}\r\n\r\n".encode()
        start = time.perf_counter()
        self._connection.sendall(request)
        received = b""
        while _END not in received:
            received += self._more()
        head, _, body = received.partition(_END)
        lines = head.lower().split(b"\r\n")
        length = next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:")), 0)
        while len(body) < length:
            body += self._more()
        return time.perf_counter() - start, int(head.split()[1]), body.decode()

    def close(self) -> None:
        self._connection.close()

    def _more(self) -> bytes:
        some = self._connection.recv(16384)
        if not some:
            raise ConnectionError("the router has closed the connection")
        return some
