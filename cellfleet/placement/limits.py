"""How full placement makes a cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """The shares of its class's capacity up to which a cell is given tenants, above 0; 1 is all of it.

    The defaults are the numbers at which the capacity rules begin to complain, so that what placement does is never
    an error to them; a cell that is filled to the last tenant is one that CAP-01 warns of.
    """

    tenants: float = 0.8
    """CAP-01 warns here."""
    requests_per_second: float = 0.7
    """Of planned peaks; CAP-02."""
    storage_gib: float = 0.8
    """CAP-01 warns here."""
    one_tenant: float = 0.2
    """The most of a shared cell's requests or storage that one tenant may take; CAP-05."""
    when_lost: float = 1.0
    """The share of tenants, requests and storage alike up to which cells take in those of one that is lost; CAP-03."""

    def __post_init__(self) -> None:
        shares = self.tenants, self.requests_per_second, self.storage_gib, self.one_tenant, self.when_lost
        if min(shares) <= 0:
            raise ValueError("a limit is a share above 0")

    @property
    def after_a_loss(self) -> Limits:
        """These limits where something is lost, which is what the room above them is kept for."""
        return Limits(self.when_lost, self.when_lost, self.when_lost, self.one_tenant, self.when_lost)


DEFAULT: Final = Limits()
