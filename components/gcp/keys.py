"""A cell's keys in one region: one for each class of data, none shared with another cell.

A key ring can never be deleted, nor a key's name used again; Pulumi's automatic names keep a cell that is made anew
apart from its own remains. Deleting a key schedules its versions' destruction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import pulumi
import pulumi_gcp as gcp

_ROTATION: Final = f"{90 * 24 * 3600}s"
_DESTROYED_AFTER: Final = f"{30 * 24 * 3600}s"


class Keys(pulumi.ComponentResource):
    """A key ring and its keys, each with the service agents that may use it."""

    ids: Mapping[str, pulumi.Output[str]]
    """By data class: `data`, `secrets`, `logs`. A key's id is known once its agents may use it."""

    def __init__(
        self,
        name: str,
        *,
        region: str,
        users: Mapping[str, Mapping[str, pulumi.Input[str]]],
        guarded: bool,
        labels: Mapping[str, str],
        after: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`users` are the IAM members that may use each class's key, by a short name."""
        super().__init__("cellfleet:gcp:Keys", f"{name}-keys", None, opts)
        child = pulumi.ResourceOptions(parent=self, depends_on=list(after))
        ring = gcp.kms.KeyRing(f"{name}-ring", location=region, opts=child)
        self.ids = {
            data_class: self._key(f"{name}-{data_class}", ring, members.items(), guarded, labels)
            for data_class, members in users.items()
        }
        self.register_outputs({})

    def _key(
        self,
        name: str,
        ring: gcp.kms.KeyRing,
        members: Iterable[tuple[str, pulumi.Input[str]]],
        guarded: bool,
        labels: Mapping[str, str],
    ) -> pulumi.Output[str]:
        key = gcp.kms.CryptoKey(
            f"{name}-key",
            key_ring=ring.id,
            purpose="ENCRYPT_DECRYPT",
            rotation_period=_ROTATION,
            destroy_scheduled_duration=_DESTROYED_AFTER,
            labels=labels,
            opts=pulumi.ResourceOptions(parent=self, protect=guarded),
        )
        grants = [
            gcp.kms.CryptoKeyIAMMember(
                f"{name}-key-{user}",
                crypto_key_id=key.id,
                role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
                member=member,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for user, member in members
        ]
        return pulumi.Output.all(key.id, *(grant.id for grant in grants)).apply(lambda known: str(known[0]))
