"""Somebody whom a resource trusts, as far as its inputs tell who that is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Principal:
    """At most one of the fields below `said` is set; none where nothing is known of whose it is."""

    said: str
    """As it is written."""
    account: str = ""
    """The AWS account, GCP project or Azure subscription that it belongs to."""
    namespace: str = ""
    """The Kubernetes namespace that it is a service account of."""
    subject: str = ""
    """The subject of a token that somebody else issues."""
    everybody: str = ""
    """Who that is, where it is no one in particular: `everybody`, `everybody who has a Google account`."""
    reached: bool = False
    """Whether it is whose things a policy lets its holder at, rather than who is let in."""
