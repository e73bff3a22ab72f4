"""What Synapse's locator fetches: the pages of `org-cell-mappings` and `projectkey-cell-mappings`, as files.

The locator asks for a page, then for the one after its `cursor` while `has_more`, and once a minute, or when it is
asked for a name that it does not know, for what came after the last cursor. Files have no "after": the last cursor is
the content's own, and its file is an empty page, so an unchanged registry costs a refresh nothing. Where the content
has changed, that file is gone, and a server has to answer with the first page instead, which reads all of it again:

    location /api/0/internal/ { try_files ${uri}${arg_cursor}.json ${uri}index.json =404; }

A store that ignores the query, as buckets do, is right too if everything is on one page, which is the default: it
answers each refresh with all of it.

What the feed cannot say:

- that a mapping is gone. The locator adds what it reads to what it has: a deleted tenant, an alias that has expired
  or a slug given up goes on leading to its cell until the locator is started anew.
- that a tenant lives in another locality: it is left out, and unknown there.
- until when an alias leads to its tenant; nor that a name is a slug and not an id, for both are keys of one map. Where
  one tenant's slug is another's id, nothing is emitted.
- that a cell is fenced. Tenants of a cell that is not routed are left out.

Form: getsentry/synapse at 11361be (2026-06-22), locator/src/control_plane.rs and cursor.rs.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from cellfleet.failure import Failure
from cellfleet.inventory.model import Fleet
from cellfleet.registry.canonical import canonical

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import ProjectKeys, Tenants

ORGANIZATIONS: Final = "api/0/internal/org-cell-mappings"
PROJECT_KEYS: Final = "api/0/internal/projectkey-cell-mappings"


def emit(
    fleet: Fleet,
    locality: str,
    tenants: Tenants | None,
    project_keys: ProjectKeys | None = None,
    *,
    page: int | None = None,
) -> Mapping[str, bytes]:
    """The pages of one locality, `page` rows each or all on one, by their paths below `control_plane.url`.

    Raises Failure where a slug is another tenant's id.
    """
    cells = sorted(name for name, cell in fleet.cells.items() if cell.locality == locality and cell.routed)
    organizations: Sequence[str] = ()
    keys: Sequence[str] = ()
    if tenants is not None:
        from cellfleet.registry.formats import synapse_rows  # and with it pyarrow

        if clashes := synapse_rows.clashes(tenants):
            raise Failure(
                f"Synapse cannot be told of the tenants: of {clashes:,} of them a slug or alias is another's id.",
                "Give those tenants slugs that are nobody's id; Synapse keeps both in one map.",
            )
        organizations = synapse_rows.organizations(tenants, cells)
        keys = synapse_rows.keys(tenants, cells, project_keys) if project_keys else ()
    to_locality = dict.fromkeys(cells, locality)
    return {
        **dict(_pages(ORGANIZATIONS, organizations, to_locality, page)),
        **dict(_pages(PROJECT_KEYS, keys, to_locality, page)),
    }


def _pages(
    folder: str, rows: Sequence[str], to_locality: Mapping[str, str], page: int | None
) -> Iterator[tuple[str, bytes]]:
    digest = hashlib.sha256(canonical(to_locality).encode())
    for row in rows:
        digest.update(row.encode())
    size = page or max(len(rows), 1)
    starts = range(0, max(len(rows), 1), size)
    cursors = [_cursor(f"{digest.hexdigest()[:16]}-{number}") for number in range(1, len(starts) + 1)]
    names = ["index", *cursors]
    for name, start, cursor in zip(names, starts, cursors, strict=False):
        more = start + size < len(rows)
        yield f"{folder}/{name}.json", _page(rows[start : start + size], cursor, to_locality, more=more)
    yield f"{folder}/{cursors[-1]}.json", _page((), cursors[-1], to_locality, more=False)


def _cursor(id_: str) -> str:
    """A cursor as Synapse reads it, which is a file's name and a query's value as it stands: padded to need no `=`."""
    text = canonical({"id": id_, "updated_at": 0})
    return base64.b64encode(text.ljust(-(-len(text) // 3) * 3).encode()).decode()


def _page(rows: Sequence[str], cursor: str, to_locality: Mapping[str, str], *, more: bool) -> bytes:
    metadata = canonical({"cell_to_locality": to_locality, "cursor": cursor, "has_more": more})
    return f'{{"data":[{",".join(rows)}],"metadata":{metadata}}}\n'.encode()
