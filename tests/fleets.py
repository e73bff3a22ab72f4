"""A fleet that violates nothing, to break one thing of at a time."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

from cellfleet.inventory.finding import Location
from cellfleet.inventory.model import Fleet

# One cell a provider in `us`, and what they need; two localities, so that something can be elsewhere.
DOCUMENT: dict[str, Any] = {
    "version": 1,
    "fleet": {
        "name": "acme",
        "environment": "production",
        "domain": "acme.io",
        "supernets": ["10.0.0.0/8"],
        "rings": [
            {"name": "canary", "release": "26.12.0", "bake_minutes": 60},
            {"name": "broad", "release": "26.11.0", "max_parallel": 1},
        ],
        "control": {
            "aws": {"account": "999999999999", "region": "us-east-1"},
            "gcp": {"account": "acme-control", "region": "us-central1", "billing_account": "01A2B3-C4D5E6-F70819"},
            "azure": {"account": "99999999-9999-4999-8999-999999999999", "region": "eastus2"},
        },
        "dns": {"provider": "aws", "zone": "acme.io"},
        "deploy_from": ["203.0.113.0/24"],
        "deploy_identity": {
            "issuer": "https://token.actions.githubusercontent.com",
            "subject": "repo:acme/fleet:environment:{stack}",
        },
        "contact": "cells@acme.io",
        "quotas": {
            "111111111111": {"aws/vcpus": 64},
            "33333333-3333-4333-8333-333333333333": {"azure/vcpus": 64},
        },
        "shared_services": {
            "telemetry": {"host": "otel.acme.io", "needed_at_run_time": False},
            "images": {"host": "registry.acme.io", "needed_at_run_time": True},
        },
    },
    "localities": {
        "us": {"residency": ["US"], "host": "us.acme.io", "new_tenants": "us-aws-1"},
        "de": {"residency": ["DE"], "host": "de.acme.io", "new_tenants": "de-gcp-1"},
    },
    "services": {
        "web": {"image": "registry.acme.io/web", "port": 8080, "health": "/healthz"},
        "ingest": {"image": "registry.acme.io/ingest", "port": 8081, "health": "/healthz"},
    },
    "classes": {
        "small": {
            "capacity": {"tenants": 500, "requests_per_second": 2000, "storage_gib": 500},
            "nodes": {"count": 3, "vcpus": 4, "memory_gib": 16},
            "database": {"vcpus": 4, "memory_gib": 32, "storage_gib": 500, "replicas": 1},
            "replicas": {"web": 3, "ingest": 3},
            "monthly_cost_usd": 4200,
        },
        "large": {
            "capacity": {"tenants": 4000, "requests_per_second": 16000, "storage_gib": 4000},
            "nodes": {"count": 9, "vcpus": 16, "memory_gib": 64},
            "database": {"vcpus": 16, "memory_gib": 128, "storage_gib": 4096, "replicas": 2},
            "replicas": {"web": 12, "ingest": 12},
            "monthly_cost_usd": 31000,
        },
    },
    "cells": {
        "us-aws-1": {
            "id": 1,
            "locality": "us",
            "provider": "aws",
            "account": "111111111111",
            "region": "us-west-2",
            "zones": ["us-west-2a", "us-west-2b", "us-west-2c"],
            "cidr": "10.0.0.0/20",
            "class": "small",
            "ring": "broad",
            "state": "active",
            "backup": {"region": "us-east-1", "retention_days": 35},
            "labels": {"team": "ctrl"},
        },
        "us-gcp-1": {
            "id": 2,
            "locality": "us",
            "provider": "gcp",
            "account": "acme-us-gcp-1",
            "region": "us-central1",
            "zones": ["us-central1-a", "us-central1-b", "us-central1-c"],
            "cidr": "10.0.16.0/20",
            "class": "small",
            "ring": "broad",
            "state": "active",
            "backup": {"region": "us-east4"},
        },
        "us-azure-1": {
            "id": 3,
            "locality": "us",
            "provider": "azure",
            "account": "33333333-3333-4333-8333-333333333333",
            "region": "eastus2",
            "zones": ["1", "2", "3"],
            "cidr": "10.0.32.0/20",
            "class": "small",
            "ring": "broad",
            "state": "active",
            "backup": {"region": "centralus"},
        },
        "us-k8s-1": {
            "id": 4,
            "locality": "us",
            "provider": "kubernetes",
            "account": "onprem-us-1",
            "region": "ashburn",
            "country": "US",
            "zones": ["rack-1", "rack-2", "rack-3"],
            "cidr": "10.0.48.0/20",
            "class": "small",
            "ring": "broad",
            "state": "active",
            "backup": {"region": "dallas"},
        },
        "de-gcp-1": {
            "id": 5,
            "locality": "de",
            "provider": "gcp",
            "account": "acme-de-gcp-1",
            "region": "europe-west3",
            "zones": ["europe-west3-a", "europe-west3-b", "europe-west3-c"],
            "cidr": "10.0.64.0/20",
            "class": "small",
            "ring": "broad",
            "state": "active",
            "backup": {"region": "europe-west10"},
        },
        "de-gcp-2": {
            "id": 6,
            "locality": "de",
            "provider": "gcp",
            "account": "acme-de-gcp-2",
            "region": "europe-west10",
            "zones": ["europe-west10-a", "europe-west10-b"],
            "cidr": "10.0.80.0/20",
            "class": "small",
            "ring": "broad",
            "state": "active",
            "backup": {"region": "europe-west3"},
        },
    },
    "routes": [
        {"host": "{tenant}.{locality}.acme.io", "service": "web"},
        {"host": "{locality}.acme.io", "path": "/api/0/organizations/{tenant}/*", "service": "web"},
        {"host": "{locality}.acme.io", "path": "/api/0/cells/{cell}/*", "service": "web"},
        {"host": "o{tenant_id}.ingest.{locality}.acme.io", "service": "ingest"},
        {"host": "{tenant}.acme.io", "redirect": "{tenant}.{locality}.acme.io"},
    ],
    "routers": {
        "us": {
            "targets": ["envoy"],
            "clusters": ["gke-us-a", "gke-us-b"],
            "addresses": ["203.0.113.10", "203.0.113.11"],
        },
        "de": {
            "targets": ["envoy"],
            "clusters": ["gke-de-a", "gke-de-b"],
            "addresses": ["203.0.113.20", "203.0.113.21"],
        },
    },
}


def document(changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """The document, with each dotted path of `changes` set to its value, or removed where that is `...`."""
    changed = copy.deepcopy(DOCUMENT)
    for path, value in (changes or {}).items():
        *parents, last = path.split(".")
        place = changed
        for key in parents:
            place = place.setdefault(key, {})
        if value is ...:
            del place[last]
        else:
            place[last] = value
    return changed


def fleet(changes: dict[str, Any] | None = None) -> Fleet:
    """The fleet of `document(changes)`."""
    return validated(document(changes))


def validated(changed: dict[str, Any]) -> Fleet:
    """The fleet of a document; its cells are named here, as the loader does."""
    for name, cell in changed["cells"].items():
        cell["name"] = name
        if cell.get("managed", True):
            cell.setdefault("pod_cidr", "100.64.0.0/14")
    return Fleet.model_validate(changed)


def text(changes: dict[str, Any] | None = None) -> str:
    """`document(changes)` as the text of an inventory, with `defaults`."""
    return yaml.safe_dump({**document(changes), "defaults": {"pod_cidr": "100.64.0.0/14"}}, sort_keys=False)


def pointed_at(location: Location) -> str:
    """What a location underlines in its file; empty for a file as a whole."""
    if not location.line:
        return ""
    line = Path(location.file).read_text(encoding="utf-8").splitlines()[location.line - 1]
    return line[location.column - 1 : location.column - 1 + location.length]
