"""AWS: ids, ARNs, names and what replaces, for the types that cells use, and general rules for the rest.

Sources: the provider's documentation of each resource (its Import section gives the id) and the service's API
reference, November 2026.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Final

from sandbox import types
from sandbox.books import Books, Made, Place
from sandbox.cloud import Cloud, Connection, Draft, RefusedError, Template, prefixed
from sandbox.naming import Naming
from sandbox.outputs import filled
from sandbox.wire import Values

_GLOBAL: Final = ("iam", "route53", "budgets", "cloudfront", "organizations")
"""Services whose resources are in no region."""
_ELB: Final = "arn:aws:elasticloadbalancing:{region}:{account}"
_ROLE_ACCOUNT: Final = re.compile(r"^arn:[^:]+:iam::(\d{12}):role/")


def _item_id(draft: Draft) -> str:
    """`<table>|<key>||<value>||`."""
    key = draft.inputs.get("hashKey")
    value = json.loads(draft.inputs["item"]).get(key, {}).get("S")
    return f"{draft.inputs.get('tableName')}|{key}||{value}||"


_IDS: Final[Mapping[str, Template]] = {
    "aws:acm/certificate:Certificate": "arn:aws:acm:{region}:{account}:certificate/{guid}",
    "aws:acm/certificateValidation:CertificateValidation": "{inputs[certificateArn]}",
    "aws:autoscaling/attachment:Attachment": "{inputs[autoscalingGroupName]}-{seed:.26}",
    "aws:backup/plan:Plan": "{guid}",
    "aws:backup/selection:Selection": "{guid}",
    "aws:budgets/budget:Budget": "{account}:{name}",
    "aws:dynamodb/tableItem:TableItem": _item_id,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "sg-{seed:.17}",
    "aws:ec2/eip:Eip": "eipalloc-{seed:.17}",
    "aws:ec2/flowLog:FlowLog": "fl-{seed:.17}",
    "aws:ec2/internetGateway:InternetGateway": "igw-{seed:.17}",
    "aws:ec2/launchTemplate:LaunchTemplate": "lt-{seed:.17}",
    "aws:ec2/natGateway:NatGateway": "nat-{seed:.17}",
    "aws:ec2/networkAcl:NetworkAcl": "acl-{seed:.17}",
    "aws:ec2/route:Route": "r-{inputs[routeTableId]}{seed:.10}",
    "aws:ec2/routeTable:RouteTable": "rtb-{seed:.17}",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "rtbassoc-{seed:.17}",
    "aws:ec2/securityGroup:SecurityGroup": "sg-{seed:.17}",
    "aws:ec2/subnet:Subnet": "subnet-{seed:.17}",
    "aws:ec2/vpc:Vpc": "vpc-{seed:.17}",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "vpce-{seed:.17}",
    "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": "vpc-cidr-assoc-{seed:.17}",
    "aws:eks/accessEntry:AccessEntry": "{inputs[clusterName]}:{inputs[principalArn]}",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": (
        "{inputs[clusterName]}#{inputs[principalArn]}#{inputs[policyArn]}"
    ),
    "aws:eks/addon:Addon": "{inputs[clusterName]}:{inputs[addonName]}",
    "aws:eks/capability:Capability": "{inputs[clusterName]},{inputs[capabilityName]}",
    "aws:eks/nodeGroup:NodeGroup": "{inputs[clusterName]}:{name}",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": "a-{seed:.17}",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "arn:aws:iam::{account}:oidc-provider/{inputs[url]}",
    "aws:iam/policy:Policy": "arn:aws:iam::{account}:policy/{name}",
    "aws:iam/rolePolicy:RolePolicy": "{inputs[role]}:{name}",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "{inputs[role]}/{inputs[policyArn]}",
    "aws:kms/key:Key": "{guid}",
    "aws:kms/replicaKey:ReplicaKey": "mrk-{seed:.32}",
    "aws:lb/listener:Listener": f"{_ELB}:listener/net/{{logical}}/{{seed:.16}}/{{seed:.12}}",
    "aws:lb/loadBalancer:LoadBalancer": f"{_ELB}:loadbalancer/net/{{name}}/{{seed:.16}}",
    "aws:lb/targetGroup:TargetGroup": f"{_ELB}:targetgroup/{{name}}/{{seed:.16}}",
    "aws:route53/record:Record": "{inputs[zoneId]}_{inputs[name]}_{inputs[type]}",
    "aws:route53/zone:Zone": "Z{digits:.20}",
    "aws:s3/bucketObjectv2:BucketObjectv2": "{inputs[bucket]}/{inputs[key]}",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "sgr-{seed:.17}",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "sgr-{seed:.17}",
}
_BUCKET_PARTS: Final = re.compile(r"^aws:s3/bucket[A-Z].*")


def _validation_options(draft: Draft) -> list[dict[str, str]]:
    names = [draft.inputs.get("domainName"), *(draft.inputs.get("subjectAlternativeNames") or [])]
    return [
        {
            "domainName": name,
            "resourceRecordName": f"_{draft.seed[:32]}.{name.removeprefix('*.')}.",
            "resourceRecordType": "CNAME",
            "resourceRecordValue": f"_{draft.seed[32:]}.acm-validations.aws.",
        }
        for name in dict.fromkeys(names)
        if isinstance(name, str)
    ]


_OUTPUTS: Final[Mapping[str, Mapping[str, Template]]] = {
    "aws:acm/certificate:Certificate": {
        "domainValidationOptions": _validation_options,
        "status": "PENDING_VALIDATION",
        "type": "AMAZON_ISSUED",
        "validationMethod": "DNS",
    },
    "aws:backup/plan:Plan": {"arn": "arn:aws:backup:{region}:{account}:backup-plan:{id}"},
    "aws:backup/vault:Vault": {"arn": "arn:aws:backup:{region}:{account}:backup-vault:{name}"},
    "aws:budgets/budget:Budget": {"arn": "arn:aws:budgets::{account}:budget/{name}"},
    "aws:cloudwatch/logGroup:LogGroup": {"arn": "arn:aws:logs:{region}:{account}:log-group:{name}"},
    "aws:dynamodb/table:Table": {"arn": "arn:aws:dynamodb:{region}:{account}:table/{name}"},
    "aws:ec2/eip:Eip": {
        "allocationId": "{id}",
        "arn": "arn:aws:ec2:{region}:{account}:elastic-ip/{id}",
        "domain": "vpc",
        "publicIp": "{ip}",
        "publicDns": "ec2-{ip}.{region}.compute.amazonaws.com",
    },
    "aws:ec2/launchTemplate:LaunchTemplate": {
        "arn": "arn:aws:ec2:{region}:{account}:launch-template/{id}",
        "latestVersion": 1,
        "defaultVersion": 1,
    },
    "aws:ec2/natGateway:NatGateway": {"publicIp": "{ip}"},
    "aws:ec2/routeTable:RouteTable": {"arn": "arn:aws:ec2:{region}:{account}:route-table/{id}"},
    "aws:ec2/securityGroup:SecurityGroup": {"arn": "arn:aws:ec2:{region}:{account}:security-group/{id}"},
    "aws:ec2/subnet:Subnet": {
        "arn": "arn:aws:ec2:{region}:{account}:subnet/{id}",
        "availabilityZoneId": "{seed:.4}-az1",
    },
    "aws:ec2/vpc:Vpc": {
        "arn": "arn:aws:ec2:{region}:{account}:vpc/{id}",
        "defaultNetworkAclId": "acl-{seed:.17}",
        "defaultRouteTableId": "rtb-{seed:.17}",
        "defaultSecurityGroupId": "sg-{seed:.17}",
        "mainRouteTableId": "rtb-{seed:.17}",
        "dhcpOptionsId": "dopt-{seed:.17}",
        "instanceTenancy": "default",
        "enableDnsSupport": True,
    },
    "aws:ec2/vpcEndpoint:VpcEndpoint": {
        "arn": "arn:aws:ec2:{region}:{account}:vpc-endpoint/{id}",
        "prefixListId": "pl-{seed:.8}",
        "state": "available",
    },
    "aws:eks/cluster:Cluster": {
        "arn": "arn:aws:eks:{region}:{account}:cluster/{name}",
        "certificateAuthority": {"data": "c2FuZGJveC1jZXJ0aWZpY2F0ZS1hdXRob3JpdHk="},
        "endpoint": "https://{seed:.32}.gr7.{region}.eks.amazonaws.com",
        "identities": [
            {"oidcs": [{"issuer": "https://oidc.eks.{region}.amazonaws.com/id/{seed:.32}"}]},
        ],
        "platformVersion": "eks.1",
        "status": "ACTIVE",
        "vpcConfig": {"clusterSecurityGroupId": "sg-{seed:.17}", "vpcId": "vpc-{seed:.17}"},
    },
    "aws:eks/nodeGroup:NodeGroup": {
        "arn": "arn:aws:eks:{region}:{account}:nodegroup/{inputs[clusterName]}/{name}/{guid}",
        "resources": [{"autoscalingGroups": [{"name": "eks-{name}-{guid}"}], "remoteAccessSecurityGroupId": ""}],
        "amiType": "AL2023_x86_64_STANDARD",
        "capacityType": "ON_DEMAND",
        "diskSize": 20,
    },
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {"arn": "{id}"},
    "aws:iam/policy:Policy": {"arn": "{id}", "policyId": "ANPA{digits:.16}", "path": "/"},
    "aws:iam/role:Role": {"arn": "arn:aws:iam::{account}:role/{name}", "uniqueId": "AROA{digits:.16}", "path": "/"},
    "aws:kms/alias:Alias": {
        "arn": "arn:aws:kms:{region}:{account}:{name}",
        "targetKeyArn": "arn:aws:kms:{region}:{account}:key/{inputs[targetKeyId]}",
    },
    "aws:kms/key:Key": {"arn": "arn:aws:kms:{region}:{account}:key/{id}", "keyId": "{id}"},
    "aws:kms/replicaKey:ReplicaKey": {"arn": "arn:aws:kms:{region}:{account}:key/{id}", "keyId": "{id}"},
    "aws:lb/listener:Listener": {"arn": "{id}"},
    "aws:lb/loadBalancer:LoadBalancer": {
        "arn": "{id}",
        "arnSuffix": "net/{name}/{seed:.16}",
        "dnsName": "{name}-{seed:.16}.elb.{region}.amazonaws.com",
        "zoneId": "Z{digits:.14}",
        "vpcId": "vpc-{seed:.17}",
    },
    "aws:lb/targetGroup:TargetGroup": {"arn": "{id}", "arnSuffix": "targetgroup/{name}/{seed:.16}"},
    "aws:rds/cluster:Cluster": {
        "arn": "arn:aws:rds:{region}:{account}:cluster:{name}",
        "clusterResourceId": "cluster-{seed:.26}",
        "endpoint": "{name}.cluster-{seed:.12}.{region}.rds.amazonaws.com",
        "readerEndpoint": "{name}.cluster-ro-{seed:.12}.{region}.rds.amazonaws.com",
        "hostedZoneId": "Z{digits:.14}",
        "engineVersionActual": "{inputs[engineVersion]}",
        "masterUserSecrets": [
            {
                "kmsKeyId": "{inputs[masterUserSecretKmsKeyId]}",
                "secretArn": "arn:aws:secretsmanager:{region}:{account}:secret:rds!cluster-{guid}-{seed:.6}",
                "secretStatus": "active",
            }
        ],
        "port": 5432,
    },
    "aws:rds/clusterInstance:ClusterInstance": {
        "arn": "arn:aws:rds:{region}:{account}:db:{name}",
        "dbiResourceId": "db-{seed:.26}",
        "endpoint": "{name}.{seed:.12}.{region}.rds.amazonaws.com",
        "port": 5432,
    },
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": {"arn": "arn:aws:rds:{region}:{account}:cluster-pg:{name}"},
    "aws:rds/globalCluster:GlobalCluster": {
        "arn": "arn:aws:rds::{account}:global-cluster:{name}",
        "endpoint": "{name}.global-{seed:.12}.global.rds.amazonaws.com",
    },
    "aws:rds/subnetGroup:SubnetGroup": {"arn": "arn:aws:rds:{region}:{account}:subgrp:{name}"},
    "aws:route53/record:Record": {"fqdn": "{inputs[name]}"},
    "aws:route53/zone:Zone": {
        "arn": "arn:aws:route53:::hostedzone/{id}",
        "nameServers": [
            "ns-{digits:.2}.awsdns-{digits:.2}.com",
            "ns-1{digits:.2}.awsdns-{digits:.2}.net",
            "ns-10{digits:.2}.awsdns-{digits:.2}.org",
            "ns-15{digits:.2}.awsdns-{digits:.2}.co.uk",
        ],
        "primaryNameServer": "ns-{digits:.2}.awsdns-{digits:.2}.com",
        "zoneId": "{id}",
    },
    "aws:s3/bucket:Bucket": {
        "arn": "arn:aws:s3:::{name}",
        "bucketDomainName": "{name}.s3.amazonaws.com",
        "bucketRegionalDomainName": "{name}.s3.{region}.amazonaws.com",
        "bucketRegion": "{region}",
        "hostedZoneId": "Z{digits:.14}",
    },
}


def _all_tags(draft: Draft) -> dict[str, str]:
    return dict(draft.inputs.get("tags") or {})


_COMMON: Final[Mapping[str, Template]] = {
    "ownerId": "{account}",
    "accountId": "{account}",
    "region": "{region}",
    "tagsAll": _all_tags,
}

_REPLACED_EVERYWHERE: Final = frozenset(
    {
        "availabilityZone",
        "bucket",
        "cidrBlock",
        "clusterIdentifier",
        "clusterName",
        "engine",
        "identifier",
        "name",
        "namePrefix",
        "region",
        "role",
        "vpcId",
        "principalArn",
        "addonName",
        "capabilityName",
        "zoneId",
        "customerOwnedIpv4Pool",
    }
)
_REPLACED: Final[Mapping[str, frozenset[str]]] = {
    "aws:acm/certificate:Certificate": frozenset(
        {"domainName", "subjectAlternativeNames", "keyAlgorithm", "validationMethod"}
    ),
    "aws:autoscaling/attachment:Attachment": frozenset({"autoscalingGroupName", "lbTargetGroupArn", "elb"}),
    "aws:backup/selection:Selection": frozenset({"planId", "iamRoleArn", "resources", "selectionTags", "conditions"}),
    "aws:backup/vault:Vault": frozenset({"kmsKeyArn"}),
    "aws:dynamodb/table:Table": frozenset({"hashKey", "rangeKey", "importTable"}),
    "aws:dynamodb/tableItem:TableItem": frozenset({"tableName", "hashKey", "rangeKey"}),
    "aws:ec2/eip:Eip": frozenset({"domain", "address", "publicIpv4Pool"}),
    "aws:ec2/flowLog:FlowLog": frozenset(
        {"subnetId", "eniId", "trafficType", "logDestination", "logDestinationType", "iamRoleArn", "logFormat"}
    ),
    "aws:ec2/natGateway:NatGateway": frozenset({"allocationId", "subnetId", "connectivityType", "privateIp"}),
    "aws:ec2/route:Route": frozenset({"routeTableId", "destinationCidrBlock", "destinationIpv6CidrBlock"}),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": frozenset({"subnetId", "gatewayId"}),
    "aws:ec2/securityGroup:SecurityGroup": frozenset({"description"}),
    "aws:ec2/vpc:Vpc": frozenset({"ipv4IpamPoolId"}),
    "aws:ec2/vpcEndpoint:VpcEndpoint": frozenset({"serviceName", "vpcEndpointType"}),
    "aws:eks/cluster:Cluster": frozenset(
        {
            "roleArn",
            "kubernetesNetworkConfig.serviceIpv4Cidr",
            "kubernetesNetworkConfig.ipFamily",
            "accessConfig.bootstrapClusterCreatorAdminPermissions",
            "bootstrapSelfManagedAddons",
            "encryptionConfig.provider",
        }
    ),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": frozenset({"policyArn", "accessScope"}),
    "aws:eks/nodeGroup:NodeGroup": frozenset(
        {
            "nodeGroupName",
            "nodeRoleArn",
            "subnetIds",
            "instanceTypes",
            "amiType",
            "capacityType",
            "diskSize",
            "remoteAccess",
            "launchTemplate.id",
            "launchTemplate.name",
        }
    ),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": frozenset({"namespace", "serviceAccount"}),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": frozenset({"url"}),
    "aws:iam/policy:Policy": frozenset({"description", "path"}),
    "aws:iam/role:Role": frozenset({"path"}),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": frozenset({"policyArn"}),
    "aws:kms/key:Key": frozenset({"customerMasterKeySpec", "keyUsage", "multiRegion", "customKeyStoreId"}),
    "aws:kms/replicaKey:ReplicaKey": frozenset({"primaryKeyArn"}),
    "aws:lb/listener:Listener": frozenset({"loadBalancerArn"}),
    "aws:lb/loadBalancer:LoadBalancer": frozenset({"internal", "loadBalancerType", "ipAddressType"}),
    "aws:lb/targetGroup:TargetGroup": frozenset({"port", "protocol", "targetType", "ipAddressType"}),
    "aws:rds/cluster:Cluster": frozenset(
        {
            "databaseName",
            "dbSubnetGroupName",
            "kmsKeyId",
            "masterUsername",
            "storageEncrypted",
            "availabilityZones",
            "engineMode",
            "sourceRegion",
            "snapshotIdentifier",
        }
    ),
    "aws:rds/clusterInstance:ClusterInstance": frozenset({"dbSubnetGroupName"}),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": frozenset({"family", "description"}),
    "aws:rds/globalCluster:GlobalCluster": frozenset(
        {"globalClusterIdentifier", "databaseName", "storageEncrypted", "sourceDbClusterIdentifier"}
    ),
    "aws:rds/subnetGroup:SubnetGroup": frozenset(),
    "aws:route53/record:Record": frozenset({"type", "setIdentifier"}),
    "aws:s3/bucket:Bucket": frozenset({"objectLockEnabled"}),
    "aws:s3/bucketObjectv2:BucketObjectv2": frozenset({"key"}),
}
_UPDATED: Final[Mapping[str, frozenset[str]]] = {
    "aws:backup/plan:Plan": frozenset({"name"}),
    "aws:ec2/vpc:Vpc": frozenset(),
    "aws:rds/clusterInstance:ClusterInstance": frozenset({"identifier"}),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": frozenset(),
}
"""What does not replace here although it does elsewhere."""

_NAMINGS: Final[Mapping[str, Naming]] = {
    "aws:backup/vault:Vault": Naming("name", 50, pattern=r"[a-zA-Z0-9_-]{2,50}"),
    "aws:cloudwatch/logGroup:LogGroup": Naming("name", 512, pattern=r"[\w./#-]+"),
    "aws:dynamodb/table:Table": Naming("name", 255, pattern=r"[a-zA-Z0-9_.-]{3,255}"),
    "aws:ec2/launchTemplate:LaunchTemplate": Naming("name", 125, pattern=r"[a-zA-Z0-9().\-/_]{3,125}"),
    "aws:ec2/securityGroup:SecurityGroup": Naming("name", 255, pattern=r"(?!sg-)[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]+"),
    "aws:eks/cluster:Cluster": Naming("name", 100, pattern=r"[0-9A-Za-z][A-Za-z0-9_-]*"),
    "aws:eks/nodeGroup:NodeGroup": Naming("nodeGroupName", 63),
    "aws:iam/policy:Policy": Naming("name", 128, pattern=r"[\w+=,.@-]+"),
    "aws:iam/role:Role": Naming("name", 64, pattern=r"[\w+=,.@-]+"),
    "aws:iam/rolePolicy:RolePolicy": Naming("name", 128, pattern=r"[\w+=,.@-]+"),
    "aws:kms/alias:Alias": Naming("name", 256, prefix="alias/", pattern=r"alias/[a-zA-Z0-9/_-]+"),
    "aws:lb/loadBalancer:LoadBalancer": Naming("name", 32, pattern=r"(?!internal-)[a-zA-Z0-9](-?[a-zA-Z0-9])*"),
    "aws:lb/targetGroup:TargetGroup": Naming("name", 32, pattern=r"[a-zA-Z0-9](-?[a-zA-Z0-9])*"),
    "aws:rds/cluster:Cluster": Naming("clusterIdentifier", 63, lower=True, pattern=r"[a-z](-?[a-z0-9])*"),
    "aws:rds/clusterInstance:ClusterInstance": Naming("identifier", 63, lower=True, pattern=r"[a-z](-?[a-z0-9])*"),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": Naming("name", 255, lower=True),
    "aws:rds/globalCluster:GlobalCluster": Naming(
        "globalClusterIdentifier", 63, pattern=r"[a-z](-?[a-z0-9])*", automatic=False
    ),
    "aws:rds/instance:Instance": Naming("identifier", 63, lower=True),
    "aws:rds/subnetGroup:SubnetGroup": Naming("name", 255, lower=True, pattern=r"[a-z0-9 ._-]+"),
    "aws:s3/bucket:Bucket": Naming("bucket", 63, lower=True, pattern=r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"),
}


def connect(arguments: Values) -> Connection:
    """The account is the one of the role to be assumed, else the one that the provider is pinned to."""
    roles = arguments.get("assumeRoles") or []
    roles = json.loads(roles) if isinstance(roles, str) else roles
    allowed = arguments.get("allowedAccountIds") or []
    allowed = json.loads(allowed) if isinstance(allowed, str) else allowed
    arns = [role.get("roleArn") for role in roles if isinstance(role, dict)]
    match = _ROLE_ACCOUNT.match(arns[-1]) if arns and isinstance(arns[-1], str) else None
    account = match[1] if match else next(iter(allowed), "000000000000")
    if allowed and account not in allowed:
        raise RefusedError(f"AWS account ID not allowed: {account}")
    return Connection(account, arguments.get("region") or "us-east-1", arguments)


def place(token: str, inputs: Values, connection: Connection) -> Place:
    """A resource may name another region than its provider's."""
    if token.split(":")[1].split("/")[0] in _GLOBAL:
        return Place(connection.account, "", connection.account)
    region = inputs.get("region") or connection.region
    return Place(connection.account, region, f"{connection.account}/{region}")


