"""What the real Envoy does is what `Envoy.decide` says of the same files."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cellfleet.routing.envoy import files
from cellfleet.routing.envoy.match import Envoy
from cellfleet.routing.request import Request
from tests.routing.envoy.cells import Authorities
from tests.routing.envoy.fleets import KEY, routes, table
from tests.routing.envoy.running import Running, as_decided, executable, running

EVERY_WAY = routes(
    {"host": "{tenant}.{locality}.acme.io", "service": "web"},
    {"host": "{locality}.acme.io", "path": "/api/0/organizations/{tenant}/*", "service": "web"},
    {"host": "{locality}.acme.io", "path": "/api/0/cells/{cell}/*", "service": "web", "elsewhere": "refuse"},
    {"host": "{locality}.acme.io", "path": "/by-query/*", "query": {"org": "{tenant}"}, "service": "web"},
    {"host": "{locality}.acme.io", "path": "/by-id", "query": {"id": "{tenant_id}", "v": "2"}, "service": "web"},
    {"host": "{locality}.acme.io", "path": "/by-header/*", "headers": {"X-Org": "{tenant}"}, "service": "web"},
    {"host": "{locality}.acme.io", "path": "/new/{tenant}", "service": "web", "unknown": "new_tenants"},
    {"host": "{locality}.acme.io", "path": "/t-{tenant}.json", "service": "web"},
    {"host": "{locality}.acme.io", "path": "/signup/*", "service": "web"},
    {"host": "o{tenant_id}.ingest.{locality}.acme.io", "service": "ingest"},
    {"host": "status.{locality}.acme.io", "redirect": "status.acme.io"},
    {"host": "{tenant}.acme.io", "redirect": "{tenant}.{locality}.acme.io"},
) | {"cells.us-azure-1.fenced": True, "cells.us-k8s-1.state": "draining"}

US, API = "us.acme.io", "/api/0/organizations"
ASKED = [
    Request("acme.us.acme.io", "/projects?x=1"),
    Request("acme-corp.us.acme.io"),
    Request("globex.us.acme.io"),
    Request("initech.us.acme.io"),  # fenced
    Request("hooli.us.acme.io"),
    Request("bosch.us.acme.io", "/a?b=c"),
    Request("bosch-gmbh.us.acme.io"),
    Request("nobody.us.acme.io"),
    Request("ACME.US.acme.io"),
    Request("acme.us.acme.io:443"),
    Request("acme.us.acme.io."),
    Request("acme.us.acme.io.:8443"),
    Request("a.acme.us.acme.io"),
    Request(".us.acme.io"),
    Request("evil.io"),
    Request("us.acme.io.evil.io"),
    Request(US, f"{API}/acme/"),
    Request(US, f"{API}/acme"),
    Request(US, f"{API}/ACME/"),
    Request(US, f"{API}/bosch/issues/?q=1"),
    Request(US, f"{API}/"),
    Request(US, f"{API}//acme/"),
    Request(US, f"{API}/acme/../globex/"),
    Request(US, f"{API}/acme/%2e%2e/globex/"),
    Request(US, f"{API}/acme/%2E%2e/globex/x"),
    Request(US, f"{API}/acme%2f..%2fglobex/"),
    Request(US, f"{API}/acm%65/"),
    Request(US, f"{API}/acme%00/"),
    Request(US, f"{API}/./acme/./x"),
    Request(US, f"{API}\\acme\\x"),
    Request(US, f"{API}/acme/..;/globex/"),
    Request(US, f"/x/..{API}/acme/"),
    Request(US, "/api/0/cells/us-gcp-1/health"),
    Request(US, "/api/0/cells/us-azure-1/health"),
    Request(US, "/api/0/cells/de-gcp-1/health"),
    Request(US, "/api/0/cells/nowhere/health"),
    Request(US, "/by-query/x?org=acme"),
    Request(US, "/by-query/x?a=b&org=acme&c"),
    Request(US, "/by-query/x?org=acme&org=globex"),
    Request(US, "/by-query/x?org=bosch"),
    Request(US, "/by-query/x?org="),
    Request(US, "/by-query/x?org"),
    Request(US, "/by-query/x"),
    Request(US, "/by-query/x?ORG=acme"),
    Request(US, "/by-query/x?org=acm%65"),
    Request(US, "/by-id?id=1002&v=2"),
    Request(US, "/by-id?v=2&id=2001"),
    Request(US, "/by-id?id=1002&v=3"),
    Request(US, "/by-id?id=1002"),
    Request(US, "/by-header/x", {"x-org": "globex"}),
    Request(US, "/by-header/x", {"X-ORG": "acme-corp"}),
    Request(US, "/by-header/x", {"x-org": "bosch"}),
    Request(US, "/by-header/x", {"x-org": ""}),
    Request(US, "/by-header/x"),
    Request(US, "/new/acme"),
    Request(US, "/new/newcomer"),
    Request(US, "/new/bosch"),
    Request(US, "/new/new%20comer"),
    Request(US, "/t-acme.json"),
    Request(US, "/t-acme.jsonx"),
    Request(US, "/t-.json"),
    Request(US, "/signup"),
    Request(US, "/signup/now"),
    Request(US, "/signups"),
    Request("o1001.ingest.us.acme.io", "/store"),
    Request("o2002.ingest.us.acme.io", "/store"),
    Request("o9999.ingest.us.acme.io", "/store"),
    Request("x1001.ingest.us.acme.io", "/store"),
    Request("O1001.INGEST.us.acme.io", "/store"),
    Request("status.us.acme.io", "/x?y"),
    Request("acme.acme.io", "/x?y=z"),
    Request("bosch.acme.io", "/x"),
    Request("acme-corp.acme.io"),
    Request("nobody.acme.io"),
    # headers by which only routers speak
    Request("acme.us.acme.io", "/", {"x-cellfleet-cell": "us-gcp-1"}),
    Request("acme.us.acme.io", "/", {"x-cellfleet-upstream": "us-gcp-1/web"}),
    Request("acme.us.acme.io", "/", {"X-Cellfleet-Service": "ingest"}),
    Request(US, "/nothing", {"x-cellfleet-upstream": "us-gcp-1/web"}),
    Request("acme.us.acme.io", "/", {"x-forwarded-host": "globex.us.acme.io"}),
    Request("acme.us.acme.io", "/", {"x-original-url": f"{API}/globex/", "x-rewrite-url": "/"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def emitted() -> dict[str, str]:
    return dict(files(table(EVERY_WAY)))


@pytest.fixture(scope="module")
def envoy(
    emitted: dict[str, str], authorities: Authorities, port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("envoy"), emitted, KEY, authorities, port) as found:
        yield found


@pytest.mark.parametrize("request_", ASKED, ids=str)
def test_envoy_does_what_is_said_of_it(request_: Request, envoy: Running, emitted: dict[str, str]) -> None:
    decision = Envoy(emitted, KEY).decide(request_)
    answer = envoy.ask(request_)
    assert answer.as_decided() == as_decided(decision), decision.steps


def test_envoy_takes_the_files_for_valid(emitted: dict[str, str], tmp_path: Path) -> None:
    for name, text in emitted.items():
        (tmp_path / name).write_text(text)
    command = [executable(), "--mode", "validate", "-c", "envoy.json", "-l", "warn"]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0, answer.stderr
    assert "deprecated" not in answer.stderr.lower()
