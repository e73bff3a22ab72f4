"""Requests through emitted files and through hand-written ones; what comes of each is worked by hand.

The rules are those of getsentry/synapse: proxy/src/route_actions.rs, resolvers.rs and proxy_service.rs.
"""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from cellfleet.routing.request import Decision, Request
from cellfleet.routing.synapse import files
from cellfleet.routing.synapse.match import Synapse, decide
from tests.routing.synapse.tables import de, mapping, synapse

DE: Final = "de.acme.io"
ONE: Final = "de-gcp-1.cells.acme.io"
TWO: Final = "de-gcp-2.cells.acme.io"
NONE: Final = Decision("refuse", 404)


def served(route: int, cell: str, service: str = "web") -> Decision:
    return Decision(
        "serve", None, cell=cell, service=service, upstream=f"{cell}.cells.acme.io", route=f"routes[{route}]"
    )


def refused(route: int) -> Decision:
    return Decision("refuse", 404, route=f"routes[{route}]")


def redirected(target: str) -> Decision:
    location = f"https://us.acme.io{target}"
    return Decision("redirect", 307, location=location, locality="us", route="routes[1]")


EMITTED: list[tuple[str, str, Decision]] = [  # routes: by tenant, by cell, by id, anything
    (DE, "/api/0/organizations/bosch/", served(0, "de-gcp-1")),
    (DE, "/api/0/organizations/bosch", served(0, "de-gcp-1")),
    (DE, "/api/0/organizations/siemens/issues/?q=1", served(0, "de-gcp-2")),
    (DE, "/api/0/organizations/bosch-gmbh/", served(0, "de-gcp-1")),
    (DE, "/api/0/organizations/2002/", served(0, "de-gcp-2")),  # ids and slugs are one map
    (DE, "/api/0/organizations/acme/", refused(0)),  # of another locality
    (DE, "/api/0/organizations/nobody/", refused(0)),
    (DE, "/api/0/organizations/BOSCH/", refused(0)),
    (DE, "/api/0/organizations/bo%73ch/", refused(0)),
    (DE, "/api/0/organizations//bosch/", refused(0)),  # the name is empty
    (DE, "/api/0/organizations/../bosch/", refused(0)),
    (DE, "/api/0/cells/de-gcp-2/health", served(1, "de-gcp-2")),
    (DE, "/api/0/cells/us-aws-1/health?full=1", redirected("/api/0/cells/us-aws-1/health?full=1")),
    (DE, "/api/0/cells/de-gcp-9/", refused(1)),
    (DE, "/api/0/organizations/", served(3, "de-gcp-1")),
    (DE, "/", served(3, "de-gcp-1")),
    ("ingest.de.acme.io", "/2001/store", served(2, "de-gcp-1", "ingest")),
    ("ingest.de.acme.io", "/2001/store/", served(2, "de-gcp-1", "ingest")),
    ("ingest.de.acme.io", "//2001/store//", served(2, "de-gcp-1", "ingest")),
    ("ingest.de.acme.io", "/2001/store/x", NONE),
    ("ingest.de.acme.io", "/2001//store", NONE),
    ("ingest.de.acme.io", "/1001/store", refused(2)),
    ("DE.acme.io", "/", NONE),
    ("de.acme.io:443", "/", NONE),
    ("de.acme.io.", "/", NONE),
    ("us.acme.io", "/", NONE),
    ("", "/", NONE),
    ("anything", "http://de.acme.io:80/api/0/organizations/bosch/", served(0, "de-gcp-1")),  # the URL's host counts
    (DE, "http://us.acme.io/", NONE),
    (DE, "http://us.acme.io", NONE),
    ("", "http://nobody@de.acme.io/api/0/cells/us-aws-1/?a#b", redirected("/api/0/cells/us-aws-1/?a")),
    (DE, "/<", Decision("refuse", 400)),
    (DE, "/`", Decision("refuse", 400)),
    (DE, "/a b", Decision("refuse", 400)),
    (DE, '/?"', Decision("refuse", 400)),
    (DE, '/"{}|', served(3, "de-gcp-1")),
    (DE, "/?`{}|", served(3, "de-gcp-1")),
    (DE, "*", Decision("refuse", 400)),
    (DE, "/\u00e9", Decision("refuse", 400, route="routes[3]")),
]


@pytest.mark.parametrize(("host", "target", "expected"), EMITTED)
def test_requests_by_the_emitted_files(host: str, target: str, expected: Decision) -> None:
    assert synapse(de()).decide(Request(host, target)) == expected


def test_how_it_came_to_it_is_told() -> None:
    table = de()
    steps = decide(files(table), mapping(table), Request(DE, "/api/0/organizations/siemens/")).steps
    assert steps == (
        "host de.acme.io, path /api/0/organizations/siemens/",
        "route routes[0]",
        "names the tenant siemens, of cell de-gcp-2",
        "upstream de-gcp-2/web at http://127.0.0.6:28689",
        "cluster de-gcp-2/web, de-gcp-2.cells.acme.io, by mutual TLS",
    )


def test_a_fenced_cell_answers_503_and_no_other_does() -> None:
    fenced = synapse(de(**{"cells.de-gcp-2.fenced": True}))
    unavailable = Decision("unavailable", 503, cell="de-gcp-2", route="routes[0]")
    assert fenced.decide(Request(DE, "/api/0/organizations/siemens/")) == unavailable
    assert fenced.decide(Request(DE, "/api/0/organizations/bosch/")) == served(0, "de-gcp-1")


def test_where_new_tenants_have_no_cell_who_names_nobody_is_told_so() -> None:
    without = synapse(de(**{"cells.de-gcp-1.state": "provisioning"}))
    assert without.decide(Request(DE, "/")) == Decision("unavailable", 503, route="routes[3]")


