"""A router in a pod, with the real Envoy: its folder is changed as the kubelet does it, and it drains before it goes.

The kubelet's order (pkg/volume/util/atomic_writer.go of Kubernetes 1.36): the new files beside the old ones, the link
`..data` moved from these to those, and only then a link for each file of a new name.
"""

from __future__ import annotations

import http.client
import itertools
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import trustme

from cellfleet.inventory.pattern import Names
from cellfleet.inventory.pseudonym import Key
from cellfleet.routing import envoy
from cellfleet.routing.envoy.bootstrap import ADMIN_PORT
from cellfleet.routing.envoy.listeners import HTTP_PORT, HTTPS_PORT
from cellfleet.routing.envoy.ready import DRAIN_PATH, DRAIN_SECONDS, READY_HOST, READY_PATH, READY_PORT
from cellfleet.routing.placements import Placements
from cellfleet.routing.table import RoutingTable, routing_table
from tests.fleets import fleet

_ENVOY = Path(sys.executable).with_name("envoy")
_KEY = Key(b"k" * 32, secret=True)
_PATIENCE = 30.0


def table(*tenants: str, elsewhere: str = "") -> RoutingTable:
    made = routing_table(fleet(), "us", None, _KEY)
    hashes = {_KEY.pseudonym("slug", elsewhere): "de"} if elsewhere else {}
    return replace(made, placements=Placements({Names.TENANT: dict.fromkeys(tenants, "us-aws-1")}, hashes, _KEY))


