"""What each command imports: a person waits for every import, so none is made that the command has no use for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from tests.fleets import text

# What takes 30 ms or more to import, or is a sign of something that does.
HEAVY = [
    *("cyclopts", "pydantic", "yaml", "yaml_rs", "pyarrow", "rich", "jinja2", "requests", "grpc", "google.protobuf"),
    *("pulumi", "pulumi_aws", "pulumi_gcp", "pulumi_azure_native", "pulumi_kubernetes", "opentelemetry", "asyncio"),
]


def imported(folder: Path, *arguments: str) -> list[str]:
    """The heavy modules that are loaded after a command."""
    program = (
        "import sys\nfrom cellfleet.cli import main\nmain(sys.argv[1:])\n"
        f"print(*[name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    command = [sys.executable, "-c", program, *arguments]
    return (
        subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stderr.splitlines()[-1].split()
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cells.yaml").write_text(text())
    (tmp_path / "wrong.yaml").write_text("version: 2\n")
    tenants = "tenants: {file: tenants.csv, authority: directory}\n"
    (tmp_path / "with-tenants.yaml").write_text(text() + tenants)
    (tmp_path / "tenants.csv").write_text("id,slug,cell,group,requests_per_second,storage_gib\n")
    return tmp_path


def test_what_each_command_imports(folder: Path) -> None:
    assert {
        " ".join(arguments): imported(folder, *arguments)
        for arguments in (
            ["--version"],
            ["--help"],
            ["chek"],  # looks through every verb for the one that was meant
            ["check"],
            ["check", "--output", "json"],
            ["check", "--inventory", "wrong.yaml"],
            ["check", "--inventory", "with-tenants.yaml"],
            ["check", "--routes"],
            ["route", "https://us.acme.io/"],
            ["render", "envoy", "--out", "rendered"],
            ["render", "registry", "--out", "rendered"],
            ["render", "dns", "--out", "rendered"],
            ["schema"],
            ["what-if", "--inventory", "with-tenants.yaml"],
            ["rule"],
            ["rule", "ISO-04"],
            ["tenant", "--help"],
            ["cell", "--help"],
            ["cell", "set-state", "us-gcp-1", "cordoned", "--diff"],
            ["cell", "drain", "us-gcp-1", "--inventory", "with-tenants.yaml", "--diff"],
        )
    } == snapshot(
        {
            "--version": ["cyclopts", "rich"],
            "--help": ["cyclopts", "rich"],
            "chek": ["cyclopts", "pydantic", "yaml_rs", "rich"],
            "check": ["cyclopts", "pydantic", "yaml_rs"],
            "check --output json": ["cyclopts", "pydantic", "yaml_rs"],
            "check --inventory wrong.yaml": ["cyclopts", "pydantic", "yaml", "yaml_rs"],
            "check --inventory with-tenants.yaml": ["cyclopts", "pydantic", "yaml_rs", "pyarrow"],
            "check --routes": ["cyclopts", "pydantic", "yaml_rs", "pyarrow"],
            "route https://us.acme.io/": ["cyclopts", "pydantic", "yaml_rs", "pyarrow"],
            "render envoy --out rendered": ["cyclopts", "pydantic", "yaml_rs"],
            "render registry --out rendered": ["cyclopts", "pydantic", "yaml_rs"],
            "render dns --out rendered": ["cyclopts", "pydantic", "yaml_rs"],
            "schema": ["cyclopts", "pydantic"],
            "what-if --inventory with-tenants.yaml": ["cyclopts", "pydantic", "yaml_rs", "pyarrow"],
            "rule": ["cyclopts", "pydantic", "yaml_rs"],
            "rule ISO-04": ["cyclopts", "pydantic", "yaml_rs"],
            "tenant --help": ["cyclopts", "rich"],
            "cell --help": ["cyclopts", "rich"],
            "cell set-state us-gcp-1 cordoned --diff": ["cyclopts", "pydantic", "yaml", "yaml_rs"],
            "cell drain us-gcp-1 --inventory with-tenants.yaml --diff": [
                "cyclopts",
                "pydantic",
                "yaml",
                "yaml_rs",
                "pyarrow",
            ],
        }
    )
