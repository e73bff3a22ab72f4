"""The zone of a cell, and the fleet's records on Route 53."""

from __future__ import annotations

from typing import Any

import pytest

from cellfleet.engine.record import record
from cellfleet.failure import Failure
from cellfleet.inventory.stack import Kind, Stack
from components.aws.provider import control_provider
from policies.resource import UNKNOWN
from stacks import program_of
from tests.components.aws.recorded import CELL, Resources, as_declared
from tests.fleets import fleet


def fleet_records(changes: dict[str, Any]) -> Resources:
    return Resources("aws", record(program_of(fleet(changes), Stack(Kind.DNS)), stack="dns", project="acme-production"))


def test_a_cells_name_is_an_alias_of_its_load_balancer() -> None:
    resources = as_declared()
    assert resources.one("route53/zone:Zone").inputs["name"] == f"{CELL}.cells.acme.io"
    apex = resources.one("route53/record:Record", "apex")
    assert (apex.inputs["name"], apex.inputs["type"]) == (f"{CELL}.cells.acme.io", "A")
    assert len(apex.inputs["aliases"]) == 1


def test_only_amazon_signs_certificates_for_a_cell() -> None:
    caa = as_declared().one("route53/record:Record", "caa")
    assert '0 issue "amazon.com"' in caa.inputs["records"]


def test_the_fleets_zone_delegates_to_each_cells_in_the_control_account() -> None:
    resources = fleet_records({"fleet.dns": {"provider": "aws", "zone": "acme.io", "zone_id": "Z123"}})
    records = {(r.inputs["name"], r.inputs["type"]) for r in resources.of("route53/record:Record")}
    assert ("us-aws-1.cells.acme.io", "NS") in records
    assert {("us.acme.io", "A"), ("*.us.acme.io", "A"), ("*.ingest.de.acme.io", "A")} <= records
    assert not [r.name for r in resources.of("route53/record:Record") if "*" in r.name]
    assert {r.inputs["zoneId"] for r in resources.of("route53/record:Record")} == {"Z123"}
    (control,) = resources.providers().values()
    assert control.inputs["allowedAccountIds"] == '["999999999999"]'


def test_without_an_id_the_zone_is_looked_up_by_name() -> None:
    """Only AWS knows the answer, so a recording has none."""
    records = fleet_records({}).of("route53/record:Record")
    assert records
    assert all(record.inputs["zoneId"] is UNKNOWN for record in records)


def test_a_zone_on_route_53_needs_a_control_account_on_aws() -> None:
    with pytest.raises(Failure, match="no AWS account"):
        control_provider(fleet({"fleet.control": {"gcp": {"account": "acme-control", "region": "us-central1"}}}))
