"""What becomes of tenants when something is lost."""

from __future__ import annotations

from typing import Any

import pytest

from cellfleet.failure import Failure
from cellfleet.inventory.model import Fleet
from cellfleet.placement.domain import domain, domains
from cellfleet.placement.loss import Loss, Standby, Sum, what_if
from tests.placement.towns import Row, fleet, many, tenants

AWS = "cells.us-aws-1"
STANDBY = {"region": "us-east-2", "rpo_minutes": 5, "rto_minutes": 60}


def lost(here: Fleet, what: str, rows: list[Row]) -> Loss:
    (loss,) = what_if(here, tenants(here, rows), [domain(domains(here), what)])
    return loss


def test_each_thing_that_can_fail_takes_its_cells() -> None:
    here = fleet({f"{AWS}.zones": ["us-west-2a"]})
    found = {str(one): (one.lost, one.weakened) for one in domains(here)}
    assert found["cell:us-aws-1"] == (("us-aws-1",), ())
    assert found["account:acme-us-gcp-1"] == (("us-gcp-1",), ())
    assert found["region:us-west-2"] == (("us-aws-1",), ())
    assert found["provider:gcp"] == (("de-gcp-1", "de-gcp-2", "us-gcp-1"), ())
    assert found["zone:us-west-2/us-west-2a"] == (("us-aws-1",), ()), "its only zone"
    assert found["zone:eastus2/1"] == ((), ("us-azure-1",))


def test_a_region_that_two_providers_have_is_told_apart() -> None:
    here = fleet({"cells.us-k8s-1.region": "us-west-2"})
    every = domains(here)
    assert {str(one) for one in every if one.kind == "region"} >= {
        "region:aws/us-west-2",
        "region:kubernetes/us-west-2",
    }
    with pytest.raises(Failure) as failure:
        domain(every, "region:us-west-2")
    assert failure.value.remedy == "Write which one: region:aws/us-west-2, region:kubernetes/us-west-2."
    assert domain(every, "region:aws/us-west-2").lost == ("us-aws-1",)
    assert domain(every, "zone:us-west-2a").lost == domain(every, "zone:us-west-2/us-west-2a").lost


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("us-aws-1", "'us-aws-1' does not say what is lost. Write cell:NAME"),
        ("planet:earth", "'planet:earth' does not say what is lost."),
        ("cell:us-aws-2", "No cell is in a cell 'us-aws-2'. Did you mean us-aws-1?"),
        ("provider:oracle", "No cell is in a provider 'oracle'. There are aws, azure, gcp, kubernetes."),
    ],
)
def test_what_cannot_be_lost(text: str, said: str) -> None:
    with pytest.raises(Failure) as failure:
        domain(domains(fleet()), text)
    assert f"{failure.value.message} {failure.value.remedy}".startswith(said)


def test_lost_tenants_fill_what_is_left_up_to_all_that_it_holds() -> None:
    loss = lost(fleet(), "cell:us-aws-1", [*many(450, "us-aws-1"), *many(400, "us-gcp-1", first=1000)])
    assert (loss.hit, loss.placed, loss.without.tenants) == (Sum(450, 450.0, 450.0), 450, 0)
    assert loss.shares == (450 / 850, 450 / 850, 450 / 850)
    assert max(arrival.after for arrival in loss.arrivals) <= 1.0


def test_who_does_not_fit_is_counted_and_can_be_helped() -> None:
    rows = [
        row
        for name in ("us-aws-1", "us-gcp-1", "us-azure-1", "us-k8s-1")
        for row in many(
            420, name, first={"us-aws-1": 1000, "us-gcp-1": 2000, "us-azure-1": 3000, "us-k8s-1": 4000}[name]
        )
    ]
    loss = lost(fleet(), "cell:us-aws-1", rows)
    assert (loss.placed, loss.without.tenants) == (240, 180)
    assert loss.first is not None
    assert {one.reason for one in loss.first.refusals} == {"with it, it would have 501 tenants, and may have 500"}
    assert loss.remedies == ("add 1 cell of class small to us",)


def test_tenants_stay_in_their_locality() -> None:
    loss = lost(fleet(), "provider:gcp", [*many(10, "us-gcp-1"), *many(10, "de-gcp-1", first=100)])
    assert (loss.placed, loss.without.tenants) == (10, 10), "de has cells of gcp alone"
    assert loss.first is not None
    assert loss.first.refusals == ()
    assert loss.remedies == ("add 1 cell of class small to de",)


def test_each_locality_needs_cells_of_its_own() -> None:
    here = fleet()
    only = {name: here.cells[name] for name in ("us-gcp-1", "de-gcp-1", "de-gcp-2")}
    here = here.model_copy(update={"cells": only})
    loss = lost(here, "provider:gcp", [*many(10, "us-gcp-1"), *many(10, "de-gcp-1", first=100)])
    assert loss.remedies == ("add 1 cell of class small to de, and add 1 cell of class small to us",)


