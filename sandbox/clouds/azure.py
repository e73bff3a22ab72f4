"""Azure: ids, names and what replaces, for the types that cells use, and general rules for the rest.

Everything hangs on the resource's path in Azure Resource Manager: its last part is the name that the provider makes up,
and a change to any part of it makes another resource. Source: the REST reference of each type, November 2026.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Final

from sandbox import types
from sandbox.books import Books, Made, Place
from sandbox.cloud import Cloud, Connection, Draft, RefusedError, Template, prefixed
from sandbox.naming import Naming
from sandbox.wire import Values

_GROUP: Final = "/subscriptions/{account}/resourceGroups/{resourceGroupName}"

_PATHS: Final[Mapping[str, str]] = {
    "azure-native:authorization:ManagementLockAtResourceGroupLevel": _GROUP
    + "/providers/Microsoft.Authorization/locks/{lockName}",
    "azure-native:authorization:ManagementLockByScope": "{scope}/providers/Microsoft.Authorization/locks/{lockName}",
    "azure-native:authorization:PolicyAssignment": (
        "{scope}/providers/Microsoft.Authorization/policyAssignments/{policyAssignmentName}"
    ),
    "azure-native:authorization:RoleAssignment": (
        "{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}"
    ),
    "azure-native:authorization:RoleDefinition": (
        "{scope}/providers/Microsoft.Authorization/roleDefinitions/{roleDefinitionId}"
    ),
    "azure-native:consumption:Budget": "{scope}/providers/Microsoft.Consumption/budgets/{budgetName}",
    "azure-native:costmanagement:Budget": "{scope}/providers/Microsoft.CostManagement/budgets/{budgetName}",
    "azure-native:monitor:DiagnosticSetting": "{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{name}",
    "azure-native:resources:ResourceGroup": _GROUP,
    **{
        token: f"{_GROUP}/providers/{path}"
        for token, path in {
            "azure-native:appconfiguration:ConfigurationStore": (
                "Microsoft.AppConfiguration/configurationStores/{configStoreName}"
            ),
            "azure-native:appconfiguration:KeyValue": (
                "Microsoft.AppConfiguration/configurationStores/{configStoreName}/keyValues/{keyValueName}"
            ),
            "azure-native:containerservice:AgentPool": (
                "Microsoft.ContainerService/managedClusters/{resourceName}/agentPools/{agentPoolName}"
            ),
            "azure-native:containerservice:MaintenanceConfiguration": (
                "Microsoft.ContainerService/managedClusters/{resourceName}/maintenanceConfigurations/{configName}"
            ),
            "azure-native:containerservice:ManagedCluster": "Microsoft.ContainerService/managedClusters/{resourceName}",
            "azure-native:dbforpostgresql:Configuration": (
                "Microsoft.DBforPostgreSQL/flexibleServers/{serverName}/configurations/{configurationName}"
            ),
            "azure-native:dbforpostgresql:Database": (
                "Microsoft.DBforPostgreSQL/flexibleServers/{serverName}/databases/{databaseName}"
            ),
            "azure-native:dbforpostgresql:Server": "Microsoft.DBforPostgreSQL/flexibleServers/{serverName}",
            "azure-native:dbforpostgresql:VirtualEndpoint": (
                "Microsoft.DBforPostgreSQL/flexibleServers/{serverName}/virtualendpoints/{virtualEndpointName}"
            ),
            "azure-native:dns:RecordSet": "Microsoft.Network/dnsZones/{zoneName}/{recordType}/{relativeRecordSetName}",
            "azure-native:dns:Zone": "Microsoft.Network/dnsZones/{zoneName}",
            "azure-native:keyvault:Key": "Microsoft.KeyVault/vaults/{vaultName}/keys/{keyName}",
            "azure-native:keyvault:Secret": "Microsoft.KeyVault/vaults/{vaultName}/secrets/{secretName}",
            "azure-native:keyvault:Vault": "Microsoft.KeyVault/vaults/{vaultName}",
            "azure-native:managedidentity:FederatedIdentityCredential": (
                "Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}"
                "/federatedIdentityCredentials/{federatedIdentityCredentialResourceName}"
            ),
            "azure-native:managedidentity:UserAssignedIdentity": (
                "Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}"
            ),
            "azure-native:network:NatGateway": "Microsoft.Network/natGateways/{natGatewayName}",
            "azure-native:network:NetworkSecurityGroup": (
                "Microsoft.Network/networkSecurityGroups/{networkSecurityGroupName}"
            ),
            "azure-native:network:PrivateDnsZoneGroup": (
                "Microsoft.Network/privateEndpoints/{privateEndpointName}/privateDnsZoneGroups/{privateDnsZoneGroupName}"
            ),
            "azure-native:network:PrivateEndpoint": "Microsoft.Network/privateEndpoints/{privateEndpointName}",
            "azure-native:network:PublicIPAddress": "Microsoft.Network/publicIPAddresses/{publicIpAddressName}",
            "azure-native:network:RouteTable": "Microsoft.Network/routeTables/{routeTableName}",
            "azure-native:network:Subnet": (
                "Microsoft.Network/virtualNetworks/{virtualNetworkName}/subnets/{subnetName}"
            ),
            "azure-native:network:VirtualNetwork": "Microsoft.Network/virtualNetworks/{virtualNetworkName}",
            "azure-native:operationalinsights:Workspace": "Microsoft.OperationalInsights/workspaces/{workspaceName}",
            "azure-native:privatedns:PrivateZone": "Microsoft.Network/privateDnsZones/{privateZoneName}",
            "azure-native:privatedns:VirtualNetworkLink": (
                "Microsoft.Network/privateDnsZones/{privateZoneName}/virtualNetworkLinks/{virtualNetworkLinkName}"
            ),
            "azure-native:storage:Blob": (
                "Microsoft.Storage/storageAccounts/{accountName}/blobServices/default/containers/{containerName}"
                "/blobs/{blobName}"
            ),
            "azure-native:storage:BlobContainer": (
                "Microsoft.Storage/storageAccounts/{accountName}/blobServices/default/containers/{containerName}"
            ),
            "azure-native:storage:BlobServiceProperties": (
                "Microsoft.Storage/storageAccounts/{accountName}/blobServices/{blobServicesName}"
            ),
            "azure-native:storage:ManagementPolicy": (
                "Microsoft.Storage/storageAccounts/{accountName}/managementPolicies/{managementPolicyName}"
            ),
            "azure-native:storage:ObjectReplicationPolicy": (
                "Microsoft.Storage/storageAccounts/{accountName}/objectReplicationPolicies/{objectReplicationPolicyId}"
            ),
            "azure-native:storage:StorageAccount": "Microsoft.Storage/storageAccounts/{accountName}",
        }.items()
    },
}

_LIMITS: Final[Mapping[str, tuple[int, str]]] = {
    "azure-native:appconfiguration:ConfigurationStore": (50, r"[a-zA-Z0-9][a-zA-Z0-9-]{3,48}[a-zA-Z0-9]"),
    "azure-native:containerservice:AgentPool": (12, r"[a-z][a-z0-9]{0,11}"),
    "azure-native:containerservice:ManagedCluster": (63, r"[a-zA-Z0-9]([\w-]*[a-zA-Z0-9])?"),
    "azure-native:dbforpostgresql:Server": (63, r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"),
    "azure-native:keyvault:Vault": (24, r"[a-zA-Z](-?[a-zA-Z0-9]){2,23}"),
    "azure-native:keyvault:Key": (127, r"[a-zA-Z0-9-]+"),
    "azure-native:managedidentity:UserAssignedIdentity": (128, r"[a-zA-Z0-9][\w-]{2,127}"),
    "azure-native:network:VirtualNetwork": (64, r"[a-zA-Z0-9]([\w.-]*\w)?"),
    "azure-native:network:Subnet": (80, r"[a-zA-Z0-9]([\w.-]*\w)?"),
    "azure-native:operationalinsights:Workspace": (63, r"[a-zA-Z0-9][a-zA-Z0-9-]{2,61}[a-zA-Z0-9]"),
    "azure-native:resources:ResourceGroup": (90, r"[\w.()-]*[\w()-]"),
    "azure-native:storage:BlobContainer": (63, r"[a-z0-9](-?[a-z0-9]){2,62}"),
    "azure-native:storage:StorageAccount": (24, r"[a-z0-9]{3,24}"),
}
_GUIDS: Final = ("azure-native:authorization:RoleAssignment", "azure-native:authorization:RoleDefinition")
_FIXED: Final[Mapping[str, str]] = {
    "blobServicesName": "default",
    "managementPolicyName": "default",
    "objectReplicationPolicyId": "default",
}


def _last(token: str) -> str:
    """The argument that the last part of a type's path is."""
    return str(re.findall(r"{(\w+)}", _path(token))[-1])


