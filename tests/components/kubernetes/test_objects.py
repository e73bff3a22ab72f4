"""What holds of every cell's objects: restricted pods, closed namespaces, one way in, room to roll."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from cellfleet.engine.record import record
from cellfleet.inventory.stack import Stack
from cellfleet.inventory.types import OWN_PARTS
from components.kubernetes import sizes
from policies.resource import Resource
from sandbox.inputs import problems
from stacks import program_of
from tests.fleets import fleet
from tests.kube.objects import objects

_STANDBY = {"cells.us-k8s-1.replication": {"region": "dallas", "rpo_minutes": 3, "rto_minutes": 60}}
_STACKS = ["cell-us-k8s-1", "workload-us-k8s-1", "workload-us-azure-1"]


def _recorded(stack: str, changes: dict[str, Any] | None = None) -> tuple[Resource, ...]:
    return record(program_of(fleet(changes), Stack.parse(stack)), stack=stack, project="acme-production").resources


def _made(stack: str, kind: str, changes: dict[str, Any] | None = None) -> list[Any]:
    return [each.body for each in objects(fleet(changes), stack) if each.kind == kind]


@pytest.mark.parametrize("stack", _STACKS)
def test_every_namespace_is_restricted_closed_and_bounded(stack: str) -> None:
    within = defaultdict(set)
    for each in objects(fleet(), stack):
        within[each.namespace].add(f"{each.kind}/{each.body['metadata']['name']}")
    namespaces = _made(stack, "Namespace")
    assert namespaces
    for namespace in namespaces:
        name, labels = namespace["metadata"]["name"], namespace["metadata"]["labels"]
        for mode in ("enforce", "audit", "warn"):
            assert labels[f"pod-security.kubernetes.io/{mode}"] == "restricted"
        assert within[name] >= {"NetworkPolicy/default-deny", "ResourceQuota/quota", "LimitRange/limits"}
    for policy in _made(stack, "NetworkPolicy"):
        if policy["metadata"]["name"] == "default-deny":
            assert policy["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_nothing_outside_reaches_a_pod_but_the_gateways_listener() -> None:
    open_to_all = {
        (policy["metadata"]["namespace"], port["port"])
        for stack in _STACKS
        for policy in _made(stack, "NetworkPolicy")
        for rule in policy["spec"].get("ingress", [])
        for port in rule["ports"]
        if not rule["from"]
    }
    assert open_to_all == {("us-k8s-1-gateway", 10443), ("us-azure-1-gateway", 10443)}


def test_the_only_listener_takes_none_but_the_routers_certificates() -> None:
    (gateway,) = _made("workload-us-k8s-1", "Gateway")
    (listener,) = gateway["spec"]["listeners"]
    assert (listener["port"], listener["protocol"], listener["tls"]["mode"]) == (443, "HTTPS", "Terminate")
    validation = gateway["spec"]["tls"]["frontend"]["default"]["validation"]
    assert validation["mode"] == "AllowValidOnly"
    (reference,) = validation["caCertificateRefs"]
    assert reference["name"] == "routers-ca"


def test_without_a_routers_ca_the_reference_stays_and_nothing_fulfils_it() -> None:
    declared = {"routers.us.client_ca": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"}

    def authorities(changes: dict[str, Any]) -> list[Any]:
        made = _made("workload-us-k8s-1", "ConfigMap", changes)
        return [each["data"] for each in made if each["metadata"]["name"] == "routers-ca"]

    assert authorities(declared) == [{"ca.crt": declared["routers.us.client_ca"]}]
    assert authorities({}) == []


def test_a_service_is_chosen_by_header_and_only_the_first_without() -> None:
    matches = {
        route["metadata"]["name"]: route["spec"]["rules"][0]["matches"]
        for route in _made("workload-us-k8s-1", "HTTPRoute")
    }
    for service, (by_header, *others) in matches.items():
        assert [(each["name"], each["value"]) for each in by_header["headers"]] == [("x-cellfleet-service", service)]
        assert len(others) == (service == "web")


@pytest.mark.parametrize("size", ["small", "large"])
def test_all_pods_fit_the_class_while_they_roll(size: str) -> None:
    of = fleet({"cells.us-k8s-1.class": size})
    cell = next(cell for cell in of.managed() if cell.name == "us-k8s-1")
    nodes = of.class_of(cell).nodes
    pods = [*sizes.services(of, cell).values(), sizes.gateway(of, cell)]
    assert sum(each.size.millicores * each.at_worst for each in pods) <= 0.75 * nodes.count * nodes.vcpus * 1000
    assert sum(each.size.mebibytes * each.at_worst for each in pods) <= 0.75 * nodes.count * nodes.memory_gib * 1024
    assert all(each.size.millicores <= nodes.vcpus * 1000 * 0.9 for each in pods)


@pytest.mark.parametrize("stack", ["cell-us-k8s-1", "workload-us-k8s-1"])
def test_what_is_not_in_a_namespace_bears_the_cells_name(stack: str) -> None:
    for each in objects(fleet({"cells.us-k8s-1.isolation": "soft"}), stack):
        if not each.namespace:
            assert each.body["metadata"]["name"].startswith("us-k8s-1-"), each.name


def test_a_cells_own_namespaces_are_those_that_no_service_is_named_after() -> None:
    made = {
        each["metadata"]["name"]
        for stack in ("cell-us-k8s-1", "workload-us-k8s-1")
        for each in _made(stack, "Namespace", _STANDBY)
    }
    assert made == {f"us-k8s-1-{part}" for part in (*OWN_PARTS, *fleet().services)}


def test_a_shared_clusters_roles_hold_in_the_cells_namespaces_only() -> None:
    assert _made("cell-us-k8s-1", "ClusterRoleBinding")
    soft = {"cells.us-k8s-1.isolation": "soft"}
    assert not _made("cell-us-k8s-1", "ClusterRoleBinding", soft)
    bound = {each["metadata"]["namespace"] for each in _made("cell-us-k8s-1", "RoleBinding", soft)}
    assert bound == {"us-k8s-1-data", "us-k8s-1-gateway"}


def test_what_holds_state_is_protected_from_active_to_draining() -> None:
    def protected(state: str) -> set[str]:
        changes = {"cells.us-k8s-1.state": state}
        return {each.type.rsplit(":", 1)[1] for each in _recorded("cell-us-k8s-1", changes) if each.protect}

    held = {"Cluster", "ObjectBucketClaim", "Namespace", "Certificate", "DNSEndpoint"}
    assert {state: protected(state) for state in ("active", "draining", "retired", "provisioning")} == {
        "active": held, "draining": held, "retired": set(), "provisioning": set(),
    }  # fmt: skip


def test_a_standby_replays_the_primarys_archive_in_a_cluster_of_its_own() -> None:
    recorded = _recorded("cell-us-k8s-1", _STANDBY)
    clusters = {each.inputs["metadata"]["namespace"]: each for each in recorded if each.type.endswith("/v1:Cluster")}
    primary, standby = clusters["us-k8s-1-data"], clusters["us-k8s-1-standby"]
    (source,) = standby.inputs["spec"]["externalClusters"]
    assert (
        source["plugin"]["parameters"]["serverName"] == primary.inputs["spec"]["plugins"][0]["parameters"]["serverName"]
    )
    assert standby.inputs["spec"]["replica"] == {"enabled": True, "source": source["name"]}
    assert primary.inputs["spec"]["postgresql"]["parameters"]["archive_timeout"] == "3min"
    contexts = {each.inputs["context"] for each in recorded if each.type == "pulumi:providers:kubernetes"}
    assert contexts == {"onprem-us-1", "onprem-us-1-dallas"}
    assert primary.provider != standby.provider


@pytest.mark.parametrize("stack", _STACKS)
def test_inputs_are_of_the_sdks_types_and_named_after_the_cell(stack: str) -> None:
    cell = stack.partition("-")[2]
    for each in _recorded(stack):
        assert each.name.startswith(cell) or each.type == "pulumi:pulumi:StackReference"
        if each.custom:
            assert problems(each.type, each.inputs) == [], each.name
