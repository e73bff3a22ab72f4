"""What is checked of tenants: of each row as its block is read, and of all of them together."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import date
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from cellfleet.inventory.fault import similar
from cellfleet.inventory.finding import Rule
from cellfleet.inventory.tenants import rules
from cellfleet.inventory.tenants.columns import split
from cellfleet.inventory.tenants.faults import SHOWN, Fault, Faults, excerpt

_SLUG: Final = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
_SLUG_FORM: Final = "a DNS label: lower-case letters, digits and inner hyphens, 63 at most"
_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$"
_NAME_FORM: Final = "a letter or digit, then letters, digits, hyphens and underscores, 63 at most"


def values(rows: pa.Table, cells: Collection[str], faults: Faults) -> None:
    """Check what can be said of each row by itself."""
    tenants, aliases = split(rows)
    _form("id", tenants, _NAME, _NAME_FORM, faults)
    _form("slug", rows, _SLUG, _SLUG_FORM, faults)
    _cells(tenants, cells, faults)
    _groups(tenants, faults)
    for column in ("requests_per_second", "storage_gib"):
        _load(column, tenants, faults)
    if "expires" in tenants.column_names:
        _note(
            tenants,
            pc.is_valid(tenants["expires"]),
            rules.ALIAS,
            "expires",
            "expires is set, but alias_of is not",
            faults,
        )
    if aliases.num_rows:
        _nothing_else(aliases, faults)


def aliases(tenants: pa.Table, aliases: pa.Table, as_of: date, faults: Faults) -> None:
    """Check that each alias leads to a tenant, and still does so on the day `as_of`."""
    if not aliases.num_rows:
        return
    unknown = pc.invert(pc.is_in(aliases["alias_of"], value_set=_values(tenants["slug"])))
    of_alias = pc.is_in(aliases["alias_of"], value_set=_values(aliases["slug"]))
    _note(
        aliases,
        pc.and_(unknown, of_alias),
        rules.UNKNOWN,
        "alias_of",
        "alias_of names an alias, not a tenant",
        faults,
    )
    _note(
        aliases,
        pc.and_not(unknown, of_alias),
        rules.UNKNOWN,
        "alias_of",
        "alias_of names no tenant of this file",
        faults,
    )
    expired = pc.fill_null(pc.less(aliases["expires"], pa.scalar(as_of, pa.date32())), False)
    _note(aliases, expired, rules.EXPIRED, "expires", "the alias has expired", faults, limit=f"{as_of} or later")


def keys(rows: pa.Table, faults: Faults) -> None:
    """Check what can be said of each project key by itself."""
    _form("public_key", rows, _NAME, _NAME_FORM, faults, rules.KEY_VALUE)


def of_tenants(rows: pa.Table, ids: pa.ChunkedArray, faults: Faults) -> None:
    """Check that each project key is a tenant's."""
    unknown = pc.invert(pc.is_in(rows["tenant_id"], value_set=_values(ids)))
    _note(rows, unknown, rules.KEY_UNKNOWN, "tenant_id", "tenant_id names no tenant of the tenant file", faults)


def unique(column: str, rows: pa.Table, faults: Faults, rule: Rule = rules.DUPLICATE) -> None:
    """Check that no two rows have the same value in a column."""
    if pc.count_distinct(rows[column]).as_py() == rows.num_rows:
        return
    counts = pc.value_counts(rows[column])
    # An empty id or slug has been found already, as one without its form.
    twice = pc.and_(pc.greater(counts.field("counts"), 1), pc.not_equal(counts.field("values"), ""))
    repeated = counts.filter(twice).field("values")
    rows = rows.select([column, "line"]).filter(pc.is_in(rows[column], value_set=repeated))
    first: dict[str, int] = {}
    met = 0
    for batch in rows.to_batches(max_chunksize=1024):
        for value, line in zip(batch[column].to_pylist(), batch["line"].to_pylist(), strict=True):
            if first.setdefault(value, line) == line:
                continue
            met += 1
            message = f"the {column} is the one of line {first[value]}"
            if met <= SHOWN:
                faults.add(Fault(rule, column, line, message))
            else:
                total = rows.num_rows - len(repeated) - met + 1
                faults.count(Fault(rule, column, line, message), total)
                return


