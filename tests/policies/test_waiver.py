"""A waiver accepts what it names and nothing beside it, and is called unused only where that is known."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cellfleet.inventory.finding import Finding, Location, Scope, Severity
from policies.catalogue import RULES
from policies.judge import judge
from policies.lifecycle.before import of_fleet, of_outputs
from policies.rule import Facts
from policies.waiver import applied
from tests.fleets import fleet

TODAY = date(2026, 11, 24)


def waiver(rule: str, *subjects: str, expires: str = "2027-01-31") -> dict[str, Any]:
    reason = "the peering goes in January"
    return {"rule": rule, "subjects": [*subjects], "owner": "ctrl", "reason": reason, "expires": expires}


def found(rule: str, subject: str) -> Finding:
    return Finding(rule, Severity.ERROR, subject, Location("cells.yaml"), "it is wrong")


def facts(*waivers: dict[str, Any], **more: Any) -> Facts:
    return Facts(fleet({"waivers": [*waivers], **more.pop("changes", {})}), None, TODAY, **more)


@pytest.mark.parametrize(
    ("subject", "waived"),
    [
        ("cells.us-aws-1", True),
        ("cells.us-aws-1.zones", True),
        ("cells.us-aws-1.zones[2]", True),
        ("cells.us-aws-10", False),
        ("cells", False),
        ("cells.us-gcp-1", False),
        ("routes[1].host", True),
        ("routes[10]", False),
    ],
)
def test_a_subject_stands_for_itself_and_what_is_below_it(subject: str, waived: bool) -> None:
    accepted = facts(waiver("ISO-02", "cells.us-aws-1", "routes[1]"))
    (one,) = applied(accepted, [found("ISO-02", subject)], RULES)
    assert one.waived == ("ctrl, until 2027-01-31: the peering goes in January" if waived else "")
    (other,) = applied(accepted, [found("ISO-01", subject)], RULES)
    assert not other.waived


def test_the_longest_of_several_counts_and_one_that_has_ended_makes_its_violation_one_of_the_day() -> None:
    ended = waiver("ISO-02", "cells.us-aws-1", expires="2026-11-23")
    short = waiver("ISO-02", "cells.us-aws-1", expires="2026-11-24")
    long = waiver("ISO-02", "cells", expires="2026-12-24")
    violation = found("ISO-02", "cells.us-aws-1")
    (one,) = applied(facts(ended, short, long), [violation], RULES)
    assert "until 2026-12-24" in one.waived
    (one,) = applied(facts(ended), [violation], RULES)
    assert (one.waived, one.dated) == ("", True)
    (one,) = applied(facts(), [violation], RULES)
    assert not one.dated


@pytest.mark.parametrize("rule", ["RTE-13", "ISO-09", "LIF-10", "LIF-13", "LIF-24"])
def test_some_rules_cannot_be_waived(rule: str) -> None:
    accepted = facts(waiver(rule, "cells.us-aws-1"))
    (one,) = applied(accepted, [found(rule, "cells.us-aws-1")], RULES)
    assert not one.waived
    assert "LIF-20" in {finding.rule for finding in judge(accepted)}


def test_findings_of_elsewhere_are_waived_and_make_their_waiver_used() -> None:
    accepted = facts(waiver("RTE-23", "routers.us"), waiver("RTE-23", "routers.de"))
    routing = found("RTE-23", "routers.us.clusters")
    unused, one = judge(accepted, (), [routing], measured={Scope.FLEET, Scope.ROUTING})
    assert (one.rule, bool(one.waived)) == ("RTE-23", True)
    assert (unused.rule, unused.subject) == ("LIF-22", "waivers[1]")
    assert [finding.rule for finding in judge(accepted, (), [routing])] == ["RTE-23"], "who knows about de?"


def test_a_waiver_of_a_change_is_unused_only_against_another_inventory() -> None:
    accepted = waiver("LIF-09", "cells.us-aws-1")
    assert judge(facts(accepted)) == ()
    assert judge(facts(accepted, before=of_outputs({}))) == ()
    (unused,) = judge(facts(accepted, before=of_fleet(fleet(), None)))
    assert unused.rule == "LIF-22"


def test_a_waiver_of_what_was_not_looked_at_may_be_used() -> None:
    accepted = waiver("LIF-11", "localities.us")
    source = {"tenants": {"file": "tenants.csv", "authority": "inventory"}}
    assert judge(facts(accepted, changes=source)) == (), "nobody has read the tenants"
    assert [finding.rule for finding in judge(facts(accepted))] == ["LIF-22"]
