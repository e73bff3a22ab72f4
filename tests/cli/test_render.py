"""`cellfleet render` writes what readers are given: the same each time, whole, and nothing that is not theirs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cellfleet.cli import main
from cellfleet.registry import Registry
from tests.cli.test_route import EXAMPLE

EVERY = ["envoy", "synapse", "dns", "registry", "sentry", "gitlab", "prometheus"]


def rendered(target: str, out: Path, *more: str, inventory: Path = EXAMPLE) -> dict[str, bytes]:
    assert main(["render", target, "--out", str(out), *more, "--inventory", str(inventory)]) == 0
    return {str(file.relative_to(out)): file.read_bytes() for file in out.rglob("*") if file.is_file()}


@pytest.mark.parametrize("target", EVERY)
def test_equal_inventories_are_rendered_byte_for_byte_alike(target: str, tmp_path: Path, example: Path) -> None:
    header, *rows = (example.with_name("tenants.csv")).read_text().splitlines()
    example.with_name("tenants.csv").write_text("\n".join([header, *reversed(rows)]) + "\n")
    first = rendered(target, tmp_path / "first")
    assert first == rendered(target, tmp_path / "second")
    assert first == rendered(target, tmp_path / "reversed", inventory=example)
    assert all(first.values())


def test_a_locality_goes_where_it_is_said(tmp_path: Path) -> None:
    assert {*rendered("envoy", tmp_path / "us", "--locality", "us")} >= {
        "envoy.json",
        "lds.json",
        "cds.json",
        "rds.json",
    }
    assert {name.partition("/")[0] for name in rendered("envoy", tmp_path / "all")} == {"us", "de", "jp"}


def test_what_an_earlier_rendering_left_goes_and_what_others_have_there_stays(tmp_path: Path, example: Path) -> None:
    out = tmp_path / "out"
    before = rendered("envoy", out, "--locality", "us", inventory=example)
    (out / "notes.txt").write_text("mine")
    text = (
        example.with_name("tenants.csv").read_text().replace("jolly-otter-1001,us-legacy", "jolly-otter-1001,us-gcp-1")
    )
    example.with_name("tenants.csv").write_text(text)
    after = rendered("envoy", out, "--locality", "us", inventory=example)
    changed = {name for name in after if after[name] != before.get(name)} - {"notes.txt"}
    assert {name.partition("-")[0] for name in changed} == {"map", "router", "rds.json"}
    assert len([name for name in after if name.startswith("router-")]) == 1
    assert after["notes.txt"] == b"mine"


def test_no_locality_is_given_a_tenant_of_another(tmp_path: Path) -> None:
    rows = [line.split(",") for line in EXAMPLE.with_name("tenants.csv").read_text().splitlines()[1:]]
    of = {slug: cell.partition("-")[0] for _, slug, cell, *_ in rows if cell}
    for target in ("envoy", "synapse", "registry"):
        for name, content in rendered(target, tmp_path / target).items():
            locality, text = name.partition("/")[0], content.decode(errors="replace")
            words = {*re.findall(r"[a-z0-9-]+", text)}
            foreign = [slug for slug, home in of.items() if home != locality and slug in words]
            assert foreign == [], (target, name)


def test_a_rendered_registry_can_be_read(tmp_path: Path) -> None:
    rendered("registry", tmp_path, "--locality", "us")
    registry = Registry.open(tmp_path)
    assert registry.cell_of(slug="jolly-otter-1001") == "us-legacy"
    assert registry.cell_of(id="1001") == "us-legacy"
    assert registry.cell_of(slug="formerly-brisk-badger-1041") == registry.cell_of(slug="brisk-badger-1041")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["envoy", "--locality", "uss"], "There is no locality 'uss'.\nDid you mean us?"),
        (["nothing"], "Invalid value"),
    ],
)
def test_what_cannot_be_rendered(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], said: str
) -> None:
    assert main(["render", *arguments, "--out", str(tmp_path / "out"), "--inventory", str(EXAMPLE)]) == 2
    captured = capsys.readouterr()
    assert said in captured.err + captured.out
    assert not (tmp_path / "out").exists()