def _path(token: str) -> str:
    """The path of a type; where the table lacks it, the module is taken for the namespace and the kind for the type."""
    if token in _PATHS:
        return _PATHS[token]
    _, module, kind = token.split(":")
    taken = types.arguments(token)
    names = [name for name, field in taken.items() if name.endswith("Name") and not field.required]
    own = next((name for name in names if name.lower() == f"{kind}name".lower()), names[0] if names else "name")
    parents = [n for n, f in taken.items() if n.endswith("Name") and f.required and n != "resourceGroupName"]
    middle = "".join(f"/{parent.removesuffix('Name')}s/{{{parent}}}" for parent in parents)
    group = _GROUP if "resourceGroupName" in taken else "/subscriptions/{account}"
    return f"{group}/providers/Microsoft.{module.capitalize()}{middle}/{kind[0].lower()}{kind[1:]}s/{{{own}}}"


def _id(draft: Draft) -> str:
    parts = {**_FIXED, **{name: value for name, value in draft.inputs.items() if value}, "account": draft.account}
    return re.sub(r"{(\w+)}", lambda part: str(parts.get(part[1], "default")), _path(draft.token))


def _type(draft: Draft) -> str:
    """`Microsoft.Network/virtualNetworks/subnets`, from the path."""
    _, _, path = _path(draft.token).rpartition("/providers/")
    return "/".join(part for part in path.split("/") if not part.startswith("{") and part != "default")


