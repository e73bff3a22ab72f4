"""The tenants that routing and registry stacks are made of, and the key by which those of other localities are hashed.

Several stacks of one run ask for the same million rows, so the last file that was read is kept for as long as it does
not change.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi

from cellfleet.failure import Failure
from cellfleet.inventory.finding import Severity
from cellfleet.inventory.locate import tenant_file
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.pseudonym import VARIABLE, Key, tenant_key

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import Tenants


def tenants_of(fleet: Fleet) -> Tenants | None:
    """Everything in the fleet's tenant file; None where the inventory names none.

    Raises Failure where the file is not there or has errors: a tenant whose row cannot be read would be unknown to
    every router.
    """
    path = tenant_file(fleet)
    if path is None:
        return None
    try:
        found = path.stat()
    except OSError:
        return _read(path, tuple(fleet.cells), (0, 0, 0))
    return _read(path, tuple(fleet.cells), (found.st_mtime_ns, found.st_size, found.st_ino))


def deployment_key(fleet: Fleet) -> Key:
    """The key that the stacks of this deployment hash tenants with.

    Raises Failure where hashes are about to be deployed that anybody can undo, because their key is no secret. A
    preview says so and goes on, for it may be somebody's who must not have the key.
    """
    key = tenant_key(fleet)
    if key.secret or not _hashes(fleet):
        return key
    message = f"The key that tenants are hashed with is no secret, for {VARIABLE} is not set."
    if not pulumi.runtime.is_dry_run():
        raise Failure(message, f"Set {VARIABLE} to the fleet's key, which `openssl rand -hex 32` makes once.")
    _warn(f"{message} Hashes in this preview are not those of a deployment.")
    return key


@lru_cache
def _warn(message: str) -> None:
    """Say it once, of however many stacks it holds."""
    pulumi.log.warn(message)


def _hashes(fleet: Fleet) -> bool:
    """Whether there can be tenants in one locality that another has to know of."""
    return fleet.tenants is not None and len({cell.locality for cell in fleet.cells.values()}) > 1


@lru_cache(maxsize=1)
def _read(path: Path, cells: tuple[str, ...], version: tuple[int, int, int]) -> Tenants:  # noqa: ARG001 (of the cache)
    from cellfleet.inventory.tenants.read import read  # and with it pyarrow, which not every fleet has to wait for

    # That an alias has expired is only a warning; a program must not depend on the day on which it runs.
    tenants, findings = read(path, cells, date.min)
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        first = errors[0]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise Failure(
            f"{first.location}: {first.rule} {first.message}{more}.",
            f"{first.remedy[:1].upper()}{first.remedy[1:]}. `cellfleet check` tells everything that is wrong with it.",
        )
    return tenants
