"""From cells.yaml to a `Fleet`, or to everything that is wrong with it.

The file and those that it includes are read (`source`, `include`), what only their text shows is looked for (`text`),
`defaults` are merged under the managed cells, and the whole is held against the model (`mismatch`), names against
declarations (`reference`) and cells against their providers (`provider`). Each step goes on where an earlier one
found faults, so that one run tells all of them. Where they stand is looked up at the end, and only if there are any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path as File
from typing import Any

from pydantic import ValidationError

from cellfleet.inventory import rules
from cellfleet.inventory.defaults import default_faults, name_faults, with_defaults
from cellfleet.inventory.fault import Fault, Path, dotted
from cellfleet.inventory.finding import Finding, Invalid, Location, TenantFile
from cellfleet.inventory.include import combined, included
from cellfleet.inventory.locate import Origin, Text
from cellfleet.inventory.mismatch import mismatches
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.provider import provider_faults
from cellfleet.inventory.reference import references
from cellfleet.inventory.routes import route_faults
from cellfleet.inventory.source import Document, read
from cellfleet.inventory.text import unclear


def load(path: File, read: Callable[[File], Document] = read) -> Fleet:
    """Read the inventory at `path`, with the files that it includes.

    `read` gives the document of a file, where some are not to be taken as they stand on disk. Raises Invalid with
    everything that is wrong with it, sorted by file, line and column.
    """
    main = read(path)
    if main.content is None:
        raise Invalid(_sorted(_textual([main])))
    further, faults = included(path, main.content.get("include"), read)
    documents = [main, *further]
    cells, owners, foreign = combined(main.content, further)
    document = {key: value for key, value in main.content.items() if key not in ("cells", "defaults", "include")}
    defaults = main.content.get("defaults")
    faults += default_faults(defaults)
    if isinstance(cells, dict):
        faults += name_faults(cells)
        document["cells"] = with_defaults(cells, defaults)
    elif cells is not None:
        document["cells"] = cells
    fleet = None
    try:
        fleet = Fleet.model_validate(document, by_alias=True, by_name=False)
    except ValidationError as error:
        faults += mismatches(error)
    whole = all(one.content is not None for one in documents)
    if whole:  # otherwise nobody knows what the others declare
        faults += references(document)
    faults += provider_faults(document)
    faults += route_faults(document)
    findings = _textual(documents)
    origin = Origin(_text(main), {name: _text(one) for name, one in owners.items()})
    if fleet is None or faults or foreign or findings:
        findings += _located(faults, document, origin, {finding.location for finding in findings})
        findings += (_finding(fault, fault.path, _within(one, fault)) for one, fault in foreign)
        raise Invalid(_sorted(findings), _tenant_file(document) if whole else None)
    fleet._origin = origin
    return fleet


def _tenant_file(document: Mapping[str, Any]) -> TenantFile | None:
    """What an inventory that is otherwise wrong says of its tenants."""
    match document:
        case {"tenants": {"file": str(file)}, "cells": dict(cells)}:
            keys = document["tenants"].get("project_keys")
            return TenantFile(file, tuple(str(name) for name in cells), keys if isinstance(keys, str) else None)
        case _:
            return None


def _text(document: Document) -> Text:
    return Text(document.file, document.text)


def _textual(documents: Sequence[Document]) -> list[Finding]:
    """What is wrong with the texts. A parser's complaint that tells no place gives way to a finding that does."""
    explained = [finding for document in documents for finding in unclear(document)]
    files = {finding.location.file for finding in explained}
    return explained + [
        finding
        for document in documents
        for finding in document.findings
        if finding.location.line or finding.location.file not in files
    ]


def _located(
    faults: Sequence[Fault], document: Mapping[str, Any], origin: Origin, explained: set[Location]
) -> Iterator[Finding]:
    """The faults where they stand, each once: what is wrong in `defaults` is wrong in every cell.

    A value that the text alone explains, such as `no` for false, is not said to be of a wrong type too.
    """
    written = [_as_written(fault.path, document) for fault in faults]
    wanted = [
        (path[:-1] if fault.rule is rules.MISSING else path, fault.at_key)
        for fault, path in zip(faults, written, strict=True)
    ]
    places = origin.places(set(wanted))
    told: set[tuple[str, Path, str]] = set()
    for fault, path, want in zip(faults, written, wanted, strict=True):
        place = places[want]
        moved = place.path != want[0]
        key = (fault.rule.id, place.path, "" if moved or place.path[:1] == ("defaults",) else fault.message)
        if key not in told and place.location not in explained:
            told.add(key)
            yield _finding(fault, place.path if moved else path, place.location)


def _within(document: Document, fault: Fault) -> Location:
    """Where a fault stands whose path is that of an included file, and not of the whole."""
    from cellfleet.inventory.position import Positions

    return Positions(document.file, document.text, [fault.path]).nearest(fault.path, at_key=fault.at_key)


def _as_written(path: Path, document: Any) -> Path:
    """The path with keys that are no text, such as the number 5, as their text."""
    written: list[str | int] = []
    for part in path:
        written.append(str(part) if isinstance(document, dict) else part)
        try:
            document = document[part]
        except (LookupError, TypeError):
            document = None
    return tuple(written)


def _finding(fault: Fault, path: Path, location: Location) -> Finding:
    return Finding(
        rule=fault.rule.id,
        severity=fault.rule.severity,
        subject=dotted(path),
        location=location,
        message=fault.message,
        measured=fault.measured,
        limit=fault.limit,
        remedy=fault.remedy or fault.rule.remedy,
    )


def _sorted(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: (finding.location, finding.rule, finding.message)))
