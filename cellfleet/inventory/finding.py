"""What is found wrong: rules, findings and where in the inventory they point."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import Final


class Severity(StrEnum):
    """How bad a violation is."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Enforcement(StrEnum):
    """What a violation does where something is about to be deployed."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"


class Scope(StrEnum):
    """What a rule is measured on."""

    INVENTORY = "inventory"
    """The files, as they are written."""
    FLEET = "fleet"
    """A fleet that can be understood, and its tenants."""
    CHANGE = "change"
    """A fleet against what it was: the merge base in review, what is deployed in `up`."""
    RESOURCES = "resources"
    """The resources of one stack: recorded, about to be made, or deployed."""
    ROUTING = "routing"
    """What routers are given."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number that a rule measures by, which a fleet can set: `policies: {CAP-01: {warn: 0.75}}`."""

    name: str
    default: float
    meaning: str
    """With its unit."""
    least: float = 0.0
    most: float = inf


DOCS: Final = "docs/rules.md"
"""The page that has all rules."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A check with a stable id; an id is never used again for another."""

    id: str
    """`INV-03`, `CAP-03`."""
    title: str
    severity: Severity
    """Of its worst finding."""
    why: str
    remedy: str
    scope: tuple[Scope, ...] = (Scope.INVENTORY,)
    numbers: tuple[Number, ...] = ()
    waivable: bool = True

    @property
    def enforcement(self) -> Enforcement:
        return Enforcement.MANDATORY if self.severity is Severity.ERROR else Enforcement.ADVISORY

    @property
    def docs(self) -> str:
        """Where it is explained, relative to the repository: `docs/rules.md#cap-03`."""
        return f"{DOCS}#{self.id.lower()}"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file that a person can go to. Lines and columns count from 1; 0 is "the file as a whole"."""

    file: str
    line: int = 0
    column: int = 0
    length: int = 1
    """Characters that the caret underlines."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule violated by one subject, where a person can fix it."""

    rule: str
    severity: Severity
    subject: str
    """The dotted path of what is wrong: `cells.us-aws-1.region`."""
    location: Location
    """Of the value itself, not of its block."""
    message: str
    measured: str = ""
    """What was seen."""
    limit: str = ""
    """What is allowed."""
    remedy: str = ""
    """What to do, `did you mean` among it."""
    concerns: tuple[str, ...] = ()
    """The cells and localities whose stacks it stops: `cells.us-aws-1`, `localities.us`."""
    resource: str = ""
    """The URN of the resource that it is about, if it is about one."""
    waived: str = ""
    """By whom, until when and why it is accepted; empty where it is not."""
    dated: bool = False
    """Whether it is one only because of the day: with an earlier one there would be none, or it would be waived."""


@dataclass(frozen=True, slots=True)
class TenantFile:
    """The tenant file that an inventory names, relative to it, and the cells that its tenants can be in."""

    file: str
    cells: tuple[str, ...]
    project_keys: str | None = None
    """The file of the tenants' project keys."""


class Invalid(Exception):
    """An inventory that cannot be understood, with everything that is wrong with it, sorted by place."""

    def __init__(self, findings: tuple[Finding, ...], tenants: TenantFile | None = None) -> None:
        super().__init__(f"{len(findings)} finding(s)")
        self.findings = findings
        self.tenants = tenants
        """Where so much of the inventory can be read, so that one run tells what is wrong with the tenants too."""
