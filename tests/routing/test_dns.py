"""Where the hosts that routers answer point."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellfleet.routing.dns import DnsRecord, host_records, logical
from tests.fleets import DOCUMENT, fleet

US, DE = ("203.0.113.10", "203.0.113.11"), ("203.0.113.20", "203.0.113.21")


def records(changes: dict[str, Any] | None = None) -> dict[str, DnsRecord]:
    return {record.name: record for record in host_records(fleet(changes))}


def routes(*hosts: str) -> dict[str, Any]:
    return {"routes": [{"host": host, "service": "web"} for host in hosts]}


def test_each_localitys_hosts_point_at_its_own_routers_and_the_others_at_all() -> None:
    assert [(record.name, record.type, record.values) for record in host_records(fleet())] == [
        ("*.acme.io", "A", US + DE),
        ("*.de.acme.io", "A", DE),
        ("*.ingest.de.acme.io", "A", DE),
        ("*.ingest.us.acme.io", "A", US),
        ("*.us.acme.io", "A", US),
        ("de.acme.io", "A", DE),
        ("us.acme.io", "A", US),
    ]


@pytest.mark.parametrize("changes", [{"routers.de.addresses": []}, {"routers.de": ...}])
def test_a_locality_without_a_router_address_has_no_record(changes: dict[str, object]) -> None:
    found = records(changes)
    assert "de.acme.io" not in found
    assert found["*.acme.io"].values == US


def test_routers_behind_a_host_name_are_an_alias_of_it() -> None:
    found = records({"routers.us.addresses": ["edge.acme-cdn.net"]})
    assert found["us.acme.io"] == DnsRecord("us.acme.io", "CNAME", ("edge.acme-cdn.net",))
    assert found["*.acme.io"] == DnsRecord("*.acme.io", "CNAME", ("edge.acme-cdn.net",)), "nothing can stand beside it"
    assert found["de.acme.io"].values == DE


def test_where_a_later_locality_has_the_host_name_the_first_ones_addresses_serve_all() -> None:
    assert records({"routers.de.addresses": ["edge.acme-cdn.net"]})["*.acme.io"] == DnsRecord("*.acme.io", "A", US)


@pytest.mark.parametrize(
    ("host", "values"),
    [
        ("status.us.acme.io", US),
        ("us.acme.io", US),
        ("o{tenant_id}.uploads.de.acme.io", DE),
        ("www.acme.io", US + DE),
        ("bus.acme.io", US + DE),
    ],
)
def test_a_fixed_host_is_its_localitys_where_it_is_below_that_ones(host: str, values: tuple[str, ...]) -> None:
    found = records(routes(host))
    assert found[host if "{" not in host else "*." + host.partition(".")[2]].values == values


def test_a_host_below_what_routes_make_of_a_localitys_name_is_that_localitys() -> None:
    assert (
        records(routes("{tenant}.{locality}.cells.acme.io", "status.de.cells.acme.io"))[
            "status.de.cells.acme.io"
        ].values
        == DE
    )


def test_a_wildcard_that_names_the_locality_in_its_first_label_is_everybodys() -> None:
    found = records(routes("{tenant}-{locality}.acme.io", "www.acme.io"))
    assert found["*.acme.io"].values == US + DE
    assert found["www.acme.io"].values == US + DE


def test_a_host_of_another_zone_is_another_zones_to_point() -> None:
    assert "www.acme.com" not in records(routes("www.acme.com"))


HOSTS = st.sampled_from(
    [route["host"] for route in DOCUMENT["routes"]] + ["www.acme.io", "any.acme.io", "status.us.acme.io"]
)
ADDRESSES = st.sampled_from([[], ["203.0.113.10"], ["203.0.113.20", "203.0.113.21"], ["edge.acme-cdn.net"]])


@given(st.lists(HOSTS, max_size=6), ADDRESSES, ADDRESSES)
def test_a_name_has_one_record_whose_values_fit_together(hosts: list[str], us: list[str], de: list[str]) -> None:
    found = host_records(fleet({**routes(*hosts), "routers.us.addresses": us, "routers.de.addresses": de}))
    assert list(found) == sorted(found)
    assert len({record.name for record in found}) == len(found)
    assert all(record.type == "A" or len(record.values) == 1 for record in found)
    assert len({logical(record.name) for record in found}) == len(found)
