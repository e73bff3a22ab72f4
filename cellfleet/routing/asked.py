"""The few tenants that one request could name, so that to explain it takes no pass over a million of them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from cellfleet.routing.request import Request

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import Tenants

_LONGEST: Final = 63
"""Characters of a slug or id."""
_SIGNS: Final = re.compile(r"[A-Za-z0-9_-]+")


def tenants_asked_for(request: Request, tenants: Tenants) -> Tenants:
    """All whose slug, alias or id stands anywhere in a request: with them alone it goes the same way as with all."""
    import pyarrow as pa
    import pyarrow.compute as pc

    names = pa.array(_names(request), pa.string())
    rows, aliases = tenants.rows, tenants.aliases
    aliases = aliases.filter(pc.is_in(aliases["slug"], value_set=names))
    slugs = pa.chunked_array([names, *aliases["alias_of"].chunks], pa.string()).combine_chunks()
    asked = pc.or_(pc.is_in(rows["slug"], value_set=slugs), pc.is_in(rows["id"], value_set=names))
    return replace(tenants, rows=rows.filter(asked), aliases=aliases)


def _names(request: Request) -> list[str]:
    """Every part of a request that is written as a name is: routes may have fixed text around names."""
    sent = "\n".join((request.host, request.target, *request.headers.values()))
    words = {word for text in (sent, unquote(sent)) for form in (text, text.lower()) for word in _SIGNS.findall(form)}
    return sorted(
        {
            word[at:end]
            for word in words
            for at in range(len(word))
            for end in range(at + 1, min(at + _LONGEST, len(word)) + 1)
        }
    )
