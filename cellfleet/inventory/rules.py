"""INV: what an inventory must be for anyone to understand it.

An id is never used again for another check. INV-50 and on are the tenant file's
(`cellfleet.inventory.tenants.rules`). What a fleet that is understood may not be (overlapping, short of room, out of
its residency) is not here but in `policies`.
"""

from __future__ import annotations

from typing import Final

from cellfleet.inventory.finding import Rule, Severity


def _rule(number: int, title: str, why: str, remedy: str) -> Rule:
    return Rule(f"INV-{number:02}", title, Severity.ERROR, why, remedy, waivable=False)


FILE: Final = _rule(
    1,
    "The file can be read",
    "An inventory is a text file in UTF-8, of a size that a person could review.",
    "name an inventory with --inventory PATH, or CELLFLEET_INVENTORY",
)
SYNTAX: Final = _rule(
    2,
    "The file is one YAML document",
    "What cannot be parsed has no meaning, and a second document would be lost.",
    "correct the line that is shown; an editor that knows YAML shows more",
)
DUPLICATE_KEY: Final = _rule(
    3,
    "A key stands once in its mapping",
    "Most readers keep the last one silently, so a cell or a limit would be lost.",
    "remove or rename one of the two",
)
UNKNOWN_KEY: Final = _rule(
    4,
    "Every key is one that the format has",
    "A misspelt key would be ignored, and with it what it was to protect.",
    "remove it; the keys are described in schemas/cells.schema.json, which an editor completes them from",
)
MISSING: Final = _rule(
    5,
    "Nothing that is needed is missing",
    "cellfleet guesses nothing about a fleet.",
    "add it",
)
TYPE: Final = _rule(
    6,
    "A value has the type that its key takes",
    "Nothing is converted silently: the number 26.10 is the text 26.1.",
    "write a value of that type; text that looks like a number stands in quotes",
)
VALUE: Final = _rule(
    7,
    "A value is one of those allowed",
    "Names become host names and resource names of four clouds, and have to fit the tightest of their limits.",
    "write one that is allowed",
)
AMBIGUOUS: Final = _rule(
    8,
    "A value is read alike by YAML 1.1 and YAML 1.2",
    "Other tools read the same file: to YAML 1.1 `no` is false, `010` is 8 and `12:30` is 750.",
    "put it in quotes if text is meant, and write true, false or a plain decimal number if not",
)
UNREADABLE_YAML: Final = _rule(
    9,
    "No merge keys and no tags",
    "`<<` and tags like !secret are left out of YAML 1.2's core, so that readers disagree on what they mean.",
    "write the values out, or use `defaults:`, which is merged under every cell",
)
DANGLING: Final = _rule(
    10,
    "Every name used is a name declared",
    "A cell of a class or locality that does not exist cannot be made.",
    "correct the name, or declare it",
)
DUPLICATE: Final = _rule(
    11,
    "Ids and names are given once",
    "Two cells with one routing id would get each other's requests.",
    "give each its own; a new id is one higher than any in cells and tombstones",
)
ACCOUNT: Final = _rule(
    12,
    "An account has the form of its provider's",
    "A wrong one is found out only when half of a fleet is deployed, or is somebody else's.",
    "copy it from the provider's console",
)
REGION: Final = _rule(
    13,
    "A region is one of its provider's",
    "The region's country tells whether a cell is inside its locality's residency.",
    "correct the name; a region opened since is added to cellfleet/inventory/data/regions.json",
)
ZONES: Final = _rule(
    14,
    "Zones are the region's, each once",
    "A cell survives the loss of a zone only if its zones are real and different.",
    "name different zones of the cell's region",
)
CIDR: Final = _rule(
    15,
    "A cell on a cloud has at least a /20",
    "Subnets for nodes, data, load balancers and endpoints in each zone do not fit in less.",
    "give the cell a range of 4,096 addresses or more, with no host bits set",
)
PROVIDER_ONLY: Final = _rule(
    16,
    "A cell has what its provider needs, and nothing that only another has",
    "What a provider cannot do would be ignored silently.",
    "remove or add it",
)
REPLICAS: Final = _rule(
    17,
    "A class says how many pods every service has",
    "A service that a class forgets would not run in its cells.",
    "add the service under the class's `replicas:`",
)
ORDER: Final = _rule(
    18,
    "A range's first id is not above its last",
    "An empty range holds no ids, so it was meant to be another.",
    "swap the two",
)
INCLUDE: Final = _rule(
    19,
    "An included file holds cells, and nothing else",
    "Files are split so that teams own cells; what holds for all cells stands in one place.",
    "move anything but `cells:` into the inventory that includes the file",
)
ROUTE: Final = _rule(
    20,
    "A route leads to a service or redirects",
    "With both, or neither, nobody can tell where a request goes.",
    "keep one of `service:` and `redirect:`",
)
PATTERN: Final = _rule(
    21,
    "A route's pattern can be read",
    "A placeholder that means nothing would be taken for text, and the route would match nothing.",
    "write it with the placeholders that there are; docs/routing.md has a table of them",
)
NUMBER: Final = _rule(
    22,
    "A number that is set for a rule is one that the rule has, and in its range",
    "A misspelt limit would leave the default in force, and nobody would notice.",
    "write one of the rule's numbers; `cellfleet rule ID` tells them",
)
SERVICE: Final = _rule(
    23,
    "A service's name is not one that a cell uses itself",
    "It names a namespace and an identity; those of the database, the Gateway, a standby and cert-manager are taken.",
    "give the service another name",
)

RULES: Final = {
    rule.id: rule
    for rule in (
        *(FILE, SYNTAX, DUPLICATE_KEY, UNKNOWN_KEY, MISSING, TYPE, VALUE, AMBIGUOUS, UNREADABLE_YAML, DANGLING),
        *(DUPLICATE, ACCOUNT, REGION, ZONES, CIDR, PROVIDER_ONLY, REPLICAS, ORDER, INCLUDE, ROUTE, PATTERN),
        *(NUMBER, SERVICE),
    )
}
"""Every rule of cells.yaml itself, by id."""
