"""GCP: ids, self links, emails, names and what replaces, for the types that cells use, and general rules for the rest.

Sources: the provider's documentation of each resource (its Import section gives the id) and the API's reference,
November 2026.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final

from sandbox import types
from sandbox.books import Books, Made, Place
from sandbox.cloud import Cloud, Connection, Draft, Template, prefixed
from sandbox.naming import Naming
from sandbox.outputs import filled
from sandbox.wire import Values

_COMPUTE: Final = "https://www.googleapis.com/compute/v1"
_NAME: Final = r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?"  # RFC 1035, as most of the APIs ask

_IDS: Final[Mapping[str, str]] = {
    "gcp:billing/budget:Budget": "billingAccounts/{inputs[billingAccount]}/budgets/{guid}",
    "gcp:compute/address:Address": "projects/{account}/regions/{region}/addresses/{name}",
    "gcp:compute/globalAddress:GlobalAddress": "projects/{account}/global/addresses/{name}",
    "gcp:compute/routerNat:RouterNat": "{account}/{region}/{inputs[router]}/{name}",
    "gcp:compute/subnetwork:Subnetwork": "projects/{account}/regions/{region}/subnetworks/{name}",
    "gcp:container/nodePool:NodePool": (
        "projects/{account}/locations/{region}/clusters/{inputs[cluster]}/nodePools/{name}"
    ),
    "gcp:dns/managedZone:ManagedZone": "projects/{account}/managedZones/{name}",
    "gcp:dns/recordSet:RecordSet": (
        "projects/{account}/managedZones/{inputs[managedZone]}/rrsets/{inputs[name]}/{inputs[type]}"
    ),
    "gcp:firestore/database:Database": "projects/{account}/databases/{name}",
    "gcp:firestore/document:Document": (
        "projects/{account}/databases/{inputs[database]}/documents/{inputs[collection]}/{inputs[documentId]}"
    ),
    "gcp:iam/workloadIdentityPool:WorkloadIdentityPool": (
        "projects/{account}/locations/global/workloadIdentityPools/{inputs[workloadIdentityPoolId]}"
    ),
    "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider": (
        "projects/{account}/locations/global/workloadIdentityPools/{inputs[workloadIdentityPoolId]}"
        "/providers/{inputs[workloadIdentityPoolProviderId]}"
    ),
    "gcp:kms/cryptoKey:CryptoKey": "{inputs[keyRing]}/cryptoKeys/{name}",
    "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": "{inputs[cryptoKeyId]}/{inputs[role]}/{inputs[member]}",
    "gcp:kms/keyRing:KeyRing": "projects/{account}/locations/{region}/keyRings/{name}",
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": (
        "projects/{account}/locations/{region}/buckets/{inputs[bucketId]}"
    ),
    "gcp:logging/projectSink:ProjectSink": "projects/{account}/sinks/{name}",
    "gcp:projects/iAMAuditConfig:IAMAuditConfig": "{account}/audit_config/{inputs[service]}",
    "gcp:projects/iAMCustomRole:IAMCustomRole": "projects/{account}/roles/{inputs[roleId]}",
    "gcp:projects/iAMMember:IAMMember": "{account}/{inputs[role]}/{inputs[member]}",
    "gcp:projects/service:Service": "{account}/{inputs[service]}",
    "gcp:projects/serviceIdentity:ServiceIdentity": "projects/{account}/services/{inputs[service]}",
    "gcp:serviceaccount/account:Account": (
        "projects/{account}/serviceAccounts/{inputs[accountId]}@{account}.iam.gserviceaccount.com"
    ),
    "gcp:serviceaccount/iAMMember:IAMMember": "{inputs[serviceAccountId]}/{inputs[role]}/{inputs[member]}",
    "gcp:servicenetworking/connection:Connection": "{inputs[network]}:{inputs[service]}",
    "gcp:sql/database:Database": "projects/{account}/instances/{inputs[instance]}/databases/{name}",
    "gcp:sql/databaseInstance:DatabaseInstance": "{name}",
    "gcp:sql/user:User": "{name}//{inputs[instance]}",
    "gcp:storage/bucket:Bucket": "{name}",
    "gcp:storage/bucketObject:BucketObject": "{inputs[bucket]}-{name}",
    "gcp:storage/bucketIAMMember:BucketIAMMember": "b/{inputs[bucket]}/{inputs[role]}/{inputs[member]}",
}


def _email(draft: Draft) -> str:
    return f"{draft.inputs.get('accountId')}@{draft.account}.iam.gserviceaccount.com"


def _member(draft: Draft) -> str:
    return f"serviceAccount:{_email(draft)}"


def _service_agent(draft: Draft) -> str:
    agent = str(draft.inputs.get("service", "")).removesuffix(".googleapis.com")
    return f"service-{_project_number(draft)}@gcp-sa-{agent}.iam.gserviceaccount.com"


def _project_number(draft: Draft) -> str:
    return _number_of(draft.account)


def _number_of(project: str) -> str:
    return str(int(hashlib.sha256(f"{project}/project-number".encode()).hexdigest(), 16))[:12]


def _sql_dns_name(draft: Draft) -> str:
    return f"{draft.seed[:12]}.{draft.seed[12:24]}.{draft.region}.sql.goog."


def _sql_address(draft: Draft) -> str:
    """One of the range that the network has leased to managed services."""
    leased = draft.inputs.get("settings", {}).get("ipConfiguration", {}).get("allocatedIpRange")
    for made in draft.beside("gcp:compute/globalAddress:GlobalAddress"):
        if leased and made.outputs.get("name") == leased:
            return str(ip_address(str(made.outputs["address"])) + 2 + int(draft.seed[:2], 16) % 250)
    return "10.0.16.2"


_OUTPUTS: Final[Mapping[str, Mapping[str, Template]]] = {
    "gcp:compute/address:Address": {"address": "{ip}", "selfLink": f"{_COMPUTE}/{{id}}"},
    "gcp:compute/globalAddress:GlobalAddress": {"address": "10.128.0.0", "selfLink": f"{_COMPUTE}/{{id}}"},
    "gcp:compute/network:Network": {
        "gatewayIpv4": "",
        "networkId": "{digits:.19}",
        "numericId": "{digits:.19}",
        "selfLink": f"{_COMPUTE}/{{id}}",
    },
    "gcp:compute/subnetwork:Subnetwork": {"gatewayAddress": "10.0.0.1", "selfLink": f"{_COMPUTE}/{{id}}"},
    "gcp:container/cluster:Cluster": {
        "endpoint": "{ip}",
        "masterAuth": {"clusterCaCertificate": "c2FuZGJveC1jZXJ0aWZpY2F0ZS1hdXRob3JpdHk="},
        "masterVersion": "1.34.1-gke.1829001",
        "controlPlaneEndpointsConfig": {
            "dnsEndpointConfig": {"endpoint": "gke-{seed:.40}.{region}.gke.goog"},
            "ipEndpointsConfig": {"privateEndpoint": "10.0.0.2", "publicEndpoint": "{ip}"},
        },
        "privateClusterConfig": {"privateEndpoint": "10.0.0.2", "publicEndpoint": "{ip}", "peeringName": ""},
        "selfLink": "https://container.googleapis.com/v1/{id}",
        "workloadIdentityConfig": {"workloadPool": "{account}.svc.id.goog"},
    },
    "gcp:dns/managedZone:ManagedZone": {
        "managedZoneId": "{digits:.19}",
        "nameServers": [f"ns-cloud-{{seed:.1}}{n}.googledomains.com." for n in (1, 2, 3, 4)],
    },
    "gcp:iam/workloadIdentityPool:WorkloadIdentityPool": {
        "name": lambda draft: (
            f"projects/{_project_number(draft)}/locations/global/workloadIdentityPools/"
            f"{draft.inputs.get('workloadIdentityPoolId')}"
        ),
        "state": "ACTIVE",
    },
    "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider": {
        "name": lambda draft: (
            f"projects/{_project_number(draft)}/locations/global/workloadIdentityPools/"
            f"{draft.inputs.get('workloadIdentityPoolId')}/providers/{draft.inputs.get('workloadIdentityPoolProviderId')}"
        ),
        "state": "ACTIVE",
    },
    "gcp:kms/cryptoKey:CryptoKey": {"primaries": [{"name": "{id}/cryptoKeyVersions/1", "state": "ENABLED"}]},
    "gcp:logging/projectSink:ProjectSink": {
        "writerIdentity": lambda draft: (
            f"serviceAccount:service-{_project_number(draft)}@gcp-sa-logging.iam.gserviceaccount.com"
        )
    },
    "gcp:organizations/project:Project": {"number": _project_number},
    "gcp:projects/serviceIdentity:ServiceIdentity": {
        "email": _service_agent,
        "member": lambda draft: f"serviceAccount:{_service_agent(draft)}",
    },
    "gcp:serviceaccount/account:Account": {
        "email": _email,
        "member": _member,
        "name": "{id}",
        "uniqueId": "{digits:.21}",
    },
    "gcp:sql/databaseInstance:DatabaseInstance": {
        "connectionName": "{account}:{region}:{name}",
        "dnsName": _sql_dns_name,
        "firstIpAddress": _sql_address,
        "privateIpAddress": _sql_address,
        "publicIpAddress": "",
        "ipAddresses": [{"ipAddress": _sql_address, "type": "PRIVATE", "timeToRetire": ""}],
        "selfLink": "https://sqladmin.googleapis.com/sql/v1beta4/projects/{account}/instances/{name}",
        "serviceAccountEmailAddress": "p{digits:.12}-{seed:.6}@gcp-sa-cloud-sql.iam.gserviceaccount.com",
        "serverCaCerts": [
            {"cert": "", "commonName": "", "createTime": "", "expirationTime": "", "sha1Fingerprint": "{seed:.40}"}
        ],
    },
    "gcp:storage/bucket:Bucket": {
        "projectNumber": _project_number,
        "selfLink": "https://www.googleapis.com/storage/v1/b/{name}",
        "url": "gs://{name}",
    },
}


def _labels(draft: Draft) -> dict[str, str]:
    return dict(draft.inputs.get("labels") or {})


_COMMON: Final[Mapping[str, Template]] = {
    "effectiveLabels": _labels,
    "pulumiLabels": _labels,
    "project": "{account}",
    "region": "{region}",
    "selfLink": "https://www.googleapis.com/{id}",
    "etag": "BwY{seed:.9}=",
}

_REPLACED_EVERYWHERE: Final = frozenset(
    {
        "accountId",
        "billingAccount",
        "bucket",
        "bucketId",
        "cryptoKeyId",
        "instance",
        "keyRing",
        "location",
        "managedZone",
        "member",
        "name",
        "network",
        "project",
        "region",
        "role",
        "router",
        "service",
        "serviceAccountId",
        "subnetwork",
        "workloadIdentityPoolId",
        "workloadIdentityPoolProviderId",
        "zone",
    }
)
_REPLACED: Final[Mapping[str, frozenset[str]]] = {
    "gcp:compute/address:Address": frozenset(
        {"address", "addressType", "purpose", "ipVersion", "networkTier", "description"}
    ),
    "gcp:compute/firewall:Firewall": frozenset({"direction"}),
    "gcp:compute/globalAddress:GlobalAddress": frozenset({"address", "addressType", "prefixLength", "purpose"}),
    "gcp:compute/network:Network": frozenset({"autoCreateSubnetworks", "mtu", "description"}),
    "gcp:compute/subnetwork:Subnetwork": frozenset({"ipCidrRange", "purpose", "description"}),
    "gcp:container/cluster:Cluster": frozenset(
        {
            "clusterIpv4Cidr",
            "confidentialNodes",
            "enableAutopilot",
            "initialNodeCount",
            "ipAllocationPolicy",
            "networkingMode",
            "privateClusterConfig.enablePrivateNodes",
            "privateClusterConfig.masterIpv4CidrBlock",
            "nodeConfig",
            "nodePools",
        }
    ),
    "gcp:container/nodePool:NodePool": frozenset(
        {
            "cluster",
            "initialNodeCount",
            "maxPodsPerNode",
            "nodeConfig.serviceAccount",
            "nodeConfig.oauthScopes",
            "nodeConfig.bootDiskKmsKey",
            "nodeConfig.shieldedInstanceConfig",
            "nodeConfig.spot",
            "nodeConfig.preemptible",
            "namePrefix",
        }
    ),
    "gcp:dns/managedZone:ManagedZone": frozenset({"dnsName", "visibility"}),
    "gcp:dns/recordSet:RecordSet": frozenset({"type"}),
    "gcp:firestore/database:Database": frozenset({"locationId", "cmekConfig", "databaseEdition", "tags"}),
    "gcp:firestore/document:Document": frozenset({"database", "collection", "documentId"}),
    "gcp:kms/cryptoKey:CryptoKey": frozenset({"purpose", "destroyScheduledDuration", "importOnly"}),
    "gcp:serviceaccount/account:Account": frozenset(),
    "gcp:sql/databaseInstance:DatabaseInstance": frozenset(
        {"encryptionKeyName", "masterInstanceName", "settings.availabilityZone"}
    ),
    "gcp:storage/bucket:Bucket": frozenset({"customPlacementConfig", "enableObjectRetention"}),
}
_UPDATED: Final[Mapping[str, frozenset[str]]] = {
    "gcp:billing/budget:Budget": frozenset({"project"}),
    "gcp:compute/routerNat:RouterNat": frozenset({"subnetworks"}),
}

_NAMINGS: Final[Mapping[str, Naming]] = {
    "gcp:dns/recordSet:RecordSet": Naming("name", 253, automatic=False),
    "gcp:firestore/database:Database": Naming("name", 63, lower=True, pattern=r"[a-z][a-z0-9-]{2,61}[a-z0-9]"),
    "gcp:kms/cryptoKey:CryptoKey": Naming("name", 63, pattern=r"[a-zA-Z0-9_-]{1,63}"),
    "gcp:kms/keyRing:KeyRing": Naming("name", 63, pattern=r"[a-zA-Z0-9_-]{1,63}"),
    "gcp:logging/projectSink:ProjectSink": Naming("name", 100),
    "gcp:serviceaccount/account:Account": Naming(
        "accountId", 30, automatic=False, pattern=r"[a-z]([a-z0-9-]{4,28}[a-z0-9])"
    ),
    "gcp:sql/databaseInstance:DatabaseInstance": Naming("name", 98, lower=True, pattern=r"[a-z][a-z0-9-]*"),
    "gcp:sql/database:Database": Naming("name", 63),
    "gcp:sql/user:User": Naming("name", 63),
    "gcp:storage/bucket:Bucket": Naming("name", 63, lower=True, pattern=r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]"),
    "gcp:storage/bucketObject:BucketObject": Naming("name", 1024),
    "gcp:container/cluster:Cluster": Naming("name", 40, pattern=r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?"),
    "gcp:container/nodePool:NodePool": Naming("name", 40, pattern=r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?"),
}


def connect(arguments: Values) -> Connection:
    return Connection(arguments.get("project") or "no-project", arguments.get("region") or "us-central1", arguments)


def place(_token: str, inputs: Values, connection: Connection) -> Place:
    """Of a project, and where the resource says that it is; its id says both, so ids need no realm."""
    project = inputs.get("project") or connection.account
    location = inputs.get("location") or inputs.get("region") or inputs.get("zone")
    if location is None and "region" in types.arguments(_token):
        location = connection.region
    return Place(str(project), str(location or "").lower(), "")


def naming(token: str) -> Naming | None:
    if token in _NAMINGS:
        return _NAMINGS[token]
    field = types.arguments(token).get("name")
    if field is None or str not in field.alternatives:
        return None
    return Naming("name", 63, lower=True, pattern=_NAME, automatic=not field.required)


def identify(draft: Draft) -> str:
    if template := _IDS.get(draft.token):
        return str(filled(template, draft))
    module, _, kind = draft.token.removeprefix("gcp:").partition("/")
    kind = kind.split(":")[0]
    where = "global"
    if draft.place.location:
        where = ("regions/" if module == "compute" else "locations/") + draft.place.location
    return f"projects/{draft.account}/{where}/{_plural(kind)}/{draft.name}"


def _plural(kind: str) -> str:
    return re.sub(r"y$", "ie", kind) + ("es" if kind.endswith("s") else "s")


def replaces(token: str, path: str) -> bool:
    if prefixed(path, _UPDATED.get(token, frozenset())):
        return False
    return prefixed(path, _REPLACED_EVERYWHERE) or prefixed(path, _REPLACED.get(token, frozenset()))


_PROTECTED_BY_DEFAULT: Final = ("gcp:container/cluster:Cluster", "gcp:sql/databaseInstance:DatabaseInstance")


def keeps(made: Made, _books: Books) -> str | None:
    """The provider itself guards clusters and databases, unless told not to; the API guards databases on request."""
    if made.type in _PROTECTED_BY_DEFAULT and made.inputs.get("deletionProtection", True) is True:
        return (
            f"Error, failed to delete {made.id} because deletion_protection is set to true. "
            "Set it to false to proceed with the deletion"
        )
    if made.inputs.get("deleteProtectionState") == "DELETE_PROTECTION_ENABLED":
        return "googleapi: Error 400: Cannot delete database with delete protection enabled."
    settings = made.inputs.get("settings")
    if isinstance(settings, Mapping) and settings.get("deletionProtectionEnabled") is True:
        return "googleapi: Error 400: The instance is protected. Please disable the deletion protection and try again."
    return None


_CLAIMS: Final[Mapping[str, str]] = {
    "gcp:storage/bucket:Bucket": "gcs/{name}",
    "gcp:organizations/project:Project": "gcp-project/{inputs[projectId]}",
    **dict.fromkeys(
        (
            "gcp:compute/network:Network",
            "gcp:compute/subnetwork:Subnetwork",
            "gcp:container/cluster:Cluster",
            "gcp:container/nodePool:NodePool",
            "gcp:dns/managedZone:ManagedZone",
            "gcp:dns/recordSet:RecordSet",
            "gcp:kms/cryptoKey:CryptoKey",
            "gcp:kms/keyRing:KeyRing",
            "gcp:serviceaccount/account:Account",
            "gcp:iam/workloadIdentityPool:WorkloadIdentityPool",
        ),
        "{id}",
    ),
    "gcp:sql/databaseInstance:DatabaseInstance": "gcp-sql/{account}/{name}",
}
_TAKEN: Final[Mapping[str, str]] = {
    "gcp:storage/bucket:Bucket": "googleapi: Error 409: The requested bucket name is not available. The bucket "
    "namespace is shared by all users of the system. Please select a different name and try again., conflict",
}


def _cmek_settings(wanted: Values, connection: Connection, _books: Books) -> Values:
    """Who encrypts a project's log buckets."""
    project = str(wanted.get("project") or connection.account)
    email = f"cmek-p{_number_of(project)}@gcp-sa-logging.iam.gserviceaccount.com"
    return {"id": f"projects/{project}/cmekSettings", "project": project, "serviceAccountId": email}


CLOUD: Final = Cloud(
    sdk="gcp",
    connect=connect,
    place=place,
    naming=naming,
    identify=identify,
    outputs=lambda token: _OUTPUTS.get(token, {}),
    common_outputs=_COMMON,
    replaces=replaces,
    claim=_CLAIMS.get,
    taken=_TAKEN,
    functions={"gcp:logging/getProjectCmekSettings:getProjectCmekSettings": _cmek_settings},
    keeps=keeps,
    ensured=frozenset({"gcp:projects/service:Service", "gcp:projects/serviceIdentity:ServiceIdentity"}),
)
