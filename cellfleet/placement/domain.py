"""What can fail as one, and which cells it takes with it: a cell, an account, a zone, a region, a provider.

A cell in several zones survives the loss of one, with the nodes that are left; if it has one node, that is in the zone
that is lost. Of cells that are run by other means
nobody has said where they are, so they are lost by their own name alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from cellfleet.failure import Failure
from cellfleet.inventory.fault import listed, similar
from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.inventory.types import Provider

Kind = Literal["cell", "account", "zone", "region", "provider"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Domain:
    """One failure domain."""

    kind: Kind
    path: tuple[str, ...]
    """What it is called, from the outside in: `("aws", "us-west-2", "us-west-2a")`."""
    name: str
    """As much of it as no other of its kind has: `us-west-2/us-west-2a`."""
    lost: tuple[str, ...]
    """The cells that are lost with it, by name."""
    weakened: tuple[str, ...] = ()
    """Those that lose one of their zones."""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"

    def takes_standby_of(self, cell: ManagedCell) -> bool:
        """Whether a cell's warm standby is lost too.

        It is in another region, by the same provider and in the same account; on kubernetes it is a cluster of its own.
        """
        assert cell.replication is not None
        match self.kind:
            case "provider":
                return self.path == (cell.provider,)
            case "account":
                return self.path == (cell.provider, cell.account) and cell.provider is not Provider.KUBERNETES
            case "region":
                return self.path == (cell.provider, cell.replication.region)
            case _:
                return False


def domains(fleet: Fleet) -> tuple[Domain, ...]:
    """Everything that can fail, by kind and name."""
    lost: dict[tuple[Kind, tuple[str, ...]], list[str]] = {}
    weakened: dict[tuple[str, ...], list[str]] = {}
    for name, cell in sorted(fleet.cells.items()):
        lost.setdefault(("cell", (name,)), []).append(name)
        if not isinstance(cell, ManagedCell):
            continue
        provider = str(cell.provider)
        paths: list[tuple[Kind, tuple[str, ...]]] = [
            ("region", (provider, cell.region)),
            ("provider", (provider,)),
            ("account", (provider, cell.account)),
        ]
        for place in paths:
            lost.setdefault(place, []).append(name)
        survives = len(cell.zones) > 1 and fleet.class_of(cell).nodes.count > 1
        for zone in cell.zones:
            path = (provider, cell.region, zone)
            of_zone = lost.setdefault(("zone", path), [])
            (weakened.setdefault(path, []) if survives else of_zone).append(name)
    names = Counter((kind, _short(kind, path)) for kind, path in lost)
    found = [
        Domain(
            kind,
            path,
            _short(kind, path) if names[kind, _short(kind, path)] == 1 else "/".join(path),
            tuple(cells),
            tuple(weakened.get(path, ())) if kind == "zone" else (),
        )
        for (kind, path), cells in lost.items()
    ]
    return tuple(sorted(found, key=lambda domain: (KINDS.index(domain.kind), domain.name)))


def domain(every: Sequence[Domain], text: str) -> Domain:
    """The one that a text such as `zone:us-west-2/us-west-2a` or `zone:us-west-2a` means.

    Raises Failure where it means none, or more than one.
    """
    kind, colon, name = text.partition(":")
    if not colon or kind not in KINDS:
        raise Failure(
            f"{text!r} does not say what is lost.",
            "Write cell:NAME, zone:REGION/ZONE, region:NAME, provider:NAME or account:NAME.",
            exit_code=2,
        )
    of_kind = [one for one in every if one.kind == kind]
    path = tuple(name.split("/"))
    meant = [one for one in of_kind if one.path[-len(path) :] == path or "/".join(one.path).endswith(f"/{name}")]
    if len(meant) == 1:
        return meant[0]
    if meant:
        names = listed(f"{kind}:{'/'.join(one.path)}" for one in meant)
        raise Failure(f"There is more than one {kind} {name}.", f"Write which one: {names}.", exit_code=2)
    known = [one.name for one in of_kind]
    remedy = similar(name, known) or (f"there are {listed(known)}" if known else f"no cell says in which {kind} it is")
    raise Failure(
        f"No cell is in a {kind} {name!r}.", f"{remedy[0].upper()}{remedy[1:]}.".replace("?.", "?"), exit_code=2
    )


def _short(kind: Kind, path: tuple[str, ...]) -> str:
    return "/".join(path[1:] if kind in ("zone", "region", "account") else path)
