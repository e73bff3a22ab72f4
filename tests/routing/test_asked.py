"""A request goes the same way with the few tenants that it could name as with all."""

from __future__ import annotations

import pytest

from cellfleet.routing.asked import tenants_asked_for
from cellfleet.routing.envoy import files
from cellfleet.routing.envoy.match import Envoy
from cellfleet.routing.request import Request
from cellfleet.routing.table import routing_table
from tests.fleets import fleet
from tests.routing.envoy.fleets import KEY, tenants
from tests.routing.envoy.test_real import ASKED, EVERY_WAY

MADE = fleet(EVERY_WAY)
EVERY = tenants(MADE)


def envoy(request: Request | None) -> Envoy:
    some = tenants_asked_for(request, EVERY) if request else EVERY
    return Envoy(files(routing_table(MADE, "us", some, KEY)), KEY)


WITH_ALL = envoy(None)


@pytest.mark.parametrize("request_", ASKED, ids=str)
def test_the_same_way(request_: Request) -> None:
    assert envoy(request_).decide(request_) == WITH_ALL.decide(request_)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (Request("acme.us.example.io"), ["acme"]),
        (Request("hooli.us.acme.io"), ["acme", "hooli"]),  # the domain has a tenant's name in it
        (Request("o1002.ingest.us.example.io"), ["globex"]),
        (Request("us.example.io", "/organizations/h%6foli/"), ["hooli"]),
        (Request("us.example.io", "/x", {"x-org": "bosch"}), ["bosch"]),
        (Request("BOSCH-gmbh.example.io"), ["bosch"]),
        (Request("example.io", "/api"), []),
    ],
    ids=str,
)
def test_who_could_be_named(request_: Request, expected: list[str]) -> None:
    assert sorted(tenants_asked_for(request_, EVERY).rows["slug"].to_pylist()) == expected