def test_a_tenant_of_a_cell_without_a_locality_has_none() -> None:
    table = de()
    both = {"de-gcp-1": "de", "de-gcp-2": "de"}
    request = Request(DE, "/api/0/organizations/siemens/")
    assert Synapse(files(table), mapping(table), both).decide(request) == served(0, "de-gcp-2")
    assert Synapse(files(table), mapping(table), {"de-gcp-1": "de"}).decide(request) == refused(0)


RULES: list[tuple[dict[str, Any], str, str, str]] = [  # a route, a host, a path, and the upstream or nothing
    ({"match": {}, "action": {"to": "one"}}, "any", "/any", "one"),
    ({"match": {"host": None, "path": None}, "action": {"to": "one"}}, "any", "/any", "one"),
    ({"match": {"path": "/"}, "action": {"to": "one"}}, "any", "/", "one"),
    ({"match": {"path": "/"}, "action": {"to": "one"}}, "any", "/a", ""),
    ({"match": {"path": "a"}, "action": {"to": "one"}}, "any", "/a/", "one"),
    ({"match": {"path": "/a/b/"}, "action": {"to": "one"}}, "any", "/a/b", "one"),
    ({"match": {"path": "/a/b"}, "action": {"to": "one"}}, "any", "/a", ""),
    ({"match": {"path": "/a/b"}, "action": {"to": "one"}}, "any", "/a/b/c", ""),
    ({"match": {"path": "/a/*"}, "action": {"to": "one"}}, "any", "/a", "one"),
    ({"match": {"path": "/a/*"}, "action": {"to": "one"}}, "any", "/a/b/c", "one"),
    ({"match": {"path": "/a/*"}, "action": {"to": "one"}}, "any", "/ab", ""),
    ({"match": {"path": "/a/*"}, "action": {"to": "one"}}, "any", "/a?b=c#d", "one"),
    ({"match": {"path": "/a/*"}, "action": {"to": "one"}}, "any", "/A", ""),
    ({"match": {"host": "a"}, "action": {"to": "one"}}, "b", "/", ""),
    (
        {"match": {"path": "/{id}"}, "action": {"resolver": "cell_from_id", "cell_to_upstream": {"x": "one"}}},
        "any",
        "/x",
        "one",
    ),
    (
        {"match": {"path": "/{id}"}, "action": {"resolver": "cell_from_id", "cell_to_upstream": {"x": "one"}}},
        "any",
        "/y",
        "",
    ),
    (
        {"match": {"path": "/{id}/{id}"}, "action": {"resolver": "cell_from_id", "cell_to_upstream": {"x": "one"}}},
        "any",
        "/y/x",
        "one",
    ),
    (
        {"match": {"path": "/{id}"}, "action": {"resolver": "cell_from_id", "cell_to_upstream": {}, "to": "one"}},
        "any",
        "/x",
        "",
    ),
    ({"match": {"path": "/{id}"}, "action": {"resolver": "cell_from_id", "to": "one"}}, "any", "/x", "starts not"),
    ({"match": {"path": "/{id}"}, "action": {"to": "one"}}, "any", "/x", "starts not"),
    (
        {"match": {"path": "/{Id}"}, "action": {"resolver": "cell_from_id", "cell_to_upstream": {}}},
        "",
        "",
        "starts not",
    ),
    ({"match": {"path": "/*"}, "action": {"to": "one"}}, "any", "/x", "starts not"),
    ({"match": {"path": "/a/*/b"}, "action": {"to": "one"}}, "any", "/x", "starts not"),
    ({"match": {"path": "/a/**"}, "action": {"to": "one"}}, "any", "/x", "starts not"),
    ({"match": {"path": "/a/{*b}"}, "action": {"to": "one"}}, "any", "/x", "starts not"),
    ({"match": {"host": 1}, "action": {"to": "one"}}, "any", "/x", ""),
    ({"match": {"host": 1}, "action": {"to": "one"}}, "1", "/x", "one"),
    ({"match": {"host": True}, "action": {"to": "one"}}, "true", "/x", "one"),
    ({"match": {"host": ["a"]}, "action": {"to": "one"}}, "a", "/x", "starts not"),
    ({"match": {}, "action": {"to": 1}}, "any", "/x", "starts not"),
]


@pytest.mark.parametrize(("route", "host", "path", "expected"), RULES)
def test_rules_of_one_route(route: dict[str, Any], host: str, path: str, expected: str) -> None:
    proxy = {"upstreams": [{"name": "one", "url": "http://one.example:80/ignored"}], "routes": [route], "locator": {}}
    written = {"proxy.yaml": json.dumps({"proxy": proxy}), "egress.json": json.dumps({"static_resources": {}})}
    try:
        found = Synapse(written, {}).decide(Request(host, path)).upstream
    except ValueError:
        found = "starts not"
    assert found == (expected and expected.replace("one", "one.example"))


def test_the_first_route_that_matches_is_the_only_one() -> None:
    routes = [
        {
            "match": {"path": "/{organization}"},
            "action": {"resolver": "cell_from_organization", "cell_to_upstream": {}},
        },
        {"match": {}, "action": {"to": "one"}},
    ]
    proxy = {"upstreams": [{"name": "one", "url": "http://one.example"}], "routes": routes}
    written = {"proxy.yaml": json.dumps({"proxy": proxy}), "egress.json": json.dumps({"static_resources": {}})}
    found = Synapse(written, {"acme": "x"})
    assert found.decide(Request("any", "/acme")).status == 404
    assert found.decide(Request("any", "/acme/x")).upstream == "one.example"
