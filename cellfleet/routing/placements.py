"""Which tenants the routers of one locality know: their own by name, those of other localities by a keyed hash.

Every name that a request may use is one entry: slugs and aliases where a route names a `{tenant}`, ids where one names
a `{tenant_id}`. An alias counts until it is taken out of the tenant file; `check` says when that is due.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cellfleet.inventory.model import Fleet
from cellfleet.inventory.pattern import Names
from cellfleet.inventory.pseudonym import Key

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import Tenants


@dataclass(frozen=True, slots=True, eq=False)
class Placements:
    """The names of tenants, as one locality's routers may know them."""

    here: Mapping[Names, Mapping[str, str]] = field(default_factory=dict)
    """The cell of each name of a tenant in a routed cell of the locality, by kind of name."""
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    """The locality of each hash of another's tenant."""
    key: Key = field(default_factory=lambda: Key(b"", secret=False))
    """What the hashes were made with."""

    def __len__(self) -> int:
        """How many names and hashes there are."""
        return sum(map(len, self.here.values())) + len(self.elsewhere)


def placements(fleet: Fleet, locality: str, tenants: Tenants | None, key: Key, kinds: Collection[Names]) -> Placements:
    """The tenants of a fleet as the routers of one locality know them, by the kinds of names that its routes use."""
    if tenants is None or not kinds:
        return Placements(key=key)
    cells = [cell or "" for cell in tenants.rows["cell"].to_pylist()]
    here: dict[Names, dict[str, str]] = {}
    elsewhere: dict[str, str] = {}
    for kind in sorted(kinds):
        column = "id" if kind is Names.TENANT_ID else "slug"
        cell_of = dict(zip(tenants.rows[column].to_pylist(), cells, strict=True))
        if kind is Names.TENANT:
            leads_to = zip(tenants.aliases["slug"].to_pylist(), tenants.aliases["alias_of"].to_pylist(), strict=True)
            cell_of |= {alias: cell_of[slug] for alias, slug in leads_to if slug in cell_of}
        own = {name for name, cell in fleet.cells.items() if cell.locality == locality and cell.routed}
        foreign = {name: cell.locality for name, cell in fleet.cells.items() if cell.locality != locality}
        here[kind] = {name: cell for name, cell in cell_of.items() if cell in own}
        elsewhere |= {
            key.pseudonym("id" if column == "id" else "slug", name): foreign[cell]
            for name, cell in cell_of.items()
            if cell in foreign
        }
    return Placements(here, elsewhere, key)
