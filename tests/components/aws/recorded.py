"""Record a cell of the test fleet on AWS, and ask what was recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from cellfleet.engine.record import Recorded, Recording, record
from cellfleet.inventory.stack import Kind, Stack
from stacks import program_of
from tests.fleets import fleet

CELL = "us-aws-1"
STANDBY = {f"cells.{CELL}.replication": {"region": "us-east-2", "rpo_minutes": 5, "rto_minutes": 60}}
OTHER_ACCOUNT = {f"cells.{CELL}.backup": {"region": "us-west-2", "account": "222222222222"}}


@dataclass(frozen=True)
class Resources:
    """What one program registered."""

    recording: Recording

    def of(self, kind: str) -> list[Recorded]:
        """Resources of one type: `ec2/subnet:Subnet`."""
        return [resource for resource in self.recording.resources if resource.type == f"aws:{kind}"]

    def one(self, kind: str, name: str = "") -> Recorded:
        """The only resource of a type, or the one whose logical name ends so."""
        (found,) = [resource for resource in self.of(kind) if resource.name.endswith(name)]
        return found

    def custom(self) -> Iterator[Recorded]:
        """Real resources: no components and no providers."""
        return (r for r in self.recording.resources if r.custom and not r.type.startswith("pulumi:"))

    def providers(self) -> dict[str, Recorded]:
        return {r.urn: r for r in self.recording.resources if r.type == "pulumi:providers:aws"}

    def region_of(self, resource: Recorded) -> str:
        """The region that the resource's provider is pinned to."""
        return str(self.providers()[resource.provider.rpartition("::")[0]].inputs["region"])


def recorded(changes: Mapping[str, Any] | None = None, name: str = CELL, kind: Kind = Kind.CELL) -> Resources:
    """One of the cell's stacks in the test fleet with these changes."""
    stack = Stack(kind, name)
    made = fleet(dict(changes or {}))
    return Resources(record(program_of(made, stack), stack=stack.name, project="acme-production"))


@cache
def as_declared() -> Resources:
    """The cell's stack in the test fleet as it is."""
    return recorded()


@cache
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
