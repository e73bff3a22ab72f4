"""What Synapse cannot be told is said, each for its own reason, and left out of its files."""

from __future__ import annotations

from typing import Any

import pytest

from cellfleet.routing.synapse import files
from cellfleet.routing.synapse.express import cannot, said
from cellfleet.routing.table import RoutingTable
from tests.routing.envoy.fleets import ALIASES, KEY, TENANTS, tenants
from tests.routing.synapse.tables import ANYTHING, BY_CELL, BY_ID, BY_TENANT, SYNAPSE, de

HOST = "{locality}.acme.io"
OBSTACLES: list[tuple[str, dict[str, Any], str, str]] = [  # a route, the key that stands in the way, and words of why
    ("tenant in the host", {"host": "{tenant}.{locality}.acme.io", "elsewhere": "refuse"}, "host", "a tenant in one"),
    ("cell in the host", {"host": "{cell}.{locality}.acme.io"}, "host", "a cell in one"),
    ("part of a segment", {**BY_TENANT, "path": "/t-{tenant}/*"}, "path", "a part of `t-{tenant}`"),
    ("odd segment", {"host": HOST, "path": "/a:b/*"}, "path", "does not start with `a:b`"),
    ("name in the query", {**BY_TENANT, "path": "/o", "query": {"org": "{tenant}"}}, "query", "not at `org`"),
    ("fixed query", {"host": HOST, "path": "/o", "query": {"v": "2"}}, "query", "not at `v`"),
    ("name in a header", {**BY_TENANT, "path": "/o", "headers": {"X-Org": "{tenant}"}}, "headers", "not at `x-org`"),
    ("fixed header", {"host": HOST, "path": "/o", "headers": {"X-Beta": "1"}}, "headers", "not at `x-beta`"),
    ("only redirects", {"host": "status.{locality}.acme.io", "redirect": "status.acme.io"}, "redirect", "no redirects"),
    ("redirected tenant", {**BY_TENANT, "elsewhere": "redirect"}, "elsewhere", "refuses one with 404"),
    ("new tenants", {**BY_TENANT, "unknown": "new_tenants"}, "unknown", "other localities' tenants among them"),
    ("directory", {**BY_TENANT, "unknown": "locate"}, "unknown", "not where one tenant is"),
]


@pytest.mark.parametrize(("route", "key", "words"), [one[1:] for one in OBSTACLES], ids=[one[0] for one in OBSTACLES])
def test_each_obstacle_fires_on_its_own_trigger_and_no_other(route: dict[str, Any], key: str, words: str) -> None:
    table = de({**({} if "redirect" in route else {"service": "web"}), **route})
    (found,) = cannot(table.routes[0], table)
    assert (found.key, words in found.reason) == (key, True), found
    assert found.choices
    assert not said(table)
    assert "# routes[" not in files(table)["proxy.yaml"]


def test_routes_that_can_be_said_have_none() -> None:
    table = de()
    assert [cannot(route, table) for route in table.routes] == [()] * 4
    assert said(table) == table.routes


@pytest.mark.parametrize("route", [BY_TENANT, BY_CELL])
def test_no_request_is_passed_on_to_another_locality(route: dict[str, Any]) -> None:
    table = de({**route, "elsewhere": "proxy"}, **{"localities.us.residency": ["US", "DE"]})
    (found,) = cannot(table.routes[0], table)
    assert found.key == "elsewhere"
    assert "passes no request on" in found.reason


def test_an_id_that_is_another_tenants_slug_is_told_where_it_would_lead_to_another_cell() -> None:
    from cellfleet.routing.table import routing_table
    from tests.fleets import fleet

    def with_slug(slug: str, cell: str) -> RoutingTable:
        made = fleet(SYNAPSE | {"routes": [BY_TENANT, BY_ID, BY_CELL]})
        rows = {**TENANTS, slug: ("2003", cell)}
        return routing_table(made, "de", tenants(made, rows, ALIASES), KEY)

    table = with_slug("2001", "de-gcp-2")  # 2001 is bosch's id, who lives in de-gcp-1
    assert ["`2001` is one tenant's id" in cannot(route, table)[0].reason for route in table.routes[:2]] == [True, True]
    assert cannot(table.routes[2], table) == ()
    table = with_slug("2001", "de-gcp-1")
    assert not any(cannot(route, table) for route in table.routes)


def test_requests_of_a_route_that_synapse_does_not_serve_do_not_fall_to_a_later_one() -> None:
    by_envoy = {**BY_TENANT, "targets": ["envoy"]}
    table = de(by_envoy, ANYTHING, BY_CELL)
    found = cannot(table.routes[1], table)
    assert ["routes[0] takes some of the same requests first" in one.reason for one in found] == [True]
    assert said(table) == (), "and what would then fall to the third does not either"
    elsewhere = {**ANYTHING, "host": "www.{locality}.acme.io"}
    assert len(said(de(by_envoy, elsewhere))) == 1, "of another host"
    assert len(said(de(by_envoy, {**BY_TENANT, "path": "/organizations/{tenant}/*"}))) == 1, "of another path"
    assert len(said(de(by_envoy, {**BY_TENANT, "path": "/api/{tenant}/organizations/*"}))) == 0, "a name may be `0`"
    assert len(said(de(by_envoy, {**BY_TENANT, "path": "/api/0/organizations/{tenant}/x"}))) == 1, "to the same place"
    assert len(said(de({**by_envoy, "elsewhere": "redirect"}, BY_TENANT))) == 1, (
        "and Synapse refuses what Envoy may not"
    )


def test_a_slash_at_the_end_matters_only_where_another_route_has_what_it_tells_apart() -> None:
    plain, slash = {**ANYTHING, "path": "/a"}, {**ANYTHING, "path": "/a/", "service": "ingest"}
    assert len(said(de(plain))) == len(said(de(slash))) == 1
    for one, other in ((plain, slash), (slash, plain)):
        table = de(one, other)
        (found,) = cannot(table.routes[0], table)
        assert "Slashes at an end do not count" in found.reason
        assert "routes[1]'s" in found.reason


def test_a_cell_whose_id_has_no_address_is_told() -> None:
    table = de(**{"cells.de-gcp-1.id": 2**24 - 2})
    assert said(table) == table.routes
    table = de(**{"cells.de-gcp-1.id": 2**24 - 1})
    assert {cannot(route, table)[0].key for route in table.routes} == {"service"}


def test_the_choice_of_envoy_is_one_only_where_envoy_is() -> None:
    table = de({**BY_TENANT, "unknown": "locate"}, **{"routers.de.targets": ["synapse"]})
    assert "with envoy among `routers.de.targets`" in cannot(table.routes[0], table)[0].choices[-1]
    assert cannot(table.routes[0], de({**BY_TENANT, "targets": ["envoy"]})) == (), "it is not for Synapse"
