"""What each cloud's firewalls let pass, in one form: whom, to which ports, and whether it is at the edge."""

from __future__ import annotations

from collections.abc import Iterator

from policies.isolation.openings import aws, azure, gcp, kubernetes
from policies.isolation.openings.opening import Opening
from policies.resource import Resources


def openings(resources: Resources) -> Iterator[Opening]:
    """Every way that a stack's resources open and whose ends are known."""
    for cloud in (aws, gcp, azure, kubernetes):
        yield from cloud.openings(resources)
