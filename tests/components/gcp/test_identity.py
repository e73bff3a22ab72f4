"""Who acts for a cell on GCP, and how its requests come in."""

from __future__ import annotations

import json
import re
from typing import Any

import pulumi
import pytest

from cellfleet.engine.record import Recording, record
from cellfleet.failure import Failure
from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.routing.dns import DnsRecord
from components.gcp import kubeconfig
from components.gcp.dns import FleetRecords
from components.gcp.provider import control_provider, provider
from components.gcp.workload import ingress
from tests.components.gcp.recorded import CELL, as_declared, recorded
from tests.components.recorded import Resources
from tests.fleets import fleet

MEMBER = "projects/iAMMember:IAMMember"
PRODUCT = {"roles/cloudsql.client", "roles/cloudsql.instanceUser"}


def roles(account: str) -> set[str]:
    """Roles on the project of the account of a logical name."""
    return {
        r.inputs["role"]
        for r in as_declared().of(MEMBER)
        if any(urn.endswith(f"::{account}") for urn in r.property_dependencies["member"])
    }


def test_each_account_may_do_what_it_is_for() -> None:
    assert roles(f"{CELL}-nodes") == {"roles/container.defaultNodeServiceAccount"}
    assert roles(f"{CELL}-services") == PRODUCT
    assert roles(f"{CELL}-cert-manager") == set(), "it writes to its zone, and knows nothing of the project"
    assert "roles/owner" not in {r.inputs["role"] for r in as_declared().of(MEMBER)}
    assert as_declared().one("dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember").inputs["role"] == "roles/dns.admin"


def test_each_account_is_given_to_its_own_service_account_and_to_nobody_else() -> None:
    pods = {
        r.name: r.inputs["member"]
        for r in as_declared().of("serviceaccount/iAMMember:IAMMember")
        if r.name.endswith("-pods")
    }
    pool = "serviceAccount:acme-us-gcp-1.svc.id.goog"
    assert pods == {
        f"{CELL}-web-pods": f"{pool}[{CELL}-web/web]",
        f"{CELL}-ingest-pods": f"{pool}[{CELL}-ingest/ingest]",
        f"{CELL}-cert-manager-pods": f"{pool}[cert-manager/cert-manager]",
    }
    cluster = as_declared().one("container/cluster:Cluster")
    for member in as_declared().of("serviceaccount/iAMMember:IAMMember"):
        if member.name in pods:
            assert cluster.urn in member.dependencies, "the pool comes with the cluster"


def test_ci_is_let_in_for_the_cells_own_stacks_only() -> None:
    issuer = as_declared().one("iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider").inputs
    subjects = [f"repo:acme/fleet:environment:{stack}-{CELL}" for stack in ("cell", "workload")]
    assert issuer["attributeCondition"] == f"assertion.sub in {json.dumps(subjects)}"
    assert issuer["attributeMapping"] == {"google.subject": "assertion.sub"}
    assert issuer["oidc"]["issuerUri"] == "https://token.actions.githubusercontent.com"
    pool = as_declared().one("iam/workloadIdentityPool:WorkloadIdentityPool").urn
    from_ci = [r for r in as_declared().of("serviceaccount/iAMMember:IAMMember") if r.name.endswith("-from-ci")]
    assert [r.name for r in from_ci] == [f"{CELL}-deploy-from-ci", f"{CELL}-release-from-ci"]
    assert all(pool in r.property_dependencies["member"] for r in from_ci)


def test_an_audience_is_asked_for_where_the_fleet_declares_one() -> None:
    provider_type = "iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider"
    assert "allowedAudiences" not in as_declared().one(provider_type).inputs["oidc"]
    made = recorded({"fleet.deploy_identity.audience": "cellfleet"})
    assert made.one(provider_type).inputs["oidc"]["allowedAudiences"] == ["cellfleet"]


def test_without_a_deploy_identity_nobody_outside_deploys() -> None:
    made = recorded({"fleet.deploy_identity": ...})
    assert made.of("iam/workloadIdentityPool:WorkloadIdentityPool") == []
    accounts = {r.inputs["accountId"] for r in made.of("serviceaccount/account:Account")}
    assert accounts == {"cell-nodes", "cell-cert-manager", "cell-services"}
    assert "deploy_account" not in made.recording.outputs["workload"]


def test_a_deploy_gives_the_cells_own_roles_and_none_that_gives_roles() -> None:
    (conditional,) = [r.inputs for r in as_declared().of(MEMBER) if "condition" in r.inputs]
    assert conditional["role"] == "roles/resourcemanager.projectIamAdmin"
    listed = set(re.findall(r"'(roles/[^']+)'", conditional["condition"]["expression"]))
    deploys = roles(f"{CELL}-deploy")
    given = {r.inputs["role"] for r in as_declared().of(MEMBER)}
    assert listed == given - deploys
    assert len(listed) <= 10, "IAM takes no longer list"


