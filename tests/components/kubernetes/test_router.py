"""The routers of a locality: what a changed map restarts (nothing), who reaches them, and what they are told."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from string import ascii_letters
from typing import Any

import pulumi
import pytest

from cellfleet.engine.record import Recording, record
from cellfleet.failure import Failure
from cellfleet.inventory.pattern import Names
from cellfleet.inventory.pseudonym import Key
from cellfleet.routing import envoy
from cellfleet.routing.envoy import sizes
from cellfleet.routing.placements import Placements
from cellfleet.routing.table import RoutingTable, routing_table
from components.kubernetes.provider import router_provider
from components.kubernetes.router import Router
from components.kubernetes.router_files import MOST_BYTES
from sandbox.inputs import problems
from tests.fleets import fleet

KEY = Key(b"secret" * 8, secret=True)
CLUSTER = "gke-us-a"
FILES = {"envoy.json": "{}", "lds.json": "{}", "rds.json": "1", "map-0a.txt": "end\n"}


def table(changes: dict[str, Any] | None = None) -> RoutingTable:
    return routing_table(fleet(changes), "us", None, KEY)


def recorded(
    files: Mapping[str, Mapping[str, str]] | None = None,
    made: RoutingTable | None = None,
    address: str | None = "203.0.113.10",
) -> Recording:
    """The routers of one cluster, with these files of each target."""

    def program() -> None:
        opts = pulumi.ResourceOptions(provider=router_provider("us", CLUSTER, CLUSTER))
        Router(fleet(), made or table(), CLUSTER, address, files or {"envoy": FILES}, opts)

    return record(program, stack="routing-us", project="acme-production")


def objects(recording: Recording, kind: str) -> dict[str, Any]:
    """Objects of a kind by their names in the cluster."""
    made = [each.inputs for each in recording.resources if each.type.endswith(f":{kind}")]
    return {each["metadata"]["name"]: each for each in made}


def template(recording: Recording) -> dict[str, Any]:
    found: dict[str, Any] = objects(recording, "Deployment")["router"]["spec"]["template"]
    return found


def sources(recording: Recording) -> list[dict[str, Any]]:
    """What the router's folder is put together from."""
    (volume,) = template(recording)["spec"]["volumes"]
    found: list[dict[str, Any]] = volume["projected"]["sources"]
    return found


