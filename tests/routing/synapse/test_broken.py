"""Files with one thing wrong in them do what Synapse would do with them, so that a proof finds it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cellfleet.routing.envoy.finder import UnreadableError
from cellfleet.routing.request import Decision, Request
from cellfleet.routing.synapse import files
from cellfleet.routing.synapse.match import Synapse
from tests.routing.synapse.tables import de, mapping

FOREIGN = Request("de.acme.io", "/api/0/organizations/acme/")
OWN = Request("de.acme.io", "/api/0/organizations/siemens/")


def broken(file: str, *changes: tuple[str, str]) -> Synapse:
    """Synapse by the emitted files, with something of one put in another's place."""
    table = de()
    made = dict(files(table))
    for old, new in changes:
        assert old in made[file], old
        made[file] = made[file].replace(old, new, 1)
    return Synapse(made, mapping(table))


def test_a_default_takes_tenants_of_other_localities() -> None:
    found = broken(
        "proxy.yaml",
        ('resolver: "cell_from_organization"', 'resolver: "cell_from_organization"\n      default: "de-gcp-1/web"'),
    )
    assert found.decide(FOREIGN).cell == "de-gcp-1"
    assert found.decide(OWN).cell == "de-gcp-2"
    assert found.defaults == (("routes[0]", "de-gcp-1/web"),)


def test_a_default_of_a_locator_is_told() -> None:
    line = 'localities: ["de"]'
    for file in ("proxy.yaml", "locator.yaml"):
        found = broken(
            file,
            (line, f'locality_to_default_cell: {{"de": "de-gcp-1"}}\n{"    "[: 2 + 2 * (file == "proxy.yaml")]}{line}'),
        )
        assert found.defaults == ((file, "de-gcp-1"),)
        assert found.decide(FOREIGN).status == 404, "the proxy asks for no locality, so it never gets that default"


def test_a_parameter_of_another_name_is_read_by_nobody() -> None:
    found = broken("proxy.yaml", ("{organization}", "{organization_id_or_slug}")).decide(OWN)
    assert (found.outcome, found.status, found.route) == ("refuse", 404, "routes[0]")
    assert "reads {organization}, which the path does not have" in found.steps[2]


def test_a_cell_left_out_of_a_map_is_refused() -> None:
    found = broken("proxy.yaml", ('        "de-gcp-2": "de-gcp-2/web"\n', ""))
    assert found.decide(OWN) == Decision("refuse", 404, route="routes[0]")


def test_two_cells_exchanged_in_a_map_are_seen() -> None:
    found = broken("proxy.yaml", ('"de-gcp-2": "de-gcp-2/web"', '"de-gcp-2": "de-gcp-1/web"'))
    assert found.decide(OWN).upstream == "de-gcp-1.cells.acme.io"


def test_an_upstream_that_there_is_not_is_404() -> None:
    found = broken("proxy.yaml", ('{name: "de-gcp-2/web"', '{name: "de-gcp-2/www"'))
    assert found.decide(OWN) == Decision("refuse", 404, route="routes[0]")
    assert ("routes[0]", "de-gcp-2/web") in found.dangling
    assert "de-gcp-2/www" in found.unused


def test_a_port_at_which_nothing_listens_is_502() -> None:
    found = broken("proxy.yaml", ("http://127.0.0.6:28689", "http://127.0.0.6:1"))
    assert found.decide(OWN) == Decision("unavailable", 502, route="routes[0]")
    assert found.dangling == (("routes[0]", "de-gcp-2/web"), ("routes[1]", "de-gcp-2/web"))
    assert found.unused == ("127.0.0.6:28689",)


def test_tls_to_an_upstream_is_502() -> None:
    found = broken("proxy.yaml", ("http://127.0.0.6:28689", "https://127.0.0.6:28689"))
    assert found.decide(OWN) == Decision("unavailable", 502, route="routes[0]")


def test_an_upstream_past_the_envoy_is_no_cell() -> None:
    found = broken("proxy.yaml", ("http://127.0.0.6:28689", "http://de-gcp-2.cells.acme.io"))
    assert found.decide(OWN) == Decision("serve", None, upstream="de-gcp-2.cells.acme.io", route="routes[0]")


def test_a_cells_address_that_is_another_ones_is_seen() -> None:
    old, new = '"exact": "127.0.0.6:28689"', '"exact": "127.0.0.5:28689"'
    assert broken("egress.json", (old, new), (new, old)).decide(OWN).upstream == "de-gcp-1.cells.acme.io"
    cells = [f'"address": "{cell}.cells.acme.io"' for cell in ("de-gcp-2", "us-aws-1")]
    services = [(cells[0], cells[1])] * 2  # ingest's and web's
    assert broken("egress.json", *services).decide(OWN).upstream == "us-aws-1.cells.acme.io"


def test_an_address_that_no_route_has_is_404() -> None:
    found = broken("egress.json", ('"exact": "127.0.0.6:28689"', '"exact": "127.0.0.7:28689"'))
    assert found.decide(OWN) == Decision("refuse", 404, route="routes[0]")


NO_START: list[tuple[str, str, Callable[[str], str], str]] = [
    ("an upstream's URL", "proxy.yaml", lambda text: text.replace("http://127.0.0.6", "127.0.0.6", 1), "no URL"),
    (
        "a number for a name",
        "proxy.yaml",
        lambda text: text.replace('to: "de-gcp-1/web"', "to: 1"),
        "no text",
    ),
    ("a splat alone", "proxy.yaml", lambda text: text.replace("/api/0/cells/{id}/*", "/*"), "does not take: *"),
    ("no YAML", "proxy.yaml", lambda text: text + "}", "it is no YAML"),
    ("no routes", "proxy.yaml", lambda text: text.partition("  routes:")[0], "no list of routes"),
    ("no proxy", "proxy.yaml", lambda _: "", "it has no `proxy`"),
    ("no JSON", "egress.json", lambda text: text[:-3], "it cannot be read"),
    (
        "a cluster gone",
        "egress.json",
        lambda text: text.replace('"name": "de-gcp-2/web",\n    "outlier', '"name": "x",\n    "outlier'),
        "which there is not",
    ),
    (
        "one address twice",
        "egress.json",
        lambda text: text.replace('"address": "127.0.0.6"', '"address": "127.0.0.5"'),
        "twice",
    ),
    (
        "the address unsaid",
        "egress.json",
        lambda text: text.replace("%DOWNSTREAM_LOCAL_ADDRESS%", "x"),
        "which address",
    ),
    (
        "an odd condition",
        "egress.json",
        lambda text: text.replace('"exact": "127.', '"prefix": "127.', 1),
        "not known here",
    ),
]


@pytest.mark.parametrize(("file", "change", "words"), [one[1:] for one in NO_START], ids=[one[0] for one in NO_START])
def test_files_that_nothing_starts_with_are_said_to_be_so(file: str, change: Callable[[str], str], words: str) -> None:
    made = dict(files(de()))
    changed = change(made[file])
    assert changed != made[file]
    with pytest.raises(UnreadableError, match=words.replace("*", r"\*")) as raised:
        Synapse({**made, file: changed}, {})
    assert raised.value.file == file


def test_without_comments_a_route_is_called_by_its_place() -> None:
    table = de()
    proxy = "\n".join(line for line in files(table)["proxy.yaml"].splitlines() if "#" not in line)
    found = Synapse({**files(table), "proxy.yaml": proxy}, mapping(table)).decide(OWN)
    assert (found.cell, found.route) == ("de-gcp-2", "proxy.routes[0]")
