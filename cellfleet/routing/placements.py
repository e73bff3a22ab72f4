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
    import pyarrow as pa

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


@dataclass(frozen=True, slots=True, eq=False)
class TenantNames:
    """What the placements of every locality are made from: each tenant is hashed once, for all others together."""

    fleet: Fleet
    tenants: Tenants | None
    key: Key
    _columns: dict[Names, pa.Table] = field(init=False, default_factory=dict)
    _hashes: dict[tuple[Names, str], pa.Array] = field(init=False, default_factory=dict)

    def placements(self, locality: str, kinds: Collection[Names]) -> Placements:
        """The tenants as the routers of one locality know them, by the kinds of names that its routes use."""
        if self.tenants is None:
            return Placements(key=self.key)
        routed = [name for name, cell in self.fleet.cells.items() if cell.locality == locality and cell.routed]
        here = {kind: _pairs(self._in(kind, routed)) for kind in sorted(kinds)}
        elsewhere = {
            pseudonym: other
            for kind in sorted(kinds)
            for other in self.fleet.localities
            if other != locality
            for pseudonym in self._hashes_of(kind, other).to_pylist()
        }
        return Placements(here, elsewhere, self.key)

    def _hashes_of(self, kind: Names, locality: str) -> pa.Array:
        """The hashes of one locality's tenants."""
        if (kind, locality) not in self._hashes:
            import pyarrow as pa

            cells = [name for name, cell in self.fleet.cells.items() if cell.locality == locality]
            names = self._in(kind, cells)["name"].to_pylist()
            hashed = self.key.pseudonyms("id" if kind is Names.TENANT_ID else "slug", names)
            self._hashes[kind, locality] = pa.array(hashed, pa.string())
        return self._hashes[kind, locality]

    def _in(self, kind: Names, cells: list[str]) -> pa.Table:
        """The columns `name` and `cell` of the tenants in some cells."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if kind not in self._columns:
            self._columns[kind] = self._names(kind)
        every = self._columns[kind]
        return every.filter(pc.is_in(every["cell"], value_set=pa.array(cells, pa.string())))

    def _names(self, kind: Names) -> pa.Table:
        """The same columns of all tenants, aliases after the others."""
        import pyarrow as pa
        import pyarrow.compute as pc

        assert self.tenants is not None
        rows, aliases = self.tenants.rows, self.tenants.aliases
        named = rows.select(["id" if kind is Names.TENANT_ID else "slug", "cell"]).rename_columns(["name", "cell"])
        named = named.set_column(1, "cell", named["cell"].cast(pa.string()))
        if kind is Names.TENANT_ID or not aliases.num_rows:
            return named
        of_tenants = pc.index_in(aliases["alias_of"], value_set=rows["slug"].combine_chunks())
        further = pa.table({"name": aliases["slug"], "cell": pc.take(named["cell"], of_tenants)})
        return pa.concat_tables([named, further.filter(pc.is_valid(further["cell"]))])


def _pairs(named: pa.Table) -> dict[str, str]:
    return dict(zip(named["name"].to_pylist(), named["cell"].to_pylist(), strict=True))
