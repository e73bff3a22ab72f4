"""Where a component's resources go, what they carry, and how their names fit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import pulumi
from pulumi_azure_native import authorization, resources

Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Place:
    """One resource group, as the components that fill it see it."""

    subscription: str
    group: pulumi.Input[str]
    """The resource group's name."""
    group_id: pulumi.Input[str]
    region: str
    tags: Mapping[str, str]
    guarded: bool
    """Whether what holds the cell's state here is protected from deletion."""


class Group(pulumi.ComponentResource):
    """A resource group, and the lock that keeps all in it from being deleted."""

    def __init__(
        self,
        name: str,
        *,
        subscription: str,
        region: str,
        tags: Mapping[str, str],
        guarded: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:azure:Group", name, {"region": region}, opts)
        self._name = name
        self._group = resources.ResourceGroup(
            name, location=region, tags=tags, opts=pulumi.ResourceOptions(parent=self, protect=guarded)
        )
        self.place = Place(subscription, self._group.name, self._group.id, region, tags, guarded)
        self.register_outputs({})

    def lock(self, after: Sequence[pulumi.Resource]) -> None:
        """Lock a guarded group against deletion, once all of `after` is made.

        The lock is made last so that it is deleted first: a destroy, or a deployment that has taken the guard away,
        would else be refused by the lock that it is about to remove.
        """
        if self.place.guarded:
            authorization.ManagementLockAtResourceGroupLevel(
                f"{self._name}-lock",
                resource_group_name=self.place.group,
                level=authorization.LockLevel.CAN_NOT_DELETE,
                notes="Holds a cell's state. cellfleet takes the lock off when the cell is retired.",
                opts=pulumi.ResourceOptions(parent=self, depends_on=after),
            )


RANDOM_CHARACTERS: Final = 8
"""What the provider's auto-naming adds to a logical name, with no dash between and no regard for the length."""
_DIGEST: Final = 4


def squeezed(name: str, part: str, longest: int) -> str:
    """A logical name that, with what auto-naming adds, is letters and digits only and at most `longest` characters.

    For names that are unique in all of Azure (storage accounts and vaults: 24 characters). They stay auto-named, for a
    vault's name is taken for 90 days after its deletion. A name that is cut ends in a digest of the whole.
    """
    room = longest - RANDOM_CHARACTERS - len(part)
    plain = name.replace("-", "")
    if len(plain) > room:
        plain = plain[: room - _DIGEST] + hashlib.sha256(name.encode()).hexdigest()[:_DIGEST]
    return plain + part


def once_made(resource: pulumi.CustomResource, output: pulumi.Output[Told]) -> pulumi.Output[Told]:
    """An output of which parts were given and parts are Azure's to tell: unknown as a whole until the resource is made.

    A preview would else take what was given for all there is. (Output.all would make a plain dict of an object.)
    """
    return resource.id.apply(lambda _: output)
