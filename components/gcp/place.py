"""Where a cell's resources on GCP are and what they all have, so that components take one value instead of five."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, slots=True)
class Place:
    """A region of a project whose APIs are on."""

    project: str
    region: str
    labels: Mapping[str, str]
    guarded: bool
    """Whether what holds state is protected from deletion."""
    enabled: tuple[pulumi.Resource, ...]
    """The project's APIs. A component's `depends_on` does not reach its children, so each child names them itself."""

    def under(
        self, parent: pulumi.Resource, *after: pulumi.Resource, holds_state: bool = False
    ) -> pulumi.ResourceOptions:
        """Options of a child of `parent`, made after the APIs are on and after these."""
        return pulumi.ResourceOptions(
            parent=parent, depends_on=[*self.enabled, *after], protect=self.guarded and holds_state
        )


def hexadecimals(auto_named: pulumi.Output[str]) -> pulumi.Output[str]:
    """The random end that Pulumi gave a name, for names that it makes none for and that GCP reserves for days after a
    deletion: so a cell that is made again does not meet its own past."""
    return auto_named.apply(lambda known: known[-7:])
