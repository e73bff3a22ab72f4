from __future__ import annotations

import pytest

from cellfleet.routing.dns import DnsRecord, locality_records
from tests.fleets import fleet


def test_each_locality_host_points_at_its_own_routers() -> None:
    assert list(locality_records(fleet())) == [
        DnsRecord("us.acme.io", "A", ("203.0.113.10", "203.0.113.11")),
        DnsRecord("de.acme.io", "A", ("203.0.113.20", "203.0.113.21")),
    ]


@pytest.mark.parametrize("changes", [{"routers.de.addresses": []}, {"routers.de": ...}])
def test_a_locality_without_a_router_address_has_no_record(changes: dict[str, object]) -> None:
    assert [record.name for record in locality_records(fleet(changes))] == ["us.acme.io"]


def test_routers_behind_a_host_name_are_an_alias_of_it() -> None:
    (us, _) = locality_records(fleet({"routers.us.addresses": ["edge.acme-cdn.net"]}))
    assert us == DnsRecord("us.acme.io", "CNAME", ("edge.acme-cdn.net",))
