"""The keyed hash that stands for a tenant outside its locality.

A tenant's data never leaves its locality's residency; all that a router or a registry of another locality holds of it
is this hash, with the locality to send its requests to. Who has the key can ask whether a name that he knows already is
a tenant's, and no more.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from cellfleet.failure import Failure
from cellfleet.inventory.model import Fleet

VARIABLE: Final = "CELLFLEET_TENANT_KEY"
DIGITS: Final = 20
"""Hexadecimal digits that are kept: 80 bits. Among a million tenants two share one with a chance of 1 to 10 ** 12."""
_BLOCK: Final = 64
"""Bytes that SHA-256 takes in at a time."""
_SHORTEST: Final = 32
"""Characters of a key; of hexadecimal digits, 128 bits."""


@dataclass(frozen=True, slots=True)
class Key:
    """What hashes are made with; the routers of a fleet have it as a Kubernetes Secret."""

    value: bytes
    secret: bool
    """False: anybody can derive it from the fleet's name. It will do to look at artifacts, and not to deploy them."""

    def __repr__(self) -> str:
        return f"Key(secret={self.secret})"

    def pseudonym(self, kind: Literal["slug", "id"], name: str) -> str:
        """The hash of a tenant's slug (or alias) or id."""
        return hmac.digest(self.value, f"{kind}:{name}".encode(), "sha256").hex()[:DIGITS]

    def pseudonyms(self, kind: Literal["slug", "id"], names: Iterable[str]) -> list[str]:
        """The hash of each; a million take about a second."""
        block = self.value if len(self.value) <= _BLOCK else hashlib.sha256(self.value).digest()
        block = block.ljust(_BLOCK, b"\0")
        # HMAC as RFC 2104 has it; hashing on from a copied start takes less than half of what `hmac.digest` takes.
        inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + f"{kind}:".encode())
        outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))
        found = []
        for name in names:
            first, second = inner.copy(), outer.copy()
            first.update(name.encode())
            second.update(first.digest())
            found.append(second.hexdigest()[:DIGITS])
        return found

    @property
    def check(self) -> str:
        """Tells one key from another, so that no router looks up hashes by a key that they were not made with."""
        return self.pseudonym("id", "")


def tenant_key(fleet: Fleet, environment: Mapping[str, str] = os.environ) -> Key:
    """The fleet's key: CELLFLEET_TENANT_KEY, or where that is not set one that is no secret.

    Raises Failure where the variable holds too little.
    """
    text = environment.get(VARIABLE, "")
    if not text:
        return Key(hashlib.sha256(f"cellfleet {fleet.project}".encode()).hexdigest().encode(), secret=False)
    if len(text) < _SHORTEST:
        raise Failure(
            f"{VARIABLE} has {len(text)} characters, which can be guessed.",
            f"Set it to {_SHORTEST} or more that nobody can guess, such as `openssl rand -hex 32` gives.",
            exit_code=2,
        )
    return Key(text.encode(), secret=True)
