"""A registry on all four clouds, from nothing to nothing, under the real engine."""

from __future__ import annotations

import json

import pytest
from pulumi import automation

from cellfleet.inventory.model import Fleet
from cellfleet.inventory.pseudonym import VARIABLE
from cellfleet.inventory.stack import Kind, Stack
from stacks import program_of
from tests.components.registries import CHANGES, NOBODY_SERVES
from tests.fleets import fleet
from tests.sandbox.engine import Engine, counts

pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the SDKs warn of modules of their own
]
TWO = CHANGES | {"routers.de.places": [{"provider": "gcp", "region": "us-central1"}]}
"""Two localities that share a project on GCP, whose APIs both turn on."""


def _stack(engine: Engine, made: Fleet, locality: str) -> automation.Stack:
    stack = Stack(Kind.REGISTRY, locality)
    return engine.stack(stack.name, program_of(made, stack))


def _generations(engine: Engine) -> list[int]:
    """Of each head that can be read: the provider on GCP takes an object's content for a secret."""
    read = {
        "aws:dynamodb/tableItem:TableItem": lambda given: json.loads(given["item"])["body"]["S"],
        "aws:s3/bucketObjectv2:BucketObjectv2": lambda given: given["content"],
        "azure-native:appconfiguration:KeyValue": lambda given: given["value"],
        "gcp:firestore/document:Document": lambda given: json.loads(given["fields"])["body"]["stringValue"],
        "kubernetes:core/v1:ConfigMap": lambda given: given["data"]["head.json"],
    }
    with engine.books() as books:
        heads = [made for made in books.all(matching="-head") if made.type in read]
        return sorted(json.loads(read[made.type](made.inputs))["generation"] for made in heads)


def test_a_registry_comes_stays_changes_in_place_and_goes(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "a key that is as secret as a test")
    acme = Engine(engine.folder, "acme-production")
    made = fleet(TWO)
    assert set(counts(_stack(acme, made, "us").up())) == {"create"}
    assert set(counts(_stack(acme, made, "de").up())) == {"create"}
    for locality in ("us", "de"):
        assert counts(_stack(acme, made, locality).preview(refresh=True)).keys() == {"same"}

    changed = counts(_stack(acme, fleet({**TWO, "cells.us-aws-1.fenced": True}), "us").up())
    assert "replace" not in changed, "a reader would find no head"
    # one shard of records in each of five stores; in three, a record; two heads in each of two, one in the others
    assert (changed["create"], changed["delete"]) == (5, 5)
    assert _generations(acme) == [1, 1, 1, 2, 2, 2, 2, 2, 2]

    for locality in ("us", "de"):
        retired = NOBODY_SERVES | {f"cells.de-gcp-{number}.state": "retired" for number in (1, 2)}
        gone = _stack(acme, fleet({**TWO, **retired}), locality)
        assert "replace" not in counts(gone.up())
        gone.destroy()
        assert acme.held(f"registry-{locality}") == []
