"""What a router does over time: cells that fail, maps that change, a directory that is asked, other localities."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cellfleet.routing.envoy import files
from cellfleet.routing.envoy.ready import READY_HOST
from cellfleet.routing.request import Request
from tests.routing.envoy.cells import Authorities
from tests.routing.envoy.directory import Directory, directory
from tests.routing.envoy.fleets import KEY, TENANTS, routes, table
from tests.routing.envoy.running import PATIENCE_SECONDS, Running, running

OF_EACH = [Request(f"{slug}.us.acme.io") for slug, (_, cell) in TENANTS.items() if cell.startswith("us-")]


def eventually(true: Callable[[], bool]) -> None:
    """Wait until something holds that other processes bring about."""
    last = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < last
        time.sleep(0.02)


def cell_of(envoy: Running, slug: str) -> str:
    served = envoy.ask(Request(f"{slug}.us.acme.io")).served
    return str(served["cell"]) if served else ""


def test_a_cell_that_is_down_takes_no_other_with_it(authorities: Authorities, port: int, tmp_path: Path) -> None:
    with running(tmp_path / "e", files(table()), KEY, authorities, port, down=["us-gcp-1"]) as envoy:
        answers = {request.host.partition(".")[0]: envoy.ask(request) for request in OF_EACH * 3}
        assert {slug: answer.status for slug, answer in answers.items()} == {
            "acme": 200,
            "globex": 503,
            "initech": 200,
            "hooli": 200,
        }
        assert answers["globex"].served is None
        assert [answers[slug].served["cell"] for slug in ("acme", "initech", "hooli")] == [  # type: ignore[index]
            "us-aws-1",
            "us-azure-1",
            "us-k8s-1",
        ]


def test_a_changed_map_moves_those_tenants_and_drops_no_request(
    authorities: Authorities, port: int, tmp_path: Path
) -> None:
    """Requests go on while the map changes ten times: each is answered, by the cell that the tenant was or is in."""
    here, there = table(), table(rows={**TENANTS, "globex": ("1002", "us-aws-1")})
    seen: list[tuple[str, int, str]] = []
    with running(tmp_path / "e", files(here), KEY, authorities, port) as envoy:
        stop = threading.Event()

        def keep_asking() -> None:
            while not stop.is_set():
                for request in OF_EACH:
                    answer = envoy.ask(request)
                    cell = answer.served["cell"] if answer.served else ""
                    seen.append((request.host.partition(".")[0], answer.status, cell))

        threads = [threading.Thread(target=keep_asking) for _ in range(2)]
        for thread in threads:
            thread.start()
        for turn in range(10):
            envoy.change(files(there if turn % 2 == 0 else here))
            wanted = "us-aws-1" if turn % 2 == 0 else "us-gcp-1"
            eventually(lambda wanted=wanted: cell_of(envoy, "globex") == wanted)  # type: ignore[misc]
            enough = len(seen) + 2 * len(OF_EACH)
            eventually(lambda enough=enough: len(seen) >= enough)  # type: ignore[misc]
        stop.set()
        for thread in threads:
            thread.join()
        assert envoy.figure("listener_manager.listener_modified") == 0
        assert envoy.figure("http.https.rds.routes.config_reload") == 11
    assert {status for _, status, _ in seen} == {200}
    cells = {slug: {cell for one, _, cell in seen if one == slug} for slug in TENANTS}
    assert cells["globex"] == {"us-aws-1", "us-gcp-1"}
    assert (cells["acme"], cells["initech"], cells["hooli"]) == ({"us-aws-1"}, {"us-azure-1"}, {"us-k8s-1"})


def test_a_map_that_is_cut_off_is_not_taken(authorities: Authorities, port: int, tmp_path: Path) -> None:
    """A shard that has not arrived yet leaves the router as it was, until it has."""
    there = files(table(rows={**TENANTS, "globex": ("1002", "us-aws-1")}))
    new = next(name for name in there if name.startswith("map-") and name not in files(table()))
    with running(tmp_path / "e", files(table()), KEY, authorities, port) as envoy:
        for broken in ({name: text for name, text in there.items() if name != new}, {**there, new: there[new][:-4]}):
            before = envoy.figure("http.https.rds.routes.update_rejected")
            envoy.change(broken)
            eventually(lambda before=before: envoy.figure("http.https.rds.routes.update_rejected") > before)  # type: ignore[misc]
            assert cell_of(envoy, "globex") == "us-gcp-1"
        envoy.change(there)
        eventually(lambda: cell_of(envoy, "globex") == "us-aws-1")


def test_a_cell_that_joins_is_reached_without_a_restart(authorities: Authorities, port: int, tmp_path: Path) -> None:
    before = table({"cells.us-gcp-1.state": "provisioning"})
    with running(tmp_path / "e", files(before), KEY, authorities, port) as envoy:
        assert envoy.ask(Request("globex.us.acme.io")).status == 404
        envoy.change(files(table()))
        eventually(lambda: cell_of(envoy, "globex") == "us-gcp-1")
        assert envoy.figure("server.live") == 1


def test_routers_say_who_they_are_and_pass_on_the_host(authorities: Authorities, port: int, tmp_path: Path) -> None:
    with running(tmp_path / "e", files(table()), KEY, authorities, port) as envoy:
        served = envoy.ask(Request("acme.us.acme.io", "/x?y=z")).served
        assert served
        assert (served["client"], served["host"], served["path"]) == (
            ["us.routers.acme.io"],
            "acme.us.acme.io",
            "/x?y=z",
        )
        assert "x-cellfleet-upstream" not in served["headers"]
        log = (tmp_path / "e" / "log").read_text
        eventually(lambda: '"cell":"us-aws-1"' in log())
        assert "acme.us" not in log()


def test_without_tls_a_client_is_told_to_use_it(authorities: Authorities, port: int, tmp_path: Path) -> None:
    with running(tmp_path / "e", files(table()), KEY, authorities, port) as envoy:
        answer = envoy.ask_plainly(Request("acme.us.acme.io", "/x?y=z"), envoy.http)
        assert (answer.status, answer.headers["location"]) == (308, "https://acme.us.acme.io:443/x?y=z")


def test_a_router_that_drains_says_so_to_probes(authorities: Authorities, port: int, tmp_path: Path) -> None:
    with running(tmp_path / "e", files(table()), KEY, authorities, port) as envoy:
        assert envoy.ask_plainly(Request(READY_HOST, "/ready"), envoy.ready).status == 200
        envoy.administer("/healthcheck/fail", "POST")
        assert envoy.ask_plainly(Request(READY_HOST, "/ready"), envoy.ready).status == 503
        assert envoy.ask(Request("acme.us.acme.io")).status == 200


def test_another_localitys_tenant_is_passed_on_where_that_is_allowed(
    authorities: Authorities, port: int, tmp_path: Path
) -> None:
    by_proxy = routes({"host": "{tenant}.{locality}.acme.io", "service": "web", "elsewhere": "proxy"})
    request = Request("bosch.us.acme.io", "/x")
    with running(tmp_path / "no", files(table(by_proxy)), KEY, authorities, port) as envoy:
        assert envoy.ask(request).status == 404  # US does not lie within Germany
    wider = by_proxy | {"localities.de.residency": ["DE", "US"]}
    with running(tmp_path / "yes", files(table(wider)), KEY, authorities, port) as envoy:
        served = envoy.ask(request).served
        assert served
        assert (served["cell"], served["client"], served["host"]) == ("de.acme.io", [], "bosch.de.acme.io")
        assert served["headers"]["x-cellfleet-proxied"] == "us"
        assert envoy.ask(Request(request.host, "/", {"x-cellfleet-proxied": "de"})).status == 421


@pytest.fixture
def asked() -> Iterator[Directory]:
    with directory({"newcomer": "us-gcp-1", "emigrant": "de-gcp-1"}) as found:
        yield found


def locating(asked: Directory) -> dict[str, str]:
    """Files of a router that asks a directory."""
    route = {"host": "{tenant}.{locality}.acme.io", "service": "web", "unknown": "locate"}
    return dict(files(table(routes(route) | {"routers.us.locator": f"http://127.0.0.1:{asked.port}"})))


def test_the_directory_is_asked_about_unknown_tenants_only_and_once(
    authorities: Authorities, port: int, asked: Directory, tmp_path: Path
) -> None:
    with running(tmp_path / "e", locating(asked), KEY, authorities, port) as envoy:
        assert [cell_of(envoy, "acme") for _ in range(2)] == ["us-aws-1"] * 2
        assert asked.questions == []
        assert [cell_of(envoy, "newcomer") for _ in range(3)] == ["us-gcp-1"] * 3
        assert asked.questions == ["/?id=newcomer&locality=us"]
        assert [envoy.ask(Request("nobody.us.acme.io")).status for _ in range(3)] == [404] * 3
        assert envoy.ask(Request("emigrant.us.acme.io")).status == 404  # the directory answers for this locality
        assert asked.questions[1:] == ["/?id=nobody&locality=us", "/?id=emigrant&locality=us"]
        asked.answers = False
        assert cell_of(envoy, "newcomer") == "us-gcp-1"
        assert envoy.ask(Request("stranger.us.acme.io")).status == 503


def test_what_is_known_is_served_though_the_directory_is_down(
    authorities: Authorities, port: int, asked: Directory, tmp_path: Path
) -> None:
    """With every answer too old from the start, each request asks, and the last answer serves where none comes."""
    emitted = locating(asked)
    name = next(name for name in emitted if name.endswith(".lua"))
    emitted[name] = emitted[name].replace("REFRESH_SECONDS = 10, 60", "REFRESH_SECONDS = 0, 0")
    with running(tmp_path / "e", emitted, KEY, authorities, port) as envoy:
        assert cell_of(envoy, "newcomer") == "us-gcp-1"
        asked.places["newcomer"] = "us-aws-1"
        assert cell_of(envoy, "newcomer") == "us-aws-1"
        asked.answers = False
        assert cell_of(envoy, "newcomer") == "us-aws-1"
        assert len(asked.questions) == 3


def test_strangers_cannot_flood_the_directory(
    authorities: Authorities, port: int, asked: Directory, tmp_path: Path
) -> None:
    emitted = locating(asked)
    name = next(name for name in emitted if name.endswith(".lua"))
    emitted[name] = emitted[name].replace("MOST_ASKED = 50", "MOST_ASKED = 0")
    with running(tmp_path / "e", emitted, KEY, authorities, port) as envoy:
        answer = envoy.ask(Request("newcomer.us.acme.io"))
        assert (answer.status, answer.headers["retry-after"], asked.questions) == (503, "1", [])
        assert cell_of(envoy, "acme") == "us-aws-1"
