"""What is written for Synapse, as a person reads it."""

from __future__ import annotations

from typing import Any

import yaml
import yaml_rs
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from cellfleet.routing.synapse import files
from tests.routing.synapse.tables import ANYTHING, BY_CELL, BY_ID, BY_TENANT, de, synapse

ROUTES = [BY_TENANT, BY_CELL, BY_ID, ANYTHING, {**BY_TENANT, "path": "/api/0/teams/{tenant}/*"}]


def test_the_proxys_file() -> None:
    assert files(de(*ROUTES))["proxy.yaml"] == snapshot("""\
# Synapse's proxy in de. It speaks plain HTTP: something that ends TLS sends it requests in
# HTTP/1.1, and the Envoy of egress.json, beside it, takes them on to the cells.
proxy:
  listener: {host: "0.0.0.0", port: 3000}
  admin_listener: {host: "0.0.0.0", port: 3001}
  locator:
    type: "in_process"
    control_plane: {url: "http://127.0.0.1:8000"}
    backup_route_store:
      {type: "filesystem", base_dir: "/var/cache/synapse", filename: "proxy.bin", compression: "zstd1"}
    localities: ["de"]
  upstreams:
  - {name: "de-gcp-1/ingest", url: "http://127.0.0.5:22380"}
  - {name: "de-gcp-1/web", url: "http://127.0.0.5:28689"}
  - {name: "de-gcp-2/ingest", url: "http://127.0.0.6:22380"}
  - {name: "de-gcp-2/web", url: "http://127.0.0.6:28689"}
  - {name: "redirect:us/us.acme.io", url: "http://127.0.0.1:30160"}
  routes:
  # routes[0]
  - match: {host: "de.acme.io", path: "/api/0/organizations/{organization}/*"}
    action: &tenant-web-0
      resolver: "cell_from_organization"
      cell_to_upstream:
        "de-gcp-1": "de-gcp-1/web"
        "de-gcp-2": "de-gcp-2/web"
  # routes[1]
  - match: {host: "de.acme.io", path: "/api/0/cells/{id}/*"}
    action: &cell-web-1
      resolver: "cell_from_id"
      cell_to_upstream:
        "de-gcp-1": "de-gcp-1/web"
        "de-gcp-2": "de-gcp-2/web"
        "us-aws-1": "redirect:us/us.acme.io"
        "us-azure-1": "redirect:us/us.acme.io"
        "us-gcp-1": "redirect:us/us.acme.io"
        "us-k8s-1": "redirect:us/us.acme.io"
  # routes[2]
  - match: {host: "ingest.de.acme.io", path: "/{organization}/store"}
    action: &tenant_id-ingest-2
      resolver: "cell_from_organization"
      cell_to_upstream:
        "de-gcp-1": "de-gcp-1/ingest"
        "de-gcp-2": "de-gcp-2/ingest"
  # routes[3]
  - match: {host: "de.acme.io"}
    action: &new-web-3
      to: "de-gcp-1/web"
  # routes[4]
  - match: {host: "de.acme.io", path: "/api/0/teams/{organization}/*"}
    action: *tenant-web-0
""")


def test_the_locators_file() -> None:
    assert files(de())["locator.yaml"] == snapshot("""\
# Synapse's locator in de: GET /?id=ID&locality=de
locator:
  listener: {host: "0.0.0.0", port: 3002}
  control_plane: {url: "http://127.0.0.1:8000"}
  backup_route_store:
    {type: "filesystem", base_dir: "/var/cache/synapse", filename: "locator.bin", compression: "zstd1"}
  localities: ["de"]
  data_type: "organization"
""")


def test_the_files() -> None:
    assert [*files(de())] == snapshot(
        ["proxy.yaml", "locator.yaml", "egress.json", "sds-client.json", "sds-authorities.json"]
    )


def test_readers_of_both_versions_of_yaml_read_the_same() -> None:
    for name in ("proxy.yaml", "locator.yaml"):
        text = files(de(*ROUTES))[name]
        assert yaml.safe_load(text) == yaml_rs.loads(text, parse_datetime=False)


def test_no_name_is_given_a_default_cell() -> None:
    written: list[Any] = [yaml.safe_load(files(de(*ROUTES))[name]) for name in ("proxy.yaml", "locator.yaml")]
    assert not any(key in ("default", "locality_to_default_cell") for key in _keys(written))
    assert synapse(de(*ROUTES)).defaults == ()


@given(st.permutations(ROUTES))
def test_what_leads_somewhere_is_there_and_what_is_there_is_used(routes: list[dict[str, Any]]) -> None:
    found = synapse(de(*routes))
    assert (found.unused, found.dangling) == ((), ())
    assert found.files == files(de(*routes))


def test_with_no_route_that_can_be_said_nothing_is_served() -> None:
    found = synapse(de({**BY_TENANT, "elsewhere": "redirect"}))
    assert (found.routes, found.upstreams, found.beside.ways) == ((), {}, {})


def _keys(content: Any) -> list[str]:
    if isinstance(content, dict):
        return [*content, *(key for value in content.values() for key in _keys(value))]
    return [key for value in content for key in _keys(value)] if isinstance(content, list) else []