def large(*shards: str) -> dict[str, str]:
    """Files that do not fit into one ConfigMap."""
    return {**FILES, **{f"map-{shard}.txt": shard + "x" * (MOST_BYTES // 3) for shard in shards}}


def test_a_changed_map_changes_a_configmap_in_place_and_no_pod() -> None:
    before, after = (recorded({"envoy": {**FILES, **changed}}) for changed in ({}, {"rds.json": "2"}))
    assert template(before) == template(after)
    assert objects(after, "ConfigMap")["configuration"]["data"]["rds.json"] == "2"
    (provider,) = (each for each in after.resources if each.type == "pulumi:providers:kubernetes")
    assert provider.inputs["enableConfigMapMutable"] == provider.inputs["enableSecretMutable"] == "true"


def test_a_changed_bootstrap_is_a_new_object_and_new_pods() -> None:
    before, after = (recorded({"envoy": {**FILES, "envoy.json": text}}) for text in ("{}", '{"admin": {}}'))
    names = [[name for name in objects(each, "ConfigMap") if name.startswith("bootstrap")] for each in (before, after)]
    assert names[0] != names[1]
    for recording, (name,) in zip((before, after), names, strict=True):
        assert {"configMap": {"name": name}} in sources(recording)


def test_a_large_map_has_an_object_a_part_and_what_names_them_comes_after() -> None:
    recording = recorded({"envoy": large(*"abcd")})
    made = objects(recording, "ConfigMap")
    assert {name: sorted(each["data"]) for name, each in made.items() if name.startswith("map")} == {
        "map-00": ["map-0a.txt", "map-a.txt"],
        "map-01": ["map-b.txt", "map-c.txt"],
        "map-02": ["map-d.txt"],
    }
    assert sorted(made["configuration"]["data"]) == ["lds.json", "rds.json"]
    (configuration,) = (each for each in recording.resources if each.name.endswith("-configuration"))
    assert {urn.rsplit("-", 1)[1] for urn in configuration.dependencies} >= {"00", "01", "02"}


def test_a_part_that_changes_is_the_only_one_and_restarts_nothing() -> None:
    before, changed = (recorded({"envoy": large(*names)}) for names in ("abcd", "abce"))
    first, second = objects(before, "ConfigMap"), objects(changed, "ConfigMap")
    assert {name for name in first if first[name] != second[name]} == {"map-02"}
    assert template(before) == template(changed)


def test_tenants_are_not_to_be_read_in_the_state() -> None:
    recording = recorded({"envoy": large(*"abcd")}, replace(table(), placements=Placements({}, {"0f": "de"}, KEY)))
    secret = {each.inputs["metadata"]["name"] for each in recording.resources if "data" in each.secrets}
    assert secret == {"configuration", "map-00", "map-01", "map-02", "tenant-key"}


def test_the_tenants_key_is_there_where_there_are_hashes_and_only_there() -> None:
    assert "tenant-key" not in objects(recorded(), "Secret")
    hashed = recorded(made=replace(table(), placements=Placements({}, {"0f": "de"}, KEY)))
    assert base64.b64decode(objects(hashed, "Secret")["tenant-key"]["data"]["key"]) == KEY.value
    assert {"secret": {"name": "tenant-key", "items": [{"key": "key", "path": "key/tenants"}]}} in sources(hashed)


def test_certificates_lie_where_the_emitted_files_look_for_them() -> None:
    emitted = json.dumps(dict(envoy.files(table())))
    for source in sources(recorded()):
        for item in source.get("secret", {}).get("items", ()):
            assert item["path"] in emitted


def test_one_certificate_is_for_clients_and_one_for_cells() -> None:
    made = objects(recorded(), "Certificate")
    public, client = made["public-certificate"]["spec"], made["client-certificate"]["spec"]
    assert public["dnsNames"] == ["*.acme.io", "*.ingest.us.acme.io", "*.us.acme.io", "us.acme.io"]
    assert (public["issuerRef"]["name"], client["issuerRef"]["name"]) == ("routers", "routers-client")
    assert (client["commonName"], client["dnsNames"]) == ("us.routers.acme.io", ["us.routers.acme.io"])
    assert "client auth" in client["usages"]
    assert "server auth" not in client["usages"]


def test_more_hosts_than_a_certificate_has_names_are_refused() -> None:
    routes = [{"host": f"h{number}.us.acme.io", "service": "web"} for number in range(100)]
    with pytest.raises(Failure, match="serve 101 hosts, but a certificate has 100 names"):
        recorded(made=table({"routes": routes}))


def test_files_that_fit_nowhere_are_refused_by_name() -> None:
    with pytest.raises(Failure, match=r"lds\.json, cds\.json have 1,500,016 bytes, .* holds 1,000,000") as failure:
        recorded({"envoy": {"envoy.json": "{}", "lds.json": "x" * 700_000, "cds.json": "x" * 800_000}})
    assert failure.value.remedy.startswith("cds.json is the largest")


def test_clients_reach_the_public_ports_and_nobody_the_probes() -> None:
    allowed = {name: each["spec"] for name, each in objects(recorded(), "NetworkPolicy").items()}
    assert allowed["default-deny"]["podSelector"] == {}
    ingress = [rule for each in allowed.values() for rule in each.get("ingress", [])]
    assert [sorted(port["port"] for port in rule["ports"]) for rule in ingress] == [[8080, 8443]]
    assert [port["port"] for port in allowed["cells"]["egress"][0]["ports"]] == [443]


@pytest.mark.parametrize(("locator", "ports"), [("https://d.acme.io", [443]), ("http://d.acme.io:3000", [443, 3000])])
def test_the_directory_is_reached_where_it_listens(locator: str, ports: list[int]) -> None:
    recording = recorded(made=table({"routers.us.locator": locator}))
    (rule,) = objects(recording, "NetworkPolicy")["cells"]["spec"]["egress"]
    assert [port["port"] for port in rule["ports"]] == ports


@pytest.mark.parametrize("address", ["203.0.113.10", None])
def test_the_load_balancer_has_the_reserved_address_and_keeps_the_clients(address: str | None) -> None:
    service = objects(recorded(address=address), "Service")["router"]["spec"]
    assert service.get("loadBalancerIP") == address
    assert service["externalTrafficPolicy"] == "Local"
    assert {port["port"]: port["targetPort"] for port in service["ports"]} == {443: 8443, 80: 8080}


def test_a_pod_drains_before_it_is_ended_and_is_not_restarted_for_that() -> None:
    spec = template(recorded())["spec"]
    (container,) = spec["containers"]
    hook, ready = container["lifecycle"]["preStop"]["httpGet"], container["readinessProbe"]["httpGet"]
    assert (hook["path"], hook["port"], ready["path"], ready["port"]) == ("/drain", "ready", "/ready", "ready")
    assert hook["httpHeaders"] == ready["httpHeaders"] == [{"name": "Host", "value": "router.invalid"}]
    assert spec["terminationGracePeriodSeconds"] > 40
    assert "httpGet" not in container["livenessProbe"]


def test_a_tenant_more_is_no_other_size_of_pods() -> None:
    def memory(tenants: int, files: Mapping[str, str]) -> int:
        names = {Names.TENANT: dict.fromkeys(map(str, range(tenants)), "us-aws-1")}
        made = replace(table(), placements=Placements(names, {}, KEY))
        (container,) = template(recorded({"envoy": files}, made))["spec"]["containers"]
        assert container["resources"]["limits"]["memory"] == container["resources"]["requests"]["memory"]
        given = int(container["resources"]["limits"]["memory"].removesuffix("Mi"))
        assert sizes.memory_mib(made) <= given < 1.6 * (sizes.memory_mib(made) + 60)
        return given

    assert memory(1000, FILES) == memory(1001, FILES) < memory(10**6, FILES) < memory(10**6, large(*ascii_letters))


def test_synapse_gets_its_files_and_no_pods() -> None:
    recording = recorded({"synapse": {"proxy.yaml": "{}", "egress.json": "{}"}})
    assert objects(recording, "ConfigMap")["synapse"]["data"] == {"proxy.yaml": "{}", "egress.json": "{}"}
    assert not objects(recording, "Deployment")


def test_inputs_are_of_the_sdks_types_and_named_after_the_cluster() -> None:
    for each in recorded({"envoy": large(*"abcd"), "synapse": {"proxy.yaml": "{}"}}).resources:
        assert each.name.startswith(f"routing-us-{CLUSTER}")
        if each.custom:
            assert problems(each.type, each.inputs) == [], each.name
