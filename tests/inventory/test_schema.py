"""The JSON Schema of an inventory rejects what the loader rejects, but for what no schema can say."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
import yaml_rs
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from cellfleet.inventory.finding import Finding, Invalid
from cellfleet.inventory.load import load
from cellfleet.inventory.schema import schema
from tests.fleets import document, text
from tests.inventory.test_load import BREAKS

SCHEMA = Draft202012Validator(schema())
LOADER_ONLY = {
    "INV-02": "what is no YAML never gets to a schema",
    "INV-03": "a parser has dropped the first of two keys",
    "INV-08": "a parser has chosen one reading",
    "INV-09": "a parser has merged or dropped them",
    "INV-10": "a schema cannot compare a name with names elsewhere",
    "INV-11": "nor an id with other ids",
    "INV-12": "the form of an account depends on its provider",
    "INV-13": "regions come and go, and editors keep old schemas",
    "INV-14": "zones depend on the region",
    "INV-15": "the size of a range depends on its provider",
    "INV-16": "what a cell needs depends on its provider",
    "INV-17": "services are names elsewhere",
    "INV-18": "a schema cannot compare two numbers",
    "INV-19": "the files that a pattern matches are not in the document",
    "INV-21": "which names a route's patterns may have depends on each other",
    "INV-23": "a schema has the form of names, and not which of them are taken",
}
UNSAYABLE = ("no host bits set", "four numbers up to 255", "a day of the calendar", "a finite number")
"""What the loader allows, where a schema's pattern cannot tell the same."""


def structural(findings: tuple[Finding, ...]) -> list[Finding]:
    """The findings that a schema should have too."""
    return [
        finding for finding in findings if finding.rule not in LOADER_ONLY and not finding.limit.startswith(UNSAYABLE)
    ]


def findings(content: str) -> tuple[Finding, ...]:
    with TemporaryDirectory() as folder:
        (Path(folder) / "cells.yaml").write_text(content)
        try:
            load(Path(folder) / "cells.yaml")
        except Invalid as invalid:
            return invalid.findings
    return ()


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema())
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_committed_schema_is_what_the_model_says() -> None:
    from cellfleet.inventory.schema import text as written

    assert (Path(__file__).parents[2] / "schemas" / "cells.schema.json").read_text() == written()


@pytest.mark.parametrize(
    "content", [text(), (Path(__file__).parents[2] / "cells.yaml").read_text()], ids=["ours", "example"]
)
def test_what_loads_is_valid(content: str) -> None:
    assert [*SCHEMA.iter_errors(yaml_rs.loads(content, parse_datetime=False))] == []


@pytest.mark.parametrize(
    ("before", "after"),
    [(before, after) for _, before, after, _, _ in BREAKS],
    ids=[f"{b[0]}-{b[2].strip()}" for b in BREAKS],
)
def test_schema_and_loader_agree_on_what_is_broken(before: str, after: str) -> None:
    content = text().replace(before, after, 1)
    try:
        parsed = yaml_rs.loads(content, parse_datetime=False)
    except yaml_rs.YAMLDecodeError:
        assert findings(content)
    else:
        found = findings(content)
        rejected = not SCHEMA.is_valid(parsed)
        assert rejected or not structural(found)
        assert found or not rejected


def paths(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, one in inner for path in paths(one, (*at, key)))]


WHOLE: dict[str, Any] = {
    **document(
        {
            "tenants": {"file": "tenants.csv", "authority": "directory", "as_of": "2026-11-20"},
            "routes": [{"host": "{tenant}.acme.io", "path": "/*", "service": "web", "elsewhere": "proxy"}],
            "tombstones": [{"name": "us-old-1", "id": 9, "cidr": "10.0.144.0/20", "removed": "2026-05-01"}],
            "waivers": [{"rule": "CAP-10", "subjects": ["a"], "owner": "b", "reason": "c", "expires": "2027-01-31"}],
            "policies": {"CAP-01": {"warn": 0.75}},
            "cells.us-old": {"id": 7, "locality": "us", "managed": False, "address": "old.acme.io", "class": "small"},
            "cells.us-old.ring": "broad",
            "cells.us-old.state": "active",
            "cells.us-old.id_ranges": [[1, 9]],
            "cells.us-aws-1.replication": {"region": "us-east-1", "rpo_minutes": 5, "rto_minutes": 60},
        }
    ),
    "defaults": {"pod_cidr": "100.64.0.0/14", "backup": {"retention_days": 14}, "ring": "broad"},
}
PATHS = [path for path in paths(WHOLE) if path]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 100),
    st.floats(-5, 100).filter(lambda number: number != int(number)),  # 5.0 is an integer to a schema alone
    st.sampled_from(["", "a", "us", "A", "a b", "/x", "x.csv", "10.0.0.0/20", "2026-01-01", "a.io", "x" * 30, "A-1"]),
    st.sampled_from([[], {}, [1], ["a"], [[1, 2]], {"a": 1}, {"name": "a"}, {"a": {}}, {"region": "x"}]),
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PATHS), VALUES, st.sampled_from(["replace", "remove", "add"]))
def test_schema_and_loader_agree_on_any_one_change(path: tuple[str | int, ...], value: Any, how: str) -> None:
    changed = copy.deepcopy(WHOLE)
    inside: Any = changed
    for key in path[:-1]:
        inside = inside[key]
    match how:
        case "remove":
            del inside[path[-1]]
        case "add" if isinstance(inside, dict):
            inside[f"{path[-1]}x"] = value
        case _:
            inside[path[-1]] = value
    content = yaml.safe_dump(changed, sort_keys=False)
    errors = [error.message for error in SCHEMA.iter_errors(changed)]
    assert bool(structural(findings(content))) == bool(errors), (content, errors, findings(content))


def test_the_cue_schema_that_check_is_measured_beside_has_every_key() -> None:
    cue = (Path(__file__).parents[2] / "benchmarks/cells.cue").read_text()
    written = {*re.findall(r"\b(\w+)(?:[!?]|(?=: \*))", cue)}
    declared = schema()
    keys = {key for one in [declared, *declared["$defs"].values()] for key in one.get("properties", {})}
    assert keys <= written
