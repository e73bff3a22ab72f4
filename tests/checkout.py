"""A folder with a small fleet in it, in which the command runs as a person would run it, over a sandbox of its own."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox import process
from sandbox.books import Books
from tests.engine.tiny import environment_of_engine
from tests.fleets import document

COMMAND = (sys.executable, "-m", "cellfleet")
# Two cells, of a ring each, on clusters that one has already, so that a run takes seconds.
SMALL: dict[str, Any] = {
    "cells.us-aws-1": ...,
    "cells.us-gcp-1": ...,
    "cells.us-azure-1": ...,
    "cells.de-gcp-1": ...,
    "cells.de-gcp-2": ...,
    "localities.de": ...,
    "routers.de": ...,
    "fleet.quotas": ...,
    "localities.us.new_tenants": "us-k8s-1",
    "cells.us-k8s-1.pod_cidr": "100.64.0.0/14",
    "cells.us-k8s-2": {
        "id": 40, "locality": "us", "provider": "kubernetes", "account": "onprem-us-2", "region": "dallas",
        "country": "US", "zones": ["rack-1", "rack-2", "rack-3"], "cidr": "10.0.96.0/20", "class": "small",
        "ring": "canary", "state": "active", "backup": {"region": "ashburn"}, "pod_cidr": "100.64.0.0/14",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Checkout:
    """The folder; `cells.yaml` in it is JSON, which is YAML."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> Checkout:
        folder.mkdir()
        made = cls(folder)
        made.declare()
        process.start(made.sandbox)
        return made

    def close(self) -> None:
        process.stop(self.sandbox)

    @property
    def sandbox(self) -> Path:
        return self.folder / ".cellfleet/sandbox"

    def declare(self, changes: Mapping[str, Any] | None = None) -> None:
        """Write the inventory, with each dotted path of `changes` set, or the added cell removed by `...`."""
        merged = copy.deepcopy({**SMALL, **(changes or {})})
        removed = [path for path, value in merged.items() if value is ... and SMALL.get(path, ...) is not ...]
        changed = document({path: value for path, value in merged.items() if path not in removed})
        (self.folder / "cells.yaml").write_text(json.dumps(changed))

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=environment_of_engine() | {"COLUMNS": "200", "CI": "true"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """The exit code, stdout and stderr of a command."""
        with self.begin(*arguments) as run:
            out, err = run.communicate()
        return run.returncode, out, err

    def report(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """What a command over the sandbox reports, having ended with `code`."""
        ended, out, err = self.run(*arguments, "--sandbox", "--output", "json")
        assert ended == code, err[-3000:] + out[-3000:]
        report: dict[str, Any] = json.loads(out)
        return report

    def made(self) -> list[str]:
        """The URNs of all that stands, one for each thing."""
        with Books(self.sandbox) as books:
            return sorted(made.urn for made in books.all())
