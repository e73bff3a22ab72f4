"""Faults on request: what goes wrong, for what, and how often; kept in the books, so that they outlive a death."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sandbox.books import Books


class FaultKind(StrEnum):
    """What goes wrong."""

    THROTTLE = "throttle"
    """The API refuses the call for there being too many."""
    FAIL = "fail"
    """The API fails with an error of its own."""
    LATENCY = "latency"
    """The call takes some seconds more."""
    DIE_BEFORE_CREATE = "die-before-create"
    """The sandbox dies before it has made anything."""
    DIE_AFTER_CREATE = "die-after-create"
    """The sandbox dies when the thing is made, and the caller has not heard of it."""


_ONLY_CREATE: Final = (FaultKind.DIE_BEFORE_CREATE, FaultKind.DIE_AFTER_CREATE)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault that waits for its trigger."""

    number: int
    type: str
    """A type's token, with `*` for anything."""
    cell: str
    """A cell's name; empty for any."""
    kind: FaultKind
    times: int
    """How often it will still happen."""
    seconds: float
    """Of latency."""


def add(books: Books, *, type_: str, cell: str, kind: FaultKind, times: int, seconds: float) -> None:
    with books.transaction():
        books.query(
            "INSERT INTO faults (type, cell, kind, times, seconds) VALUES (?,?,?,?,?)",
            type_,
            cell,
            kind,
            times,
            seconds,
        )


def standing(books: Books) -> list[Fault]:
    rows = books.query("SELECT number, type, cell, kind, times, seconds FROM faults WHERE times > 0 ORDER BY number")
    return [
        Fault(number, type_, cell, FaultKind(kind), times, seconds)
        for number, type_, cell, kind, times, seconds in rows
    ]


def clear(books: Books) -> None:
    with books.transaction():
        books.query("DELETE FROM faults")


def due(books: Books, token: str, urn: str, operation: str) -> list[Fault]:
    """The faults that a `create`, `update` or `delete` of a resource meets now; each counts as met once."""
    met = [
        fault
        for fault in standing(books)
        if fnmatch.fnmatchcase(token, fault.type)
        and fault.cell in ("", _cell_of(urn))
        and (operation == "create" or fault.kind not in _ONLY_CREATE)
    ]
    if not met:
        return []
    with books.transaction():
        # two callers may have seen the last one: only who takes it meets it
        return [
            fault
            for fault in met
            if books.query("UPDATE faults SET times=times-1 WHERE number=? AND times>0 RETURNING 1", fault.number)
        ]


def _cell_of(urn: str) -> str:
    """The cell whose stack a URN is of; empty where it is of another stack."""
    stack = urn.split(":")[2] if urn.startswith("urn:pulumi:") else ""
    return stack.split("-", 1)[1] if re.match(r"(cell|workload)-", stack) else ""
