"""A catalogue of what goes wrong with routing, each with the finding that catches it.

First inventories that say it, then artifacts that a person or a program has changed since they were made: the proof
reads what routers are given, so it finds both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cellfleet.inventory.finding import Finding
from cellfleet.inventory.model import Target
from cellfleet.registry.formats.synapse import ORGANIZATIONS
from cellfleet.routing.dns import DnsRecord, host_records
from cellfleet.routing.table import routing_table
from policies.routing import names, records
from policies.routing.prove import emit, of_target, prove, synapse_pages
from policies.routing.rules import RULES
from tests.fleets import fleet
from tests.routing.envoy.fleets import KEY, TENANTS, routes, tenants

HOST = "{locality}.acme.io"
BY_TENANT = {"host": HOST, "path": "/o/{tenant}/*", "service": "web", "elsewhere": "refuse"}
BY_CELL = {"host": HOST, "path": "/c/{cell}/*", "service": "web"}
SYNAPSE = {"routers.de.targets": ["envoy", "synapse"]} | routes(BY_TENANT, BY_CELL)


def found(changes: dict[str, Any] | None = None, more: Mapping[str, tuple[str, str]] | None = None) -> list[Finding]:
    """What is wrong with the test fleet, its tenants and these changes."""
    made = fleet(changes)
    return list(prove(made, tenants(made, {**TENANTS, **(more or {})}), KEY).findings)


def test_the_fleet_that_everything_is_broken_of_has_nothing_wrong() -> None:
    assert found() == []
    assert found(SYNAPSE) == []


def route(**said: Any) -> dict[str, Any]:
    """A change by which the fleet has one route more, before the others."""
    others = fleet().routes
    before = [{"service": "web"} | said] if "redirect" not in said else [said]
    return {"routes": [*before, *(one.model_dump(exclude_unset=True) for one in others)]}


# What is declared: the rule, the change, the tenants that there are besides, where the finding points, what it says.
INVENTORIES: dict[str, tuple[str, dict[str, Any], dict[str, tuple[str, str]], str, str]] = {
    "a route for everything stands first": (
        *("RTE-06", route(host=HOST), {}, "routes[2]"),
        "routes[0] takes every request of routes[2] in us",
    ),
    "the same route stands twice": (
        *("RTE-06", routes(BY_TENANT, BY_TENANT), {}, "routes[1]"),
        "routes[0] takes every request of routes[1] in us",
    ),
    "a part of a label hides behind the whole": (
        *("RTE-06", routes({"host": "{tenant}." + HOST, "service": "web"}, {"host": "o{tenant_id}." + HOST, "service": "ingest"}), {}),
        *("routes[1]", "routes[0] takes every request of routes[1]"),
    ),
    "two routes disagree on a path that both match": (
        *("RTE-07", routes({"host": HOST, "path": "/{tenant}/x", "service": "web"}, {"host": HOST, "path": "/a/{cell}", "service": "web"}), {}),
        *("routes[1]", "routes[0] and routes[1] both match some requests in us"),
    ),
    "a tenant's slug is a locality": (
        *("RTE-17", {}, {"us": ("1009", "us-aws-1")}, "localities.us.host"),
        "a tenant of us is called us, and routes[4] would have it at us.acme.io",
    ),
    "a tenant's slug is a shared service's host": (
        *("RTE-17", {}, {"otel": ("1009", "us-aws-1")}, "fleet.shared_services.telemetry.host"),
        "a tenant of us is called otel",
    ),
    "a tenant's slug is where cells are": (
        *("RTE-17", {}, {"cells": ("1009", "us-aws-1")}, "fleet.domain"),
        "a tenant of us is called cells",
    ),
    "a tenant's slug is a fixed host of a route": (
        *("RTE-17", route(host="api." + HOST), {"api": ("1009", "us-gcp-1")}, "routes[1]"),
        "envoy of us: https://api.us.acme.io/ goes to web of us-aws-1 by routes[0]",
    ),
    "a tenant's slug is a fixed segment of a path": (
        *("RTE-17", routes({"host": HOST, "path": "/o/new/*", "service": "web"}, BY_TENANT), {"new": ("1009", "us-gcp-1")}),
        *("routes[1]", "envoy of us: https://us.acme.io/o/new goes to web of us-aws-1 by routes[0]"),
    ),
    "a tenant's slug looks like another route's label": (
        *("RTE-17", routes({"host": "o{tenant_id}." + HOST, "service": "ingest"}, {"host": "{tenant}." + HOST, "service": "web"})),
        *({"otter": ("1009", "us-gcp-1")}, "routes[1]"),
        "envoy of us: https://otter.us.acme.io/ is answered 404 by routes[0]",
    ),
    "a tenant's id cannot stand in a host": (
        *("RTE-18", {}, {"wayne": ("Wayne_1", "us-aws-1")}, "routes[3].host"),
        "1 tenants of us have ids that no host can hold",
    ),
    "a tenant's cell is not routed": (
        *("RTE-19", {"cells.us-gcp-1.state": "retired"}, {}, "cells.us-gcp-1.state"),
        "1 tenants are in us-gcp-1, to which no request is sent",
    ),
    "a locality with tenants has no routers": (
        *("RTE-21", {"routers.de": ...}, {}, "localities.de", "de has no routers"),
    ),
    "routers have no address": (
        *("RTE-21", {"routers.de.addresses": []}, {}, "routers.de", "de has routers without addresses"),
    ),
    "new tenants are sent to a cell that takes none": (
        *("RTE-10", route(host="new." + HOST, path="/{tenant}", unknown="new_tenants") | {"cells.us-aws-1.state": "cordoned"}, {}),
        *("localities.us.new_tenants", "routes[0] sends unknown tenants to us-aws-1, which takes none"),
    ),
    "requests would be passed on out of their residency": (
        *("RTE-13", route(host="p." + HOST, path="/{tenant}", elsewhere="proxy"), {}, "routes[0].elsewhere"),
        "routers of us would see requests of tenants of de, outside their residency",
    ),
    "a redirect leads to itself": (
        *("RTE-14", route(host="www.acme.io", path="/{tenant}/*"), {}, "routes[0].host"),
        "routes[0] redirects to its own host",
    ),
    "there is no directory to ask": (
        *("RTE-15", route(host="l." + HOST, path="/{tenant}", unknown="locate"), {}, "routes[0].unknown"),
        "routes[0] asks a directory about unknown tenants, and the routers of us have none",
    ),
    "synapse cannot compare a wildcard": (
        *("RTE-08", {"routers.de.targets": ["synapse"]} | routes({"host": "{tenant}." + HOST, "service": "web", "elsewhere": "refuse"}), {}),
        *("routes[0].host", "synapse of de cannot be told routes[0]: Synapse compares hosts as they are"),
    ),
    "synapse cannot read a header": (
        *("RTE-08", {"routers.de.targets": ["synapse"]} | routes({"host": HOST, "headers": {"x-org": "{tenant}"}, "service": "web", "elsewhere": "refuse"}), {}),
        *("routes[0].headers", "synapse of de cannot be told routes[0]: Synapse looks at host and path alone"),
    ),
    "routers run in one cluster": (
        *("RTE-23", {"routers.us.clusters": ["gke-us-a", "gke-us-a"]}, {}, "routers.us.clusters"),
        "the routers of us are in one cluster",
    ),
    "routers run in a cell's cluster": (
        *("RTE-23", {"routers.us.clusters": ["gke-us-a", "onprem-us-1"]}, {}, "routers.us.clusters[1]"),
        "routers of us are in the cluster of us-k8s-1",
    ),
    "routers run in the cluster of a cell's standby": (
        *("RTE-23", {"routers.us.clusters": ["gke-us-a", "onprem-us-1-dallas"], "cells.us-k8s-1.replication": {"region": "dallas", "rpo_minutes": 5, "rto_minutes": 60}}, {}),
        *("routers.us.clusters[1]", "routers of us are in the cluster of us-k8s-1"),
    ),
    "routers run in another country": (
        *("RTE-22", {"routers.de.places": [{"provider": "aws", "region": "us-east-1"}]}, {}, "routers.de.places[0].region"),
        "routers of de are in us-east-1, outside its residency",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", INVENTORIES)
def test_an_inventory_that_is_broken(case: str) -> None:
    rule, changes, more, points_at, said = INVENTORIES[case]
    every = found(changes, more)
    meant = {(one.rule, one.subject) for one in every if one.message.startswith(said)}
    assert meant == {(rule, points_at)}, [(one.rule, one.subject, one.message) for one in every]
    assert {one.rule for one in every} <= {rule, *BESIDES.get(case, ())}
    assert all(one.remedy for one in every)


BESIDES: dict[str, tuple[str, ...]] = {
    "a route for everything stands first": ("RTE-02", "RTE-05", "RTE-17"),  # so it takes the others' requests
    "the same route stands twice": ("RTE-17",),
    "a part of a label hides behind the whole": ("RTE-01", "RTE-17"),
    "a tenant's slug is a locality": ("RTE-01",),  # its own cell gets no request for it
    "there is no directory to ask": ("RTE-03",),
}
"""Rules that the same fault breaks too."""

Files = dict[str, str]


def emitted(changes: dict[str, Any], locality: str, target: Target, change: Callable[[Files], None]) -> list[Finding]:
    """What is wrong with a target's files once they are changed."""
    made = fleet(changes)
    living = tenants(made)
    table = routing_table(made, locality, living, KEY)
    files = dict(emit(target, table))
    pages = synapse_pages(made, table, living) if target == "synapse" else {}
    both: Files = {**files, **{name: page.decode() for name, page in pages.items()}}
    change(both)
    changed = {name: both[name].encode() for name in pages if name in both}
    return list(of_target(made, table, living, target, {n: t for n, t in both.items() if n not in pages}, changed))