@dataclass
class Pod:
    """An Envoy in a mounted folder."""

    folder: Path
    until: ExitStack
    ports: dict[int, int] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    generations: Iterator[int] = field(default_factory=itertools.count)

    def mount(self, files: Mapping[str, str], *, links: bool = True) -> None:
        """Change the folder as the kubelet does; without `links` it has not come to its last step yet."""
        generation = self.folder / f"..{next(self.generations)}"
        for name, text in {**files, **self._secrets()}.items():
            file = generation / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(self._placed(text))
        (self.folder / "..data_tmp").symlink_to(generation.name)
        (self.folder / "..data_tmp").rename(self.folder / "..data")
        for entry in generation.iterdir() if links else ():
            if not (self.folder / entry.name).is_symlink():
                (self.folder / entry.name).symlink_to(f"..data/{entry.name}")

    def start(self) -> None:
        command = [_ENVOY, "-c", "envoy.json", "--concurrency", "1", "--disable-hot-restart", "-l", "error"]
        self.process = subprocess.Popen(command, cwd=self.folder)
        self.until.callback(self.stop)
        self.wait(lambda: self.ask(ADMIN_PORT, "/ready")[0] == 200)

    def stop(self) -> None:
        assert self.process
        self.process.terminate()
        self.process.wait(_PATIENCE)

    def ask(self, port: int, path: str, method: str = "GET") -> tuple[int, Mapping[str, str], str]:
        """Status, headers and body; status 0 where nothing listens."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.ports[port], timeout=_PATIENCE)) as connection:
            try:
                connection.request(method, path, headers={"Host": READY_HOST})
                answer = connection.getresponse()
            except ConnectionError:
                return 0, {}, ""
            return answer.status, dict(answer.getheaders()), answer.read().decode()

    @property
    def ready(self) -> int:
        return self.ask(READY_PORT, READY_PATH)[0]

    def figure(self, name: str) -> int:
        """The sum of Envoy's counters whose names end so."""
        lines = self.ask(ADMIN_PORT, "/stats")[2].splitlines()
        return sum(int(line.rsplit(" ", 1)[1]) for line in lines if line.partition(":")[0].endswith(name))

    def wait(self, until: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not until():
            assert time.monotonic() < deadline
            assert self.process
            assert self.process.poll() is None
            time.sleep(0.02)

    def _secrets(self) -> dict[str, str]:
        certificate = _AUTHORITY.issue_cert("us.acme.io")
        files = {"tls.key": certificate.private_key_pem, "tls.crt": certificate.cert_chain_pems[0]}
        pairs = {f"{folder}/{n}": p.bytes().decode() for folder in ("certificates", "client") for n, p in files.items()}
        return {**pairs, "key/tenants": _KEY.value.decode()}

    def _placed(self, text: str) -> str:
        """On loopback and ports of this machine, and drained soon."""
        for port, ours in self.ports.items():
            text = text.replace(f'"port_value": {port}', f'"port_value": {ours}')
        return text.replace('"0.0.0.0"', '"127.0.0.1"').replace(f'"{DRAIN_SECONDS}s"', '"1s"')


_AUTHORITY = trustme.CA()


@pytest.fixture
def pod(tmp_path: Path) -> Iterator[Pod]:
    with ExitStack() as until, ExitStack() as held:
        ports = {}
        for port in (HTTPS_PORT, HTTP_PORT, READY_PORT, ADMIN_PORT):
            free = held.enter_context(socket.socket())
            free.bind(("127.0.0.1", 0))
            ports[port] = free.getsockname()[1]
        held.close()
        yield Pod(tmp_path, until, ports)


def test_a_changed_map_is_taken_up_before_its_files_have_links(pod: Pod) -> None:
    pod.mount(envoy.files(table("acme"), envoy.VOLUME))
    pod.start()
    assert pod.ready == 200
    pod.mount(envoy.files(table("acme", "beta"), envoy.VOLUME), links=False)
    pod.wait(lambda: pod.figure("rds.routes.config_reload") == 2)  # of two listeners, twice
    assert pod.figure("rds.routes.update_rejected") == 0
    assert pod.ready == 200


def test_a_router_without_its_whole_map_is_not_ready_until_it_comes(pod: Pod) -> None:
    whole = envoy.files(table("acme"), envoy.VOLUME)
    pod.mount({name: text for name, text in whole.items() if not name.startswith("map-")})
    pod.start()
    assert pod.ready == 404
    pod.mount(whole)
    pod.wait(lambda: pod.ready == 200)


def test_a_key_that_the_map_was_not_made_with_keeps_a_router_from_being_ready(pod: Pod) -> None:
    emitted = envoy.files(table("acme", elsewhere="newt"), envoy.VOLUME)
    pod.mount({name: text.replace(_KEY.check, "0" * len(_KEY.check)) for name, text in emitted.items()})
    pod.start()
    assert pod.ready == 404


def test_a_running_router_keeps_what_it_has_until_it_can_take_up_the_next(pod: Pod) -> None:
    pod.mount(envoy.files(table("acme"), envoy.VOLUME))
    pod.start()
    after = envoy.files(table("acme", "beta"), envoy.VOLUME)
    pod.mount({name: text for name, text in after.items() if not name.startswith("map-")})
    pod.wait(lambda: pod.figure("rds.routes.update_rejected") > 0)
    assert pod.ready == 200
    pod.mount(after)
    pod.wait(lambda: pod.figure("rds.routes.config_reload") == 2)
    assert pod.ready == 200


def test_a_renewed_certificate_is_taken_up(pod: Pod) -> None:
    files = envoy.files(table("acme"), envoy.VOLUME)
    pod.mount(files)
    pod.start()

    def serial() -> str:
        found: str = json.loads(pod.ask(ADMIN_PORT, "/certs")[2])["certificates"][0]["cert_chain"][0]["serial_number"]
        return found

    before = serial()
    pod.mount(files)
    pod.wait(lambda: serial() != before)


def test_who_ends_a_router_waits_until_it_has_drained(pod: Pod) -> None:
    pod.mount(envoy.files(table("acme"), envoy.VOLUME))
    pod.start()
    assert "connection" not in pod.ask(HTTP_PORT, "/")[1]
    with closing(http.client.HTTPConnection("127.0.0.1", pod.ports[READY_PORT], timeout=_PATIENCE)) as kubelet:
        kubelet.request("GET", DRAIN_PATH, headers={"Host": READY_HOST})
        pod.wait(lambda: pod.ready == 503)
        status, headers, _ = pod.ask(HTTP_PORT, "/")
        assert (status, headers["connection"]) == (308, "close"), "it serves, and sends its clients elsewhere"
        assert kubelet.getresponse().status == 200
