"""LIF: the rules of how cells, classes and waivers may change. An id is never used again for another rule."""

from __future__ import annotations

from typing import Final

from cellfleet.inventory.finding import Number, Rule, Scope, Severity
from cellfleet.inventory.lifecycle import RESTS

_CHANGE: Final = (Scope.CHANGE,)
_BOTH: Final = (Scope.FLEET, Scope.CHANGE)
_FLEET: Final = (Scope.FLEET,)


def _rule(
    number: int,
    title: str,
    why: str,
    remedy: str,
    scope: tuple[Scope, ...] = _CHANGE,
    numbers: tuple[Number, ...] = (),
    *,
    severity: Severity = Severity.ERROR,
    waivable: bool = True,
) -> Rule:
    return Rule(f"LIF-{number:02}", title, severity, why, remedy, scope, numbers, waivable)


STATES: Final = _rule(
    1,
    "A cell's state changes by one allowed step",
    "Each step does one thing that can be watched and undone; two at once route tenants to what is not there yet.",
    "change the state by one step: planned, provisioning, active, cordoned, draining, retired",
)
IDENTITY: Final = _rule(
    2,
    "A cell keeps its id, provider, account, region, cidr and locality",
    "A cell that is made elsewhere is another cell: its data does not come with it, and the old one is deleted.",
    "add another cell and move the tenants; one that was lost is taken over by a new cell with `restores:`",
)
CLASS: Final = _rule(
    3,
    "A class in use is succeeded, not edited",
    "An edit resizes every cell of the class at once, in all rings.",
    "add another class (small-v2) and give it to the cells ring by ring",
)
REMOVAL: Final = _rule(
    4,
    "A cell leaves the inventory only from planned or retired, once its stacks are gone",
    "What leaves the inventory is managed by nobody: its infrastructure goes on costing, and its data on lying there.",
    "put the cell back, retire it step by step, and destroy its stacks with `cellfleet destroy` first",
)
TOMBSTONE: Final = _rule(
    5,
    "A removed cell leaves a tombstone, which stays as it is",
    "Only the tombstone remembers which ids and names are taken for ever.",
    "write {name, id, cidr, removed} under `tombstones:`; `cellfleet cell remove` does",
)
REUSE: Final = _rule(
    6,
    "An id or name is never used again, a range not soon",
    "Old links, logs, backups and firewalls go on naming the removed cell, and would mean another's tenants.",
    "take the next free id, name and range: `cellfleet cell add` chooses them",
    _BOTH,
    (Number("days", RESTS, "days for which the range of a removed cell is given to no other"),),
)
TENANTS: Final = _rule(
    7,
    "No tenant is in, or comes to, a cell that cannot hold it",
    "A cell that is not ready or gone has no answer for its tenants, and one that takes none is closed for a reason.",
    "put the tenant in an active cell: `cellfleet tenant place` chooses one",
    _BOTH,
)
DRAINING: Final = _rule(
    8,
    "A draining cell gains no tenants",
    "A cell that is filled while it is emptied is never empty.",
    "put the tenants in an active cell, or stop the drain first (state: cordoned)",
)
ONE_STEP: Final = _rule(
    9,
    "A change moves one cell by one step of its life",
    "What goes wrong with one cell is a small fault; two at once can be all that a locality has.",
    "make a change of each, one after the other",
)
DELETION: Final = _rule(
    10,
    "No cell is deleted with tenants in it",
    "Their data is deleted with it. Nothing waives this.",
    "move its tenants out first; retire the cell, or remove it, in a change after the last has left",
    _BOTH,
    waivable=False,
)
NEW_TENANTS: Final = _rule(
    11,
    "A locality's new tenants go to a cell of its own that takes them",
    "Every sign-up in the locality fails, or is put where its data may not be.",
    "name a shared, active cell of the locality that is neither frozen nor fenced",
    _FLEET,
)
FROZEN: Final = _rule(
    12,
    "A frozen cell does not change",
    "Somebody froze it because of something that a change could make worse.",
    "take the change back, or set `frozen: false` in it if the reason is gone",
)
LOCALITY: Final = _rule(
    13,
    "A tenant stays in its locality",
    "Where its data is, is promised to it by contract and law. Nothing waives this.",
    "move it within its locality; elsewhere it becomes another tenant, with an id of its own",
    waivable=False,
)

WAIVED_RULE: Final = _rule(
    20,
    "A waiver is of a rule that there is, and that can be waived",
    "It accepts nothing, while its author believes that it does.",
    "correct the rule's id, or remove the waiver",
    _FLEET,
    waivable=False,
)
EXPIRED: Final = _rule(
    21,
    "No waiver has expired",
    "It accepts nothing any more, and what it accepted is a violation again.",
    "mend what it accepted and remove it, or agree on another day with its owner",
    _FLEET,
    severity=Severity.WARNING,
    waivable=False,
)
UNUSED: Final = _rule(
    22,
    "A waiver accepts something",
    "One that is not needed any more would accept the next violation unseen.",
    "remove it",
    _FLEET,
    severity=Severity.WARNING,
    waivable=False,
)
OWNED: Final = _rule(
    23,
    "A waiver names a part of the inventory, an owner and a reason",
    "Nobody can end a waiver whose purpose nobody knows, and one for everything turns its rule off.",
    "say what it is for (`cells.NAME`), which team owns it, and what it waits for",
    _FLEET,
    waivable=False,
)
MANY: Final = _rule(
    24,
    "Few waivers are in force in a ring",
    "Each is a risk taken; together they are a fleet that keeps no rule.",
    "mend what the oldest of them accept, and remove them",
    _FLEET,
    (Number("per_ring", 3, "waivers in force in one ring, at most"),),
    waivable=False,
)
LASTING: Final = _rule(
    25,
    "A waiver ends soon",
    "A rule that is waived for years is a rule that was dropped without saying so.",
    "choose an earlier day, and renew it then if it still has to be",
    _FLEET,
    (Number("days", 180, "days from today for which a waiver may be valid"),),
    waivable=False,
)

RULES: Final = {
    rule.id: rule
    for rule in (
        *(STATES, IDENTITY, CLASS, REMOVAL, TOMBSTONE, REUSE, TENANTS, DRAINING, ONE_STEP, DELETION, NEW_TENANTS),
        *(FROZEN, LOCALITY, WAIVED_RULE, EXPIRED, UNUSED, OWNED, MANY, LASTING),
    )
}
"""Every rule of lifecycle and of waivers, by id."""
