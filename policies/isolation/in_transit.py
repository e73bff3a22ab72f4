"""ISO-14, in transit: databases, stores and queues take no connection that is in the clear."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies.isolation import rules
from policies.isolation.argument import GIVEN, Expected, plain, values, violation, violations
from policies.resource import UNKNOWN, Resource, Resources
from policies.rule import Facts, Violation

_CLEAR: Final = "takes connections in the clear"
_REMEDY: Final = "require TLS 1.2 or later"
_OLD: Final = "takes connections by a version of TLS that is broken"


def encrypted_in_transit(facts: Facts, resources: Resources) -> Iterator[Violation]:  # noqa: ARG001 (a check takes both)
    """What a client can talk to without TLS, or by a TLS before 1.2; of every stack."""
    yield from violations(rules.ENCRYPTION, resources, TABLE, _REMEDY)
    for resource in resources.of("aws:rds/clusterParameterGroup:ClusterParameterGroup", _GROUP):
        yield from _parameters(resources, resource, f"{resource.inputs.get('family')}")
    for resource in resources.of(*_CONFIGURATIONS):
        yield from _configured(resources, resource)
    for resource in resources.of("kubernetes:postgresql.cnpg.io/v1:Cluster"):
        yield from _host_based(resources, resource)


def _on(types: str, path: str, *, absent: bool = False) -> Expected:
    return Expected(types, path, (True,), _CLEAR, absent)


_TLS: Final = ("1.2", "1.3", "TLS1_2", "TLS1_3", "Tls12", "Tls13")
_CONFIGURATIONS: Final = ("azure-native:dbforpostgresql:Configuration", "azure-native:dbformysql:Configuration")
_GROUP: Final = "aws:rds/parameterGroup:ParameterGroup"
_SQL: Final = "gcp:sql/databaseInstance:DatabaseInstance"
_ACCOUNT: Final = "azure-native:storage:StorageAccount"
TABLE: Final = (
    # The engine's default groups differ by its version in whether they force TLS, and nobody reads them here.
    Expected("aws:rds/cluster:Cluster", "dbClusterParameterGroupName", GIVEN, "has no parameters that force TLS"),
    _on("aws:elasticache/replicationGroup:ReplicationGroup", "transitEncryptionEnabled"),
    _on("aws:elasticache/cluster:Cluster", "transitEncryptionEnabled"),
    _on("aws:memorydb/cluster:Cluster", "tlsEnabled", absent=True),
    _on("aws:opensearch/domain:Domain", "nodeToNodeEncryption.enabled"),
    _on("aws:opensearch/domain:Domain", "domainEndpointOptions.enforceHttps"),
    Expected("aws:msk/cluster:Cluster", "encryptionInfo.encryptionInTransit.clientBroker", ("TLS",), _CLEAR, "TLS"),
    Expected(
        _SQL,
        "settings.ipConfiguration.sslMode",
        ("ENCRYPTED_ONLY", "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"),
        _CLEAR,
        "ALLOW_UNENCRYPTED_AND_ENCRYPTED",
    ),
    Expected("gcp:redis/instance:Instance", "transitEncryptionMode", ("SERVER_AUTHENTICATION",), _CLEAR, "DISABLED"),
    Expected(
        "gcp:redis/cluster:Cluster",
        "transitEncryptionMode",
        ("TRANSIT_ENCRYPTION_MODE_SERVER_AUTHENTICATION",),
        _CLEAR,
        "TRANSIT_ENCRYPTION_MODE_DISABLED",
    ),
    Expected(
        "gcp:memorystore/instance:Instance",
        "transitEncryptionMode",
        ("SERVER_AUTHENTICATION",),
        _CLEAR,
        "TRANSIT_ENCRYPTION_DISABLED",
    ),
    _on(_ACCOUNT, "enableHttpsTrafficOnly", absent=True),
    Expected(_ACCOUNT, "minimumTlsVersion", _TLS, _OLD, "TLS1_0"),
    Expected("azure-native:redis:Redis", "enableNonSslPort", (False,), _CLEAR, absent=False),
    Expected("azure-native:redis:Redis", "minimumTlsVersion", _TLS, _OLD, "1.0"),
    Expected("azure-native:redisenterprise:Database", "clientProtocol", ("Encrypted",), _CLEAR, "Encrypted"),
    Expected("azure-native:sql:Server", "minimalTlsVersion", _TLS, _OLD, "None"),
    Expected("azure-native:cosmosdb:DatabaseAccount", "minimalTlsVersion", _TLS, _OLD, "Tls12"),
    Expected("azure-native:servicebus:Namespace", "minimumTlsVersion", _TLS, _OLD, "1.2"),
    Expected("azure-native:eventhub:Namespace", "minimumTlsVersion", _TLS, _OLD, "1.2"),
)

_REFUSED: Final = "hostnossl all all all reject"
_FORCED: Final = {
    "postgres": "rds.force_ssl",
    "mysql": "require_secure_transport",
    "mariadb": "require_secure_transport",
}
"""By what is in the name of a parameter group's family: what refuses connections in the clear."""
_ON: Final = ("1", "on", True, 1)
_VERSIONS: Final = ("TLSv1.2", "TLSv1.3", UNKNOWN)


def _parameters(resources: Resources, group: Resource, family: str) -> Iterator[Violation]:
    parameters: dict[Any, Any] = {
        one.get("name"): one.get("value") for one in values(group, "parameters[?]") if isinstance(one, dict)
    }
    forced = next((parameter for engine, parameter in _FORCED.items() if engine in family), None)
    if forced and UNKNOWN not in (*parameters, parameters.get(forced)):
        value = parameters.get(forced)
        if _lower(value) not in _ON:
            measured = f"{forced}: {value if value is not None else 'not given'}"
            yield violation(rules.ENCRYPTION, resources, group, _CLEAR, measured, f"{forced}: 1", _REMEDY)
    least = parameters.get("ssl_min_protocol_version", UNKNOWN)
    if least not in _VERSIONS:
        measured = f"ssl_min_protocol_version: {least}"
        yield violation(rules.ENCRYPTION, resources, group, _OLD, measured, "TLSv1.2 or TLSv1.3", _REMEDY)


def _configured(resources: Resources, configuration: Resource) -> Iterator[Violation]:
    name, value = configuration.inputs.get("configurationName"), configuration.inputs.get("value")
    if name == "require_secure_transport" and value is not UNKNOWN and _lower(value) not in _ON:
        yield violation(rules.ENCRYPTION, resources, configuration, _CLEAR, f"{name}: {value}", f"{name}: on", _REMEDY)
    if name == "ssl_min_protocol_version" and value not in _VERSIONS:
        yield violation(
            rules.ENCRYPTION, resources, configuration, _OLD, f"{name}: {value}", "TLSv1.2 or TLSv1.3", _REMEDY
        )


def _host_based(resources: Resources, cluster: Resource) -> Iterator[Violation]:
    """CloudNativePG's own last rule takes a password in the clear: of a cluster's, the first about that refuses."""
    given = values(cluster, "spec.postgresql.pg_hba[?]")
    first = next(
        (line for line in given if line is UNKNOWN or str(line).split()[:1] in (["host"], ["hostnossl"])), None
    )
    if first is not UNKNOWN and str(first).split() != _REFUSED.split():
        measured = f"spec.postgresql.pg_hba: {first or 'no rule about it'}"
        yield violation(rules.ENCRYPTION, resources, cluster, _CLEAR, measured, _REFUSED, _REMEDY)


def _lower(value: Any) -> Any:
    return plain(value.lower()) if isinstance(value, str) else value
