"""The AWS cell that these tests are about, and what only AWS has to be asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cellfleet.inventory.stack import Kind
from policies.resource import Resource
from tests.components import recorded as any_cell

CELL = "us-aws-1"
STANDBY = {f"cells.{CELL}.replication": {"region": "us-east-2", "rpo_minutes": 5, "rto_minutes": 60}}
OTHER_ACCOUNT = {f"cells.{CELL}.backup": {"region": "us-west-2", "account": "222222222222"}}


@dataclass(frozen=True)
class Resources(any_cell.Resources):
    """What one program registered on AWS."""

    def custom(self) -> Iterator[Resource]:
        """Real resources: no components and no providers."""
        return (resource for resource in super().custom() if not resource.type.startswith("pulumi:"))

    def providers(self) -> dict[str, Resource]:
        return {r.urn: r for r in self.recording.resources if r.type == "pulumi:providers:aws"}

    def region_of(self, resource: Resource) -> str:
        """The region that the resource's provider is pinned to."""
        return str(self.providers()[resource.provider.rpartition("::")[0]].inputs["region"])


def recorded(changes: Mapping[str, Any] | None = None, name: str = CELL, kind: Kind = Kind.CELL) -> Resources:
    """One of the cell's stacks in the test fleet with these changes."""
    return Resources("aws", any_cell.recorded("aws", name, changes, kind).recording)


def as_declared() -> Resources:
    """The cell's stack in the test fleet as it is."""
    return recorded()


def with_standby() -> Resources:
    return recorded(STANDBY)


def renamed(name: str) -> dict[str, Any]:
    """Changes by which the cell has another name."""
    from tests.fleets import DOCUMENT

    return {f"cells.{CELL}": ..., f"cells.{name}": dict(DOCUMENT["cells"][CELL]), "localities.us.new_tenants": name}


def statements(policy: str) -> list[dict[str, Any]]:
    """The statements of a policy document."""
    found: list[dict[str, Any]] = json.loads(policy)["Statement"]
    return found
