"""What is found wrong: rules, findings and where in the inventory they point."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a violation is."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Rule:
    """A check with a stable id; an id is never used again for another."""

    id: str
    """`INV-03`, `CAP-03`."""
    title: str
    severity: Severity
    why: str
    remedy: str


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
