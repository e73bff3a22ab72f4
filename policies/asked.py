"""What whoever deploys asks of the rules, which reaches programs and packs through the environment.

CELLFLEET_ACCEPT takes findings of a rule upon oneself, one `RULE=reason` a line; CELLFLEET_AS_OF names the day to judge
for.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final

from cellfleet.failure import Failure
from cellfleet.inventory.finding import Rule
from policies import catalogue

ACCEPT: Final = "CELLFLEET_ACCEPT"
AS_OF: Final = "CELLFLEET_AS_OF"
_BAD_INVOCATION: Final = 2


def as_of() -> date:
    """The day to judge for; today where none is given. Raises Failure for what is no day."""
    given = os.environ.get(AS_OF)
    try:
        return date.fromisoformat(given) if given else datetime.now(UTC).date()
    except ValueError:
        message = f"{AS_OF} is {given!r}, which is no day."
        raise Failure(message, "Write it as 2026-12-31.", exit_code=_BAD_INVOCATION) from None


def accepted() -> Mapping[str, str]:
    """The reasons for which findings are accepted, by rule. Raises Failure as `accept` does."""
    pairs: dict[str, str] = {}
    for line in filter(None, os.environ.get(ACCEPT, "").splitlines()):
        rule, _, reason = line.partition("=")
        pairs[accept(rule, reason)] = reason
    return pairs


def accept(rule: str, reason: str) -> str:
    """The id of a rule whose findings may be accepted for a reason.

    Raises Failure for one that does not exist or that nobody may accept, and where no reason is given.
    """
    known: Rule | None = catalogue.RULES.get(rule)
    if known is None or not known.waivable or rule.startswith("INV-"):
        why = "there is no such rule" if known is None else "it cannot be waived"
        raise Failure(
            f"Findings of {rule!r} cannot be accepted: {why}.",
            "`cellfleet rule` lists the rules. Say destroy=CELL for the loss of a cell.",
            exit_code=_BAD_INVOCATION,
        )
    if not reason.strip():
        raise Failure(f"No reason is given for accepting {rule}.", f"Write {rule}=reason.", exit_code=_BAD_INVOCATION)
    return rule