def _form(column: str, rows: pa.Table, pattern: str, form: str, faults: Faults, rule: Rule = rules.VALUE) -> None:
    wrong = pc.invert(pc.match_substring_regex(rows[column], pattern))
    _note(
        rows,
        wrong,
        rule,
        column,
        f"{column} does not have its form",
        faults,
        limit=form,
        measured=excerpt,
    )


def _cells(tenants: pa.Table, cells: Collection[str], faults: Faults) -> None:
    unknown = [cell for cell in _names(tenants["cell"]) if cell not in cells]
    if not unknown:
        return
    _note(
        tenants,
        pc.is_in(tenants["cell"].cast(pa.string()), value_set=pa.array(unknown)),
        rules.UNKNOWN,
        "cell",
        "there is no such cell",
        faults,
        measured=excerpt,
        remedy=lambda cell: similar(cell, cells),
    )


def _groups(tenants: pa.Table, faults: Faults) -> None:
    form = re.compile(_NAME)
    wrong = [group for group in _names(tenants["group"]) if group and not form.fullmatch(group)]
    if wrong:
        _note(
            tenants,
            pc.is_in(tenants["group"].cast(pa.string()), value_set=pa.array(wrong)),
            rules.VALUE,
            "group",
            "group does not have its form",
            faults,
            limit=_NAME_FORM,
            measured=excerpt,
        )


def _load(column: str, tenants: pa.Table, faults: Faults) -> None:
    good = pc.and_(pc.is_finite(tenants[column]), pc.greater_equal(tenants[column], 0.0))
    _note(
        tenants,
        pc.invert(pc.fill_null(good, False)),
        rules.VALUE,
        column,
        f"{column} is no load",
        faults,
        limit="a finite number, 0 or more",
        measured=lambda number: "nothing" if number is None else str(number),
    )


def _nothing_else(aliases: pa.Table, faults: Faults) -> None:
    for column in ("id", "cell", "group"):
        filled = pc.not_equal(aliases[column].cast(pa.string()), "")
        _note(aliases, filled, rules.ALIAS, column, f"{column} is set, but the row is an alias", faults)
    for column in ("requests_per_second", "storage_gib"):
        filled = pc.is_valid(aliases[column])
        _note(aliases, filled, rules.ALIAS, column, f"{column} is set, but the row is an alias", faults)
    never = pc.is_null(aliases["expires"])
    _note(aliases, never, rules.ALIAS, "expires", "the alias does not say when it expires", faults)


def _names(column: pa.ChunkedArray) -> list[str]:
    """The different values of a dictionary-encoded column."""
    names: list[str] = pc.unique(column).cast(pa.string()).to_pylist()
    return names


def _values(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks()


def _note(
    rows: pa.Table,
    wrong: pa.ChunkedArray,
    rule: Rule,
    column: str,
    message: str,
    faults: Faults,
    *,
    limit: str = "",
    measured: Callable[..., str] = lambda _: "",
    remedy: Callable[[str], str] = lambda _: "",
) -> None:
    """Note a fault for each row that is wrong."""
    if not pc.any(wrong).as_py():
        return
    rows = rows.select([column, "line"]).filter(wrong)
    for value, line in zip(rows[column][: SHOWN + 1].to_pylist(), rows["line"][: SHOWN + 1].to_pylist(), strict=True):
        fault = Fault(rule, column, line, message, measured(value), limit, remedy(value))
        faults.add(fault)
    if rows.num_rows > SHOWN + 1:
        faults.count(fault, rows.num_rows - SHOWN - 1)
