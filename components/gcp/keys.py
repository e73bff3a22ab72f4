"""A cell's keys in one region: one a data class, each usable by the Google services that hold that data and no other.

A key ring can never be deleted, nor can its name be used again; both have a random end, so a cell can be made again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pulumi
from pulumi_gcp import kms

from components.gcp.place import Place, hexadecimals
from components.gcp.project import Project

_ROTATION: Final = f"{90 * 24 * 3600}s"
_USES: Final = "roles/cloudkms.cryptoKeyEncrypterDecrypter"

# Data class → the APIs whose agents encrypt with its key.
CELL: Final[Mapping[str, Sequence[str]]] = {
    "data": ("compute", "sqladmin", "storage"),
    "secrets": ("container",),
    "logs": ("logging",),
}
REGISTRY: Final[Mapping[str, Sequence[str]]] = {"data": ("firestore", "storage")}
COPY: Final[Mapping[str, Sequence[str]]] = {"data": ("sqladmin", "storage")}


class Keys(pulumi.ComponentResource):
    """A key ring, its keys and who may use them; what is encrypted is made after `grants`."""

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        project: Project,
        users: Mapping[str, Sequence[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:gcp:Keys", name, {"region": place.region}, opts)
        ring = kms.KeyRing(
            f"{name}-keys",
            project=place.project,
            location=place.region,
            opts=place.under(self, holds_state=True),
        )
        self.suffix = hexadecimals(ring.name)
        """Random, and the same as long as the keys are."""
        self.keys = {
            data_class: kms.CryptoKey(
                f"{name}-{data_class}",
                key_ring=ring.id,
                purpose="ENCRYPT_DECRYPT",
                rotation_period=_ROTATION,
                labels=dict(place.labels),
                opts=place.under(self, holds_state=True),
            )
            for data_class in users
        }
        self.grants: tuple[pulumi.Resource, ...] = tuple(
            kms.CryptoKeyIAMMember(
                f"{name}-{data_class}-{api}",
                crypto_key_id=self.keys[data_class].id,
                role=_USES,
                member=project.agent(api),
                opts=place.under(self),
            )
            for data_class, apis in users.items()
            for api in apis
        )
        self.register_outputs({})
