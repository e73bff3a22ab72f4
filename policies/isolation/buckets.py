"""ISO-14 on S3, where a bucket is closed and encrypted by resources beside it: each bucket has each of them.

A policy that names its bucket is unknown until that is there; then only that there is one can be told, and what it says
is told of what is deployed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from policies.isolation import rules
from policies.isolation.argument import GIVEN, Expected, mapping, values, violation, violations
from policies.resource import UNKNOWN, Resource, Resources
from policies.rule import Facts, Violation

_BUCKETS: Final = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
_BLOCK: Final = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_ENCRYPTION: Final = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
)
_DEFAULT: Final = "rules[].applyServerSideEncryptionByDefault"
_KMS: Final = ("aws:kms", "aws:kms:dsse")
BESIDE: Final = (
    (_ENCRYPTION, "is encrypted with no key of its own", "a BucketServerSideEncryptionConfiguration"),
    ((_BLOCK,), "may be made public", "a BucketPublicAccessBlock"),
    ((_POLICY,), "takes requests in the clear", "a BucketPolicy that denies what is not aws:SecureTransport"),
)
"""What each bucket has beside it, what is said of one that has not, and what is asked for."""
_SWITCHES: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
TABLE: Final = (
    Expected(" ".join(_ENCRYPTION), f"{_DEFAULT}.sseAlgorithm", _KMS, "encrypts with no key of its own", "AES256"),
    Expected(" ".join(_ENCRYPTION), f"{_DEFAULT}.kmsMasterKeyId", GIVEN, "encrypts with no key of its own"),
    *(Expected(_BLOCK, switch, (True,), "lets its bucket be made public", absent=False) for switch in _SWITCHES),
)


def closed_buckets(facts: Facts, resources: Resources) -> Iterator[Violation]:  # noqa: ARG001 (a check takes both)
    """Buckets without what closes and encrypts them, and what is there but does not; of every stack."""
    for bucket in resources.of(*_BUCKETS):
        for types, fault, asked_for in BESIDE:
            if not any(_is_of(resources, beside, bucket) for beside in resources.of(*types)):
                yield violation(rules.ENCRYPTION, resources, bucket, fault, "nothing beside it", asked_for)
    yield from violations(rules.ENCRYPTION, resources, TABLE)
    for policy in resources.of(_POLICY):
        statements = _statements(policy.inputs.get("policy"))
        if statements is not None and not any(map(_denies_the_clear, statements)):
            measured = f"{len(statements)} statements, none of which denies it"
            limit = 'Deny s3:* where aws:SecureTransport is "false"'
            yield violation(rules.ENCRYPTION, resources, policy, "takes requests in the clear", measured, limit)


def _is_of(resources: Resources, beside: Resource, bucket: Resource) -> bool:
    if bucket in resources.sources(beside, "bucket"):
        return True
    names = {bucket.inputs.get("bucket"), bucket.outputs.get("bucket"), bucket.outputs.get("id")}
    return any(value is not UNKNOWN and value in names - {None, UNKNOWN} for value in values(beside, "bucket"))


def _statements(policy: Any) -> list[Mapping[str, Any]] | None:
    """Those of a policy; None where it cannot be told."""
    if isinstance(policy, str):
        try:
            policy = json.loads(policy)
        except ValueError:
            return None
    if not isinstance(policy, Mapping):
        return None
    statements = policy.get("Statement")
    listed = statements if isinstance(statements, list) else [statements]
    return [statement for statement in listed if isinstance(statement, Mapping)]


def _denies_the_clear(statement: Mapping[str, Any]) -> bool:
    condition = mapping(statement.get("Condition"))
    asked = [one for operator in ("Bool", "BoolIfExists") for one in mapping(condition.get(operator)).items()]
    return (
        statement.get("Effect") == "Deny"
        and statement.get("Action") in ("s3:*", "*", ["s3:*"], ["*"])
        and statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        and any(key.lower() == "aws:securetransport" and str(value).lower() == "false" for key, value in asked)
    )
