"""How full placement makes a cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """The shares of its class's capacity up to which a cell is given tenants, above 0; 1 is all of it.

    The defaults are the numbers at which the capacity rules begin to complain, so that what placement does is never
    what they find wrong.
    """

    tenants: float = 0.8
    """CAP-01 warns here."""
    requests_per_second: float = 0.7
    """Of planned peaks; CAP-02."""
    storage_gib: float = 0.8
    """CAP-01 warns here."""
    one_tenant: float = 0.2
    """The most of a shared cell's requests or storage that one tenant may take; CAP-05."""

    def __post_init__(self) -> None:
        if min(self.tenants, self.requests_per_second, self.storage_gib, self.one_tenant) <= 0:
            raise ValueError("a limit is a share above 0")

    @property
    def whole(self) -> Limits:
        """These limits where something is lost: cells are filled up to all that they hold."""
        return Limits(1.0, 1.0, 1.0, self.one_tenant)


DEFAULT: Final = Limits()
