"""One inventory in every style that people and programs write: an edit keeps it, and means what it is to mean."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from ipaddress import IPv4Network
from pathlib import Path

import pytest
import yaml

from cellfleet.failure import Failure
from cellfleet.inventory.edit.cells import copied
from cellfleet.inventory.edit.draft import Draft
from cellfleet.inventory.edit.like import Wish
from cellfleet.inventory.edit.lines import lines
from cellfleet.inventory.edit.span import applied
from cellfleet.inventory.edit.tree import parsed
from cellfleet.inventory.edit.values import remove_value
from cellfleet.inventory.load import load
from cellfleet.inventory.model import ManagedCell
from cellfleet.inventory.types import State
from tests.fleets import document, text

DOCUMENT = {**document({"cells.us-aws-1.release": "26.11.3"}), "defaults": {"pod_cidr": "100.64.0.0/14"}}
BLOCK = yaml.safe_dump(DOCUMENT, sort_keys=False)


def commented(written: str) -> str:
    """A comment on each line and above each, one of them in the way of a comma."""
    return "".join(
        f"{line}\t# of {number}, the: [line]\n" if line else "\n" for number, line in enumerate(written.splitlines())
    )


def spaced(written: str) -> str:
    """A blank line and a comment of its own before each cell."""
    return written.replace("\n  us-", "\n\n  # About the next one.\n  us-").replace(
        "\n  de-g", "\n\n  # And this.\n  de-g"
    )


def quoted(written: str, quote: str) -> str:
    return written.replace("state: active", f"state: {quote}active{quote}").replace(
        "new_tenants: us-aws-1", f"{quote}new_tenants{quote}: {quote}us-aws-1{quote}"
    )


STYLES = {
    "block": BLOCK,
    "block, items indented": BLOCK.replace("\n      - ", "\n        - "),
    "cells in a flow": yaml.safe_dump(DOCUMENT, sort_keys=False, default_flow_style=None, width=90),
    "all in a flow": yaml.safe_dump(DOCUMENT, sort_keys=False, default_flow_style=True, width=90),
    "JSON": json.dumps(DOCUMENT),
    "JSON on lines": json.dumps(DOCUMENT, indent=2),
    "JSON on lines with last commas": json.dumps(DOCUMENT, indent=2).replace("}\n", "},\n").removesuffix(",\n"),
    "comments": commented(BLOCK),
    "comments in a flow": commented(json.dumps(DOCUMENT, indent=2)),
    "blank lines": spaced(BLOCK),
    "CRLF": spaced(BLOCK).replace("\n", "\r\n"),
    "quotes": quoted(BLOCK, '"'),
    "single quotes": quoted(BLOCK, "'"),
    "no line end": BLOCK.removesuffix("\n"),
    "not ASCII": "# Flotte: größte Zellen zuerst 🙂\n" + BLOCK.replace("version: 1", "version: 1 # Übergröße"),
    "a document's start": "---\n" + BLOCK,
}


def a_state(draft: Draft) -> Draft:
    return draft.state("us-gcp-1", State.CORDONED)


def new_tenants(draft: Draft) -> Draft:
    return draft.new_tenants("us", "us-gcp-1")


def another(draft: Draft, like: str = "us-aws-1", **wishes: object) -> Draft:
    model = draft.fleet.cells[like]
    assert isinstance(model, ManagedCell)
    range_ = IPv4Network("10.0.96.0/20")
    account = {"aws": "777777777777", "gcp": "acme-us-gcp-7", "kubernetes": "a:b#'c"}[model.provider]
    return draft.add(model, Wish(name="us-new-7", id=7, cidr=range_, account=account, **wishes))  # type: ignore[arg-type]


def the_last(draft: Draft) -> Draft:
    return another(draft, "de-gcp-2", ring="canary", labels={"team": "de"})


def elsewhere(draft: Draft) -> Draft:
    return another(draft, region="us-east-1", backup_account="787878787878", labels={"team": "x", "no": "1"})


def kubernetes(draft: Draft) -> Draft:
    return another(draft, "us-k8s-1", zones=("1", "row: 2"), country="CA")


def removed(draft: Draft) -> Draft:
    return draft.remove("us-k8s-1", date(2026, 11, 24))


def all_at_once(draft: Draft) -> Draft:
    return the_last(new_tenants(a_state(draft))).remove("us-aws-1", date(2026, 11, 24))


EDITS = (a_state, new_tenants, another, the_last, elsewhere, kubernetes, removed, all_at_once)


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
@pytest.mark.parametrize("style", STYLES)
def test_an_edit_means_what_it_is_to_mean_and_keeps_all_other_lines(
    style: str, edit: Callable[[Draft], Draft], tmp_path: Path
) -> None:
    inventory = tmp_path / "cells.yaml"
    inventory.write_bytes(STYLES[style].encode())
    draft = edit(Draft.of(load(inventory)))
    draft.done()  # which compares what is loaded with what was meant
    before, after = lines(STYLES[style]), lines(draft.texts[str(inventory)])
    if len(before) > 100:
        assert len({*before} - {*after}) <= 45
        assert len({*after} - {*before}) <= 45
    assert ("\r\n" in STYLES[style]) is ("\r\n" in draft.texts[str(inventory)])
    assert draft.texts[str(inventory)].count("\n") == draft.texts[str(inventory)].count("\r\n") or style != "CRLF"


@pytest.mark.parametrize("style", ["JSON", "JSON on lines"])
@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_json_stays_json(style: str, edit: Callable[[Draft], Draft], tmp_path: Path) -> None:
    inventory = tmp_path / "cells.yaml"
    inventory.write_text(STYLES[style])
    json.loads(edit(Draft.of(load(inventory))).texts[str(inventory)])


def test_a_copy_says_nothing_of_the_cell_that_it_was_made_of(tmp_path: Path) -> None:
    inventory = tmp_path / "cells.yaml"
    inventory.write_text(commented(spaced(BLOCK)))
    draft = another(Draft.of(load(inventory)))
    copy = draft.texts[str(inventory)].split("us-new-7:")[1].split("\n\n")[0]
    assert "#" not in copy
    assert "release" not in copy


def test_a_cell_leaves_with_the_comments_that_belong_to_it(tmp_path: Path) -> None:
    inventory = tmp_path / "cells.yaml"
    around = text().replace("  us-gcp-1:\n", "\n  # Of us-gcp-1,\n  # both lines.\n  us-gcp-1:\n", 1)
    around = around.replace("  us-azure-1:\n", "    # Deeper: of us-gcp-1.\n\n  # Of us-azure-1.\n  us-azure-1:\n", 1)
    inventory.write_text(around)
    edited = Draft.of(load(inventory)).remove("us-gcp-1", date(2026, 11, 24)).texts[str(inventory)]
    begins = around.index("\n  # Of us-gcp-1")
    assert edited.startswith(around[:begins] + around[around.index("\n  # Of us-azure-1.") :])


def test_what_follows_a_text_of_many_lines_stands_behind_all_of_them(tmp_path: Path) -> None:
    inventory = tmp_path / "cells.yaml"
    routers = "routers:\n  us:\n    targets: [envoy]\n    clusters: [a, b]\n    client_ca: |\n"
    certificate = "      -----BEGIN CERTIFICATE-----\n      MIIB\n\n\n# the end\n"
    inventory.write_text(text({"routers": ...}) + routers + certificate)
    draft = removed(Draft.of(load(inventory)))
    draft.done()
    assert "      MIIB\ntombstones:\n  - {" in draft.texts[str(inventory)]
    assert draft.texts[str(inventory)].endswith("2026-11-24}\n\n\n# the end\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "tombstones:\n  - {name: us-k8s-1, id: 4, cidr: 10.0.48.0/20, removed: 2026-11-24}\n"),
        ("tombstones: []\n", "tombstones: [{name: us-k8s-1, id: 4, cidr: 10.0.48.0/20, removed: 2026-11-24}]\n"),
        (
            "tombstones: [{name: x, id: 99, removed: 2026-05-01}] # was\n",
            (
                "tombstones: [{name: x, id: 99, removed: 2026-05-01}, "
                "{name: us-k8s-1, id: 4, cidr: 10.0.48.0/20, removed: 2026-11-24}] # was\n"
            ),
        ),
        (
            "tombstones:\n- name: x # was\n  id: 99\n  removed: 2026-05-01\n",
            (
                "tombstones:\n- name: x # was\n  id: 99\n  removed: 2026-05-01\n"
                "- name: us-k8s-1\n  id: 4\n  cidr: 10.0.48.0/20\n  removed: 2026-11-24\n"
            ),
        ),
        (
            "tombstones: [\n  {name: x, id: 99, removed: 2026-05-01}, # was\n]\n",
            (
                "tombstones: [\n  {name: x, id: 99, removed: 2026-05-01}, # was\n"
                "  {name: us-k8s-1, id: 4, cidr: 10.0.48.0/20, removed: 2026-11-24},\n]\n"
            ),
        ),
    ],
)
def test_a_tombstone_is_put_behind_the_others(before: str, after: str, tmp_path: Path) -> None:
    inventory = tmp_path / "cells.yaml"
    inventory.write_text(text() + before)
    draft = Draft.of(load(inventory)).remove("us-k8s-1", date(2026, 11, 24))
    draft.done()
    assert draft.texts[str(inventory)].endswith(after)


def test_a_cell_of_an_included_file_is_edited_there(tmp_path: Path) -> None:
    inventory, own = tmp_path / "cells.yaml", tmp_path / "cells" / "us.yaml"
    whole = document()
    own.parent.mkdir()
    own.write_text(yaml.safe_dump({"cells": {"us-k8s-1": whole["cells"].pop("us-k8s-1")}}, sort_keys=False))
    inventory.write_text("include: [cells/*.yaml]\ndefaults: {pod_cidr: 100.64.0.0/14}\n" + yaml.safe_dump(whole))
    draft = kubernetes(Draft.of(load(inventory)))
    draft.done()
    assert [*draft.texts] == [str(own)]
    emptied = removed(Draft.of(load(inventory)))
    emptied.done()
    assert emptied.texts[str(own)] == "cells: {}\n"
    assert [*emptied.texts] == [str(inventory), str(own)], "its tombstone is there before it is gone"


def test_a_comment_behind_what_is_taken_out_of_a_line_stays_one() -> None:
    text = "cells: {a: {id: 1},b: {id: 2}, # of b\n  c: {id: 3}}\n"
    root = parsed(text)
    left = applied(text, remove_value(text, root, ("cells", "b")))
    assert left == "cells: {a: {id: 1}, # of b\n  c: {id: 3}}\n"


def test_a_copy_is_put_before_the_bracket_that_closes_behind_a_comma() -> None:
    text = "cells: {\n  a: {id: 1},\n  b: {id: 2}, }\n"
    edit = copied(text, parsed(text), "b", "c", {("id",): 3}, (), ())
    assert applied(text, [edit]) == "cells: {\n  a: {id: 1},\n  b: {id: 2},\n  c: {id: 3}, }\n"


def test_an_anchor_that_nobody_repeats_is_in_nobodys_way(tmp_path: Path) -> None:
    inventory = tmp_path / "cells.yaml"
    inventory.write_text(text().replace("us-gcp-1:\n", "us-gcp-1: &this\n", 1))
    draft = a_state(Draft.of(load(inventory)))
    draft.done()
    assert "us-gcp-1: &this\n" in draft.texts[str(inventory)]


@pytest.mark.parametrize("written", ["&this", "&this # this one", "&this  # this one", "# this one"])
def test_a_copy_has_neither_the_anchor_nor_the_comment_behind_the_name(written: str, tmp_path: Path) -> None:
    inventory = tmp_path / "cells.yaml"
    inventory.write_text(text().replace("us-aws-1:\n", f"us-aws-1: {written}\n", 1))
    copied = another(Draft.of(load(inventory)))
    copied.done()
    assert copied.texts[str(inventory)].count("this") == inventory.read_text().count("this")


def test_what_others_repeat_is_not_edited(tmp_path: Path) -> None:
    inventory = tmp_path / "cells.yaml"
    shared = text().replace("state: active", "state: &live active", 1).replace("state: active", "state: *live", 1)
    inventory.write_text(shared)
    fleet = load(inventory)
    with pytest.raises(Failure, match=r"cells\.yaml:\d+:\d+: cells\.us-aws-1\.state has the anchor &live"):
        Draft.of(fleet).state("us-aws-1", State.CORDONED)
    with pytest.raises(Failure, match=r"cells\.us-gcp-1\.state is the alias \*live"):
        Draft.of(fleet).state("us-gcp-1", State.CORDONED)
    copied = another(Draft.of(fleet))  # a copy is nobody else's
    copied.done()
    assert copied.texts[str(inventory)].count("&live") == 1


def test_what_one_parser_alone_can_read_is_not_edited(tmp_path: Path) -> None:
    inventory = tmp_path / "cells.yaml"
    inventory.write_text(text() + "\t# a tab starts this line\n")
    with pytest.raises(Failure, match=r"cells\.yaml:\d+:1: not every YAML parser can read this"):
        a_state(Draft.of(load(inventory)))
