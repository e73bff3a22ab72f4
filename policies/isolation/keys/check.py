"""ISO-10: what a stack stores is encrypted with keys of its own stack, another for each class of data, that rotate.

A key is followed through the property that it came by; where its id is known, the id must not be another account's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from cellfleet.inventory.types import Provider
from policies.isolation.keys import aws, azure, gcp, kubernetes
from policies.isolation.keys.use import Use
from policies.isolation.places import cell_of, owner_of, path_of, places_of
from policies.isolation.rules import KEYS
from policies.isolation.values import account_in, at, texts
from policies.resource import UNKNOWN, Resource, Resources
from policies.rule import Facts, Violation

_USES: Final = {**aws.USES, **gcp.USES, **azure.USES}
_KEYS: Final = frozenset({*aws.KEYS, *gcp.KEYS, *azure.KEYS})
_STANDS_FOR_KEYS: Final = frozenset({*_KEYS, *azure.SETS, "pulumi:pulumi:StackReference"})
_KEY: Final = re.compile(
    r"arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:(?:key|alias)/|projects/[^/]+/locations/[^/]+/keyRings/"
)
_IDS: Final = ("id", "arn", "keyId", "keyUri", "keyUriWithVersion", "name")


def own_key_each(facts: Facts, resources: Resources) -> Iterator[Violation]:
    """Yield a violation for each use of a key that is not the stack's own, or not its class's, and each fixed key."""
    own = {place.account for place in places_of(facts.fleet, resources.stack)}
    for resource in resources.every:
        for use in _USES.get(resource.type, ()):
            yield from _not_own(facts, resources, resource, use, own)
        if resource.type not in _USES:
            yield from _of_another(facts, resources, resource, own)
        if aws.unrotated(resource) or gcp.unrotated(resource) or azure.unrotated(resource):
            yield _violation(resources, resource, "is never rotated", "no rotation", "a rotation each year, or oftener")
    for bucket in aws.keyless(resources):
        yield _violation(resources, bucket, "is encrypted with a key of S3's own", "no key", "a key of its own stack")
    yield from _shared(resources)
    cell = cell_of(facts.fleet, resources.stack)
    if cell is not None and cell.provider is Provider.KUBERNETES:
        for resource in resources.every:
            for name in kubernetes.unencrypted(resource):
                does = "has a volume whose key, if any, is not its own"
                yield _violation(resources, resource, does, name, kubernetes.ENCRYPTED)


def _not_own(
    facts: Facts, resources: Resources, resource: Resource, use: Use, own: Collection[str]
) -> Iterator[Violation]:
    limit = f"a key of {resources.stack.name} for {use.data}"
    if use.when and not any(switch in (True, "Enabled") for switch in at(resource.inputs, use.when)):
        return
    for holder in at(resource.inputs, use.within):
        if holder is UNKNOWN:
            continue
        come_by = resources.sources(resource, _input(use))
        values = [value for value in at(holder, use.path) if value != "" or come_by]
        if not values:
            yield _violation(resources, resource, "is encrypted with a key of its provider's", "no key", limit)
        for value in values:
            account = account_in(value) if isinstance(value, str) else None
            if account and account not in own:
                owner = owner_of(facts.fleet, account)
                whose = f"of cell {owner.name}" if owner else "of an account that is not its own"
                concerns = (f"cells.{owner.name}",) if owner else ()
                does = f"is encrypted with a key {whose}"
                yield _violation(resources, resource, does, str(value), limit, concerns)
            elif not _of_stack(resources, resource, use, value):
                measured = "a key that the stack does not have" if value is UNKNOWN else str(value)
                yield _violation(resources, resource, "is encrypted with a key from elsewhere", measured, limit)


def _of_another(facts: Facts, resources: Resources, resource: Resource, own: Collection[str]) -> Iterator[Violation]:
    """Keys of another account that a resource names in whatever argument, of a type that no table has."""
    for name, value in resource.inputs.items():
        for text in dict.fromkeys(texts(value)) if name not in resource.secrets else ():
            account = account_in(text) if _KEY.match(text) else None
            if account and account not in own:
                owner = owner_of(facts.fleet, account)
                does = f"names a key {f'of cell {owner.name}' if owner else 'of an account that is not its own'}"
                concerns = (f"cells.{owner.name}",) if owner else ()
                yield _violation(resources, resource, does, f"{name} {text}", "a key of its own stack", concerns)


def _of_stack(resources: Resources, resource: Resource, use: Use, value: Any) -> bool:
    if isinstance(value, str) and ("alias/aws/" in value or not _of_own_vault(resources, value)):
        return False
    if any(source.type in _STANDS_FOR_KEYS for source in resources.sources(resource, _input(use))):
        return True
    keys = resources.of(*sorted(_STANDS_FOR_KEYS))
    return value is not UNKNOWN and any(value == key.outputs.get(name) for key in keys for name in _IDS)


def _of_own_vault(resources: Resources, value: str) -> bool:
    """Whether a key's URL is one of a vault of the stack; what is no URL is."""
    host = urlsplit(value).netloc
    named = (str(vault.inputs.get("vaultName") or vault.name) for vault in resources.of(azure.VAULT))
    return not host or any(host.startswith(name) for name in named)


def _shared(resources: Resources) -> Iterator[Violation]:
    """Of each key that encrypts several classes of data, every use for another class than most."""
    uses: dict[str, list[tuple[str, Resource]]] = {}
    for kind, found in _USES.items():
        for resource in resources.of(kind):
            for use in found:
                for key in {source.urn for source in resources.sources(resource, _input(use)) if source.type in _KEYS}:
                    uses.setdefault(key, []).append((use.data, resource))
    for key, users in sorted(uses.items()):
        first = min(Counter(data for data, _ in users).items(), key=lambda one: (-one[1], one[0]))[0]
        name = resources.by_urn[key].name
        for data, urn in dict.fromkeys((data, resource.urn) for data, resource in users if data != first):
            resource = resources.by_urn[urn]
            does = f"shares a key with another class of data: {name} encrypts {first} too"
            yield _violation(
                resources, resource, does, f"{name} for {first} and {data}", "a key for each class of data"
            )


def _input(use: Use) -> str:
    """The input that a use is in, by which its dependencies are told."""
    return (use.within or use.path).partition(".")[0]


def _violation(
    resources: Resources, resource: Resource, does: str, measured: str, limit: str, concerns: tuple[str, ...] = ()
) -> Violation:
    message = f"{resource.name} of {resources.stack.name} {does}"
    path = path_of(resources.stack)
    return Violation(KEYS, path, message, measured, limit, resource=resource.urn, concerns=concerns)
