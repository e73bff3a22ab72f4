"""Which findings stop which stacks: never those of elsewhere, and of capacity and dates only what adds to the fleet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from cellfleet.inventory.finding import Finding, Location, Severity
from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.inventory.stack import Stack
from policies.judge import judge
from policies.lifecycle.declared import declared
from policies.rule import Facts
from policies.stopping import adds, concerning, sentence, stopping, told
from tests.fleets import fleet
from tests.policies.case import TODAY

DISK = "urn:pulumi:{}::acme-production::aws:ebs/volume:Volume::disk"


def found(rule: str, *concerns: str, **more: Any) -> Finding:
    """A violation of a rule by what it concerns."""
    place = Location("cells.yaml", 7, 3)
    return Finding(
        rule, Severity.ERROR, concerns[0] if concerns else "fleet", place, "wrong", concerns=concerns, **more
    )


CELL = found("ISO-04", "cells.us-aws-1")
LOCALITY = found("RTE-03", "localities.us")
PAIR = found("ISO-04", "cells.us-gcp-1", "cells.us-aws-1")
WARNING = replace(CELL, severity=Severity.WARNING)
WAIVED = replace(CELL, waived="ctrl, until 2027-01-31: soon")
ENDED = replace(CELL, dated=True)  # its waiver ended
SHORT = found("CAP-01", "cells.us-aws-1")
SHORTAGE = found("CAP-03", "localities.us")
RESOURCE = found("ISO-14", resource=DISK.format("dns"))


def was(**changed: Any) -> Mapping[str, Any]:
    """What the cell's stack said of itself when it was deployed."""
    cell = fleet().cells["us-aws-1"]
    assert isinstance(cell, ManagedCell)
    return {"declared": {**declared(fleet(), cell), **changed}}


def stops(finding: Finding, stack: str, outputs: Mapping[str, Any] | None, here: Fleet | None = None) -> bool:
    asked, here = Stack.parse(stack), here or fleet()
    return [*stopping(here, asked, [finding], adds=adds(here, asked, outputs))] == [finding]


DEPLOYED = was()


@pytest.mark.parametrize("outputs", [None, DEPLOYED], ids=["first", "again"])
@pytest.mark.parametrize(
    ("finding", "stack", "expected"),
    [
        (CELL, "cell-us-aws-1", True),
        (CELL, "workload-us-aws-1", True),
        (CELL, "cell-us-gcp-1", False),
        (CELL, "workload-us-gcp-1", False),
        (CELL, "registry-us", False),
        (CELL, "routing-us", False),
        (CELL, "dns", False),
        (PAIR, "cell-us-aws-1", True),
        (PAIR, "cell-us-gcp-1", True),
        (PAIR, "cell-us-azure-1", False),
        (LOCALITY, "cell-us-aws-1", True),
        (LOCALITY, "workload-us-aws-1", True),
        (LOCALITY, "registry-us", True),
        (LOCALITY, "routing-us", True),
        (LOCALITY, "cell-de-gcp-1", False),
        (LOCALITY, "registry-de", False),
        (LOCALITY, "routing-de", False),
        (LOCALITY, "dns", False),
        (WARNING, "cell-us-aws-1", False),
        (WAIVED, "cell-us-aws-1", False),
        (RESOURCE, "dns", True),
        (RESOURCE, "cell-us-aws-1", False),
        (found("ISO-14", resource=DISK.format("dns-2")), "dns", False),
        (found("ISO-14"), "dns", False),
    ],
)
def test_a_stack_is_stopped_for_its_own_cell_and_locality_whether_or_not_it_stands(
    finding: Finding, stack: str, expected: bool, outputs: Mapping[str, Any] | None
) -> None:
    assert stops(finding, stack, outputs) is expected


