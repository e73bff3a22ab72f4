"""Who acts for a cell on Azure, and how its requests come in."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from cellfleet.engine.record import record
from cellfleet.failure import Failure
from cellfleet.inventory.model import Fleet
from cellfleet.routing.dns import DnsRecord
from components.azure.dns import FleetRecords
from components.azure.provider import control_provider
from components.azure.roles import Role
from components.azure.workload import ingress
from policies.resource import UNKNOWN
from tests.components.azure.recorded import CELL, as_declared, recorded
from tests.components.recorded import Resources
from tests.fleets import fleet

GITHUB = "https://token.actions.githubusercontent.com"


def subjects(changes: dict[str, Any] | None = None) -> dict[str, tuple[Any, str, list[str]]]:
    return {
        credential.name: (credential.inputs["issuer"], credential.inputs["subject"], credential.inputs["audiences"])
        for credential in recorded(changes).of("managedidentity:FederatedIdentityCredential")
    }


def test_each_identity_is_given_to_its_own_service_account_or_stack_and_to_nobody_else() -> None:
    entra = ["api://AzureADTokenExchange"]
    assert subjects() == {
        f"{CELL}-web": (UNKNOWN, f"system:serviceaccount:{CELL}-web:web", entra),
        f"{CELL}-ingest": (UNKNOWN, f"system:serviceaccount:{CELL}-ingest:ingest", entra),
        f"{CELL}-cert-manager": (UNKNOWN, "system:serviceaccount:cert-manager:cert-manager", entra),
        f"{CELL}-deploy": (GITHUB, f"repo:acme/fleet:environment:cell-{CELL}", entra),
        f"{CELL}-deploy-workload": (GITHUB, f"repo:acme/fleet:environment:workload-{CELL}", entra),
    }


def test_without_a_deploy_identity_nobody_outside_deploys() -> None:
    assert GITHUB not in [issuer for issuer, _, _ in subjects({"fleet.deploy_identity": ...}).values()]
    made = recorded({"fleet.deploy_identity": ...})
    assert not [
        r for r in made.of("authorization:RoleAssignment") if str(r.inputs["scope"]).startswith("/subscriptions")
    ]


def test_roles_are_given_to_identities_and_the_widest_to_the_deploy_alone() -> None:
    widest = {Role.CONTRIBUTOR, Role.USER_ACCESS_ADMINISTRATOR}
    for assignment in as_declared().of("authorization:RoleAssignment"):
        assert assignment.inputs["principalType"] == "ServicePrincipal"
        assert "roleAssignmentName" not in assignment.inputs, "the provider makes up a GUID"
        role = Role(assignment.inputs["roleDefinitionId"].rsplit("/", 1)[1])
        assert (role in widest) == assignment.name.startswith(f"{CELL}-deploy-") & ("workload" not in assignment.name)


def test_a_deploy_cannot_give_a_role_that_gives_roles() -> None:
    condition = as_declared().one("authorization:RoleAssignment", "user-access-administrator").inputs["condition"]
    assert Role.KEY_VAULT_CRYPTO_USER in condition
    assert Role.CONTRIBUTOR not in condition
    assert Role.USER_ACCESS_ADMINISTRATOR not in condition
    assert condition.count("(") == condition.count(")")


def test_credentials_of_one_identity_are_made_one_after_another() -> None:
    made = as_declared()
    first = made.one("managedidentity:FederatedIdentityCredential", "-web")
    assert first.urn in made.one("managedidentity:FederatedIdentityCredential", "-ingest").dependencies


def test_the_gateways_service_takes_the_cells_own_address_and_its_certificate_is_proved_by_dns() -> None:
    told: dict[str, Any] = {}
    outputs = {
        "resource_group": "cell1", "ingress_address_name": "address1", "zone": "c.cells.acme.io",
        "certificates_client_id": "client-c", "services_client_id": "client-s",
    }  # fmt: skip

    def program() -> None:
        made = fleet()
        cell = next(one for one in made.managed() if one.name == CELL)
        way = ingress(made, cell, {"workload": pulumi.Output.from_input(outputs)})
        told["type"] = (way.service_type, way.certificate_secret_is_provided)
        pulumi.export("annotations", way.service_annotations)
        pulumi.export("dns01", way.dns01)
        pulumi.export("pods", [way.certificate_manager_annotations, way.service_account_annotations])

    exported = record(program, stack=f"workload-{CELL}", project="acme-production").outputs
    assert told["type"] == ("LoadBalancer", False)
    assert exported["annotations"] == {
        "service.beta.kubernetes.io/azure-load-balancer-resource-group": "cell1",
        "service.beta.kubernetes.io/azure-pip-name": "address1",
        "service.beta.kubernetes.io/port_443_health-probe_protocol": "tcp",
    }
    assert exported["dns01"]["azureDNS"] == {
        "environment": "AzurePublicCloud",
        "subscriptionID": "33333333-3333-4333-8333-333333333333",
        "resourceGroupName": "cell1",
        "hostedZoneName": "c.cells.acme.io",
        "managedIdentity": {"clientID": "client-c"},
    }
    key = "azure.workload.identity/client-id"
    assert exported["pods"] == [{key: "client-c"}, {key: "client-s"}]


def test_a_cells_zone_has_its_address_at_the_apex() -> None:
    made = as_declared()
    assert made.one("dns:Zone").inputs["zoneName"] == f"{CELL}.cells.acme.io"
    apex = made.one("dns:RecordSet")
    assert (apex.inputs["recordType"], apex.inputs["relativeRecordSetName"]) == ("A", "@")
    assert any(urn.endswith(f"::{CELL}-ingress") for urn in apex.property_dependencies["aRecords"])


def _records(made: Fleet) -> Resources:
    def program() -> None:
        FleetRecords(
            made,
            [
                DnsRecord("us.acme.io", "A", ("203.0.113.10", "203.0.113.11")),
                DnsRecord("*.us.acme.io", "A", ("203.0.113.10",)),
                DnsRecord("de.acme.io", "CNAME", ("r.example",)),
            ],
            {f"{CELL}.cells.acme.io": ["ns1.example.", "ns2.example."]},
            pulumi.ResourceOptions(provider=control_provider(made)),
        )

    return Resources("azure-native", record(program, stack="dns", project="acme-production"))


@pytest.mark.parametrize(("zone_id", "group"), [(None, "dns"), ("public-zones", "public-zones")])
def test_the_fleets_records_are_in_its_zone_with_the_delegations(zone_id: str | None, group: str) -> None:
    zone = {"provider": "azure", "zone": "acme.io", **({"zone_id": zone_id} if zone_id else {})}
    sets = [r.inputs for r in _records(fleet({"fleet.dns": zone})).of("dns:RecordSet")]
    assert {(s["resourceGroupName"], s["zoneName"]) for s in sets} == {(group, "acme.io")}
    told = {(s["relativeRecordSetName"], s["recordType"]): s for s in sets}
    assert [a["ipv4Address"] for a in told["us", "A"]["aRecords"]] == ["203.0.113.10", "203.0.113.11"]
    assert [a["ipv4Address"] for a in told["*.us", "A"]["aRecords"]] == ["203.0.113.10"]
    assert told["de", "CNAME"]["cnameRecord"] == {"cname": "r.example"}
    assert [n["nsdname"] for n in told[f"{CELL}.cells", "NS"]["nsRecords"]] == ["ns1.example.", "ns2.example."]


def test_a_fleet_zone_on_azure_needs_a_control_subscription() -> None:
    with pytest.raises(Failure, match="names no Azure subscription"):
        control_provider(fleet({"fleet.control.azure": ...}))