def test_of_more_than_one_locality_the_largest_tenant_is_told_of() -> None:
    here = fleet()
    only = {name: here.cells[name] for name in ("us-gcp-1", "de-gcp-1", "de-gcp-2")}
    here = here.model_copy(update={"cells": only})
    loss = lost(here, "provider:gcp", [Row("1", "de-gcp-1", 5), Row("2", "us-gcp-1", 50), Row("3", "us-gcp-1", 7)])
    assert loss.first is not None
    assert loss.first.tenant == "2"


DEDICATED: dict[str, Any] = {f"{AWS}.tenancy": "dedicated", f"{AWS}.class": "large"}


@pytest.mark.parametrize(
    ("what", "comes_back"),
    [
        ("cell:us-aws-1", True),
        ("region:us-west-2", True),
        ("account:111111111111", False),  # the standby is in it too
        ("provider:aws", False),
    ],
)
def test_a_dedicated_cell_comes_back_in_its_standby(what: str, comes_back: bool) -> None:
    loss = lost(fleet({**DEDICATED, f"{AWS}.replication": STANDBY}), what, [Row("1", "us-aws-1", 9000)])
    assert loss.standbys == ((Standby("us-aws-1", "us-east-2", 1, 5, 60, relied_on=True),) if comes_back else ())
    assert loss.without.tenants == (0 if comes_back else 1)
    assert loss.remedies == (() if comes_back else ("add 1 dedicated cell of class large to us",))


def test_a_dedicated_cell_without_a_standby_is_told_to_have_one() -> None:
    loss = lost(fleet(DEDICATED), "cell:us-aws-1", [Row("1", "us-aws-1", 9000)])
    assert loss.remedies == (
        "add 1 dedicated cell of class large to us",
        "give us-aws-1 a standby (`replication`)",
    )


def test_a_shared_cells_tenants_are_placed_though_it_has_a_standby() -> None:
    loss = lost(fleet({f"{AWS}.replication": STANDBY}), "cell:us-aws-1", many(5, "us-aws-1"))
    assert loss.placed == 5
    assert loss.standbys == (Standby("us-aws-1", "us-east-2", 5, 5, 60, relied_on=False),)


def test_a_standby_of_a_cluster_is_another_cluster() -> None:
    k8s = "cells.us-k8s-1"
    here = fleet({f"{k8s}.tenancy": "dedicated", f"{k8s}.replication": {**STANDBY, "region": "dallas"}})
    assert lost(here, "account:onprem-us-1", [Row("1", "us-k8s-1")]).without.tenants == 0
    assert lost(here, "provider:kubernetes", [Row("1", "us-k8s-1")]).without.tenants == 1


def test_a_cell_that_loses_one_of_its_zones_serves_on_with_the_nodes_that_are_left() -> None:
    here = fleet({"classes.small.nodes.count": 4})
    loss = lost(here, "zone:us-west-2a", many(5, "us-aws-1", requests_per_second=300))
    assert (loss.hit.tenants, loss.cells) == (0, ())
    (weakened,) = loss.weakened
    assert (weakened.nodes_left, weakened.nodes) == (2, 4), "two of the four were in the zone, at worst"
    assert (weakened.peak, weakened.carries) == (1500, 1000)


def test_a_cell_of_one_node_is_lost_with_its_zone() -> None:
    here = fleet({"classes.small.nodes.count": 1})
    loss = lost(here, "zone:us-west-2a", many(5, "us-aws-1", requests_per_second=300))
    assert (loss.cells, loss.hit.tenants, loss.placed, loss.weakened) == (("us-aws-1",), 5, 5, ())


def test_a_weakened_cell_takes_no_more_than_its_nodes_carry() -> None:
    changes = {f"{AWS}.zones": ["us-west-2a"], "cells.us-gcp-1.state": "cordoned", "cells.us-azure-1.state": "cordoned"}
    here = fleet({**changes, "cells.us-k8s-1": {**_like_aws(2), "zones": ["us-west-2a", "us-west-2b", "us-west-2c"]}})
    rows = [*many(5, "us-aws-1", requests_per_second=300), *many(1, "us-k8s-1", first=90)]
    assert lost(here, "cell:us-aws-1", rows).without.tenants == 0
    loss = lost(here, "zone:us-west-2a", rows)
    assert (loss.placed, loss.without.tenants) == (4, 1), "2,000 requests per second by three nodes are 1,333 by two"


def _like_aws(number: int) -> dict[str, Any]:
    return {
        "id": 40 + number,
        "locality": "us",
        "provider": "aws",
        "account": f"{number}" * 12,
        "region": "us-west-2",
        "cidr": "10.0.48.0/20",
        "class": "small",
        "ring": "broad",
        "state": "active",
        "backup": {"region": "us-east-1"},
    }


def test_what_comes_to_the_same_is_one_loss_and_the_worst_is_first() -> None:
    here = fleet({**DEDICATED, f"{AWS}.replication": STANDBY})
    losses = what_if(here, tenants(here, [Row("1", "us-aws-1", 9000), *many(9, "us-gcp-1", first=2)]), domains(here))
    told = [[str(one) for one in loss.domains] for loss in losses if loss.hit.tenants]
    assert told == [
        ["account:111111111111", "provider:aws"],
        ["cell:us-aws-1", "region:us-west-2"],
        ["cell:us-gcp-1", "account:acme-us-gcp-1", "region:us-central1"],
        ["provider:gcp"],
    ]