_OUTPUTS: Final[Mapping[str, Mapping[str, Template]]] = {
    "azure-native:appconfiguration:ConfigurationStore": {"endpoint": "https://{name}.azconfig.io"},
    "azure-native:appconfiguration:KeyValue": {"key": "{name}", "label": ""},
    "azure-native:containerservice:ManagedCluster": {
        "azurePortalFQDN": "{name}-{seed:.8}.portal.hcp.{inputs[location]}.azmk8s.io",
        "currentKubernetesVersion": "{inputs[kubernetesVersion]}",
        "fqdn": "{name}-{seed:.8}.hcp.{inputs[location]}.azmk8s.io",
        "privateFQDN": "{name}-{seed:.8}.{guid}.privatelink.{inputs[location]}.azmk8s.io",
        "identityProfile": {
            "kubeletidentity": lambda draft: {
                "clientId": draft.guid_of(f"{draft.id}/kubelet/client"),
                "objectId": draft.guid_of(f"{draft.id}/kubelet/object"),
                "resourceId": f"{draft.id}-agentpool",
            }
        },
        "identity": {"principalId": "{guid}", "tenantId": lambda draft: draft.guid_of("tenant")},
        "oidcIssuerProfile": {"issuerURL": "https://{inputs[location]}.oic.prod-aks.azure.com/{guid}/"},
        "nodeResourceGroup": "MC_{inputs[resourceGroupName]}_{name}_{inputs[location]}",
        "provisioningState": "Succeeded",
    },
    "azure-native:dbforpostgresql:Server": {"fullyQualifiedDomainName": "{name}.postgres.database.azure.com"},
    "azure-native:dns:Zone": {
        "nameServers": [
            "ns1-0{digits:.1}.azure-dns.com.",
            "ns2-0{digits:.1}.azure-dns.net.",
            "ns3-0{digits:.1}.azure-dns.org.",
            "ns4-0{digits:.1}.azure-dns.info.",
        ],
        "location": "global",
    },
    "azure-native:keyvault:Key": {
        "keyUri": "https://{inputs[vaultName]}.vault.azure.net/keys/{name}",
        "keyUriWithVersion": "https://{inputs[vaultName]}.vault.azure.net/keys/{name}/{seed:.32}",
    },
    "azure-native:keyvault:Vault": {
        "properties": {"vaultUri": "https://{name}.vault.azure.net/", "provisioningState": "Succeeded"}
    },
    "azure-native:managedidentity:UserAssignedIdentity": {
        "clientId": lambda draft: draft.guid_of(f"{draft.id}/client"),
        "principalId": "{guid}",
        "tenantId": lambda draft: draft.guid_of("tenant"),
    },
    "azure-native:network:PublicIPAddress": {"ipAddress": "{ip}"},
    "azure-native:operationalinsights:Workspace": {"customerId": "{guid}"},
    "azure-native:storage:StorageAccount": {
        "identity": {"principalId": "{guid}", "tenantId": lambda draft: draft.guid_of("tenant")},
        "primaryEndpoints": {
            service: f"https://{{name}}.{service}.core.windows.net/"
            for service in ("blob", "dfs", "file", "queue", "table")
        },
        "primaryLocation": "{inputs[location]}",
    },
    "azure-native:authorization:RoleDefinition": {"roleName": "{inputs[roleName]}"},
    "azure-native:storage:Blob": {
        "url": "https://{inputs[accountName]}.blob.core.windows.net/{inputs[containerName]}/{name}"
    },
    "azure-native:storage:ObjectReplicationPolicy": {"policyId": "{guid}"},
}
_COMMON: Final[Mapping[str, Template]] = {
    "azureApiVersion": "2025-01-01",
    "etag": 'W/"{guid}"',
    "name": "{name}",
    "provisioningState": "Succeeded",
    "type": _type,
    "location": "{region}",
    "systemData": {"createdAt": "2026-11-24T00:00:00Z", "createdByType": "Application"},
}