def naming(token: str) -> Naming | None:
    if token in _NAMINGS:
        return _NAMINGS[token]
    field = types.arguments(token).get("name")
    if _BUCKET_PARTS.match(token) or field is None or str not in field.alternatives:
        return None
    return Naming("name", 255, automatic=not field.required)


def identify(draft: Draft) -> str:
    if template := _IDS.get(draft.token):
        if draft.inputs.get("multiRegion"):
            return f"mrk-{draft.seed[:32]}"
        return str(filled(template, draft)).replace("/https://", "/")
    if _BUCKET_PARTS.match(draft.token):
        return str(draft.inputs.get("bucket"))
    return draft.name if naming(draft.token) else f"{draft.logical}-{draft.seed[:17]}"


def replaces(token: str, path: str) -> bool:
    if prefixed(path, _UPDATED.get(token, frozenset())):
        return False
    return prefixed(path, _REPLACED_EVERYWHERE) or prefixed(path, _REPLACED.get(token, frozenset()))


def keeps(made: Made, _books: Books) -> str | None:
    """Tables, databases, clusters and load balancers are guarded by an argument of their own."""
    refusal = _PROTECTED.get(made.type)
    return refusal[1] if refusal and made.inputs.get(refusal[0]) is True else None


def zone(wanted: Values, connection: Connection, books: Books) -> Values:
    """A hosted zone by name. The fleet's own is nobody's resource: what no stack made was there before."""
    name = str(wanted.get("name", "")).rstrip(".")
    for made in books.of_type("aws", connection.account, "aws:route53/zone:Zone"):
        if wanted.get("zoneId") == made.id or made.inputs.get("name") == name:
            return {**made.outputs, "id": made.id}
    draft = Draft("", "", {}, Place(connection.account, "", ""), "", hashlib.sha256(name.encode()).hexdigest())
    held = {"arn": "arn:aws:route53:::hostedzone/{id}", **_OUTPUTS["aws:route53/zone:Zone"]}
    draft = dataclasses.replace(draft, name=name, id=f"Z{draft.digits[:20]}")
    return {**filled(held, draft), "id": draft.id, "name": name, "privateZone": False}


