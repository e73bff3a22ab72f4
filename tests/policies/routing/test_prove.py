"""What the proof finds that would be long as data; all else that goes wrong with routing is in the folders of RTE-nn.

There each case is an inventory, or what a person or a program has changed in the files that were made of it: the proof
reads what routers are given, so it finds both.
"""

from __future__ import annotations

from typing import Any

from cellfleet.inventory.finding import Finding
from cellfleet.routing.table import routing_table
from policies.routing import names
from policies.routing.prove import prove
from tests.fleets import fleet
from tests.routing.envoy.fleets import KEY, routes, tenants

HOST = "{locality}.acme.io"
BY_TENANT = {"host": HOST, "path": "/o/{tenant}/*", "service": "web", "elsewhere": "refuse"}
BY_CELL = {"host": HOST, "path": "/c/{cell}/*", "service": "web"}
SYNAPSE = {"routers.de.targets": ["envoy", "synapse"]} | routes(BY_TENANT, BY_CELL)


def found(changes: dict[str, Any] | None = None) -> list[Finding]:
    """What is wrong with the test fleet, its tenants with their aliases, and these changes."""
    made = fleet(changes)
    return list(prove(made, tenants(made), KEY).findings)


def test_nothing_is_wrong_with_tenants_of_every_cell_and_their_aliases() -> None:
    assert found() == []
    assert found(SYNAPSE) == []


def test_too_many_names_for_a_certificate() -> None:
    some = [{"host": f"h{number}." + HOST, "service": "web"} for number in range(100)]
    just = fleet(routes(*some[:99]))
    assert not [*names.uncertified(just, table := routing_table(just, "us", None, KEY), table.hosts)]
    made = fleet(routes(*some))
    (one,) = names.uncertified(made, table := routing_table(made, "us", None, KEY), table.hosts)
    assert (one.rule, one.measured, one.limit) == ("RTE-11", "101", "100")


def test_a_locality_with_too_many_cells_for_a_config_map() -> None:
    cell = fleet().model_dump(by_alias=True)["cells"]["us-aws-1"]
    many = {f"cells.us-{number}": {**cell, "id": 100 + number} for number in range(400)}
    made = [one for one in found({name: {**of, "name": name[6:]} for name, of in many.items()}) if one.rule == "RTE-12"]
    assert [(one.subject, one.limit) for one in made] == [("routers.us", "1,048,576")]
