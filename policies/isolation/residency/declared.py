"""ISO-09 on the inventory: cells, backups, standbys and routers are in their locality's countries, backups elsewhere.

A region of provider `kubernetes` has any name, and only the cell's own has a country.

A copy of Cloud SQL's backups in another region is encrypted with a key of the database's own region: where that region
is lost for good, `replication` survives, and backups are for what people delete.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cellfleet.inventory import regions
from cellfleet.inventory.fault import Path, listed
from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.inventory.types import Provider
from policies.isolation.rules import RESIDENCY
from policies.rule import Facts, Violation


def declared_inside(facts: Facts) -> Iterator[Violation]:
    """Yield a violation for each region that is outside its locality's residency, and for backups beside the cell."""
    for cell in facts.fleet.managed():
        residency = facts.fleet.locality_of(cell).residency
        yield from _cell_inside(cell, residency)
        yield from _backups_elsewhere(cell, residency)
    yield from _routers_inside(facts.fleet)


def _cell_inside(cell: ManagedCell, residency: Sequence[str]) -> Iterator[Violation]:
    if cell.provider is Provider.KUBERNETES:
        if cell.country not in residency:
            yield _outside(cell.name, cell.locality, ("cells", cell.name, "country"), cell.country or "", residency)
        return
    for path, name in (
        (("region",), cell.region),
        (("backup", "region"), cell.backup.region),
        *([(("replication", "region"), cell.replication.region)] if cell.replication else []),
    ):
        region = regions.region(cell.provider, name)
        if region is not None and region.country not in residency:
            what = {"region": cell.name, "backup": f"{cell.name}'s backups", "replication": f"{cell.name}'s standby"}
            where = f"{region.country} ({name})"
            yield _outside(what[path[0]], cell.locality, ("cells", cell.name, *path), where, residency)


def _outside(what: str, locality: str, path: Path, where: str, residency: Sequence[str]) -> Violation:
    verb = "are" if what.endswith("backups") else "is"
    message = f"{what} {verb} outside the residency of {locality}"
    return Violation(RESIDENCY, path, message, where, ", ".join(residency))


def _backups_elsewhere(cell: ManagedCell, residency: Sequence[str]) -> Iterator[Violation]:
    if cell.backup.region != cell.region:
        return
    others = [
        name for country in residency for name in regions.in_country(cell.provider, country) if name != cell.region
    ]
    if others:
        yield Violation(
            RESIDENCY,
            ("cells", cell.name, "backup", "region"),
            f"{cell.name}'s backups are in the region that they are to survive",
            cell.backup.region,
            f"another region in {', '.join(residency)}: {listed(others)}",
            f"write `backup: {{region: {others[0]}}}`, or another region of the residency",
        )
    elif cell.backup.account in (None, cell.account):
        if cell.provider is Provider.KUBERNETES:
            limit = "another region, or another account"
        else:
            limit = f"another account, for the residency has no other region of {cell.provider}"
        yield Violation(
            RESIDENCY,
            ("cells", cell.name, "backup"),
            f"{cell.name}'s backups are in the account and the region that they are to survive",
            f"{cell.account} in {cell.backup.region}",
            limit,
            "add `account:` to the cell's backup, with an account that no cell has",
        )


def _routers_inside(fleet: Fleet) -> Iterator[Violation]:
    for locality, router in fleet.routers.items():
        residency = fleet.localities[locality].residency
        for index, place in enumerate(router.places):
            region = regions.region(Provider(place.provider), place.region)
            if region is not None and region.country not in residency:
                yield Violation(
                    RESIDENCY,
                    ("routers", locality, "places", index, "region"),
                    f"routers of {locality}, and a copy of its registry, are outside its residency",
                    f"{region.country} ({place.region})",
                    ", ".join(residency),
                    concerns=(f"localities.{locality}",),
                )
