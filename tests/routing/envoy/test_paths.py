"""A request's path is brought into the same form here as by the real Envoy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cellfleet.routing.envoy import files, paths
from cellfleet.routing.request import Request
from tests.routing.envoy.cells import Authorities
from tests.routing.envoy.fleets import KEY, table
from tests.routing.envoy.running import Running, running

PIECES = [
    *(
        "/",
        "/",
        "a",
        "b",
        ".",
        "..",
        "%2e",
        "%2E",
        "%2f",
        "%5c",
        "\\",
        ";",
        "..;",
        "..;x",
        ".;",
        "%2e%2e;",
        "%3b",
        "%41",
    ),
    *("%7e", "%20", "%25", "%00", "%1f", "%7f", "%ff", "%zz", "%2", "%", *":@!$&'()*+,=~_-^|\"<>`{}[]"),
]
WHOLE = {
    "/a/../b": "/b",
    "/a/%2e%2E/b": "/b",
    "/a//b": "/a/b",
    "/a/..": "/",
    "/../../a": "/a",
    "/a\\..\\b": "/b",
    "/a/..;x/b": "/b",
    "/a/%2e%2e;x/b": "/a/..;x/b",
    "/a%2fb": "/a%2fb",
    "/%61{": "/a%7B",
    "/%2%41": "/%252A",
}


@pytest.fixture(scope="module")
def envoy(authorities: Authorities, port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("envoy"), files(table()), KEY, authorities, port) as found:
        yield found


@pytest.mark.parametrize(("path", "normal"), WHOLE.items())
def test_what_a_path_becomes(path: str, normal: str) -> None:
    found = paths.normal(path)
    assert found is not None
    assert paths.merged(found) == normal


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=8))
def test_any_path_becomes_what_envoy_makes_of_it(envoy: Running, pieces: list[str]) -> None:
    path = "/" + "".join(pieces)
    normal = paths.normal(path)
    answer = envoy.ask(Request("acme.us.acme.io", path))
    if normal is None:
        assert answer.status == 400
    else:
        assert answer.served is not None
        assert answer.served["path"] == paths.merged(normal)