def test_a_key_is_used_by_the_agents_that_hold_its_data_and_nobody_else() -> None:
    names = {r.name for r in as_declared().of("kms/cryptoKeyIAMMember:CryptoKeyIAMMember")}
    assert names == {
        f"{CELL}-data-compute", f"{CELL}-data-sqladmin", f"{CELL}-data-storage", f"{CELL}-secrets-container",
        f"{CELL}-logs-logging", f"{CELL}-us-east4-data-sqladmin", f"{CELL}-us-east4-data-storage",
    }  # fmt: skip
    assert {r.inputs["rotationPeriod"] for r in as_declared().of("kms/cryptoKey:CryptoKey")} == {"7776000s"}


def test_the_kubeconfig_holds_no_credential() -> None:
    told = json.loads(kubeconfig.of("us-gcp-1-cluster-1a2b3c4", "203.0.113.7", "Q0E="))
    (user,) = told["users"]
    assert set(user["user"]) == {"exec"}
    assert user["user"]["exec"]["command"] == "gke-gcloud-auth-plugin"
    assert told["clusters"][0]["cluster"] == {"server": "https://203.0.113.7", "certificate-authority-data": "Q0E="}


def test_the_gateway_takes_the_cells_address_and_google_signs_its_certificate() -> None:
    made = fleet()
    cell = made.cells[CELL]
    assert isinstance(cell, ManagedCell)
    told = {
        "ingress_address_name": "us-gcp-1-ingress-1a2b3c4",
        "certificates_account": "c@x",
        "services_account": "s@x",
        "zone": "us-gcp-1-zone-1",
    }
    ways = []

    def program() -> None:
        outputs = {"workload": pulumi.Output.from_input(told)}
        ways.append(ingress(made, cell, outputs, pulumi.ResourceOptions(provider=provider(made, cell))))
        pulumi.export("annotations", dict(ways[0].service_annotations))
        pulumi.export("dns01", dict(ways[0].dns01 or {}))
        pulumi.export("certificates", dict(ways[0].certificate_manager_annotations))
        pulumi.export("services", dict(ways[0].service_account_annotations))

    recording = record(program, stack=f"workload-{CELL}", project="acme-production")
    (key,) = Resources("gcp", recording).of("compute/caExternalAccountKey:CaExternalAccountKey")
    assert key.inputs == {"project": "acme-us-gcp-1"}
    assert recording.outputs == {
        "annotations": {
            "cloud.google.com/l4-rbs": "enabled",
            "networking.gke.io/load-balancer-ip-addresses": "us-gcp-1-ingress-1a2b3c4",
        },
        "dns01": {"cloudDNS": {"project": "acme-us-gcp-1", "hostedZoneName": "us-gcp-1-zone-1"}},
        "certificates": {"iam.gke.io/gcp-service-account": "c@x"},
        "services": {"iam.gke.io/gcp-service-account": "s@x"},
    }
    assert ways[0].acme_server == "https://dv.acme-v02.api.pki.goog/directory"


def fleet_records(made: Fleet) -> Recording:
    def program() -> None:
        FleetRecords(
            made,
            [
                DnsRecord("us.acme.io", "A", ("203.0.113.10",)),
                DnsRecord("*.us.acme.io", "A", ("203.0.113.10",)),
                DnsRecord("de.acme.io", "CNAME", ("lb.example.com",)),
            ],
            {"us-gcp-1.cells.acme.io": ["ns-cloud-a1.googledomains.com.", "ns-1.example.com"]},
            pulumi.ResourceOptions(provider=control_provider(made)),
        )

    return record(program, stack="dns", project="acme-production")


@pytest.mark.parametrize(("zone_id", "zone"), [(None, "acme-io"), ("public", "public")])
def test_the_fleets_records_are_written_with_final_dots(zone_id: str | None, zone: str) -> None:
    dns: dict[str, Any] = {"provider": "gcp", "zone": "acme.io", **({"zone_id": zone_id} if zone_id else {})}
    written = Resources("gcp", fleet_records(fleet({"fleet.dns": dns}))).of("dns/recordSet:RecordSet")
    assert {r.inputs["managedZone"] for r in written} == {zone}
    assert [(r.inputs["name"], r.inputs["type"], r.inputs["rrdatas"]) for r in written] == [
        ("*.us.acme.io.", "A", ["203.0.113.10"]),
        ("de.acme.io.", "CNAME", ["lb.example.com."]),
        ("us-gcp-1.cells.acme.io.", "NS", ["ns-cloud-a1.googledomains.com.", "ns-1.example.com."]),
        ("us.acme.io.", "A", ["203.0.113.10"]),
    ]


def test_a_zone_on_cloud_dns_needs_a_project_for_it() -> None:
    with pytest.raises(Failure, match="names no GCP project"):
        fleet_records(fleet({"fleet.control.gcp": ...}))