@pytest.mark.parametrize("finding", [SHORT, ENDED], ids=["capacity", "date"])
@pytest.mark.parametrize(
    ("stack", "changes", "outputs", "expected"),
    [
        ("cell-us-aws-1", {}, None, True),
        ("cell-us-aws-1", {}, {}, True),  # a stack that was made, and nothing in it
        ("cell-us-aws-1", {"state": "provisioning"}, None, True),
        ("cell-us-aws-1", {"state": "cordoned"}, None, False),  # what is lost is restored as it was
        ("cell-us-aws-1", {"class": "large"}, DEPLOYED, True),
        ("cell-us-aws-1", {}, was(state="provisioning"), True),  # it begins to take tenants
        ("cell-us-aws-1", {}, was(state="cordoned"), False),  # it took them before
        ("cell-us-aws-1", {}, was(state="draining"), False),
        ("cell-us-aws-1", {"state": "provisioning"}, was(state="provisioning"), False),
        ("cell-us-aws-1", {}, DEPLOYED, False),
        ("cell-us-aws-1", {}, {"network": "vpc-1"}, False),  # deployed before it said what it is
        ("cell-us-aws-1", {"state": "draining"}, DEPLOYED, False),
        ("cell-us-aws-1", {"state": "draining", "class": "large"}, DEPLOYED, False),
        ("cell-us-aws-1", {"state": "cordoned"}, DEPLOYED, False),
        ("cell-us-aws-1", {"state": "retired"}, was(state="draining"), False),
        ("cell-us-gcp-1", {}, None, False),
        ("cell-us-aws-1", {"restores": "us-old-1"}, None, False),  # a lost one is restored, active at once
        ("cell-us-aws-1", {"restores": "us-old-1"}, was(state="provisioning"), False),
        ("cell-us-aws-1", {"restores": "us-old-1", "class": "large"}, DEPLOYED, True),
        ("workload-us-aws-1", {"restores": "us-old-1"}, None, False),
        ("workload-us-aws-1", {"state": "cordoned"}, None, False),  # what is lost is restored as it was
        ("workload-us-aws-1", {}, None, True),
        ("workload-us-aws-1", {"release": "26.10.0"}, {"release": "26.11.0"}, False),  # a rollback
        ("workload-us-aws-1", {"state": "draining"}, {"release": "26.11.0"}, False),
        ("registry-us", {}, None, False),
        ("routing-us", {}, None, False),
    ],
)
def test_capacity_and_dates_of_a_cell_stop_what_adds_to_the_fleet(
    stack: str, changes: Mapping[str, Any], outputs: Mapping[str, Any] | None, expected: bool, finding: Finding
) -> None:
    here = fleet({f"cells.us-aws-1.{name}": value for name, value in changes.items()})
    assert stops(finding, stack, outputs, here) is expected


@pytest.mark.parametrize(
    ("stack", "outputs", "expected"),
    [
        ("cell-us-aws-1", None, False),  # the cell that is added is the cure
        ("workload-us-aws-1", None, False),
        ("cell-us-aws-1", DEPLOYED, False),
        ("registry-us", None, True),
        ("registry-us", {"generation": 3}, False),
        ("routing-us", None, True),
        ("routing-us", {"cells": ["us-aws-1"]}, False),
        ("routing-de", None, False),
        ("cell-de-gcp-1", None, False),
    ],
)
def test_a_shortage_of_a_locality_stops_no_cell_and_nothing_that_stands(
    stack: str, outputs: Mapping[str, Any] | None, expected: bool
) -> None:
    assert stops(SHORTAGE, stack, outputs) is expected


def test_what_somebody_takes_upon_himself_stops_nothing_and_the_rest_does() -> None:
    stack = Stack.parse("cell-us-aws-1")
    assert [*stopping(fleet(), stack, [CELL, SHORT], adds=True, accepted={"CAP-01": "for a week"})] == [CELL]


OVERLAP = {
    "cells.us-aws-1.cidr": "10.0.16.0/20",
    "waivers": [
        {
            "rule": "ISO-04",
            "subjects": ["cells.us-aws-1", "cells.us-gcp-1"],
            "owner": "ctrl",
            "reason": "it is moved in January",
            "expires": "2027-01-31",
        }
    ],
}


@pytest.mark.parametrize(
    ("day", "first", "again"),
    [(date(2027, 1, 31), False, False), (date(2027, 2, 1), True, False)],
    ids=["last day", "day after"],
)
def test_a_waiver_that_ends_stops_what_is_new_and_no_repair(day: date, first: bool, again: bool) -> None:
    here, stack = fleet(OVERLAP), Stack.parse("cell-us-aws-1")
    own = [finding for finding in judge(Facts(here, None, day)) if finding.rule == "ISO-04"]
    assert own
    assert bool([*stopping(here, stack, own, adds=adds(here, stack, None))]) is first
    assert bool([*stopping(here, stack, own, adds=adds(here, stack, DEPLOYED))]) is again


def test_a_cell_of_one_zone_is_not_made_and_is_drained_where_it_stands() -> None:
    single = fleet({"cells.us-aws-1.zones": ["us-west-2a"]})
    (finding,) = (one for one in judge(Facts(single, None, TODAY)) if one.rule == "CAP-07")
    assert stops(finding, "cell-us-aws-1", None, single)
    assert not stops(finding, "cell-us-aws-1", DEPLOYED, single)
    assert not [*concerning(single, Stack.parse("cell-us-gcp-1"), [finding])]


def test_a_finding_is_told_in_a_line_with_its_place_and_who_waived_it() -> None:
    measured = replace(CELL, measured="10.0.16.0/20", limit="free")
    assert told(measured) == "cells.yaml:7:3: ISO-04 wrong (10.0.16.0/20; allowed: free)."
    assert told(WAIVED) == "cells.yaml:7:3: ISO-04 wrong. Waived by ctrl, until 2027-01-31: soon."
    assert sentence("give it another range") == "Give it another range."
    assert sentence("did you mean us-aws-1?") == "Did you mean us-aws-1?"
