"""Any fleet, any request: the real Envoy does what is said of it."""

from __future__ import annotations

import itertools
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cellfleet.routing.envoy import files
from cellfleet.routing.envoy.match import Envoy
from cellfleet.routing.request import Request
from tests.routing.envoy.cells import Authorities
from tests.routing.envoy.fleets import KEY, TENANTS, table
from tests.routing.envoy.running import as_decided, running

HOSTS = [
    *("{tenant}.{locality}.acme.io", "o{tenant_id}.{locality}.acme.io", "{cell}.{locality}.acme.io"),
    *("{locality}.acme.io", "api.{locality}.acme.io", "{tenant}.acme.io", "{tenant}-x.a.{locality}.acme.io"),
]
PATHS = ["/*", "/a/*", "/a/b", "/a/{tenant}/*", "/{cell}/*", "/v{tenant_id}/x", "/{tenant}", "/a/b/{tenant_id}/c/*"]
STATES = ["active", "active", "cordoned", "draining", "provisioning", "retired"]
SLUGS = ["acme", "globex", "o1", "api", "us", "a", "b", "hooli-x", "1001", "x"]


@st.composite
def changes(draw: st.DrawFn) -> dict[str, Any]:
    """Changes to the test fleet: other routes, and cells in other states."""
    some: dict[str, Any] = {}
    for cell in ("us-aws-1", "us-gcp-1", "us-azure-1", "de-gcp-1"):
        some[f"cells.{cell}.state"] = draw(st.sampled_from(STATES))
        some[f"cells.{cell}.fenced"] = draw(st.integers(0, 4)) == 0
    some["routes"] = draw(st.lists(_route(), min_size=1, max_size=6))
    some["localities.de.residency"] = draw(st.sampled_from([["DE"], ["DE", "US"]]))
    return some


@st.composite
def _route(draw: st.DrawFn) -> dict[str, Any]:
    host = draw(st.sampled_from(HOSTS))
    named = any(name in host for name in ("{tenant", "{cell"))
    path = draw(st.sampled_from(PATHS[:3] if named else PATHS))
    route: dict[str, Any] = {"host": host, "path": path}
    named = named or "{" in path
    if not named and (how := draw(st.sampled_from(["", "query", "headers"]))):
        route[how] = {"x-org": draw(st.sampled_from(["{tenant}", "{tenant_id}", "{cell}", "fixed"]))}
    if draw(st.integers(0, 3)) == 0:
        route["query"] = {**route.get("query", {}), "v": "1"}
    if draw(st.integers(0, 4)) == 0:
        return route | {"redirect": "www.acme.io"}
    route |= {"service": draw(st.sampled_from(["web", "ingest"]))}
    return route | {
        "elsewhere": draw(st.sampled_from(["redirect", "refuse"])),
        "unknown": draw(st.sampled_from(["refuse", "new_tenants"])),
    }


@st.composite
def tenants(draw: st.DrawFn) -> dict[str, tuple[str, str]]:
    """Tenants by slug; ids and slugs look like each other, and like parts of hosts."""
    slugs = draw(st.lists(st.sampled_from(SLUGS), unique=True, min_size=1))
    cells = st.sampled_from(["us-aws-1", "us-gcp-1", "us-azure-1", "us-k8s-1", "de-gcp-1", "de-gcp-2"])
    numbers = itertools.count(1)
    return {slug: (str(next(numbers)), draw(cells)) for slug in slugs} or TENANTS


NAMES = [
    *SLUGS,
    "ACME",
    "1",
    "2",
    "3",
    "us-aws-1",
    "us-gcp-1",
    "de-gcp-1",
    "nobody",
    "a.b",
    "-",
    "",
    "%61cme",
    "o1",
    "api",
]


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Requests that are near to what the routes take, in the forms that clients and attackers send."""
    name = st.sampled_from(NAMES)
    label = draw(name)
    host = draw(
        st.sampled_from(
            [
                *(f"{label}.us.acme.io", f"o{label}.us.acme.io", "us.acme.io", "api.us.acme.io", f"{label}.acme.io"),
                *(f"{label}-x.a.us.acme.io", "de.acme.io", f"{label}.de.acme.io", "us.acme.io.evil.io"),
            ]
        )
    )
    host += draw(st.sampled_from(["", "", "", ":443", ".", ".:80"]))
    segment = draw(name)
    path = draw(
        st.sampled_from(
            [
                *("/", "/a/", "/a/b", f"/a/{segment}/x", f"/a/{segment}", f"/{segment}/x", f"/{segment}"),
                *(f"/v{segment}/x", f"/a/b/{segment}/c", f"/a/b/{segment}/c/d", f"/a/x/../{segment}/"),
                *(f"/a/%2e%2e/{segment}", f"//a//{segment}"),
            ]
        )
    )
    value = draw(name)
    query = draw(
        st.sampled_from(
            ["", "", "?v=1", f"?x-org={value}", f"?x-org={value}&v=1", f"?x-org=acme&x-org={value}", "?v=2"]
        )
    )
    headers = draw(
        st.sampled_from([{}, {}, {"x-org": value}, {"x-org": "fixed"}, {"x-cellfleet-upstream": "us-gcp-1/web"}])
    )
    return Request(host, path + query, headers)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a smaller fleet would take minutes to find
)
@given(changed=changes(), rows=tenants(), asked=st.lists(requests(), min_size=20, max_size=30))
def test_any_fleet(
    changed: dict[str, Any],
    rows: dict[str, tuple[str, str]],
    asked: list[Request],
    authorities: Authorities,
    port: int,
) -> None:
    emitted = files(table(changed, rows=rows))
    said = Envoy(emitted, KEY)
    with TemporaryDirectory() as folder, running(Path(folder) / "envoy", emitted, KEY, authorities, port) as envoy:
        for request in asked:
            decision = said.decide(request)
            assert envoy.ask(request).as_decided() == as_decided(decision), (request, decision)
