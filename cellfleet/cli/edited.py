"""An edit of the inventory and its tenants, from what is meant to files that say so: what every verb that edits does.

The edited files are made aside, read back, compared with what was meant and judged. An edit that violates what was not
violated before is refused with the finding, and so is one that cannot be understood; then nothing is written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from cellfleet.cli import BAD_INVOCATION, VIOLATED
from cellfleet.cli.files import replace_all
from cellfleet.cli.output import diff, text
from cellfleet.cli.staged import Staged, changed_meanwhile, recounted, stage, state_of
from cellfleet.inventory.edit.draft import Draft
from cellfleet.inventory.edit.lines import changes, lines
from cellfleet.inventory.finding import Finding, Invalid, Severity
from cellfleet.inventory.model import Fleet
from policies.judge import judge
from policies.lifecycle.before import of_fleet
from policies.rule import Facts
from policies.stopping import eases

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import Tenants
    from cellfleet.inventory.tenants.edit import Row

Diff = Annotated[bool, Parameter(name="--diff", negative="")]
"""The option that every verb which edits has: show the lines that would change, and change nothing."""

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Edits:
    """What is meant."""

    fleet: Fleet
    """As it is."""
    tenants: Tenants | None
    draft: Draft
    cells: Mapping[str, str] = field(default_factory=dict)
    """The cells that tenants are to be in, by the tenants' ids."""
    rows: Sequence[Row] = ()
    """Tenants to add."""
    withdrawing: bool = False
    """Whether a cell is taken out of service by it, which lack of room must not stop."""


@dataclass(frozen=True)
class Outcome:
    """What has become of it."""

    exit_code: int
    written: bool = False
    findings: tuple[Finding, ...] = ()
    """Those that were not there before."""
    changed: Mapping[str, int] = field(default_factory=dict)
    """How many lines of each file are others, or would be."""

    def __str__(self) -> str:
        said = [f"{count:,} line{'s' if count != 1 else ''} of {file}" for file, count in self.changed.items() if count]
        if not said:
            return "No line is to be changed."
        return f"{' and '.join(said)} {'changed' if self.written else 'would change; nothing is written'}."


def carry_out(edits: Edits, inventory: Path, as_of: date, *, dry: bool, show: bool) -> Outcome:
    """Edit the files; or, `dry`, find out what would come of it. `show` writes the changed lines to stdout.

    Findings go to stderr. Raises Failure where a file cannot be written.
    """
    texts = edits.draft.texts
    with TemporaryDirectory() as folder:
        try:
            fleet = edits.draft.done()
            staged = stage(edits.tenants, fleet, edits.cells, edits.rows, inventory, Path(folder))
        except Invalid as invalid:
            text.write(invalid.findings, sys.stderr, texts)
            return Outcome(BAD_INVOCATION, findings=invalid.findings)
        tenants = staged.tenants if staged else recounted(edits.tenants, fleet)
        if show:
            _show(edits.draft, staged)
        found, refused = _judged(edits, fleet, tenants, as_of)
        text.write(found, sys.stderr, texts)
        changed = _changed(edits.draft, staged)
        if refused:
            print("The edit would violate what is not violated now: nothing is written.", file=sys.stderr)
            return Outcome(VIOLATED, findings=found, changed=changed)
        if not dry:
            _write(edits.draft, staged)
        return Outcome(0, not dry, found, changed)


def _judged(
    edits: Edits, fleet: Fleet, tenants: Tenants | None, as_of: date
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The findings that were not there before, and those of them that stop the edit."""
    known = {about for finding in judge(Facts(edits.fleet, edits.tenants, as_of)) for about in _about(finding)}
    after = judge(Facts(fleet, tenants, as_of, of_fleet(edits.fleet, edits.tenants)))
    found = tuple(finding for finding in after if not finding.waived and known.isdisjoint(_about(finding)))
    refused = tuple(
        finding
        for finding in found
        if finding.severity is Severity.ERROR and not (eases(finding) and (edits.withdrawing or finding.dated))
    )
    return found, refused


def _about(finding: Finding) -> Iterator[tuple[str, Severity, str]]:
    """What two findings of the same violation have in common: lines move, figures change, and a locality that is short
    of room is so by whichever of its cells is fullest."""
    if not finding.waived:
        yield finding.rule, finding.severity, finding.subject
        if finding.rule.startswith("CAP-"):
            yield from ((finding.rule, finding.severity, one) for one in finding.concerns if one.startswith("local"))


def _show(draft: Draft, staged: Staged | None) -> None:
    for name, one in draft.files.items():
        diff.write(name, [*changes(one.text.content, one.edits)], lines(one.text.content), sys.stdout)
    if staged:
        diff.write(str(staged.file), staged.changes, None, sys.stdout)


def _changed(draft: Draft, staged: Staged | None) -> dict[str, int]:
    """How many lines of each file are others."""
    files = {name: [*changes(one.text.content, one.edits)] for name, one in draft.files.items()}
    if staged:
        files[str(staged.file)] = [*staged.changes]
    return {file: sum(max(len(one.before), len(one.after)) for one in changed) for file, changed in files.items()}


def _write(draft: Draft, staged: Staged | None) -> None:
    contents: dict[Path, bytes | Path] = {}
    for name, one in draft.files.items():
        before = Path(name).read_bytes() if Path(name).is_file() else b""
        mark = _BYTE_ORDER_MARK if before.startswith(_BYTE_ORDER_MARK) else b""
        if before.removeprefix(mark) != one.text.content.encode():
            raise changed_meanwhile(name)
        contents[Path(name)] = mark + one.edited.encode()
    if staged:
        if state_of(staged.file) != staged.seen:
            raise changed_meanwhile(staged.file)
        contents[staged.file] = staged.aside
    replace_all(contents)