def replaced(pattern: str, new: str, of: str = "") -> Callable[[Files], None]:
    """Replace a text in the files whose names start with `of`; it has to be there."""

    def change(files: Files) -> None:
        count = 0
        for name in [name for name in files if name.startswith(of)]:
            files[name], times = re.subn(pattern, new, files[name])
            count += times
        assert count, pattern

    return change


def of_json(name: str, edit: Callable[[Any], object]) -> Callable[[Files], None]:
    """Change the content of one file of JSON."""

    def change(files: Files) -> None:
        content = json.loads(files[name])
        edit(content.get("resources", content))
        files[name] = json.dumps(content)

    return change


def without_cluster(name: str) -> Callable[[Files], None]:
    return of_json("cds.json", lambda some: some.remove(next(one for one in some if one["name"] == name)))


def a_cluster_more(some: list[Any]) -> None:
    one = json.loads(json.dumps(some[0]).replace(some[0]["name"].partition("/")[0], "us-old-9"))
    some.append(one)


def elsewheres_cluster(some: list[Any]) -> None:
    text = json.dumps(some[0])
    some.append(json.loads(text.replace(some[0]["name"].partition("/")[0], "de-gcp-1")))


def of_route(index: int, edit: Callable[[Any], object], domain: str = "us.acme.io") -> Callable[[Files], None]:
    """Change a route of one of Envoy's virtual hosts."""

    def change(some: list[Any]) -> None:
        host = next(one for one in some[0]["virtual_hosts"] if one["name"] == domain)
        edit(host["routes"][index])

    return of_json("rds.json", change)


