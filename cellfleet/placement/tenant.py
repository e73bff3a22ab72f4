"""A tenant as placement sees it, and the ways to find one among a million.

Sums are exact, so that they do not depend on the order of the file's rows: a last digit that differed would be enough
to send a tenant elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from cellfleet.failure import Failure
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.types import Tenancy

if TYPE_CHECKING:
    import pyarrow as pa

    from cellfleet.inventory.tenants.columns import Load, Tenants


class Tenant(NamedTuple):
    """What has to be known of a tenant to find a cell for it."""

    id: str
    slug: str
    cell: str | None
    """Where it lives; None: it is new."""
    group: str
    """Empty where it is in none; tenants of one group are spread over cells."""
    requests_per_second: float
    """Its peak."""
    storage_gib: float
    dedicated: bool
    """Whether it has, or is to have, a cell to itself."""

    @property
    def takes(self) -> tuple[float, float, float]:
        """Tenants, requests per second and GiB."""
        return 1.0, self.requests_per_second, self.storage_gib


Members = Mapping[str, Mapping[str, int]]
"""How many tenants of a group each cell has: by group, by cell."""

_MOST: Final = 1e15
"""Requests per second, or GiB: more than a sum has digits for, and than any cell holds."""


def residents(fleet: Fleet, tenants: Tenants, cells: Collection[str]) -> list[Tenant]:
    """The tenants that live in some cells, by id."""
    return _tenants(fleet, _of(tenants.rows, "cell", cells))


def named(fleet: Fleet, tenants: Tenants, names: Collection[str]) -> dict[str, Tenant]:
    """The tenant of each slug, alias or id that is one, by that name.

    Raises Failure where a name is one tenant's slug or alias and another's id: whoever gives it means one of them.
    """
    aliases = _of(tenants.aliases, "slug", names)
    aliased: dict[str, str] = dict(zip(aliases["slug"].to_pylist(), aliases["alias_of"].to_pylist(), strict=True))
    slugs = {*names, *aliased.values()}
    by_slug = {tenant.slug: tenant for tenant in _tenants(fleet, _of(tenants.rows, "slug", slugs))}
    by_id = {tenant.id: tenant for tenant in _tenants(fleet, _of(tenants.rows, "id", names))}
    found: dict[str, Tenant] = {}
    for name in names:
        called, numbered = by_slug.get(name) or by_slug.get(aliased.get(name, "")), by_id.get(name)
        if called and numbered and called != numbered:
            raise Failure(
                f"{name!r} is the id of one tenant, and the slug or alias of another, whose id is {called.id}.",
                "Name the first by its slug, or the second by its id.",
                exit_code=2,
            )
        if tenant := called or numbered:
            found[name] = tenant
    return found


def members(tenants: Tenants, groups: Collection[str]) -> Members:
    """Where the tenants of some groups live."""
    wanted = {group for group in groups if group}
    counted: dict[str, dict[str, int]] = {group: {} for group in sorted(wanted)}
    if wanted:
        rows = _of(tenants.rows.select(["group", "cell", "id"]), "group", wanted)
        for row in rows.group_by(["group", "cell"]).aggregate([("id", "count")]).to_pylist():
            counted[row["group"]][row["cell"]] = row["id_count"]
    return counted


def loads(tenants: Tenants, cells: Sequence[str]) -> dict[str, Load]:
    """What the tenants of each of these cells come to, to a millionth, whatever the order of the rows."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from cellfleet.inventory.tenants.columns import Load

    columns = {"cell": tenants.rows["cell"], "id": tenants.rows["id"]}
    for name in ("requests_per_second", "storage_gib"):
        amounts = pc.round(pc.min_element_wise(tenants.rows[name], _MOST), ndigits=6)
        columns[name] = amounts.cast(pa.decimal128(38, 6), safe=False)
    sums = (
        pa.table(columns)
        .group_by("cell")
        .aggregate([("id", "count"), ("requests_per_second", "sum"), ("storage_gib", "sum")])
    )
    found = {
        row["cell"]: Load(row["id_count"], float(row["requests_per_second_sum"]), float(row["storage_gib_sum"]))
        for row in sums.to_pylist()
    }
    return {cell: found.get(cell, Load()) for cell in cells}


def _of(rows: pa.Table, column: str, values: Collection[str]) -> pa.Table:
    """The rows that have one of some values."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return rows.filter(pc.is_in(rows[column].cast(pa.string()), value_set=pa.array(sorted(values), pa.string())))


def _tenants(fleet: Fleet, rows: pa.Table) -> list[Tenant]:
    dedicated = {name: cell.tenancy is Tenancy.DEDICATED for name, cell in fleet.cells.items()}
    columns = [rows[name].to_pylist() for name in ("id", "slug", "cell", "group", "requests_per_second", "storage_gib")]
    return sorted(
        Tenant(id, slug, cell, group, requests, storage, dedicated[cell])
        for id, slug, cell, group, requests, storage in zip(*columns, strict=True)
    )
