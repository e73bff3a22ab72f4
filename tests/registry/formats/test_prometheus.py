from __future__ import annotations

import json

from inline_snapshot import snapshot

from cellfleet.registry.formats import prometheus
from tests.fleets import fleet
from tests.registry.test_record import UNMANAGED


def test_each_service_of_each_deployed_cell_is_a_target() -> None:
    acme = fleet({"cells.us-legacy": UNMANAGED, "cells.us-aws-1.state": "planned", "cells.us-k8s-1": ...})
    groups = json.loads(prometheus.emit(acme, "us")["cells.json"])
    assert [(group["labels"]["cell"], group["labels"]["service"]) for group in groups] == [
        (cell, service) for cell in ("us-azure-1", "us-gcp-1", "us-legacy") for service in ("ingest", "web")
    ]
    assert groups[0] == snapshot(
        {
            "labels": {
                "cell": "us-azure-1",
                "class": "small",
                "fleet": "acme-production",
                "locality": "us",
                "provider": "azure",
                "region": "eastus2",
                "ring": "broad",
                "service": "ingest",
            },
            "targets": ["us-azure-1.cells.acme.io:443"],
        }
    )
    assert groups[4] == snapshot(
        {
            "labels": {
                "cell": "us-legacy",
                "class": "small",
                "fleet": "acme-production",
                "locality": "us",
                "ring": "broad",
                "service": "ingest",
            },
            "targets": ["legacy.us.acme.io:443"],
        }
    )
