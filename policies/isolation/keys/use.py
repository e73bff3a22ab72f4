"""One place in a type's inputs that names the key by which its data is encrypted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DATA: Final = "data"
"""What tenants store: databases, buckets, disks, and their backups."""
SECRETS: Final = "secrets"
"""What opens something else: Kubernetes' secrets, passwords."""
LOGS: Final = "logs"
"""What is kept of what happened."""


@dataclass(frozen=True, slots=True)
class Use:
    """A key's place, and the class of data that it encrypts there."""

    path: str
    """Below `within`: `kmsKeyId`."""
    data: str
    within: str = ""
    """What has a key: the inputs themselves, or each of those at this path (`blockDeviceMappings.ebs`)."""
    when: str = ""
    """A switch among the inputs without which there is nothing to encrypt."""
