"""Fleets of any size to measure on: valid, and shaped like the example's."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import islice
from pathlib import Path
from typing import Final

# Locality, provider, region, its zones, and where backups go.
_PLACES: Final = [
    ("us", "aws", "us-west-2", ("us-west-2a", "us-west-2b", "us-west-2c"), "us-east-2"),
    ("us", "gcp", "us-central1", ("us-central1-a", "us-central1-b", "us-central1-c"), "us-east4"),
    ("us", "azure", "eastus2", ("1", "2", "3"), "centralus"),
    ("de", "gcp", "europe-west3", ("europe-west3-a", "europe-west3-b", "europe-west3-c"), "europe-west10"),
    ("jp", "aws", "ap-northeast-1", ("ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d"), "ap-northeast-3"),
    ("jp", "azure", "japaneast", ("1", "2", "3"), "japanwest"),
]

_HEAD: Final = """\
version: 1
fleet:
  name: acme
  environment: production
  domain: acme.io
  contact: cells@acme.io
  supernets: [10.0.0.0/8, 16.0.0.0/5]
  rings:
    - {name: canary, release: "26.12.0", bake_minutes: 60}
    - {name: early, release: "26.11.1", bake_minutes: 60, max_parallel: 4}
    - {name: broad, release: "26.11.1", max_parallel: PARALLEL}
  control:
    aws: {account: "999999999999", region: us-east-1}
    gcp: {account: acme-control, region: us-east4, billing_account: 01A2B3-C4D5E6-F70819}
    azure: {account: 99999999-9999-4999-8999-999999999999, region: westus3}
  dns: {provider: aws, zone: acme.io}
  deploy_from: [203.0.113.0/24]
  shared_services:
    telemetry: {host: otel.acme.io, needed_at_run_time: false}
    images: {host: registry.acme.io, needed_at_run_time: true}
localities:
  us: {residency: [US], host: us.acme.io, new_tenants: us-00000, growth_per_month: 0.04, lead_time_days: 30}
  de: {residency: [DE], host: de.acme.io, new_tenants: de-00003}
  jp: {residency: [JP], host: jp.acme.io, new_tenants: jp-00004}
services:
  web: {image: registry.acme.io/web, port: 8080, health: /healthz}
  ingest: {image: registry.acme.io/ingest, port: 8081, health: /healthz}
classes:
  small:
    capacity: {tenants: TIMES00, requests_per_second: TIMES000, storage_gib: TIMES00}
    nodes: {count: 3, vcpus: 4, memory_gib: 16}
    database: {vcpus: 2, memory_gib: 16, storage_gib: 512, replicas: 1}
    replicas: {web: 3, ingest: 3}
    monthly_cost_usd: 3200
defaults: {pod_cidr: 100.64.0.0/14, tenancy: shared}
"""

_ROUTES: Final = """\
routes:
  - {host: "{tenant}.{locality}.acme.io", service: web}
  - {host: "{locality}.acme.io", path: "/api/0/organizations/{tenant}/*", service: web}
  - {host: "{tenant}.acme.io", redirect: "{tenant}.{locality}.acme.io"}
"""

# Of further routes, in turn: paths that name a tenant, a cell or nobody, hosts with ids, queries, headers, redirects.
_FURTHER: Final = [
    '{host: "{locality}.acme.io", path: "/api/0/things-NUMBER/{tenant}/*", service: web}',
    '{host: "{locality}.acme.io", path: "/api/NUMBER/cells/{cell}/*", service: web, elsewhere: refuse}',
    '{host: "o{tenant_id}.ingest-NUMBER.{locality}.acme.io", service: ingest}',
    '{host: "{locality}.acme.io", path: "/fixed-NUMBER/*", service: web}',
    '{host: "{locality}.acme.io", path: "/search-NUMBER/*", query: {org: "{tenant}"}, service: web}',
    '{host: "{locality}.acme.io", path: "/store-NUMBER/*", headers: {x-org: "{tenant_id}"}, service: ingest}',
    '{host: "old-NUMBER.{locality}.acme.io", redirect: "{locality}.acme.io"}',
]

_TAIL: Final = """\
routers:
  us: {targets: [envoy], clusters: [gke-us-a, gke-us-b], addresses: [198.51.100.10, 198.51.100.11]}
  de: {targets: [envoy], clusters: [gke-de-a, gke-de-b], addresses: [198.51.100.20, 198.51.100.21]}
  jp: {targets: [envoy], clusters: [gke-jp-a, gke-jp-b], addresses: [198.51.100.30, 198.51.100.31]}
"""


def write(folder: Path, cells: int, tenants: int = 0, routes: int = 3) -> Path:
    """Write `cells.yaml`, and `tenants.csv` where there are tenants, into a new folder; return the former's path.

    There are three routes or more, for tenants by slug alone where there are three.
    """
    folder.mkdir(parents=True)
    names = [f"{_PLACES[number % 6][0]}-{number:05}" for number in range(cells)]
    inventory = folder / "cells.yaml"
    with inventory.open("w") as file:
        # as many cells at a time as a wave may take of the smallest locality, which has a sixth of them
        head = _HEAD.replace("PARALLEL", str(max(1, min(8, cells // 25))))
        # so large that cells are at most half full of tenants
        file.write(head.replace("TIMES", str(max(5, tenants // (50 * cells)))) + "cells:\n")
        file.writelines(_cells(names))
        file.write(_ROUTES)
        file.writelines(f"  - {_FURTHER[n % len(_FURTHER)]}\n".replace("NUMBER", str(n)) for n in range(routes - 3))
        file.write(_TAIL)
        if tenants:
            file.write("tenants: {file: tenants.csv, authority: inventory}\n")
    if tenants:
        with (folder / "tenants.csv").open("w") as file:
            file.write("id,slug,cell,group,requests_per_second,storage_gib\n")
            file.writelines(
                f"{number},tenant-{number},{names[number % cells]},group-{number % 997},"
                f"{number % 97 / 20},{number % 31 / 16}\n"
                for number in range(tenants)
            )
    return inventory


def _cells(names: list[str]) -> Iterator[str]:
    ranges = [
        *IPv4Network("10.0.0.0/8").subnets(new_prefix=20),
        *islice(IPv4Network("16.0.0.0/5").subnets(new_prefix=20), max(0, len(names) - 4096)),
    ]
    for number, name in enumerate(names):
        locality, provider, region, zones, backup = _PLACES[number % 6]
        match provider:
            case "aws":
                account = f'"{100000000000 + number}"'
            case "gcp":
                account = f"acme-{name}"
            case _:
                account = f"00000000-0000-4000-8000-{number:012}"
        ring = "canary" if number < 6 else "early" if number % 10 == 0 else "broad"
        yield (
            f"  {name}:\n"
            f"    id: {number + 1}\n"
            f"    locality: {locality}\n"
            f"    provider: {provider}\n"
            f"    account: {account}\n"
            f"    region: {region}\n"
            f"    zones: [{', '.join(f'{zone!r}' if zone.isdigit() else zone for zone in zones)}]\n"
            f"    cidr: {ranges[number]}\n"
            f"    class: small\n"
            f"    ring: {ring}\n"
            f"    state: active\n"
            f"    backup: {{region: {backup}, retention_days: 35}}\n"
            f"    labels: {{team: ctrl}}\n"
        )
