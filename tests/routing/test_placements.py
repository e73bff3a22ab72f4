"""Which names each locality's routers know, made for all of them together or for one alone."""

from __future__ import annotations

import pytest

from cellfleet.inventory.pattern import Names
from cellfleet.routing.placements import TenantNames
from tests.fleets import fleet
from tests.routing.envoy.fleets import KEY, tenants

MADE = fleet({"cells.us-gcp-1.state": "retired"})
KINDS = (Names.TENANT, Names.TENANT_ID)


def test_own_tenants_by_name_and_others_by_hash() -> None:
    found = TenantNames(MADE, tenants(MADE), KEY).placements("us", KINDS)
    assert found.here[Names.TENANT] == {
        "acme": "us-aws-1",
        "acme-corp": "us-aws-1",  # its alias
        "initech": "us-azure-1",
        "hooli": "us-k8s-1",
    }  # and not globex, whose cell is not routed
    assert found.here[Names.TENANT_ID] == {"1001": "us-aws-1", "1003": "us-azure-1", "1004": "us-k8s-1"}
    hashed = [KEY.pseudonym("slug", name) for name in ("bosch", "siemens", "bosch-gmbh")]
    hashed += [KEY.pseudonym("id", name) for name in ("2001", "2002")]
    assert found.elsewhere == dict.fromkeys(hashed, "de")
    assert len(found) == 12


@pytest.mark.parametrize("locality", MADE.localities)
def test_what_is_shared_makes_no_difference(locality: str) -> None:
    shared = TenantNames(MADE, tenants(MADE), KEY)
    for other in MADE.localities:
        shared.placements(other, KINDS)
    found, alone = (names.placements(locality, KINDS) for names in (shared, TenantNames(MADE, tenants(MADE), KEY)))
    assert (found.here, found.elsewhere) == (alone.here, alone.elsewhere)


def test_by_the_kinds_that_routes_use() -> None:
    names = TenantNames(MADE, tenants(MADE), KEY)
    assert len(names.placements("us", ())) == 0
    assert set(names.placements("us", [Names.TENANT_ID]).here) == {Names.TENANT_ID}
    assert len(TenantNames(MADE, None, KEY).placements("us", KINDS)) == 0
