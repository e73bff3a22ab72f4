"""What a map of tenants costs the real Envoy: at its start, in memory, on each request, and while it is changed.

Beside each map stands an Envoy without any tenants, started from the same routes: the client asks both in turn, one
request at a time, over a kept-alive TLS connection each, and a cell answers by mutual TLS. A route by `{cell}` needs no
tenants, so it is what the others are held against; another locality's cell is redirected as its tenants are, without
the hash that finds them.
"""

from __future__ import annotations

import random
import re
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks.envoy_load import Client, upstream
from cellfleet.inventory.pattern import Names
from cellfleet.inventory.pseudonym import Key
from cellfleet.routing.envoy import files
from cellfleet.routing.placements import Placements
from cellfleet.routing.table import RoutingTable, routing_table
from tests.fleets import fleet
from tests.routing.envoy.cells import Authorities
from tests.routing.envoy.running import Running, running

KEY: Final = Key(b"0123456789abcdef0123456789abcdef", secret=True)
CELLS: Final = ("us-aws-1", "us-gcp-1", "us-azure-1", "us-k8s-1")
MAPS: Final = ((0, 0), (100_000, 0), (1_000_000, 0), (0, 1_000_000))
"""Tenants of the locality, and of another one."""
WORKERS: Final = (1, 2)
ROUNDS, REQUESTS, SWAPS, CONNECTIONS = 40, 100, 4, 2_000
ORGANIZATIONS: Final = "/api/0/organizations"


@dataclass
class Seen:
    """What was measured of one map."""

    files: int
    seconds: float
    """From start to ready."""
    resident: int
    """MiB, once ready; and later, with the changed map taken up, and at most."""
    later: int = 0
    most: int = 0
    taken_up: list[float] = field(default_factory=list)
    """Seconds from the swap of the folder to the first request that goes to the new cell."""
    longest: float = 0.0
    """Seconds of the slowest request during swaps."""
    usual: float = 0.0
    """The slowest in as long a time without one."""
    latencies: dict[str, list[float]] = field(default_factory=dict)


def main() -> None:
    """Measure, and write a table of what maps cost and one of what requests take to the standard output."""
    authorities = Authorities.made()
    seen: dict[tuple[int, int, int], Seen] = {}
    with upstream(authorities) as port:
        for workers in WORKERS:
            for here, elsewhere in MAPS:
                print(f"{workers} workers, {here:,} and {elsewhere:,} tenants ...", file=sys.stderr, flush=True)
                seen[workers, here, elsewhere] = _measured(workers, here, elsewhere, authorities, port)
        cluster = _of_clusters(authorities, port)
        connection = _of_connections(authorities, port)
    print("\n".join(_of_maps(seen)))
    print(f"\nWith 2 workers, a cluster and the connections to its cell take {cluster:.0f} KiB.")
    print(f"A client's connection takes {connection:.0f} KiB.\n")
    print("\n".join(_of_requests(seen)))


def _table(here: int, elsewhere: int, mover: str = CELLS[0]) -> RoutingTable:
    slugs = {f"tenant-{number}": CELLS[number % 4] for number in range(here)} | {"mover": mover}
    hashes = dict.fromkeys(KEY.pseudonyms("slug", (f"tenant-{number}" for number in range(elsewhere))), "de")
    table = routing_table(fleet(), "us", None, KEY)
    return replace(table, placements=Placements({Names.TENANT: slugs if here else {}}, hashes, KEY))


def _measured(workers: int, here: int, elsewhere: int, authorities: Authorities, port: int) -> Seen:
    made = files(_table(here, elsewhere))
    with TemporaryDirectory() as folder, ExitStack() as until:
        envoys = [
            until.enter_context(
                running(Path(folder, name), emitted, KEY, authorities, port, workers=workers, interval="5s")
            )
            for name, emitted in (("without", files(_table(0, 0))), ("with", made))
        ]
        shards = sum(name.startswith("map-") for name in made)
        seen = Seen(shards, envoys[1].seconds, _memory(envoys[1], "VmRSS"))
        clients = [Client(envoy) for envoy in envoys]
        _ask(clients, seen, here, elsewhere)
        if here:
            _swap(envoys[1], seen, here)
        seen.later, seen.most = _memory(envoys[1], "VmRSS"), _memory(envoys[1], "VmHWM")
        for client in clients:
            client.close()
    return seen


def _ask(clients: list[Client], seen: Seen, here: int, elsewhere: int) -> None:
    """Ask the two in turn: some requests of one kind, then some of the next."""
    cell, other = ("us.acme.io", "/api/0/cells/{}/x"), 307
    kinds: dict[str, tuple[Client, str, str, tuple[str, ...], int]] = {
        "{cell}, without tenants": (clients[0], *cell, CELLS, 200),
        "{cell}": (clients[1], *cell, CELLS, 200),
        "{cell} elsewhere": (clients[1], *cell, ("de-gcp-1", "de-gcp-2"), other),
    }
    some = tuple(f"tenant-{number * 977 % (here or elsewhere or 1)}" for number in range(REQUESTS))
    if here:
        kinds["{tenant} in the path"] = (clients[1], "us.acme.io", f"{ORGANIZATIONS}/{{}}/x", some, 200)
        kinds["{tenant} in the host"] = (clients[1], "{}.us.acme.io", "/x", some, 200)
    if elsewhere:
        kinds["{tenant} elsewhere"] = (clients[1], "{}.us.acme.io", "/x", some, other)
    seen.latencies = {kind: [] for kind in kinds}
    for turn in range(ROUNDS + 1):
        for kind in random.Random(turn).sample(list(kinds), len(kinds)):  # what comes before has a part in it
            client, host, path, names, status = kinds[kind]
            for number in range(REQUESTS):
                name = names[number % len(names)]
                seconds, got, _ = client.ask(host.format(name), path.format(name))
                assert got == status, (kind, name, got)
                if turn:  # the first is for warming up
                    seen.latencies[kind].append(seconds)


