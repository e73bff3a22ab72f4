"""The tables of trust, residency, keys and certificates, held to the SDKs: a path that does not exist never speaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from components.kubernetes import requirements
from policies.isolation.certificates import form
from policies.isolation.keys import aws as aws_keys
from policies.isolation.keys import azure as azure_keys
from policies.isolation.keys import gcp as gcp_keys
from policies.isolation.keys import kubernetes as kubernetes_keys
from policies.isolation.residency import aws as aws_places
from policies.isolation.residency import azure as azure_places
from policies.isolation.residency import gcp as gcp_places
from policies.isolation.residency import kubernetes as kubernetes_places
from policies.isolation.trust import aws as aws_trust
from policies.isolation.trust import azure as azure_trust
from policies.isolation.trust import gcp as gcp_trust
from sandbox import types


def inputs() -> Iterator[tuple[str, str]]:
    """Each type of the tables, with each path in its inputs that they name; empty where they name only the type."""
    for uses in (aws_keys.USES, gcp_keys.USES, azure_keys.USES):
        for token, found in uses.items():
            for use in found:
                yield token, f"{use.within}.{use.path}".strip(".")
                yield token, use.when
    for table in (
        *(aws_places._REGIONS, aws_places._ARNS, gcp_places._LOCATIONS, azure_places._LOCATIONS),
        *(aws_trust._NAMED, gcp_trust._LISTS, azure_trust._IDS),
    ):
        for token, paths in table.items():
            yield from ((token, path) for path in paths or ("",))
    for token, (path, _) in {**azure_places._GEO_REDUNDANT, **azure_trust._EVERYBODY}.items():
        yield token, path
    for token in (
        *(*aws_keys.KEYS, *gcp_keys.KEYS, *azure_keys.KEYS, *azure_keys.SETS, azure_keys.VAULT),
        *(*aws_places._BUCKETS, *aws_places._EVERYWHERE, *azure_places._EVERYWHERE, *azure_places._ACCOUNT),
        *(*gcp_places._HOLDS_DATA_GLOBALLY, *gcp_places._CACHES, gcp_places._TRANSFER, azure_places._REPLICATION),
        *(*aws_trust._ACLS, *aws_trust._NO_TRUST, gcp_trust._POOL_PROVIDER),
        *(azure_trust._DELEGATION, azure_trust._FEDERATION),
    ):
        yield token, ""
    for token, certificate in form.FORMS.items():
        yield from ((token, path) for path in (*certificate.names, *certificate.uploaded))


@pytest.mark.parametrize(("token", "path"), sorted({*inputs()}))
def test_an_input_is_one_of_the_sdk_s(token: str, path: str) -> None:
    if types.is_custom_kind(token):
        return
    found = [types.arguments(token)]
    for step in path.split(".") if path else ():
        held = [fields[step] for fields in found if step in fields]
        assert held, f"{token} has no {step} in {path}"
        found = [types.fields(each) for field in held for each in objects(field.alternatives)]


def objects(alternatives: tuple[Any, ...]) -> Iterator[type]:
    """The objects that a value may be, or be a list of."""
    for each in alternatives:
        if types.is_object(each):
            yield each
        elif arguments := getattr(each, "__args__", ()):
            for argument in arguments:
                yield from objects(tuple(types.alternatives(argument)))


def test_what_cells_on_kubernetes_require_is_what_rules_ask_for() -> None:
    assert requirements.STORAGE_CLASS == kubernetes_keys.ENCRYPTED
    assert requirements.BUCKET_CLASS == kubernetes_places.BUCKET_CLASS
