"""What capacity is measured in, and which cells count as room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cellfleet.inventory.model import Capacity, Cell
from cellfleet.inventory.types import State, Tenancy

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import Load


@dataclass(frozen=True, slots=True)
class Measure:
    """One of the three limits of a class, and of what tenants come to."""

    name: str
    """Of the attribute, in a class's capacity as in a load."""
    unit: str
    """After a number: `2,640 tenants`."""

    def of(self, amount: Capacity | Load) -> float:
        return float(getattr(amount, self.name))

    def told(self, amount: float) -> str:
        """`2,640 tenants`."""
        return f"{amount:,.0f} {self.unit}"


TENANTS: Final = Measure("tenants", "tenants")
REQUESTS: Final = Measure("requests_per_second", "requests/s")
STORAGE: Final = Measure("storage_gib", "GiB")
MEASURES: Final = (TENANTS, REQUESTS, STORAGE)


def is_shared_home(cell: Cell) -> bool:
    """Whether many tenants live in the cell, or may: it is shared, and requests are sent to it."""
    return cell.tenancy is Tenancy.SHARED and cell.routed


def takes_tenants(cell: Cell) -> bool:
    """Whether tenants can be put in the cell today: it is shared and active, and nobody holds it apart."""
    return cell.tenancy is Tenancy.SHARED and cell.state is State.ACTIVE and not cell.frozen and not cell.fenced


def homes(cells: Sequence[Cell]) -> list[Cell]:
    return [cell for cell in cells if is_shared_home(cell)]


def takers(cells: Sequence[Cell]) -> list[Cell]:
    return [cell for cell in cells if takes_tenants(cell)]


def above(measured: float, limit: float) -> bool:
    """Whether a limit is passed, by more than the error of a million floats added up."""
    return measured > limit + 1e-9 * max(1.0, abs(limit))


def reaches(measured: float, limit: float) -> bool:
    return not above(limit, measured)


def percent(share: float) -> str:
    """`82.5 %`, rounded to a tenth."""
    return f"{100 * share:.1f}".removesuffix(".0") + " %"
