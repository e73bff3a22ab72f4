"""`cellfleet render`: what routers and other readers of the fleet are given, as files, with nothing deployed."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from cyclopts import Parameter

from cellfleet.cli import BAD_INVOCATION, InventoryPath
from cellfleet.cli.tenants import tenants_of
from cellfleet.failure import Failure
from cellfleet.inventory.fault import similar
from cellfleet.inventory.load import load
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.pseudonym import VARIABLE, Key, tenant_key
from cellfleet.routing.placements import TenantNames

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import ProjectKeys, Tenants

Content = Literal["envoy", "synapse", "dns", "registry", "sentry", "gitlab", "prometheus"]
_UNCLAIMED: Final = 0
"""The generation of a registry that is only rendered: a deployed one has 1 or more, so no reader takes it for newer."""
_SHARD_BYTES: Final = 1 << 20
_BY_DIGEST: Final = re.compile(r"(map-[0-9a-f]{16}\.txt|router-[0-9a-f]{16}\.lua|[0-9a-f]{64}\.json\.gz)")
"""Names of files whose content never changes: those of an earlier rendering are taken away."""


def render(
    target: Annotated[Content, Parameter(name="TARGET")],
    /,
    *,
    out: Path,
    locality: str | None = None,
    inventory: InventoryPath = Path("cells.yaml"),
) -> int:
    """Write what a target is given, byte for byte the same for the same inventory and tenants.

    Parameters
    ----------
    target
        envoy, synapse: the routers' files. dns: the records of the fleet's zone. registry: the snapshot, as stores hold
        it. sentry, gitlab, prometheus: the cells in the forms that those read.
    out
        The folder to write to; files of other names in it stay.
    locality
        Whose; where it is not given, each goes into a folder of its name. dns and sentry are the whole fleet's.
    inventory
        The fleet's file.
    """
    fleet = load(inventory)
    if target in ("dns", "sentry"):
        _write(out, _of_fleet(target, fleet))
        return 0
    wanted = [locality] if locality else list(fleet.routers if target in ("envoy", "synapse") else fleet.localities)
    _known(fleet, target, wanted)
    tenants, keys = tenants_of(fleet, inventory)
    key = tenant_key(fleet)
    source = _Source(fleet, tenants, keys, key, TenantNames(fleet, tenants, key))
    if target in ("envoy", "registry") and not key.secret and tenants and len(fleet.localities) > 1:
        print(f"{VARIABLE} is not set, so tenants are hashed with a key that is no secret.", file=sys.stderr)
    for name in wanted:
        _write(out if locality else out / name, _RENDERERS[target](source, name))
    return 0


@dataclass(frozen=True, slots=True)
class _Source:
    """What everything is rendered from."""

    fleet: Fleet
    tenants: Tenants | None
    project_keys: ProjectKeys | None
    key: Key
    names: TenantNames


def _envoy(source: _Source, locality: str) -> Mapping[str, bytes]:
    from cellfleet.routing.envoy import files
    from cellfleet.routing.table import table_of

    return _encoded(files(table_of(source.fleet, locality, source.names)))


def _synapse(source: _Source, locality: str) -> Mapping[str, bytes]:
    from cellfleet.registry.formats.synapse import emit
    from cellfleet.routing.synapse import files
    from cellfleet.routing.synapse.express import obstacles
    from cellfleet.routing.table import table_of

    table = table_of(source.fleet, locality, source.names)
    for position, reasons in obstacles(table).items():
        for obstacle in reasons:
            print(f"{locality}: routes[{position}] is left out. {obstacle.reason}", file=sys.stderr)
    pages = emit(source.fleet, locality, source.tenants, source.project_keys)
    return {**_encoded(files(table)), **pages}


def _registry(source: _Source, locality: str) -> Mapping[str, bytes]:
    from cellfleet.registry.bundle import bundle
    from cellfleet.registry.snapshot import build

    snapshot = build(source.fleet, locality, source.tenants, source.key)
    return bundle(snapshot, _SHARD_BYTES).files(source.fleet.settings.registry_epoch, _UNCLAIMED)


def _gitlab(source: _Source, locality: str) -> Mapping[str, bytes]:
    from cellfleet.registry.formats.gitlab import emit

    return emit(source.fleet, locality)


def _prometheus(source: _Source, locality: str) -> Mapping[str, bytes]:
    from cellfleet.registry.formats.prometheus import emit

    return emit(source.fleet, locality)


_RENDERERS: Final[Mapping[str, Callable[[_Source, str], Mapping[str, bytes]]]] = {
    "envoy": _envoy,
    "synapse": _synapse,
    "registry": _registry,
    "gitlab": _gitlab,
    "prometheus": _prometheus,
}


def _of_fleet(target: Content, fleet: Fleet) -> Mapping[str, bytes]:
    if target == "sentry":
        from cellfleet.registry.formats.sentry import emit

        return emit(fleet)
    from cellfleet.routing.dns import host_records

    records = [asdict(record) for record in host_records(fleet)]
    document = {"zone": fleet.settings.dns.zone, "records": records}
    return {"records.json": f"{json.dumps(document, indent=2)}\n".encode()}


def _known(fleet: Fleet, target: Content, localities: list[str]) -> None:
    """Raise Failure for a locality that there is not, or that has no such routers."""
    for name in localities:
        if name not in fleet.localities:
            hint = similar(name, fleet.localities) or f"localities are {', '.join(fleet.localities)}"
            raise Failure(f"There is no locality {name!r}.", f"{hint.capitalize()}.", exit_code=BAD_INVOCATION)
        if target in ("envoy", "synapse") and name not in fleet.routers:
            message = f"The locality {name} has no routers."
            raise Failure(message, f"Declare them under routers.{name}.", exit_code=BAD_INVOCATION)


def _encoded(files: Mapping[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in files.items()}


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write each file whole or not at all, and take away what an earlier rendering left under a digest's name."""
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_name(f".{file.name}.unfinished")
        unfinished.write_bytes(content)
        unfinished.replace(file)
    for file in folder.iterdir():
        if _BY_DIGEST.fullmatch(file.name) and file.name not in files:
            file.unlink()
    size = sum(map(len, files.values()))
    print(f"{folder}: {len(files):,} files, {size:,} bytes")
