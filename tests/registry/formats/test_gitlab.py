from __future__ import annotations

import tomllib

from inline_snapshot import snapshot

from cellfleet.registry.formats import gitlab
from tests.fleets import fleet

CHANGES = {
    "cells.us-aws-1.id_ranges": [[1, 99], [200, 299]],
    "cells.us-gcp-1.state": "retired",
    "cells.us-azure-1.id": 77,
}


def test_a_localitys_cells_are_listed_by_id() -> None:
    assert gitlab.emit(fleet(CHANGES), "us")["cells.toml"].decode() == snapshot("""\
# us-aws-1
[[cells]]
id = 1
address = "us-aws-1.cells.acme.io:443"
session_prefix = "cell-1"
[[cells.sequence_ranges]]
minval = 1
maxval = 99
[[cells.sequence_ranges]]
minval = 200
maxval = 299

# us-k8s-1
[[cells]]
id = 4
address = "us-k8s-1.cells.acme.io:443"
session_prefix = "cell-4"

# us-azure-1
[[cells]]
id = 77
address = "us-azure-1.cells.acme.io:443"
session_prefix = "cell-77"
""")


def test_what_is_written_is_toml_that_says_so() -> None:
    (us,) = (tomllib.loads(gitlab.emit(fleet(CHANGES), "us")["cells.toml"].decode())["cells"],)
    assert [cell["id"] for cell in us] == [1, 4, 77]
    assert us[0]["sequence_ranges"] == [{"minval": 1, "maxval": 99}, {"minval": 200, "maxval": 299}]
    assert gitlab.emit(fleet({f"cells.{name}.state": "planned" for name in ("de-gcp-1", "de-gcp-2")}), "de") == {
        "cells.toml": b""
    }
