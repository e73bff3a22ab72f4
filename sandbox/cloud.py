"""What one cloud's stand-in must say of itself; `sandbox/clouds` has one such value a cloud, and all of it is data."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sandbox.books import Books, Made, Place
from sandbox.naming import Naming
from sandbox.wire import Values

# RFC 5737: addresses for documentation, which are nobody's.
_DOCUMENTATION: Final = ("203.0.113", "198.51.100", "192.0.2")


class RefusedError(Exception):
    """The cloud's API says no, in its own words."""


@dataclass(frozen=True, slots=True)
class Connection:
    """What one explicit provider was configured with."""

    account: str
    region: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """A resource whose made-up values are being written."""

    token: str
    urn: str
    inputs: Values
    """Secrets in the open."""
    place: Place
    region: str
    seed: str
    """64 hexadecimal digits, from which everything that is made up derives."""
    name: str = ""
    """The physical name; the logical one where the type has none."""
    id: str = ""
    beside: Callable[[str], Sequence[Made]] = lambda _: ()
    """What else there is of a type in the same account, for what is given out of it: an address of a range."""

    @property
    def account(self) -> str:
        return self.place.account

    @property
    def logical(self) -> str:
        return self.urn.rsplit("::", 1)[-1]

    @property
    def digits(self) -> str:
        """Decimal digits."""
        return str(int(self.seed, 16))

    @property
    def guid(self) -> str:
        s = self.seed
        return f"{s[:8]}-{s[8:12]}-4{s[13:16]}-8{s[17:20]}-{s[20:32]}"

    @property
    def ip(self) -> str:
        """A public address."""
        number = int(self.seed[:8], 16)
        return f"{_DOCUMENTATION[number % 3]}.{1 + number // 3 % 254}"

    def guid_of(self, what: str) -> str:
        """Another GUID, of something that belongs to the account and not to the resource."""
        s = hashlib.sha256(f"{self.account}/{what}".encode()).hexdigest()
        return f"{s[:8]}-{s[8:12]}-4{s[13:16]}-8{s[17:20]}-{s[20:32]}"


Template = Any
"""A value to make up: text with `str.format` fields of a Draft (`vpc-{seed:.17}`, `{inputs[bucket]}`), a function of a
Draft, or a mapping or list of such."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """One cloud's API, as far as the engine sees it."""

    sdk: str
    """The package, as in `PULUMI_DEBUG_PROVIDERS`."""
    connect: Callable[[Values], Connection]
    """From a provider's arguments; raises RefusedError where the credentials are not for the account asked for."""
    place: Callable[[str, Values, Connection], Place]
    naming: Callable[[str], Naming | None]
    """How things of a type are named; None where they have no name of their own."""
    identify: Callable[[Draft], str]
    """The id of a new thing."""
    outputs: Callable[[str], Mapping[str, Template]]
    """What a type gives beyond its inputs, where the names of its fields do not tell enough."""
    common_outputs: Mapping[str, Template]
    """The same for every type that gives a field of the name."""
    replaces: Callable[[str, str], bool]
    """Whether the change of a type's property, `spec.selector`, can only be made by making it anew."""
    claim: Callable[[str], str | None]
    """A template for the name, of a thing of a type, that nothing else may have; None where all may have the same."""
    taken: Mapping[str, str]
    """What the API says when a name is taken, by type."""
    functions: Mapping[str, Callable[[Values, Connection, Books], Values]]
    """What the functions that programs call answer, by token; the rest only look a thing up in the books."""
    keeps: Callable[[Made, Books], str | None]
    """Why a thing may not be deleted, in the API's words; None where it may."""
    ensured: frozenset[str] = frozenset()
    """Types of what is there once, however many ask for it: an API that is on already can be turned on."""
    in_place: Callable[[str, Values, Connection], frozenset[str]] = lambda *_: frozenset()
    """Properties of a type that replace by default, but that this provider was told to change in place; the inputs are
    the thing's as it is."""


def prefixed(path: str, names: frozenset[str]) -> bool:
    """Whether a dotted path or anything above it is among some names."""
    parts = path.split(".")
    return any(".".join(parts[:length]) in names for length in range(1, len(parts) + 1))