def lower_and_upper(some: list[Any]) -> None:
    hosts = some[0]["virtual_hosts"]
    again = json.loads(json.dumps(hosts[0]))
    hosts.append(again | {"name": "again", "domains": [domain.upper() for domain in hosts[0]["domains"]]})


def with_query(changes: dict[str, Any]) -> dict[str, Any]:
    return changes | routes({"host": HOST, "path": "/q/*", "query": {"org": "{tenant}"}, "service": "web"})


LUA = "envoy.filters.http.lua"
CELLS = "proxy.yaml"

# What is emitted: the rule, the fleet's changes, the locality, the target, what has happened to its files, what is said.
ARTIFACTS: dict[str, tuple[str, dict[str, Any], str, Target, Callable[[Files], None], str]] = {
    "a cell is left out of the map": (
        *("RTE-10", {}, "us", "envoy", replaced(r"cell us-gcp-1 2 open\n", "", "map-")),
        "the map of envoy in us has other cells than the inventory",
    ),
    "a cell's tenants are left out of the map": (
        *("RTE-20", {}, "us", "envoy", replaced(r"s\S+ 2\n", "", "map-")),
        "the map of envoy in us has other tenants by slug than the inventory, of us-gcp-1",
    ),
    "a tenant is on record with another cell": (
        *("RTE-20", {}, "us", "envoy", replaced("sglobex 2", "sglobex 1", "map-")),
        "the map of envoy in us has other tenants by slug than the inventory, of us-gcp-1",
    ),
    "such a tenant reaches the other cell": (
        *("RTE-01", {}, "us", "envoy", replaced("sglobex 2", "sglobex 1", "map-")),
        "envoy of us: https://globex.us.acme.io/ goes to web of us-aws-1 by routes[0]",
    ),
    "another locality's tenants are forgotten": (
        *("RTE-20", {}, "us", "envoy", replaced(r"h\S+ de\n", "", "map-")),
        "the map of envoy in us has other other localities' tenants than the inventory",
    ),
    "another locality's tenant is mapped to a cell here": (
        *("RTE-02", {}, "us", "envoy", replaced("sglobex 2", r"sbosch 2\n\g<0>", "map-")),
        "envoy of us: https://bosch.us.acme.io/ goes to web of us-gcp-1 by routes[0]",
    ),
    "a fenced cell is open": (
        *("RTE-10", {"cells.us-gcp-1.fenced": True}, "us", "envoy", replaced("us-gcp-1 2 fenced", "us-gcp-1 2 open", "map-")),
        "envoy of us: https://globex.us.acme.io/ goes to web of us-gcp-1",
    ),
    "a cell that is not ready is routed": (
        *("RTE-10", {"cells.us-gcp-1.state": "provisioning"}, "us", "envoy", replaced("cell us-aws-1", r"cell us-gcp-1 2 open\n\g<0>", "map-")),
        "the map of envoy in us has other cells than the inventory",
    ),
    "a map is cut off": (
        *("RTE-16", {}, "us", "envoy", replaced(r"end\n$", "", "map-")),
        "envoy of us does not start with its files: map-",
    ),
    "a map is out of order, so that some tenants are not found": (
        *("RTE-16", {}, "us", "envoy", replaced(r"(sglobex 2\n)(shooli 4\n)", r"\2\1", "map-")),
        "envoy of us does not start with its files: map-",
    ),
    "a line of a map is no name with its place": (
        *("RTE-16", {}, "us", "envoy", replaced("sglobex 2", "sglobex", "map-")),
        "envoy of us does not start with its files: map-",
    ),
    "the program is another": (
        *("RTE-16", {}, "us", "envoy", replaced(r"return plain\(handle, \"404\"", 'return serve(handle, "us-aws-1", "', "router-")),
        "envoy of us does not start with its files: router-",
    ),
    "the program is not there": (
        *("RTE-16", {}, "us", "envoy", lambda files: files.pop(next(name for name in files if name.endswith(".lua")))),
        "envoy of us does not start with its files: rds.json: it names the program",
    ),
    "hosts collide once they are lower-cased": (
        *("RTE-16", {}, "us", "envoy", of_json("rds.json", lower_and_upper)),
        "envoy of us does not start with its files: rds.json: the domain",
    ),
    "an upstream is missing": (
        *("RTE-03", {}, "us", "envoy", without_cluster("us-gcp-1/web")),
        "routes[0] leads to the upstream us-gcp-1/web, which envoy of us does not have",
    ),
    "an upstream is left over": (
        *("RTE-04", {}, "us", "envoy", of_json("cds.json", a_cluster_more)),
        "nothing leads to the upstream us-old-9/ingest of envoy in us",
    ),
    "an upstream is in another locality": (
        *("RTE-02", {}, "us", "envoy", of_json("cds.json", elsewheres_cluster)),
        "envoy of us has the upstream de-gcp-1/ingest, in another locality",
    ),
    "an upstream has another cell's address": (
        *("RTE-01", {}, "us", "envoy", replaced(r"us-gcp-1\.cells", "us-aws-1.cells", "cds.json")),
        "envoy of us: https://globex.us.acme.io/ goes to web of us-gcp-1",
    ),
    "an upstream has an address in another locality": (
        *("RTE-02", {}, "us", "envoy", replaced(r"us-gcp-1\.cells", "de-gcp-1.cells", "cds.json")),
        "envoy of us: https://globex.us.acme.io/ goes to web of us-gcp-1",
    ),
    "a default catches every host": (
        *("RTE-05", {}, "us", "envoy", of_route(0, lambda one: one.update(route={"cluster": "us-aws-1/web"}), "nowhere")),
        "envoy of us sends what it does not know to us-aws-1/web (*)",
    ),
    "unknown tenants are sent to the cell of new ones": (
        *("RTE-05", {}, "us", "envoy"),
        of_route(0, lambda one: one["metadata"]["filter_metadata"][LUA].update(unknown="new_tenants", new_tenants="us-aws-1")),
        "envoy of us: https://us.acme.io/api/0/organizations/nobody-is-called-this goes to web of us-aws-1",
    ),
    "a route leads to another service": (
        *("RTE-01", {}, "us", "envoy", of_route(0, lambda one: one["metadata"]["filter_metadata"][LUA].update(service="ingest"))),
        "envoy of us: https://us.acme.io/api/0/organizations/acme goes to ingest of us-aws-1",
    ),
    "a parameter is read by the wrong name": (
        *("RTE-09", with_query({}), "us", "envoy"),
        of_route(0, lambda one: one["metadata"]["filter_metadata"][LUA].update(key="organization")),
        "envoy of us: routes[0] reads the query `organization`, which it does not match on",
    ),
    "another locality is answered in another way": (
        *("RTE-01", {}, "us", "envoy"),
        of_route(0, lambda one: one["metadata"]["filter_metadata"][LUA]["elsewhere"]["de"].update(answer="refuse")),
        "envoy of us: https://us.acme.io/api/0/organizations/bosch is answered 404",
    ),
    "a path matches less than it should": (
        *("RTE-01", {}, "us", "envoy", of_route(0, lambda one: one["match"].update(safe_regex={"regex": "/api/1/[^/]+"}))),
        "envoy of us: https://us.acme.io/api/0/organizations/acme is answered 404",
    ),
    "synapse's parameter has the wrong name": (
        *("RTE-09", SYNAPSE, "de", "synapse", replaced(r"\{organization\}", "{org}", CELLS)),
        "synapse of de: cell_from_organization reads {organization} in routes[0]",
    ),
    "synapse's default catches who is unknown": (
        *("RTE-05", SYNAPSE, "de", "synapse", replaced(r"( +)(cell_to_upstream:)", r"\1default: de-gcp-1/web\n\1\2", CELLS)),
        "synapse of de sends what it does not know to de-gcp-1/web",
    ),
    "synapse's default crosses localities": (
        *("RTE-02", SYNAPSE, "de", "synapse", replaced(r"( +)(cell_to_upstream:)", r"\1default: de-gcp-1/web\n\1\2", CELLS)),
        "synapse of de: https://de.acme.io/o/acme goes to web of de-gcp-1",
    ),
    "synapse's mapping lacks a tenant": (
        *("RTE-20", SYNAPSE, "de", "synapse", replaced(r'"slug":"siemens"', '"slug":"simens"', ORGANIZATIONS)),
        "the mapping of synapse in de has other tenants than the inventory",
    ),
    "synapse's mapping is missing": (
        *("RTE-16", SYNAPSE, "de", "synapse", lambda files: files.pop(f"{ORGANIZATIONS}/index.json")),
        "synapse of de does not start with its files",
    ),
    "synapse's proxy is no YAML": (
        *("RTE-16", SYNAPSE, "de", "synapse", lambda files: files.update({CELLS: "proxy: ["})),
        "synapse of de does not start with its files: proxy.yaml",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ARTIFACTS)
def test_an_artifact_that_is_broken(case: str) -> None:
    rule, changes, locality, target, change, said = ARTIFACTS[case]
    assert emitted(changes, locality, target, lambda _: None) == []
    every = emitted(changes, locality, target, change)
    assert rule in {one.rule for one in every if one.message.startswith(said)}, [(o.rule, o.message) for o in every]


def test_hosts_without_a_certificate_or_record() -> None:
    made = fleet()
    table = routing_table(made, "us", None, KEY)
    (one,) = names.uncertified(made, table, ("us.acme.io", "*.us.acme.io", "*.acme.io"))
    assert (one.rule, one.subject) == ("RTE-11", "routes[3].host")  # a wildcard covers one label, and this has two
    known = host_records(made)
    (gone,) = records.faults(made, [record for record in known if record.name != "*.us.acme.io"])
    assert (gone.rule, gone.subject, gone.measured) == ("RTE-24", "routes[0].host", "none")
    elsewhere = [DnsRecord(one.name, one.type, ("203.0.113.20",)) if one.name == "us.acme.io" else one for one in known]
    assert {(one.rule, one.measured) for one in records.faults(made, elsewhere)} == {("RTE-24", "203.0.113.20")}


def test_a_host_of_another_zone_is_led_here_by_others() -> None:
    assert found(route(host="www.acme.com", path="/")) == []


def test_too_many_names_for_a_certificate() -> None:
    made = fleet(routes(*({"host": f"h{number}." + HOST, "service": "web"} for number in range(101))))
    (one,) = names.uncertified(made, table := routing_table(made, "us", None, KEY), table.hosts)
    assert (one.rule, one.measured, one.limit) == ("RTE-11", "102", "100")


def test_a_locality_with_too_many_cells_for_a_config_map() -> None:
    cell = fleet().model_dump(by_alias=True)["cells"]["us-aws-1"]
    many = {f"cells.us-{number}": {**cell, "id": 100 + number} for number in range(400)}
    made = [one for one in found({name: {**of, "name": name[6:]} for name, of in many.items()}) if one.rule == "RTE-12"]
    assert [(one.subject, one.limit) for one in made] == [("routers.us", "1,048,576")]


def test_a_fleet_may_set_other_limits() -> None:
    every = found({"policies": {"RTE-12": {"memory_mib": 100}}})
    assert {(one.rule, one.subject, one.limit) for one in every} == {
        ("RTE-12", "routers.us", "100"),
        ("RTE-12", "routers.de", "100"),
    }


def test_a_directorys_tenants_are_not_named_in_a_finding() -> None:
    source = {"tenants": {"file": "tenants.csv", "authority": "directory"}}
    every = found(route(host="api." + HOST) | source, {"api": ("1009", "us-gcp-1")})
    (one,) = [one for one in every if one.rule == "RTE-17"]
    assert "https://<a tenant>.us.acme.io/" in one.message


def test_every_rule_is_broken_by_something_here() -> None:
    caught = {rule for rule, *_ in INVENTORIES.values()} | {rule for rule, *_ in ARTIFACTS.values()}
    assert {*RULES} - caught == {"RTE-11", "RTE-12", "RTE-24"}  # which have tests of their own
    assert len(INVENTORIES) + len(ARTIFACTS) >= 25
