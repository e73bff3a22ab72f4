"""Rules as JUnit's test cases, for the CI systems that show those: a suite a family, a case a rule that was judged."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TextIO
from xml.etree import ElementTree as Xml

from cellfleet.cli.output import ORDER
from cellfleet.cli.output.judged import judged
from cellfleet.cli.output.text import escaped
from cellfleet.inventory.finding import Finding, Rule, Scope, Severity


def write(findings: Sequence[Finding], ran: Collection[Scope], fail_on: Severity, stream: TextIO) -> None:
    """Write a document. A case fails by findings of a severity that fails the command; what else was found, and what is
    waived, is its output."""
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    root = Xml.Element("testsuites", name="cellfleet")
    for title, rules in judged(findings, ran).items():
        suite = Xml.SubElement(root, "testsuite", name=title)
        for rule in rules:
            _case(suite, rule, by_rule.get(rule.id, []), fail_on)
        _count(suite)
    _count(root)
    Xml.indent(root)
    stream.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    # as ASCII, for a stream may have any encoding, whatever the first line says
    stream.write(Xml.tostring(root, encoding="us-ascii", xml_declaration=False).decode() + "\n")


def _case(suite: Xml.Element, rule: Rule, findings: Sequence[Finding], fail_on: Severity) -> None:
    case = Xml.SubElement(suite, "testcase", classname=f"cellfleet.{rule.id[:3]}", name=f"{rule.id} {rule.title}")
    failing = [
        one for one in findings if not one.waived and ORDER.index(one.severity) <= ORDER.index(Severity(fail_on))
    ]
    rest = [one for one in findings if one not in failing]
    if failing:
        more = f" (and {len(failing) - 1:,} more)" if len(failing) > 1 else ""
        failure = Xml.SubElement(case, "failure", type=rule.id, message=escaped(failing[0].message) + more)
        failure.text = "\n\n".join(map(_told, failing))
    if rest:
        Xml.SubElement(case, "system-out").text = "\n\n".join(map(_told, rest))


def _told(finding: Finding) -> str:
    said = {
        "seen": finding.measured,
        "allowed": finding.limit,
        "resource": finding.resource,
        "waived": finding.waived,
        "help": finding.remedy,
    }
    heading = f"{finding.location}: {finding.severity}: {finding.message}"
    return "\n".join(map(escaped, [heading, *(f"  {title}: {value}" for title, value in said.items() if value)]))


def _count(element: Xml.Element) -> None:
    element.set("tests", str(sum(1 for _ in element.iter("testcase"))))
    element.set("failures", str(sum(1 for _ in element.iter("failure"))))
