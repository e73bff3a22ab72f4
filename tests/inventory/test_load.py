"""What is wrong with an inventory is said all at once, each with its place, and never with a stack trace."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cellfleet.inventory.finding import Finding, Invalid, Location
from cellfleet.inventory.load import load
from cellfleet.inventory.locate import locate
from tests.fleets import fleet, pointed_at, text


def findings(folder: Path, content: str | bytes) -> tuple[Finding, ...]:
    """What is wrong with an inventory of this content; nothing where it loads."""
    file = folder / "cells.yaml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    try:
        load(file)
    except Invalid as invalid:
        return invalid.findings
    return ()


def test_the_fleet_is_what_the_file_says(tmp_path: Path) -> None:
    (tmp_path / "cells.yaml").write_text(text())
    assert load(tmp_path / "cells.yaml").model_dump() == fleet().model_dump()


SERVICE = "{image: registry.acme.io/data, port: 8082, health: /}"
PLACE = "[{provider: aws, region: eastus2}]"


def routed(pattern: str, end: str = "service: web") -> tuple[str, str]:
    """A change by which the inventory has one route."""
    return "\nroutes:\n", f"\nroutes:\n- {{{pattern}, {end}}}\n"


# In a text that nothing is wrong with, one thing is replaced by another: then this is found, there, in these words.
BREAKS = [
    # rule, what stood there, what stands there now, underlined, said
    ("INV-02", "  name: acme", "  name: acme: corp", ":", "mapping values are not allowed in this context"),
    ("INV-02", "  name: acme", "\tname: acme", "n", "a tab indents this line"),
    ("INV-02", "  name: acme", "  name: [acme", "[", "the [ that opens here is not closed"),
    ("INV-02", "  name: acme", "  name: 'acme", "'", "the quote that opens here is not closed"),
    ("INV-02", "  name: acme", "  name: *acme", "*", "while parsing node, found unknown anchor"),
    ("INV-02", "  name: acme", "  name: ac\x1bme", "\x1b", "the control character U+001B stands here"),
    ("INV-02", "version: 1", "version: 1\n---\nversion: 1", "---", "a second document starts here"),
    ("INV-03", "    id: 1\n", "    id: 1\n    id: 7\n", "id", "`id` stands twice in cells.us-aws-1, first on line"),
    ("INV-04", "    ring: broad\n    state", "    rong: broad\n    state", "rong", "cells.us-aws-1 has no key `rong`"),
    ("INV-04", "version: 1", "version: 1\nversoin: 1", "versoin", "an inventory has no key `versoin`"),
    ("INV-04", "version: 1\nfleet:", "version: 1\nsettings:", "settings", "an inventory has no key `settings`"),
    ("INV-04", "    id: 1\n", "    id: 1\n    name: x\n", "name", "cells.us-aws-1 has no key `name`"),
    ("INV-05", "    region: us-west-2\n", "", "us-aws-1", "cells.us-aws-1 has no `region`"),
    ("INV-05", "  pod_cidr: 100.64.0.0/14", "  tenancy: shared", "us-aws-1", "cells.us-aws-1 has no `pod_cidr`"),
    ("INV-06", "    id: 1\n", '    id: "1"\n', '"1"', "`id` is not a whole number"),
    ("INV-06", "release: 26.12.0", "release: 26.12", "26.12", "`release` is not text"),
    ("INV-06", "monthly_cost_usd: 4200", "monthly_cost_usd: .inf", ".inf", "`monthly_cost_usd` is not a finite number"),
    ("INV-06", "needed_at_run_time: true", "needed_at_run_time: 1", "1", "`needed_at_run_time` is not true or false"),
    ("INV-07", "cidr: 10.0.0.0/20", "cidr: 10.0.0.1/20", "10.0.0.1/20", "`cidr` is not of the right form"),
    ("INV-07", "cidr: 10.0.0.0/20", "cidr: 10.0.0.0/33", "10.0.0.0/33", "`cidr` is not of the right form"),
    ("INV-07", "state: active", "state: actve", "actve", "`state` has a value that it cannot have"),
    ("INV-07", "  us-aws-1:\n", "  us_aws:\n", "us_aws", "`us_aws` cannot be a name here"),
    ("INV-07", "retention_days: 35", "retention_days: 36", "36", "`retention_days` is out of bounds"),
    ("INV-08", "- us-west-2b", "- no", "no", "`no` is text to YAML 1.2 and false to YAML 1.1"),
    ("INV-08", "    id: 1\n", "    id: 010\n", "010", "`010` is the number 10 to YAML 1.2 and 8 to YAML 1.1"),
    ("INV-08", "bake_minutes: 60", "bake_minutes: 12:30", "12:30", "`12:30` is text to YAML 1.2"),
    ("INV-08", "monthly_cost_usd: 4200", "monthly_cost_usd: 4_200", "4_200", "`4_200` is text to YAML 1.2"),
    ("INV-08", "monthly_cost_usd: 4200", "monthly_cost_usd: 4e3", "4e3", "`4e3` is a number to YAML 1.2 and text"),
    ("INV-08", "bake_minutes: 60", f"bake_minutes: {10**400}", str(10**400), f"`{10**400}` is a number of 401 digits"),
    ("INV-09", "    id: 1\n", "    id: 1\n    <<: {ring: broad}\n", "<<", "a merge key (<<) stands here"),
    ("INV-09", "  name: acme", "  name: !secret acme", "!secret acme", "the tag !secret stands before a value"),
    ("INV-10", "class: small", "class: smal", "smal", "`class` names a class that is not declared"),
    ("INV-10", "ring: broad", "ring: early", "early", "`ring` names a ring that is not declared"),
    ("INV-10", "locality: us", "locality: uk", "uk", "`locality` names a locality that is not declared"),
    ("INV-10", "new_tenants: us-aws-1", "new_tenants: us-aws-9", "us-aws-9", "`new_tenants` names a cell that"),
    ("INV-10", "      ingest: 3", "      ingest: 3\n      wbe: 1", "wbe", "`classes.small.replicas` names a"),
    ("INV-10", "    aws:\n", "    kubernetes:\n", "aws", "`provider` names a control account"),
    ("INV-10", "    id: 1\n", "    id: 1\n    restores: us-old\n", "us-old", "`restores` names a tombstone"),
    ("INV-10", "\nrouters:\n  us:", "\nrouters:\n  uk:", "uk", "`routers` names a locality that is not declared"),
    ("INV-11", "    id: 2\n", "    id: 1\n", "1", "cells.us-aws-1 has the same id"),
    ("INV-11", "  - name: broad", "  - name: canary", "canary", "fleet.rings[0] has the same name"),
    ("INV-12", "account: '111111111111'", "account: '11111111111'", "'11111111111'", "`account` is none of aws's"),
    ("INV-12", "account: acme-us-gcp-1", "account: Acme", "Acme", "`account` is none of gcp's"),
    ("INV-13", "routers:\n  us:", f"routers:\n  us:\n    places: {PLACE}", "eastus2", "aws has no region"),
    ("INV-13", "region: us-west-2\n", "region: us-wset-2\n", "us-wset-2", "aws has no region of that name"),
    ("INV-13", "      region: us-east4", "      region: us-east-4", "us-east-4", "gcp has no region of that name"),
    ("INV-14", "- us-west-2b", "- us-east-1b", "us-east-1b", "`us-east-1b` is not a zone of us-west-2"),
    ("INV-14", "- us-west-2b", "- us-west-2a", "us-west-2a", "the zone stands twice"),
    ("INV-15", "cidr: 10.0.0.0/20", "cidr: 10.0.0.0/21", "10.0.0.0/21", "the range is too small for a cell on a cloud"),
    ("INV-16", "    country: US\n", "", "us-k8s-1", "cells.us-k8s-1 has no `country`"),
    ("INV-16", "    id: 1\n", "    id: 1\n    country: US\n", "country", "`country` does not belong here"),
    ("INV-16", "    id: 1\n", "    id: 1\n    isolation: soft\n", "soft", "a cell on aws cannot be soft"),
    ("INV-17", "      ingest: 3\n", "", "replicas", "classes.small.replicas lacks `ingest`"),
    ("INV-18", "    id: 1\n", "    id: 1\n    id_ranges: [[9, 1]]\n", "[", "the range ends before it starts"),
    ("INV-19", "version: 1", "version: 1\ninclude: [cells/*.yaml]", "cells/*.yaml", "no file matches the pattern"),
    ("INV-19", "version: 1", "version: 1\ninclude: [../*.yaml]", "../*.yaml", "the pattern leads elsewhere"),
    ("INV-20", "\nroutes:\n", "\nroutes:\n- {host: a.acme.io}\n", "{", "the route has neither a service nor"),
    ("INV-21", *routed('host: "{tennant}.acme.io"'), '"{tennant}.acme.io"', "`host` cannot be read: it has a pl"),
    ("INV-21", *routed('host: "us.{tenant}.acme.io"'), '"us.{tenant}.acme.io"', "`host` cannot be read: a later la"),
    ("INV-21", *routed('host: "{tenant}"'), '"{tenant}"', "`host` cannot be read: it is no host"),
    ("INV-21", *routed('host: "A.acme.io"'), '"A.acme.io"', "`host` cannot be read: it is no host"),
    ("INV-21", *routed('host: a.acme.io, path: "/a//b"'), '"/a//b"', "`path` cannot be read: a segment is none"),
    ("INV-21", *routed('host: a.acme.io, path: "/*/b"'), '"/*/b"', "`path` cannot be read: a `*` stands within it"),
    ("INV-21", *routed('host: a.acme.io, path: "/{cell"'), '"/{cell"', "`path` cannot be read: a brace has no other"),
    ("INV-21", *routed('host: a.acme.io, query: {org: "x{tenant}"}'), '"x{tenant}"', "`org` cannot be read: te"),
    ("INV-21", *routed('host: a.acme.io, headers: {x_org: a}'), "x_org", "the header's name is none that a route"),
    ("INV-21", *routed('host: a.acme.io, headers: {X-Cellfleet-Cell: a}'), "X-Cellfleet-Cell", "the header's name"),
    ("INV-21", *routed('host: a.acme.io, query: {"a b": c}'), '"a b"', "the query parameter's name is none"),
    ("INV-21", *routed('host: "{cell}.acme.io", path: "/{tenant}"'), "{", "the route names a tenant or a"),
    ("INV-21", *routed('host: "{tenant}.acme.io"', 'redirect: "{cell}.acme.io"'), '"{cell}.acme.io"', "`redirect`"),
    ("INV-21", *routed("host: acme.io", 'redirect: "{locality}.acme.io"'), '"{locality}.acme.io"', "`redirect` sa"),
    ("INV-23", "\nservices:\n", f"\nservices:\n  cert-manager: {SERVICE}\n", "cert-manager", "each cell has a part"),
    ("INV-23", "\nservices:\n", f"\nservices:\n  data: {SERVICE}\n", "data", "each cell has a part of its own that is"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "before", "after", "under", "said"), BREAKS, ids=[f"{b[0]}-{b[2].strip()}" for b in BREAKS]
)
def test_each_fault_is_found_where_it_stands(
    tmp_path: Path, rule: str, before: str, after: str, under: str, said: str
) -> None:
    whole = text()
    assert before in whole
    broken = whole.replace(before, after, 1)
    found = [finding for finding in findings(tmp_path, broken) if finding.rule == rule]
    assert [finding.message for finding in found if finding.message.startswith(said)], found
    first = next(finding for finding in found if finding.message.startswith(said))
    assert pointed_at(first.location) == under
    assert first.remedy


def test_what_begins_below_its_key_is_shown_by_its_key(tmp_path: Path) -> None:
    (tmp_path / "cells.yaml").write_text(text())
    fleet = load(tmp_path / "cells.yaml")
    shown = ("cells.us-aws-1.zones", "cells.us-aws-1.backup", "routers.us", "cells.us-aws-1.zones[1]")
    assert [pointed_at(locate(fleet, path)) for path in shown] == ["zones", "backup", "us", "us-west-2b"]


MEANT = [
    ("region: us-west-2\n", "region: us-wset-2\n", "did you mean us-west-2?"),
    ("class: small", "class: Small", "did you mean small?"),
    ("    ring: broad\n    state", "    rong: broad\n    state", "did you mean ring?"),
    ("state: active", "state: actve", "did you mean active?"),
    ("- us-west-2b", "- us-west-22b", "did you mean us-west-2b?"),
    ("    id: 1\n", '    id: "1"\n', "write 1 without quotes"),
    ("release: 26.12.0", "release: 26.12", "put it in quotes"),
    ("needed_at_run_time: true", "needed_at_run_time: 'yes'", "write true, without quotes"),
    ("    region: us-west-2\n", "", "add `region: us-west-2`, here or for all cells under `defaults:`"),
]


@pytest.mark.parametrize(("before", "after", "remedy"), MEANT, ids=[meant[2] for meant in MEANT])
def test_a_finding_says_what_was_probably_meant(tmp_path: Path, before: str, after: str, remedy: str) -> None:
    assert remedy in [finding.remedy for finding in findings(tmp_path, text().replace(before, after, 1))]


def test_everything_is_found_in_one_run_and_sorted_by_place(tmp_path: Path) -> None:
    broken = text()
    one_of_each = {rule: (before, after) for rule, before, after, _, _ in BREAKS if rule != "INV-02"}
    for before, after in one_of_each.values():
        assert before in broken
        broken = broken.replace(before, after, 1)
    found = findings(tmp_path, broken)
    assert {finding.rule for finding in found} == {*one_of_each}
    assert [*found] == sorted(found, key=lambda finding: finding.location)


# What no parser, or nobody at all, could understand: one finding each.
NOT_YAML: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "", "it is empty"),
    "a comment alone": (b"# nothing yet\n", "", "it is empty"),
    "a list": (b"- a\n- b\n", "1:1", "an inventory is a mapping, with keys such as version:, fleet: and cells:"),
    "prose": (b"Dear all,\n", "1:1", "an inventory is a mapping, with keys such as version:, fleet: and cells:"),
    "Latin-1": ("version: 1\nowner: M\xfcller\n".encode("latin-1"), "2:9", "the byte 0xfc is not UTF-8"),
    "UTF-16": ("version: 1".encode("utf-16"), "1:1", "the byte 0xff is not UTF-8"),
    "binary": (b"\x7fELF\x02\x01", "1:1", "the control character U+007F stands here"),
    "NUL": (b"version: 1\0", "1:11", "the control character U+0000 stands here"),
    "brackets": (b"[" * 10_000_000, "1:256", "it is nested too deep"),
    "lists in lists": (b"- " * 500_000, "1:100", "it is nested too deep"),
    "keys in keys": (b"? " * 500_000, "1:100", "it is nested too deep"),
    "a staircase": (b"".join(b" " * depth + b"a:\n" for depth in range(4_000)), "101:100", "it is nested too deep"),
    "a long list": (b"a: [" + b"x," * 5_000_000 + b"]", "", "it holds too many values"),
    "a bomb": (
        b"a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + b"".join(b"%c: &%c [%s]\n" % (c, c, b",".join([b"*%c" % (c - 1)] * 10)) for c in b"bcdefghi"),
        "",
        "its anchors and aliases unfold to too much",
    ),
    "a chain of aliases": (
        b"k0: &k0 [x]\n" + b"".join(b"k%d: &k%d [*k%d]\n" % (i, i, i - 1) for i in range(1, 30_000)),
        "",
        "its anchors and aliases unfold to too much",
    ),
    "an alias within itself": (b"version: &v [*v]\n", "1:14", "*v stands inside of what it refers to"),
}


@pytest.mark.parametrize(("content", "place", "said"), NOT_YAML.values(), ids=NOT_YAML)
def test_what_is_no_inventory_ends_in_a_sentence(tmp_path: Path, content: bytes, place: str, said: str) -> None:
    where = str(tmp_path / "cells.yaml") + (place and f":{place}")
    assert (where, said) in [(str(finding.location), finding.message) for finding in findings(tmp_path, content)]


def test_a_hundred_megabytes_of_brackets_take_little_memory(tmp_path: Path) -> None:
    (tmp_path / "cells.yaml").write_bytes(b"[" * 100_000_000)
    said = (
        "import resource, sys\nfrom pathlib import Path\nfrom cellfleet.inventory.load import load\n"
        "from cellfleet.inventory.finding import Invalid\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: load(Path(sys.argv[1]))\nexcept Invalid as invalid: print(invalid.findings[0].message)\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)"
    )
    arguments = [sys.executable, "-c", said, str(tmp_path / "cells.yaml")]
    message, mebibytes = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout.splitlines()
    assert message == "it is too big to be an inventory"
    assert int(mebibytes) < 64


UNREADABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda _: None, "there is no such file"),
    "a folder": (lambda file: file.mkdir(), "it is a folder, not a file"),
    "a loop of links": (lambda file: file.symlink_to(file), "it cannot be read: Too many levels of symbolic links"),
    "a dangling link": (lambda file: file.symlink_to("nowhere"), "there is no such file"),
}


@pytest.mark.parametrize(("make", "said"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read(tmp_path: Path, make: Callable[[Path], object], said: str) -> None:
    make(tmp_path / "cells.yaml")
    with pytest.raises(Invalid) as caught:
        load(tmp_path / "cells.yaml")
    assert [(finding.rule, finding.message) for finding in caught.value.findings] == [("INV-01", said)]


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    file = tmp_path / "cells.yaml"
    file.touch(mode=0)
    if os.geteuid() == 0:  # root may read that one, but not what the kernel only takes orders by
        file = Path("/proc/sys/vm/compact_memory")
    with pytest.raises(Invalid) as caught:
        load(file)
    assert caught.value.findings[0].message == "it may not be read by this user"


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("fenced: false # or no", False),
        ("fenced: false\n    # it's no", False),
        ("labels: {a: 'x # y', b: no}", True),
        ('labels: {a: "x\n      # y", b: no}', True),
        ("labels: {a: x#y, b: no}", True),
        ("fenced: no # yet", True),
    ],
)
def test_words_in_comments_are_not_ambiguous(tmp_path: Path, written: str, found: bool) -> None:
    content = text().replace("    labels:\n      team: ctrl\n", f"    {written}\n", 1)
    assert ("INV-08" in {finding.rule for finding in findings(tmp_path, content)}) is found


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(tmp_path: Path) -> None:
    (tmp_path / "cells.yaml").write_bytes(b"\xef\xbb\xbf" + text().replace("\n", "\r\n").encode())
    fleet = load(tmp_path / "cells.yaml")
    assert locate(fleet, "version") == Location(str(tmp_path / "cells.yaml"), 1, 10, 1)
    assert locate(fleet, "fleet.name").line == 3