_REPLACED_EVERYWHERE: Final = frozenset({"location", "resourceGroupName", "resourceUri", "scope"})
_REPLACED: Final[Mapping[str, frozenset[str]]] = {
    "azure-native:authorization:RoleAssignment": frozenset(
        {"principalId", "roleDefinitionId", "principalType", "condition"}
    ),
    "azure-native:containerservice:AgentPool": frozenset(
        {"vmSize", "osType", "osDiskType", "osDiskSizeGB", "vnetSubnetID", "availabilityZones", "maxPods", "enableFIPS"}
    ),
    "azure-native:containerservice:ManagedCluster": frozenset(
        {
            "dnsPrefix",
            "diskEncryptionSetID",
            "nodeResourceGroup",
            "apiServerAccessProfile.enablePrivateCluster",
            "networkProfile.podCidr",
            "networkProfile.serviceCidr",
            "networkProfile.networkPlugin",
            "fqdnSubdomain",
        }
    ),
    "azure-native:dbforpostgresql:Server": frozenset(
        {
            "administratorLogin",
            "createMode",
            "network.delegatedSubnetResourceId",
            "network.privateDnsZoneArmResourceId",
            "sourceServerResourceId",
            "backup.geoRedundantBackup",
            "availabilityZone",
            "pointInTimeUTC",
            "dataEncryption.type",
        }
    ),
    "azure-native:keyvault:Key": frozenset({"properties.kty", "properties.keySize", "properties.curveName"}),
    "azure-native:keyvault:Vault": frozenset({"properties.tenantId"}),
    "azure-native:network:NatGateway": frozenset({"zones", "sku.name"}),
    "azure-native:network:PublicIPAddress": frozenset(
        {"zones", "sku", "publicIPAllocationMethod", "publicIPAddressVersion"}
    ),
    "azure-native:storage:StorageAccount": frozenset(
        {"isHnsEnabled", "isNfsV3Enabled", "encryption.requireInfrastructureEncryption"}
    ),
    "azure-native:storage:Blob": frozenset({"source", "type", "contentMd5"}),
    "azure-native:storage:BlobContainer": frozenset({"defaultEncryptionScope", "immutableStorageWithVersioning"}),
}
_CLAIMS: Final[Mapping[str, str]] = {
    "azure-native:appconfiguration:ConfigurationStore": "azconfig.io/{name}",
    "azure-native:dbforpostgresql:Server": "postgres.database.azure.com/{name}",
    "azure-native:keyvault:Vault": "vault.azure.net/{name}",
    "azure-native:storage:StorageAccount": "core.windows.net/{name}",
}
_TAKEN: Final[Mapping[str, str]] = {
    "azure-native:dbforpostgresql:Server": "ServerNameAlreadyExists: Specified server name '{name}' is already used.",
    "azure-native:keyvault:Vault": "VaultAlreadyExists: The vault name '{name}' is already in use. Vault names are "
    "globally unique so it is possible that the name is already taken.",
    "azure-native:storage:StorageAccount": "StorageAccountAlreadyTaken: The storage account named {name} is already "
    "taken.",
}


