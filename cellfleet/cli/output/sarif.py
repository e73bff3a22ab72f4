"""Findings as SARIF 2.1.0, which code scanning services and editors read
(https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html)."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Sequence
from importlib.metadata import version
from typing import Any, Final, TextIO
from urllib.parse import quote

from cellfleet.cli.output.judged import judged
from cellfleet.cli.output.place import in_repository, page_of
from cellfleet.cli.output.text import escaped
from cellfleet.inventory.finding import Finding, Location, Rule, Scope

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def write(findings: Sequence[Finding], ran: Collection[Scope], stream: TextIO) -> None:
    """Write one run, with the rules that were judged and a result a finding."""
    families = judged(findings, ran)
    rules = [_rule(rule, title) for title, some in families.items() for rule in some]
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    driver = {"name": "cellfleet", "semanticVersion": version("cellfleet"), "rules": rules}
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": "cellfleet/"},
        "columnKind": "unicodeCodePoints",
        "results": list(map(_result, findings, _fingerprints(findings), (index[one.rule] for one in findings))),
    }
    json.dump({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, stream, indent=2)
    stream.write("\n")


def _rule(rule: Rule, family: str) -> dict[str, Any]:
    described = {
        "id": rule.id,
        "shortDescription": {"text": _text(rule.title)},
        "fullDescription": {"text": _text(rule.why)},
        "help": {"text": _text(f"{rule.why} What to do: {rule.remedy}.")},
        "defaultConfiguration": {"level": str(rule.severity)},
        "properties": {
            "tags": [family.partition(": ")[2]],
            "scope": [str(scope) for scope in rule.scope],
            "enforcement": str(rule.enforcement),
            "waivable": rule.waivable,
        },
    }
    page = page_of(rule.id)
    return {**described, "helpUri": page} if page else described


def _result(finding: Finding, fingerprint: str, index: int) -> dict[str, Any]:
    told = {"Seen": finding.measured, "Allowed": finding.limit, "Help": finding.remedy}
    lines = [finding.message, *(f"{title}: {value}" for title, value in told.items() if value)]
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": str(finding.severity),
        "message": {"text": "\n".join(map(_text, lines))},
        "locations": [_location(finding)],
        # the key by which GitHub knows a result again; lines may move meanwhile
        "partialFingerprints": {"primaryLocationLineHash": fingerprint},
        "properties": {"subject": finding.subject, "concerns": list(finding.concerns), "dated": finding.dated},
    }
    if finding.waived:
        # with no `status`, which the schema's editions call differently: it is accepted where none is given
        result["suppressions"] = [{"kind": "external", "justification": escaped(finding.waived)}]
    return result


def _location(finding: Finding) -> dict[str, Any]:
    file = in_repository(finding.location.file)
    uri = quote(file, safe="/", errors="surrogatepass")
    place: dict[str, Any] = {
        "artifactLocation": {"uri": f"file://{uri}"} if file.startswith("/") else {"uri": uri, "uriBaseId": "%SRCROOT%"}
    }
    if finding.location.line:
        place["region"] = _region(finding.location)
    logical = [{"fullyQualifiedName": finding.subject, "kind": "element"}]
    if finding.resource:
        logical.append({"fullyQualifiedName": finding.resource, "kind": "resource"})
    return {"physicalLocation": place, "logicalLocations": logical}


def _region(place: Location) -> dict[str, int]:
    return {"startLine": place.line, "startColumn": max(1, place.column), "endColumn": place.column + place.length}


def _fingerprints(findings: Sequence[Finding]) -> list[str]:
    """What tells each finding from the others, of its rule, its subject and its resource alone; those that have all
    three in common are numbered."""
    seen: Counter[str] = Counter()
    fingerprints = []
    for finding in findings:
        same = json.dumps([finding.rule, finding.subject, finding.resource])
        seen[same] += 1
        fingerprints.append(f"{hashlib.sha256(same.encode()).hexdigest()[:16]}:{seen[same]}")
    return fingerprints


def _text(text: str) -> str:
    """A message that means its text alone: braces would be placeholders (3.11.5), and `[...](...)` a link (3.11.6),
    for which the format has no escape that all readers know."""
    return escaped(text).replace("{", "{{").replace("}", "}}").replace("](", "] (")
