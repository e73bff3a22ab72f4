"""`cellfleet engine`: which Pulumi CLI runs are made with, and how to get one."""

from __future__ import annotations

import sys
from pathlib import Path

from cyclopts import App

from cellfleet.engine.install import MINIMUM, Engine, find, install

app = App(name="engine", help="The Pulumi CLI that runs are made with: what it is, and how to get one.")


@app.command(name="install")
def install_engine() -> int:
    """Get a Pulumi CLI unless there is one: by Pulumi's installer, or else built from the Go module in tools/go.mod."""
    _print(install(Path.cwd(), lambda line: print(line, file=sys.stderr, flush=True)))
    return 0


@app.command
def info() -> int:
    """Say which Pulumi CLI runs are made with, and why that one."""
    _print(find(Path.cwd()))
    return 0


def _print(engine: Engine) -> None:
    print(f"Pulumi {engine.version} at {engine.executable}: {engine.origin} (at least {MINIMUM} is needed).")
