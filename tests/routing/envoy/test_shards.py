"""A map in many shards: each tenant is found, by the real Envoy and by what is said of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cellfleet.inventory.pattern import Names
from cellfleet.routing.envoy import files, program
from cellfleet.routing.envoy.finder import Finder, UnreadableError
from cellfleet.routing.envoy.match import Envoy
from cellfleet.routing.placements import Placements
from cellfleet.routing.request import Request
from cellfleet.routing.table import RoutingTable
from tests.routing.envoy.cells import Authorities
from tests.routing.envoy.fleets import KEY, table
from tests.routing.envoy.running import as_decided, running

CELLS = ["us-aws-1", "us-gcp-1", "us-k8s-1"]
HERE = [f"{'x' * (number % 57)}t{number}" for number in range(200)]
THERE = [f"de{number}" for number in range(100)]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "SHARD_BYTES", 1000)


def many(**moved: str) -> RoutingTable:
    slugs = {name: CELLS[number % 3] for number, name in enumerate(HERE)} | moved
    ids = {str(number): slugs[name] for number, name in enumerate(HERE)}
    hashes = {KEY.pseudonym("slug", name): "de" for name in THERE}
    return replace(table(), placements=Placements({Names.TENANT: slugs, Names.TENANT_ID: ids}, hashes, KEY))


def finder(emitted: dict[str, str]) -> Finder:
    return Finder(emitted, next(name for name in emitted if name.endswith(".lua")), KEY)


def maps(emitted: dict[str, str]) -> list[str]:
    return [name for name in emitted if name.startswith("map-")]


def test_the_real_envoy_finds_each(authorities: Authorities, port: int, tmp_path: Path) -> None:
    emitted = dict(files(many()))
    assert len(maps(emitted)) == 1 + 16
    said = Envoy(emitted, KEY)
    absent = ["a", "zzz", "t", "t1000", "de1000", "x" * 63, "x" * 64]
    with running(tmp_path / "e", emitted, KEY, authorities, port) as envoy:
        asked = [Request(f"{name}.us.acme.io") for name in (*HERE, *THERE[:20], *absent)]
        asked += [Request(f"o{number}.ingest.us.acme.io") for number in range(0, 210, 3)]
        for request in asked:
            assert envoy.ask(request).as_decided() == as_decided(said.decide(request)), request
    assert {said.decide(request).outcome for request in asked} == {"serve", "redirect", "refuse"}


def test_all_of_it_is_read() -> None:
    made = many()
    found = finder(dict(files(made)))
    here, elsewhere = made.placements.here, made.placements.elsewhere
    assert found.placed() == {"s": here[Names.TENANT], "i": here[Names.TENANT_ID], "h": elsewhere}


def test_one_request_reads_one_shard() -> None:
    emitted = dict(files(many()))
    for name in maps(emitted)[1:]:
        if "sxxxxxxxt7 " not in emitted[name]:
            emitted[name] = "none of this is read\nend\n"
    assert Envoy(emitted, KEY).decide(Request("xxxxxxxt7.us.acme.io")).cell == "us-gcp-1"


def test_a_tenant_that_moves_changes_only_where_its_names_are() -> None:
    before, after = maps(dict(files(many()))), maps(dict(files(many(t0="us-gcp-1"))))
    changed = [at for at, (one, other) in enumerate(zip(before, after, strict=True)) if one != other]
    assert {at - 1 for at in changed} == {*program.shards_of(["t0", "0"], 16)}


def test_a_shard_in_anothers_place_is_noticed() -> None:
    emitted = dict(files(many()))
    one, other = maps(emitted)[1:3]
    emitted[one], emitted[other] = emitted[other], emitted[one]
    with pytest.raises(UnreadableError, match="looked for in another"):
        finder(emitted).placed()
