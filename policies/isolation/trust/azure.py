"""Azure: where role assignments reach, whose tokens identities take, and what needs no identity at all.

Whose a principal is, its id does not tell: it is taken for the cell's own where it comes from the cell's own stack. One
that is written out may be anybody's, another cell's too, unless it is said to be people's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from policies.isolation.trust.principal import Principal
from policies.isolation.values import account_in, at, written_out
from policies.resource import Resource

_IDS: Final = {
    "azure-native:authorization:RoleAssignment": ("scope", "delegatedManagedIdentityResourceId"),
    "azure-native:keyvault:Vault": ("properties.networkAcls.virtualNetworkRules.id",),
    "azure-native:storage:StorageAccount": (
        "networkRuleSet.resourceAccessRules.resourceId",
        "networkRuleSet.virtualNetworkRules.virtualNetworkResourceId",
    ),
}
"""By type, the inputs that name something by an id with its subscription, which has access or to which access is."""
_EVERYBODY: Final = {
    "azure-native:containerregistry:Registry": ("anonymousPullEnabled", True),
    "azure-native:storage:BlobContainer": ("publicAccess", "Blob"),
    "azure-native:storage:StorageAccount": ("allowBlobPublicAccess", True),
}
_PRINCIPALS: Final = {
    "azure-native:authorization:RoleAssignment": "principalId",
    "azure-native:dbforpostgresql:Administrator": "objectId",
    "azure-native:keyvault:AccessPolicy": "policy.objectId",
    "azure-native:keyvault:Vault": "properties.accessPolicies.objectId",
}
"""By type, where the ids of principals stand."""
_PEOPLE: Final = ("User", "Group")
_UNSEEN: Final = "a principal that the stack neither makes nor reads, so nobody sees whose it is"
_DELEGATION: Final = "azure-native:managedservices:RegistrationDefinition"
_FEDERATION: Final = "azure-native:managedidentity:FederatedIdentityCredential"


def principals(resource: Resource, own: Collection[str]) -> Iterator[Principal]:  # noqa: ARG001 (each cloud's takes the same)
    """Whom a resource of Azure trusts."""
    for path in _IDS.get(resource.type, ()):
        for id in at(resource.inputs, path):
            if isinstance(id, str) and (subscription := account_in(id)):
                yield Principal(id, account=subscription)
    if resource.type in _EVERYBODY:
        path, public = _EVERYBODY[resource.type]
        for value in at(resource.inputs, path):
            if value == public or value == "Container":
                yield Principal(f"{path}: {value}", everybody="everybody")
    path = _PRINCIPALS.get(resource.type, "")
    people = resource.inputs.get("principalType") in _PEOPLE
    if path and not people and written_out(resource, path.partition(".")[0]):
        for id in at(resource.inputs, path):
            yield Principal(f"{path}: {id}", everybody=_UNSEEN)
    if resource.type == _DELEGATION:
        for tenant in at(resource.inputs, "properties.managedByTenantId"):
            yield Principal(str(tenant), everybody="another tenant's administrators")
    if resource.type == _FEDERATION:
        for subject in at(resource.inputs, "subject"):
            if isinstance(subject, str):
                yield from _subject(subject)


def _subject(subject: str) -> Iterator[Principal]:
    if subject.startswith("system:serviceaccount:"):
        yield Principal(subject, namespace=subject.split(":")[2])
    elif "*" in subject:
        yield Principal(subject, everybody="everybody whose subject fits a pattern")
    else:
        yield Principal(subject, subject=subject)