def _swap(envoy: Running, seen: Seen, here: int) -> None:
    """Change the map some times, with a client on each of a few connections that asks without a pause."""
    slowest: list[float] = []
    stop = threading.Event()

    def keep_asking(client: Client) -> None:
        while not stop.is_set():
            slowest.append(client.ask("us.acme.io", f"{ORGANIZATIONS}/tenant-1/x")[0])

    watching = Client(envoy)
    for turn in range(SWAPS):
        there = CELLS[(turn + 1) % 2]
        generation = envoy.prepare(files(_table(here, 0, there)))
        clients = [Client(envoy) for _ in range(2)]
        threads = [threading.Thread(target=keep_asking, args=(client,)) for client in clients]
        stop.clear()
        for thread in threads:
            thread.start()
        time.sleep(1)
        seen.usual = max(seen.usual, *slowest)
        slowest.clear()
        start = time.perf_counter()
        envoy.swap(generation)
        while watching.ask("us.acme.io", f"{ORGANIZATIONS}/mover/x")[2] != there:
            time.sleep(0.002)
        seen.taken_up.append(time.perf_counter() - start)
        time.sleep(max(0.0, 1 - seen.taken_up[-1]))
        stop.set()
        for thread in threads:
            thread.join()
        seen.longest = max(seen.longest, *slowest)
        slowest.clear()
        for client in clients:
            client.close()


def _of_clusters(authorities: Authorities, port: int, cells: int = 250) -> float:
    """KiB for each cluster, with a connection to its cell from each of two workers and from its health checks."""
    one: dict[str, Any] = fleet().model_dump(by_alias=True)["cells"]["us-aws-1"]
    names = [f"us-more-{number}" for number in range(cells)]
    more = {f"cells.{name}": {**one, "name": name, "id": 100 + number} for number, name in enumerate(names)}
    memory: list[tuple[int, int]] = []
    for changes in ({}, more):
        table = routing_table(fleet(changes), "us", None, KEY)
        emitted = files(table)
        with (
            TemporaryDirectory() as folder,
            running(Path(folder, "e"), emitted, KEY, authorities, port, workers=2, interval="5s") as envoy,
        ):
            for _ in range(8):  # connections, so that either worker has some
                client = Client(envoy)
                for name in table.cells:
                    client.ask("us.acme.io", f"/api/0/cells/{name}/x")
                client.close()
            memory.append((len(table.cells) * len(table.services), _memory(envoy, "VmHWM")))
    (few, before), (many, after) = memory
    return (after - before) * 1024 / (many - few)


def _of_connections(authorities: Authorities, port: int) -> float:
    """KiB for each client that is connected and has asked something."""
    with (
        TemporaryDirectory() as folder,
        running(Path(folder, "e"), files(_table(0, 0)), KEY, authorities, port, workers=2, interval="5s") as envoy,
        ExitStack() as until,
    ):
        before = _memory(envoy, "VmRSS")
        for _ in range(CONNECTIONS):
            client = Client(envoy)
            until.callback(client.close)
            client.ask("us.acme.io", f"/api/0/cells/{CELLS[0]}/x")
        return (_memory(envoy, "VmRSS") - before) * 1024 / CONNECTIONS


def _memory(envoy: Running, what: str) -> int:
    """MiB."""
    said = Path(f"/proc/{envoy.process.pid}/status").read_text()
    found = re.search(rf"{what}:\s+(\d+) kB", said)
    assert found
    return int(found[1]) // 1024


def _of_maps(seen: Mapping[tuple[int, int, int], Seen]) -> Iterator[str]:
    yield (
        "| workers | tenants here, elsewhere | files | to ready | memory | after swaps | at most | taken up"
        " | slowest request in a swap | without |"
    )
    yield "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    for (workers, here, elsewhere), one in seen.items():
        swaps = ["", "", ""]
        if one.taken_up:
            swaps = [f"{second * 1000:.0f} ms" for second in (min(one.taken_up), one.longest, one.usual)]
        yield (
            f"| {workers} | {here:,}, {elsewhere:,} | {one.files} | {one.seconds:.2f} s | {one.resident} MiB |"
            f" {one.later} MiB | {one.most} MiB | {' | '.join(swaps)} |"
        )


def _of_requests(seen: Mapping[tuple[int, int, int], Seen]) -> Iterator[str]:
    yield "| workers | tenants here, elsewhere | route by | p50 | p99 | p50 beyond `{cell}` without tenants |"
    yield "|---:|---:|---|---:|---:|---:|"
    for (workers, here, elsewhere), one in seen.items():
        least = statistics.median(next(iter(one.latencies.values())))
        for kind, seconds in one.latencies.items():
            middle, late = statistics.median(seconds), statistics.quantiles(seconds, n=100)[98]
            yield (
                f"| {workers} | {here:,}, {elsewhere:,} | {kind} | {middle * 1e6:.0f} us | {late * 1e6:.0f} us |"
                f" {(middle - least) * 1e6:+.0f} us |"
            )


if __name__ == "__main__":
    main()
