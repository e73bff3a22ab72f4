"""What can be wrong with a tenant file (INV-50 to INV-59), and with its project keys (INV-60 to INV-69)."""

from __future__ import annotations

from typing import Final

from cellfleet.inventory.finding import Rule, Severity


def _rule(number: int, title: str, why: str, remedy: str, severity: Severity = Severity.ERROR) -> Rule:
    return Rule(f"INV-{number:02}", title, severity, why, remedy, waivable=False)


FILE: Final = _rule(
    50,
    "The tenant file can be read",
    "Without it nobody knows who lives where.",
    "name a CSV file in UTF-8, gzipped where its name ends in .gz, with one row a line",
)
HEADER: Final = _rule(
    51,
    "The tenant file's header names its columns",
    "Columns are found by name, so a misspelt one would be lost.",
    "start the file with id,slug,cell,group,requests_per_second,storage_gib, and ,alias_of,expires if it has aliases",
)
LINE: Final = _rule(
    52,
    "Each line of the tenant file is one row",
    "A row with a field too many or too few puts values in columns that they do not belong to.",
    'write each row on a line of its own, with a field for each column; "quote" a field that has a comma in it',
)
VALUE: Final = _rule(
    53,
    "Each value of the tenant file has its column's form",
    "Ids and slugs become parts of hosts and paths, and loads are added up.",
    "correct the value, or leave the tenant out",
)
DUPLICATE: Final = _rule(
    54,
    "A tenant's id and slug are its own",
    "A request that names two tenants could be answered with the wrong one's data.",
    "give one of them another name, or remove the row that is listed twice",
)
UNKNOWN: Final = _rule(
    55,
    "What a tenant row names exists",
    "A tenant in a cell that is not declared, or an alias of nobody, cannot be routed.",
    "name a cell under `cells:`, or the slug of a tenant in this file",
)
ALIAS: Final = _rule(
    56,
    "An alias has slug, alias_of and expires, and nothing else",
    "An alias is only a name: load and place are its tenant's.",
    "leave the other columns empty in a row with alias_of, and alias_of and expires in all others",
)
EXPIRED: Final = _rule(
    57,
    "No alias has expired",
    "Nobody is led to the tenant by it any more, and its name can be given away.",
    "remove the row",
    Severity.WARNING,
)

KEY_FILE: Final = _rule(
    60,
    "The file of project keys can be read",
    "A router that looks keys up by themselves would know none.",
    FILE.remedy,
)
KEY_HEADER: Final = _rule(
    61,
    "The header of the file of project keys names its columns",
    "Columns are found by name, so a misspelt one would be lost.",
    "start the file with public_key,tenant_id",
)
KEY_LINE: Final = _rule(
    62,
    "Each line of the file of project keys is one row",
    "A row with a field too many or too few puts values in columns that they do not belong to.",
    "write each row on a line of its own, with a field for each column",
)
KEY_VALUE: Final = _rule(
    63,
    "Each project key has its form",
    "Keys become parts of hosts and paths.",
    "correct the key, or leave it out",
)
KEY_DUPLICATE: Final = _rule(
    64,
    "A project key is its own",
    "A request with a key of two tenants could be answered with the wrong one's data.",
    "remove the row that is listed twice, or give one of the tenants another key",
)
KEY_UNKNOWN: Final = _rule(
    65,
    "A project key is that of a tenant",
    "A key of nobody cannot be routed.",
    "name the id of a tenant in the tenant file, or remove the row",
)

RULES: Final = (
    *(FILE, HEADER, LINE, VALUE, DUPLICATE, UNKNOWN, ALIAS, EXPIRED),
    *(KEY_FILE, KEY_HEADER, KEY_LINE, KEY_VALUE, KEY_DUPLICATE, KEY_UNKNOWN),
)
