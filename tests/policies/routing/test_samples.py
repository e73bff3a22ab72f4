"""Which tenants a proof asks about: one a cell, one of each other locality, and those that look like something else."""

from __future__ import annotations

from cellfleet.inventory.pattern import Names
from cellfleet.routing.placements import TenantNames
from cellfleet.routing.table import table_of
from policies.routing.samples import Samples, of_tenants
from tests.fleets import fleet
from tests.routing.envoy.fleets import KEY, TENANTS, routes, tenants


def samples(*paths: str, more: dict[str, str] | None = None) -> Samples:
    made = fleet(routes(*({"host": "{locality}.acme.io", "path": path, "service": "web"} for path in paths)))
    rows = {slug: (f"9{number}", cell) for number, (slug, cell) in enumerate((more or {}).items())}
    some = tenants(made, {**TENANTS, **rows})
    return of_tenants(made, table_of(made, "us", TenantNames(made, some, KEY)), some, Names.TENANT)


def test_one_of_each_cell_and_of_each_other_locality() -> None:
    found = samples("/{tenant}")
    assert dict(found.here) == {
        "acme": "us-aws-1",
        "globex": "us-gcp-1",
        "initech": "us-azure-1",
        "hooli": "us-k8s-1",
    }
    assert found.elsewhere == (("bosch", "de"),)


def test_some_that_look_like_a_part_of_a_route() -> None:
    cell = "us-aws-1"
    names = ["zoo", "v2", "v3", "v4", "v5", "a-json", "b-json", "v", "v1-x"]
    found = samples("/zoo", "/v{tenant}", "/x/{tenant}-json", "/v{tenant}-x", more=dict.fromkeys(names, cell))
    looks = {name for name, _ in found.here} - {*TENANTS}
    assert {"zoo", "a-json", "b-json", "v1-x"} <= looks
    assert len(looks & {"v2", "v3", "v4", "v5"}) == 2  # three of those that begin with v, one of them v1-x
    assert "v" not in looks  # nothing stands after what it begins with