_PROTECTED: Final[Mapping[str, tuple[str, str]]] = {
    "aws:dynamodb/table:Table": (
        "deletionProtectionEnabled",
        "ValidationException: Resource cannot be deleted as it is currently protected against deletion.",
    ),
    "aws:rds/cluster:Cluster": (
        "deletionProtection",
        "InvalidParameterCombination: Cannot delete protected Cluster, please disable deletion protection.",
    ),
    "aws:rds/globalCluster:GlobalCluster": (
        "deletionProtection",
        "InvalidParameterCombination: Cannot delete protected global cluster, please disable deletion protection.",
    ),
    "aws:eks/cluster:Cluster": (
        "deletionProtection",
        "InvalidRequestException: Cannot delete cluster because deletion protection is enabled.",
    ),
    "aws:lb/loadBalancer:LoadBalancer": (
        "enableDeletionProtection",
        "OperationNotPermitted: Load balancer cannot be deleted because deletion protection is enabled",
    ),
}

_CLAIMS: Final[Mapping[str, str]] = {
    "aws:s3/bucket:Bucket": "s3/{name}",
    "aws:dynamodb/table:Table": "dynamodb/{account}/{region}/{name}",
    "aws:eks/cluster:Cluster": "eks/{account}/{region}/{name}",
    "aws:rds/cluster:Cluster": "rds/{account}/{region}/{name}",
    "aws:rds/globalCluster:GlobalCluster": "rds-global/{account}/{name}",
    "aws:iam/role:Role": "iam-role/{account}/{name}",
    "aws:iam/policy:Policy": "iam-policy/{account}/{name}",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "iam-oidc/{account}/{inputs[url]}",
    "aws:lb/loadBalancer:LoadBalancer": "elb/{account}/{region}/{name}",
    "aws:lb/targetGroup:TargetGroup": "target-group/{account}/{region}/{name}",
    "aws:kms/alias:Alias": "kms-alias/{account}/{region}/{name}",
    "aws:cloudwatch/logGroup:LogGroup": "log-group/{account}/{region}/{name}",
    "aws:route53/record:Record": "route53/{id}/{inputs[setIdentifier]}",
}
_TAKEN: Final[Mapping[str, str]] = {
    "aws:s3/bucket:Bucket": "BucketAlreadyExists: The requested bucket name is not available. The bucket namespace is "
    "shared by all users of the system. Please select a different name and try again: {name}",
    "aws:eks/cluster:Cluster": "ResourceInUseException: Cluster already exists with name: {name}",
    "aws:rds/cluster:Cluster": "DBClusterAlreadyExistsFault: DB Cluster already exists: {name}",
    "aws:iam/role:Role": "EntityAlreadyExists: Role with name {name} already exists.",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "EntityAlreadyExists: Provider with url {inputs[url]} "
    "already exists.",
    "aws:route53/record:Record": "InvalidChangeBatch: Tried to create resource record set [name='{inputs[name]}', "
    "type='{inputs[type]}'] but it already exists",
}

CLOUD: Final = Cloud(
    sdk="aws",
    connect=connect,
    place=place,
    naming=naming,
    identify=identify,
    outputs=lambda token: _OUTPUTS.get(token, {}),
    common_outputs=_COMMON,
    replaces=replaces,
    claim=_CLAIMS.get,
    taken=_TAKEN,
    functions={"aws:route53/getZone:getZone": zone},
    keeps=keeps,
)
