"""`cellfleet up` of a locality's registry and routers: what is published as which generation, and whose turn is first.

Cells that are run by other means have no stacks, so that they join and leave in seconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.books import Books
from tests.checkout import Checkout

pytestmark = pytest.mark.xdist_group("up-routing")
BOTH = ("registry-us", "routing-us")


def legacy(number: int, state: str) -> dict[str, Any]:
    return {
        f"cells.us-legacy-{number}": {
            "id": 90 + number, "managed": False, "locality": "us", "address": f"legacy-{number}.us.acme.io",
            "class": "small", "ring": "broad", "state": state,
        }
    }  # fmt: skip


START = legacy(1, "active") | legacy(2, "provisioning")


@pytest.fixture
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    made = Checkout.make(tmp_path_factory.mktemp("up") / "checkout")
    made.declare(START)
    yield made
    made.close()


def heads(checkout: Checkout) -> list[int]:
    """The generations that the copies are of."""
    with Books(checkout.sandbox) as books:
        copies = [made.inputs["data"]["head.json"] for made in books.all(matching="-head")]
    assert len(copies) == 2
    return sorted({json.loads(head)["generation"] for head in copies})


def turns(err: str) -> list[str]:
    """The stacks that were deployed, in the order in which that began, and `first` for a first step."""
    told = [line.partition(": deploying") for line in err.splitlines() if ": deploying" in line]
    return [stack + (" first" if "what comes before" in rest else "") for stack, _, rest in told]


def up(checkout: Checkout, changes: dict[str, Any], *stacks: str, code: int = 0) -> str:
    checkout.declare({**START, **changes})
    ended, out, err = checkout.run("up", *(stacks or BOTH), "--sandbox", "--yes")
    assert ended == code, err[-3000:] + out[-3000:]
    return out + err


def test_a_registry_and_its_routers_from_the_first_cell_to_the_last(checkout: Checkout) -> None:
    # a preview of both refuses nothing, though neither is deployed; routing alone would have nothing to rely on
    checkout.report("preview", *BOTH)
    assert "the registry does not say that routers may route it" in up(checkout, {}, "routing-us", code=1)
    assert turns(up(checkout, {})) == ["registry-us", "routing-us"]
    assert heads(checkout) == [1]
    assert turns(up(checkout, {})) == [], "the same content is the same generation"

    # other content is the next generation, and an earlier one again another
    fenced = {"cells.us-legacy-1.fenced": True}
    up(checkout, fenced)
    assert heads(checkout) == [2]
    up(checkout, {})
    assert heads(checkout) == [3]

    # a copy that fails may leave others ahead of it, until the next run
    _fail_one_copy(checkout)
    assert "routing-us skipped" in up(checkout, fenced, code=1)
    assert {*heads(checkout)} <= {3, 4}
    up(checkout, fenced)
    assert heads(checkout) == [4]
    up(checkout, {})

    # a cell joins: registered, then routed; and neither stack can be alone on the wrong side
    joins = legacy(2, "active")
    assert "us-legacy-2: the registry does not say" in up(checkout, joins, "routing-us", code=1)
    assert turns(up(checkout, joins)) == ["registry-us", "routing-us"]

    # it leaves: routed no more, then out of the registry
    assert "us-legacy-2: routers still route it" in up(checkout, {}, "registry-us", code=1)
    assert turns(up(checkout, {})) == ["routing-us", "registry-us"]

    # one leaves and another joins at a time
    swapped = legacy(1, "retired") | legacy(2, "active")
    assert turns(up(checkout, swapped)) == ["routing-us first", "registry-us", "routing-us"]
    assert turns(up(checkout, swapped)) == []


def _fail_one_copy(checkout: Checkout) -> None:
    fault = ("sandbox", "fault", "add", "--type", "kubernetes:core/v1:ConfigMap", "--kind", "fail")
    code, out, err = checkout.run(*fault)
    assert code == 0, out + err
