from __future__ import annotations

import pytest
from inline_snapshot import snapshot

from cellfleet.failure import Failure
from cellfleet.registry.formats import sentry
from tests.fleets import fleet


def test_cells_and_localities_are_settings_to_import() -> None:
    acme = fleet(
        {
            "cells.us-gcp-1.state": "planned",
            "cells.us-azure-1.state": "provisioning",
            "cells.us-k8s-1": ...,
            "cells.de-gcp-1.tenancy": "dedicated",
            "cells.de-gcp-2": ...,
        }
    )
    assert sentry.emit(acme)["cells.py"].decode() == snapshot("""\
SENTRY_CELLS = [
    {
        'name': 'de-gcp-1',
        'snowflake_id': 5,
        'category': 'SINGLE_TENANT',
        'address': 'https://de-gcp-1.cells.acme.io',
        'visible': True,
    },
    {
        'name': 'us-aws-1',
        'snowflake_id': 1,
        'category': 'MULTI_TENANT',
        'address': 'https://us-aws-1.cells.acme.io',
        'visible': True,
    },
    {
        'name': 'us-azure-1',
        'snowflake_id': 3,
        'category': 'MULTI_TENANT',
        'address': 'https://us-azure-1.cells.acme.io',
        'visible': False,
    },
]
SENTRY_LOCALITIES = [
    {
        'name': 'de',
        'category': 'SINGLE_TENANT',
        'cells': ['de-gcp-1'],
        'new_org_cell': 'de-gcp-1',
    },
    {
        'name': 'us',
        'category': 'MULTI_TENANT',
        'cells': ['us-aws-1', 'us-azure-1'],
        'new_org_cell': 'us-aws-1',
    },
]
SENTRY_REGION_CONFIG = SENTRY_CELLS
""")


def test_the_settings_say_of_each_cell_one_locality_that_there_is() -> None:
    settings: dict[str, list[dict[str, object]]] = {}
    exec(sentry.emit(fleet())["cells.py"], settings)
    assigned = [cell for locality in settings["SENTRY_LOCALITIES"] for cell in locality["cells"]]  # type: ignore[attr-defined]
    assert sorted(assigned) == sorted(str(cell["name"]) for cell in settings["SENTRY_CELLS"])
    assert settings["SENTRY_REGION_CONFIG"] == settings["SENTRY_CELLS"]


def test_an_id_that_sentry_has_no_room_for_is_a_failure() -> None:
    assert b"4095" in sentry.emit(fleet({"cells.us-aws-1.id": 4095}))["cells.py"]
    with pytest.raises(Failure, match="told of us-aws-1: ids above 4,095"):
        sentry.emit(fleet({"cells.us-aws-1.id": 4096}))