def connect(arguments: Values) -> Connection:
    return Connection(arguments.get("subscriptionId") or "no-subscription", arguments.get("location") or "", arguments)


def place(_token: str, inputs: Values, connection: Connection) -> Place:
    """Of a subscription, which the id says too, so ids need no realm."""
    return Place(connection.account, str(inputs.get("location") or "").lower(), "")


def naming(token: str) -> Naming | None:
    last = _last(token)
    field = types.arguments(token).get(last)
    if field is None or last in _FIXED:
        return None
    longest, pattern = _LIMITS.get(token, (260, ""))
    return Naming(
        last, longest, separator="", random=8, pattern=pattern, guid=token in _GUIDS, automatic=not field.required
    )


def identify(draft: Draft) -> str:
    return _id(draft)


def replaces(token: str, path: str) -> bool:
    if path in re.findall(r"{(\w+)}", _path(token)):
        return True
    return prefixed(path, _REPLACED_EVERYWHERE) or prefixed(path, _REPLACED.get(token, frozenset()))


def keeps(made: Made, books: Books) -> str | None:
    """A lock keeps everything below what it is on; only the lock itself can go."""
    if "/Microsoft.Authorization/locks/" in made.id:
        return None
    for token in ("ManagementLockByScope", "ManagementLockAtResourceGroupLevel", "ManagementLockAtResourceLevel"):
        for lock in books.of_type("azure-native", made.place.account, f"azure-native:authorization:{token}"):
            scope = lock.id.split("/providers/Microsoft.Authorization/locks/")[0]
            if lock.inputs.get("level") in ("CanNotDelete", "ReadOnly") and f"{made.id}/".startswith(f"{scope}/"):
                return (
                    f"ScopeLocked: The scope '{made.id}' cannot perform delete operation because following scope(s) "
                    f"are locked: '{scope}'. Please remove the lock and try again."
                )
    return None


def user_credentials(wanted: Values, connection: Connection, books: Books) -> Values:
    """The kubeconfig of a cluster, as az would write it: with no credential, for there are no local accounts."""
    name, group = wanted.get("resourceName"), wanted.get("resourceGroupName")
    for made in books.of_type("azure-native", connection.account, "azure-native:containerservice:ManagedCluster"):
        if made.outputs.get("name") == name and made.inputs.get("resourceGroupName") == group:
            authority = base64.b64encode(b"sandbox-certificate-authority").decode()
            host = made.outputs.get("privateFQDN") or made.outputs["fqdn"]
            config = {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [
                    {
                        "name": name,
                        "cluster": {"server": f"https://{host}:443", "certificate-authority-data": authority},
                    }
                ],
                "contexts": [{"name": name, "context": {"cluster": name, "user": f"clusterUser_{group}_{name}"}}],
                "current-context": name,
            }
            return {
                "kubeconfigs": [
                    {"name": "clusterUser", "value": base64.b64encode(json.dumps(config).encode()).decode()}
                ]
            }
    raise RefusedError(f"ResourceNotFound: the cluster {name} was not found in resource group {group}")


CLOUD: Final = Cloud(
    sdk="azure-native",
    connect=connect,
    place=place,
    naming=naming,
    identify=identify,
    outputs=lambda token: _OUTPUTS.get(token, {}),
    common_outputs=_COMMON,
    replaces=replaces,
    claim=lambda token: _CLAIMS.get(token, "{id}"),
    taken=_TAKEN,
    functions={"azure-native:containerservice:listManagedClusterUserCredentials": user_credentials},
    keeps=keeps,
)
