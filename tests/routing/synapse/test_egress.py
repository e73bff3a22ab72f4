"""The real Envoy, started from egress.json, and asked as Synapse asks it: what it does is what is said of the file.

Of the files only the places are changed: ports, the cells' addresses (all on one server, told apart by SNI) and who
signs certificates.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cellfleet.inventory import headers
from cellfleet.routing.request import Request
from cellfleet.routing.synapse import files
from cellfleet.routing.synapse.beside import Beside
from cellfleet.routing.synapse.egress import ADMIN_PORT
from tests.routing.envoy.cells import Authorities, cells
from tests.routing.envoy.running import PATIENCE_SECONDS, executable, free_ports
from tests.routing.synapse.tables import de

FILES = files(de(**{"cells.de-gcp-2.fenced": True}))
PORTS = sorted({address.partition(":")[2] for address in Beside(FILES["egress.json"]).ways})


@pytest.fixture(scope="module")
def envoy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beside]:
    """The Envoy beside Synapse; what is said of the file that it runs with."""
    folder = tmp_path_factory.mktemp("egress")
    authorities = Authorities.made()
    authorities.public.cert_pem.write_to_path(folder / "authorities.pem")
    certificate = authorities.routers.issue_cert("de.routers.acme.io")
    (folder / "client").mkdir()
    certificate.private_key_pem.write_to_path(folder / "client" / "tls.key")
    certificate.cert_chain_pems[0].write_to_path(folder / "client" / "tls.crt")
    with cells(authorities) as port:
        text, admin = _placed(FILES["egress.json"], port)
        (folder / "egress.json").write_text(text)
        (folder / "sds-client.json").write_text(FILES["sds-client.json"])
        system = "/etc/ssl/certs/ca-certificates.crt"
        trusted = FILES["sds-authorities.json"].replace(system, str(folder / "authorities.pem"))
        (folder / "sds-authorities.json").write_text(trusted)
        command = [str(executable()), "-c", "egress.json", "--concurrency", "1", "-l", "warn", "--disable-hot-restart"]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
            try:
                _await_ready(process, admin, folder / "log")
                yield Beside(text)
            finally:
                process.terminate()
                process.wait(PATIENCE_SECONDS)


def test_envoy_takes_the_file_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "client").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    command = [str(executable()), "--mode", "validate", "-c", "egress.json", "-l", "warn"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr


def test_each_address_is_one_service_of_one_cell_and_what_a_client_says_of_it_is_replaced(envoy: Beside) -> None:
    lies = {
        headers.CELL: "de-gcp-2",
        headers.SERVICE: "admin",
        headers.UPSTREAM: "de-gcp-2/web",
        headers.PROXIED: "us",
        headers.HOST: "us.acme.io",
        "x-forwarded-for": "198.51.100.7",
        "x-forwarded-proto": "https",
    }
    served = [(name, _address(envoy, name)) for name in ("de-gcp-1/web", "de-gcp-1/ingest")]
    for name, address in served:
        status, said, _ = _ask(address, Request("de.acme.io", "/a//b/../%2e/c?d=e", lies))
        assert status == 200
        seen = json.loads(said)
        cell, _, service = name.partition("/")
        assert (seen["cell"], seen["client"]) == (cell, ["de.routers.acme.io"]), "by mutual TLS"
        assert (seen["headers"][headers.CELL], seen["headers"][headers.SERVICE]) == (cell, service)
        assert {headers.UPSTREAM, headers.PROXIED, headers.HOST}.isdisjoint(seen["headers"])
        assert (seen["host"], seen["path"]) == ("de.acme.io", "/a//b/../%2e/c?d=e"), "as Synapse has sent it"
        assert seen["headers"]["x-forwarded-for"] == "198.51.100.7"
        assert seen["headers"]["x-forwarded-proto"] == "https"


def test_it_answers_as_is_said_of_the_file(envoy: Beside) -> None:
    request = Request("de.acme.io", "/api/0/cells/us-aws-1/?a=b")
    assert len(envoy.ways) == 5
    for name, way in ((way.name, way) for way in envoy.ways.values()):
        expected = envoy.decide(way, request.target, "", ())
        status, said, location = _ask(_address(envoy, name), request)
        assert status == (expected.status or 200), name
        assert location == expected.location
        assert expected.outcome != "serve" or json.loads(said)["cell"] == expected.cell


def test_a_header_that_a_cell_could_take_for_ours_is_refused(envoy: Beside) -> None:
    status, _, _ = _ask(_address(envoy, "de-gcp-1/web"), Request("de.acme.io", "/", {"x_cellfleet_service": "admin"}))
    assert status == 400


def _placed(text: str, cells_port: int) -> tuple[str, int]:
    """The bootstrap with ports of this machine in it, and that of its administration."""
    admin, *ours = free_ports(1 + len(PORTS))
    for port, free in zip(PORTS, ours, strict=True):
        text = text.replace(f":{port}", f":{free}").replace(f'"port_value": {port}', f'"port_value": {free}')
    bootstrap = json.loads(text.replace(f'"port_value": {ADMIN_PORT}', f'"port_value": {admin}'))
    for cluster in bootstrap["static_resources"]["clusters"]:
        (endpoint,) = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]
        endpoint["endpoint"]["address"]["socket_address"] = {"address": "127.0.0.1", "port_value": cells_port}
        cluster.pop("health_checks")
    return json.dumps(bootstrap), admin


def _address(envoy: Beside, name: str) -> tuple[str, int]:
    (address,) = (address for address, way in envoy.ways.items() if way.name == name)
    host, _, port = address.partition(":")
    return host, int(port)


def _ask(address: tuple[str, int], request: Request) -> tuple[int, str, str]:
    """Status, body and where it redirects to."""
    with closing(http.client.HTTPConnection(*address, timeout=PATIENCE_SECONDS)) as connection:
        connection.request("GET", request.target, headers={"host": request.host, **request.headers})
        response = connection.getresponse()
        return response.status, response.read().decode(), response.headers.get("location", "")


def _await_ready(process: subprocess.Popen[bytes], admin: int, log: Path) -> None:
    last = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < last and process.poll() is None:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", admin, timeout=1)) as connection:
                connection.request("GET", "/ready")
                if connection.getresponse().read().strip() == b"LIVE":
                    return
        except OSError:
            pass  # not yet
        time.sleep(0.02)
    raise AssertionError(f"Envoy did not get ready: {log.read_text()[-3000:]}")
