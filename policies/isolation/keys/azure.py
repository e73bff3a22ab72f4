"""Azure: where keys are named, and whether their vault rotates them.

A log workspace takes a key only by way of a dedicated cluster, whose least size is far more than a cell logs: it is not
among these.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from policies.isolation.keys.use import DATA, LOGS, SECRETS, Use
from policies.isolation.values import at
from policies.resource import UNKNOWN, Resource

VAULT: Final = "azure-native:keyvault:Vault"
KEYS: Final = ("azure-native:keyvault:Key",)
SETS: Final = ("azure-native:compute:DiskEncryptionSet",)
"""What stands for a key: disks name a set, and the set its key."""
USES: Final[Mapping[str, tuple[Use, ...]]] = {
    "azure-native:appconfiguration:ConfigurationStore": (Use("encryption.keyVaultProperties.keyIdentifier", DATA),),
    "azure-native:compute:Disk": (Use("encryption.diskEncryptionSetId", DATA),),
    "azure-native:compute:DiskEncryptionSet": (Use("activeKey.keyUrl", DATA),),
    "azure-native:containerservice:ManagedCluster": (
        Use("securityProfile.azureKeyVaultKms.keyId", SECRETS),
        Use("diskEncryptionSetID", DATA),
    ),
    "azure-native:cosmosdb:DatabaseAccount": (Use("keyVaultKeyUri", DATA),),
    "azure-native:dataprotection:BackupVault": (
        Use("properties.securitySettings.encryptionSettings.keyVaultProperties.keyUri", DATA),
    ),
    "azure-native:dbforpostgresql:Server": (
        Use("dataEncryption.geoBackupKeyURI", DATA, when="backup.geoRedundantBackup"),
        Use("dataEncryption.primaryKeyURI", DATA),
    ),
    "azure-native:recoveryservices:Vault": (Use("properties.encryption.keyVaultProperties.keyUri", DATA),),
    "azure-native:servicebus:Namespace": (Use("encryption.keyVaultProperties.keyName", DATA),),
    "azure-native:storage:EncryptionScope": (Use("keyVaultProperties.keyUri", LOGS),),
    "azure-native:storage:StorageAccount": (Use("encryption.keyVaultProperties.keyName", DATA),),
}
"""What an account's containers hold is under the account's key; a scope is how a cell's logs are kept apart from it."""


def unrotated(resource: Resource) -> bool:
    """Whether it is a key that stays the same for ever. What is given below `properties` is told without it."""
    if resource.type not in KEYS:
        return False
    policies = [*at(resource.inputs, "properties.rotationPolicy"), *at(resource.inputs, "rotationPolicy")]
    actions = [action for policy in policies for action in at(policy, "lifetimeActions.action.type")]
    return not any(action is UNKNOWN or str(action).lower() == "rotate" for action in actions)
