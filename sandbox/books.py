"""The books: everything that the sandbox's clouds hold, on disk, in one SQLite file.

A change is in the books before its caller is told of it, and survives the death of the process (kill -9) at any point.
Other processes read and change the same file while the server runs: recovery, `drift` and `fault` do.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FILE: Final = "books.sqlite"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS made (
    sdk TEXT, realm TEXT, type TEXT, id TEXT, urn TEXT, account TEXT, location TEXT, seed TEXT, claim TEXT UNIQUE,
    inputs TEXT, outputs TEXT, at REAL, PRIMARY KEY (sdk, realm, type, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS made_by_urn ON made (urn);
CREATE INDEX IF NOT EXISTS made_by_place ON made (sdk, account, type, location);
CREATE TABLE IF NOT EXISTS makings (urn TEXT PRIMARY KEY, times INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS faults (
    number INTEGER PRIMARY KEY, type TEXT, cell TEXT, kind TEXT, times INTEGER, seconds REAL
);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
"""
_COLUMNS: Final = "sdk, realm, type, id, urn, account, location, seed, claim, inputs, outputs, at"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a cloud something is."""

    account: str
    """AWS account, GCP project, Azure subscription, or the cluster."""
    location: str
    """Region or zone, which quotas count by; empty for what is global."""
    realm: str
    """Within which a type's ids are unique: `<account>/<region>` on AWS, empty where the id says it all."""


@dataclass(frozen=True, slots=True)
class Made:
    """One thing that a cloud holds."""

    sdk: str
    type: str
    id: str
    urn: str
    place: Place
    seed: str
    """What its made-up values derive from; another thing of the same URN has another."""
    claim: str | None
    """A name that nothing else in the books may have."""
    inputs: Mapping[str, Any]
    """As last written, and as drifted since; secrets are veiled."""
    outputs: Mapping[str, Any]
    at: float
    """When it was made, in seconds since 1970."""


class ClaimedError(Exception):
    """The name is taken by something else."""


class Books:
    """The books of the sandbox in a folder; made when they do not exist. Close them when done."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(folder / FILE, timeout=30, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        # NORMAL outlives the process, not a power cut: the state of a sandbox is not worth a disk flush a resource
        self._connection.execute("PRAGMA synchronous=NORMAL")
        if self._connection.execute("PRAGMA user_version").fetchone()[0] == 0:
            with self.transaction():
                for statement in _SCHEMA.split(";"):
                    self._connection.execute(statement)
                self._connection.execute("INSERT OR IGNORE INTO settings VALUES ('veil', ?)", (secrets.token_hex(32),))
                self._connection.execute("PRAGMA user_version=1")
        self.veil: Final = bytes.fromhex(
            self._connection.execute("SELECT value FROM settings WHERE name='veil'").fetchone()[0]
        )

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Books:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and nobody else in between."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement; for the modules of this package."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def find(self, urn: str) -> list[str]:
        """The ids of everything made for a URN and not deleted since, oldest first."""
        return [row[0] for row in self.query("SELECT id FROM made WHERE urn=? ORDER BY at", urn)]

    def of_stack(self, project: str, stack: str) -> list[tuple[str, str]]:
        """The URN and id of everything made in a stack and not deleted since."""
        first, last = f"urn:pulumi:{stack}::{project}::", f"urn:pulumi:{stack}::{project}:;"  # ; is what follows :
        return [(urn, id_) for urn, id_ in self.query("SELECT urn, id FROM made WHERE urn>=? AND urn<?", first, last)]

    def duplicates(self) -> list[tuple[str, list[str]]]:
        """The URNs for which more than one thing stands, with its ids: made twice, or not replaced to the end."""
        doubled = self.query("SELECT urn FROM made GROUP BY urn HAVING count(*) > 1 ORDER BY urn")
        return [(urn, self.find(urn)) for (urn,) in doubled]

    def all(self, *, sdk: str = "", matching: str = "") -> list[Made]:
        """Everything that stands, by URN; of one SDK, and with an id, URN or type that contains a text, if asked."""
        rows = self.query(
            f"SELECT {_COLUMNS} FROM made WHERE (?='' OR sdk=?) AND (?='' OR instr(urn || ' ' || id || ' ' || type, ?))"
            " ORDER BY urn, at",
            sdk, sdk, matching, matching,
        )  # fmt: skip
        return [_made(row) for row in rows]

    def get(self, sdk: str, realm: str, type_: str, id_: str) -> Made | None:
        rows = self.query(
            f"SELECT {_COLUMNS} FROM made WHERE sdk=? AND realm=? AND type=? AND id=?", sdk, realm, type_, id_
        )
        return _made(rows[0]) if rows else None

    def of_type(self, sdk: str, account: str, type_: str) -> list[Made]:
        """Everything of one type in one account."""
        rows = self.query(f"SELECT {_COLUMNS} FROM made WHERE sdk=? AND account=? AND type=?", sdk, account, type_)
        return [_made(row) for row in rows]

    def count(
        self, sdk: str, account: str, types: Sequence[str], location: str | None, alike: Mapping[str, Any]
    ) -> int:
        """How many things an account holds of some types, in one location if asked, with some inputs in common."""
        where = "".join(" AND json_extract(inputs, ?) IS ?" for _ in alike)
        values = [each for name, value in alike.items() for each in (f"$.{name}", value)]
        rows = self.query(
            f"SELECT count(*) FROM made WHERE sdk=? AND account=? AND type IN ({','.join('?' * len(types))})"
            f" AND (? OR location=?){where}",
            sdk, account, *types, location is None, location, *values,
        )  # fmt: skip
        return int(rows[0][0])

    def next_making(self, urn: str) -> int:
        """How often something was made for a URN, this time included."""
        return int(
            self.query(
                "INSERT INTO makings VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1 RETURNING times", urn
            )[0][0]
        )

    def write(self, made: Made) -> None:
        """Enter something new, or what became of it; raises ClaimedError where its name is another's."""
        try:
            self.query(
                f"INSERT INTO made ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (sdk, realm, type, id)"
                " DO UPDATE SET urn=excluded.urn, claim=excluded.claim, inputs=excluded.inputs,"
                " outputs=excluded.outputs",
                made.sdk, made.place.realm, made.type, made.id, made.urn, made.place.account, made.place.location,
                made.seed, made.claim, json.dumps(made.inputs), json.dumps(made.outputs), made.at,
            )  # fmt: skip
        except sqlite3.IntegrityError:
            raise ClaimedError(made.claim) from None

    def remove(self, made: Made) -> None:
        self.query(
            "DELETE FROM made WHERE sdk=? AND realm=? AND type=? AND id=?",
            made.sdk, made.place.realm, made.type, made.id,
        )  # fmt: skip

    def wipe(self) -> None:
        """Forget everything that stands, and every fault."""
        with self.transaction():
            for table in ("made", "makings", "faults"):
                self._connection.execute(f"DELETE FROM {table}")


def _made(row: tuple[Any, ...]) -> Made:
    sdk, realm, type_, id_, urn, account, location, seed, claim, inputs, outputs, at = row
    place = Place(account, location, realm)
    return Made(sdk, type_, id_, urn, place, seed, claim, json.loads(inputs), json.loads(outputs), at)
