"""Cells in further files, values in `defaults`, and where each value of the whole then stands."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from cellfleet.inventory.finding import Invalid, Location
from cellfleet.inventory.load import load
from cellfleet.inventory.locate import locate
from tests.fleets import document, fleet, pointed_at


def split(folder: Path, *moved: str, defaults: str = "{pod_cidr: 100.64.0.0/14}") -> Path:
    """An inventory whose cells of these names stand in a file each."""
    whole = document()
    (folder / "cells").mkdir()
    for name in moved:
        (folder / "cells" / f"{name}.yaml").write_text(yaml.safe_dump({"cells": {name: whole["cells"].pop(name)}}))
    inventory = folder / "cells.yaml"
    include = "include: [cells/*.yaml]" if moved else "include: []"
    inventory.write_text(f"{include}\ndefaults: {defaults}\n" + yaml.safe_dump(whole, sort_keys=False))
    return inventory


def said(inventory: Path) -> list[str]:
    """What is found, each as `file: what is underlined: message`."""
    with pytest.raises(Invalid) as caught:
        load(inventory)
    return [f"{shown(finding.location)}: {finding.message}" for finding in caught.value.findings]


def shown(location: Location) -> str:
    return f"{Path(location.file).name}: {pointed_at(location)}"


def test_cells_of_all_files_make_one_fleet(tmp_path: Path) -> None:
    loaded = load(split(tmp_path, "us-gcp-1", "de-gcp-2"))
    assert {**loaded.cells} == {**fleet().cells}


def test_all_cells_may_stand_in_other_files(tmp_path: Path) -> None:
    inventory = split(tmp_path, *document()["cells"])
    inventory.write_text(inventory.read_text().replace("cells: {}\n", ""))
    assert {**load(inventory).cells} == {**fleet().cells}


def test_each_value_is_located_in_its_own_file(tmp_path: Path) -> None:
    loaded = load(split(tmp_path, "us-gcp-1"))
    assert {
        path: shown(locate(loaded, path))
        for path in (
            "cells.us-gcp-1.account",
            "cells.us-gcp-1.zones[1]",
            "cells.us-gcp-1.backup.region",
            "cells.us-gcp-1.pod_cidr",
            "cells.us-gcp-1.frozen",
            "cells.de-gcp-1.account",
            "fleet.rings[0].release",
            "routers.de.clusters[1]",
        )
    } == {
        "cells.us-gcp-1.account": "us-gcp-1.yaml: acme-us-gcp-1",
        "cells.us-gcp-1.zones[1]": "us-gcp-1.yaml: us-central1-b",
        "cells.us-gcp-1.backup.region": "us-gcp-1.yaml: us-east4",
        "cells.us-gcp-1.pod_cidr": "cells.yaml: 100.64.0.0/14",  # from defaults
        "cells.us-gcp-1.frozen": "us-gcp-1.yaml: us-gcp-1",  # nowhere, so the cell that has it not
        "cells.de-gcp-1.account": "cells.yaml: acme-de-gcp-1",
        "fleet.rings[0].release": "cells.yaml: 26.12.0",
        "routers.de.clusters[1]": "cells.yaml: gke-de-b",
    }


def test_a_fault_is_told_in_the_file_where_it_stands(tmp_path: Path) -> None:
    inventory = split(tmp_path, "us-gcp-1")
    file = tmp_path / "cells" / "us-gcp-1.yaml"
    file.write_text(file.read_text().replace("region: us-central1\n", "region: us-central9\n"))
    assert said(inventory) == ["us-gcp-1.yaml: us-central9: gcp has no region of that name"]


def test_a_cell_stands_in_one_file_and_nothing_is_overridden(tmp_path: Path) -> None:
    inventory = split(tmp_path, "us-gcp-1")
    cells = tmp_path / "cells"
    (cells / "z.yaml").write_text("cells:\n  us-gcp-1: {}\n  us-aws-1: {}\n")
    assert said(inventory) == [
        f"z.yaml: us-gcp-1: the cell `us-gcp-1` stands in {cells}/us-gcp-1.yaml too",
        "z.yaml: us-aws-1: the cell `us-aws-1` stands in the inventory itself too",
    ]


def test_an_included_file_holds_cells_alone(tmp_path: Path) -> None:
    inventory = split(tmp_path, "us-gcp-1")
    (tmp_path / "cells" / "a.yaml").write_text("version: 1\ncells: {}\n")
    (tmp_path / "cells" / "b.yaml").write_text("cells: [1]\n")
    (tmp_path / "cells" / "c.yaml").write_text("a: 'b\n")
    assert said(inventory) == [
        "a.yaml: version: `version` cannot stand in an included file",
        "b.yaml: [: `cells` is not a mapping",
        "c.yaml: ': the quote that opens here is not closed where it should be",
    ]


def test_an_included_file_that_cannot_be_read_does_not_hide_other_faults_nor_make_up_some(tmp_path: Path) -> None:
    inventory = split(tmp_path, "us-aws-1")  # that new tenants of us are put in
    (tmp_path / "cells" / "us-aws-1.yaml").write_text("cells: [")
    inventory.write_text(inventory.read_text().replace("state: active", "state: asleep", 1))
    assert said(inventory) == [
        "cells.yaml: asleep: `state` has a value that it cannot have",
        "us-aws-1.yaml: [: unclosed bracket '['",
    ]


def test_a_link_does_not_lead_out_of_the_inventory_s_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("password: hunter2\n")
    (tmp_path / "repository").mkdir()
    inventory = split(tmp_path / "repository", "us-gcp-1")
    (tmp_path / "repository" / "cells" / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    assert len(load(inventory).cells) == len(fleet().cells)
    (tmp_path / "repository" / "cells" / "us-gcp-1.yaml").unlink()
    assert said(inventory) == ["cells.yaml: cells/*.yaml: no file matches the pattern"]


def test_defaults_are_merged_key_by_key_under_managed_cells(tmp_path: Path) -> None:
    inventory = split(
        tmp_path, defaults="{pod_cidr: 100.64.0.0/14, backup: {retention_days: 14}, labels: {a: b, team: x}}"
    )
    cells = load(inventory).cells
    assert (cells["us-gcp-1"].model_dump()["backup"]["retention_days"], cells["us-gcp-1"].labels) == (
        14,
        {"a": "b", "team": "x"},
    )
    assert (cells["us-aws-1"].model_dump()["backup"]["retention_days"], cells["us-aws-1"].labels) == (
        35,
        {"a": "b", "team": "ctrl"},
    )


def test_what_is_wrong_in_defaults_is_told_once_and_there(tmp_path: Path) -> None:
    assert said(split(tmp_path, defaults="{pod_cidr: 100.64.0.0, tenancy: 5, id: 7, colour: red}")) == [
        "cells.yaml: 100.64.0.0: `pod_cidr` is not of the right form",
        "cells.yaml: 5: `tenancy` has a value that it cannot have",
        "cells.yaml: id: `id` is not for defaults",
        "cells.yaml: colour: defaults has no key `colour`",
    ]


def test_an_unmanaged_cell_takes_no_defaults(tmp_path: Path) -> None:
    inventory = split(tmp_path)
    old = "\n  us-old: {id: 9, locality: us, managed: false, address: a.io, class: small, ring: broad, state: active}"
    inventory.write_text(inventory.read_text().replace("\ncells:", f"\ncells:{old}"))
    assert load(inventory).cells["us-old"].model_dump()["managed"] is False
    inventory.write_text(inventory.read_text().replace("managed: false", "managed: false, region: us-west-2"))
    assert said(inventory) == ["cells.yaml: region: `region` is for managed cells only"]


def test_a_fleet_made_in_code_has_no_places() -> None:
    assert str(locate(fleet(), "cells.us-aws-1.cidr")) == "cells.yaml"
