"""What rules are made of: what they are given, what they give back, and the checks that belong to each.

A fleet check is a pure function of `Facts`, a resource check one of `Facts` and the resources of one stack. Both yield
violations, whose place in the files is looked up only for those that are there (`policies.judge`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from cellfleet.inventory.fault import Path
from cellfleet.inventory.finding import Rule, Severity
from cellfleet.inventory.model import Cell, Fleet
from policies.resource import Resources

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import Load, Tenants
    from policies.lifecycle.before import Before


@dataclass(frozen=True)
class Facts:
    """What rules are measured on."""

    fleet: Fleet
    tenants: Tenants | None
    """None where the inventory names no tenant file, or where nobody reads it."""
    as_of: date
    before: Before | None = None
    """What the fleet was; None where that is not known, and rules of change say nothing."""

    @cached_property
    def by_locality(self) -> Mapping[str, Sequence[Cell]]:
        """The cells of each locality, in the inventory's order; localities with none among them."""
        cells: dict[str, list[Cell]] = {name: [] for name in self.fleet.localities}
        for cell in self.fleet.cells.values():
            cells[cell.locality].append(cell)
        return cells

    def load(self, cell: str) -> Load | None:
        """What a cell's tenants come to; None where nobody knows."""
        return None if self.tenants is None else self.tenants.by_cell[cell]

    def number(self, rule: Rule, name: str) -> float:
        """A number of a rule, as the fleet sets it or by default."""
        set_here = self.fleet.policies.get(rule.id, {})
        if name in set_here:
            return float(set_here[name])
        return next(number.default for number in rule.numbers if number.name == name)


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule violated by what stands at one path of the inventory."""

    rule: Rule
    path: Path
    """`("cells", "us-aws-1", "cidr")`."""
    message: str
    measured: str = ""
    limit: str = ""
    remedy: str = ""
    """The rule's own where it is empty."""
    severity: Severity | None = None
    """The rule's own where it is None."""
    at_key: bool = False
    """Whether the key is wrong rather than its value."""
    tenant: str = ""
    """The id of the tenant whose row of the tenant file is to be mended, rather than the path."""
    resource: str = ""
    """The URN of a resource."""
    concerns: tuple[str, ...] = ()
    """Cells and localities that it is about beside the one that its path is in: `cells.us-aws-2`."""
    dated: bool = False
    """Whether it is one only because of the day."""


FleetCheck = Callable[[Facts], Iterable[Violation]]
ResourceCheck = Callable[[Facts, Resources], Iterable[Violation]]


@dataclass(frozen=True, slots=True)
class Family:
    """The rules of one kind, and their checks of a fleet."""

    prefix: str
    """`ISO`."""
    title: str
    rules: Mapping[str, Rule]
    """By id, in order."""
    fleet: tuple[FleetCheck, ...] = ()
