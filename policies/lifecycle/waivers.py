"""What is wrong with the waivers themselves (LIF-20 to LIF-25): found last, once it is known what they accept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import timedelta
from typing import Final

from cellfleet.inventory.fault import listed, seen, similar
from cellfleet.inventory.finding import Finding, Rule, Scope
from cellfleet.inventory.model import Waiver
from policies.lifecycle import rules
from policies.lifecycle.subject import is_declared, rings_of
from policies.rule import Facts, Violation
from policies.waiver import by_subject, covering

_SAYS_NOTHING: Final = frozenset(
    {"", "-", "?", "tbd", "todo", "fixme", "xxx", "none", "n/a", "na", "unknown", "nobody"}
)
_WHOLE: Final = frozenset({"cells", "localities", "classes", "routers", "fleet"})
"""Subjects that would turn a rule off."""


def about(
    facts: Facts, findings: Sequence[Finding], catalogue: Mapping[str, Rule], ran: Set[Scope]
) -> Iterator[Violation]:
    """Yield what is wrong with each waiver.

    `findings` are all that were found, and `ran` is what was measured as a whole: of a rule that is measured on
    anything else, too, nobody knows whether it is violated.
    """
    waivers = facts.fleet.waivers
    index = by_subject(waivers)
    used = {at for finding in findings for at in covering(index, finding)} if waivers else set()
    for at, waiver in enumerate(waivers):
        rule = catalogue.get(waiver.rule)
        yield from _named(facts, at, waiver)
        if rule is None or not rule.waivable:
            yield _of_no_rule(at, waiver, rule, catalogue)
        elif waiver.expires < facts.as_of:
            yield _violation(rules.EXPIRED, at, "expires", f"the waiver of {rule.id} has ended", str(waiver.expires),
                             f"{facts.as_of} or later", dated=True)  # fmt: skip
        else:
            yield from _lasting(facts, at, waiver)
            if at not in used and ran >= {*rule.scope}:
                subjects = listed(waiver.subjects)
                message = f"{subjects} {'violates' if len(waiver.subjects) == 1 else 'violate'} {rule.id} no more"
                yield _violation(rules.UNUSED, at, None, message, "0 findings", "1 or more")
    yield from _many(facts)


def _of_no_rule(at: int, waiver: Waiver, rule: Rule | None, catalogue: Mapping[str, Rule]) -> Violation:
    if rule is None:
        remedy = similar(waiver.rule, catalogue)
        return _violation(rules.WAIVED_RULE, at, "rule", f"there is no rule {waiver.rule}", waiver.rule,
                          "a rule that `cellfleet rule` lists", remedy)  # fmt: skip
    message = f"nothing waives {rule.id}: {rule.title[0].lower()}{rule.title[1:]}"
    remedy = f"remove the waiver; {rule.remedy}"
    return _violation(rules.WAIVED_RULE, at, "rule", message, rule.id, "a rule that can be waived", remedy)


def _named(facts: Facts, at: int, waiver: Waiver) -> Iterator[Violation]:
    for position, subject in enumerate(waiver.subjects):
        path = ("waivers", at, "subjects", position)
        if subject in _WHOLE:
            message, limit = f"a waiver for all of `{subject}` turns its rule off", f"parts, such as {subject}.NAME"
            yield Violation(rules.OWNED, path, message, seen(subject), limit)
        elif not is_declared(facts, subject):
            message, limit = f"the inventory has no {subject}", "the dotted path of something in the inventory"
            remedy = similar(subject, (f"{part}.{name}" for part, name in _parts(facts)))
            yield Violation(rules.OWNED, path, message, seen(subject), limit, remedy)
    for key, text in (("owner", waiver.owner), ("reason", waiver.reason)):
        if text.strip(" .:!").casefold() in _SAYS_NOTHING:
            limit = "a team or a person" if key == "owner" else "a sentence"
            yield _violation(rules.OWNED, at, key, f"the waiver of {waiver.rule} has no {key}", seen(text), limit)


def _parts(facts: Facts) -> Iterator[tuple[str, str]]:
    fleet = facts.fleet
    for part, names in (("cells", fleet.cells), ("localities", fleet.localities), ("classes", fleet.classes)):
        yield from ((part, name) for name in names)


def _lasting(facts: Facts, at: int, waiver: Waiver) -> Iterator[Violation]:
    longest = facts.number(rules.LASTING, "days")
    days = (waiver.expires - facts.as_of).days
    if days > longest:
        last = facts.as_of + timedelta(days=longest)
        message, limit = f"the waiver of {waiver.rule} ends in {days:,} days", f"{longest:g} days, which is {last}"
        yield _violation(rules.LASTING, at, "expires", message, f"{waiver.expires}, {days:,} days", limit)


def _many(facts: Facts) -> Iterator[Violation]:
    """A finding for each ring with too many, at the last waiver that counts."""
    most = facts.number(rules.MANY, "per_ring")
    counted: dict[str, list[int]] = {}
    for at, waiver in enumerate(facts.fleet.waivers):
        if waiver.expires >= facts.as_of:
            for ring in dict.fromkeys(ring for subject in waiver.subjects for ring in rings_of(facts, subject)):
                counted.setdefault(ring, []).append(at)
    for ring, some in counted.items():
        if len(some) > most:
            message = f"{len(some):,} waivers are in force in the ring {ring}"
            yield _violation(rules.MANY, some[-1], None, message, f"{len(some):,} waivers", f"{most:g}")


def _violation(
    rule: Rule,
    at: int,
    key: str | None,
    message: str,
    measured: str,
    limit: str,
    remedy: str = "",
    *,
    dated: bool = False,
) -> Violation:
    path = ("waivers", at) if key is None else ("waivers", at, key)
    return Violation(rule, path, message, measured, limit, remedy, dated=dated)
