"""What is found of routing in a case: in all that its inventory makes, or in one target's files once they are edited.

    target: envoy                            # or synapse, dns, certificate: only its files are read
    locality: us                             # whose routers have them; not of dns, which is the whole fleet's
    edit: [{file: "map-*", find: "sglobex 2", replace: "sglobex 1"}]

The files are what `cellfleet render` writes, the pages that Synapse fetches among them; of `certificate` it is
certificate.json with the names that the routers' certificate has. `file` is a glob of names, `find` a regular
expression that has to be in one of them, and every place that matches is replaced. `text` instead of the two is all
that the file then holds, and with null there is no such file.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from cellfleet.inventory.finding import Finding
from cellfleet.routing.dns import DnsRecord, host_records
from cellfleet.routing.table import RoutingTable, routing_table
from policies.routing import names, records
from policies.routing.prove import emit, of_target, prove, synapse_pages
from policies.rule import Facts
from tests.routing.envoy.fleets import KEY

Files = dict[str, str]
CERTIFICATE: Final = "certificate.json"
RECORDS: Final = "records.json"


def proved(facts: Facts, case: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Everything that is wrong with the routing of a case, once its edits are made.

    Raises AssertionError where an edit changes nothing, or where something is wrong before it.
    """
    if "target" not in case:
        return prove(facts.fleet, facts.tenants, KEY).findings
    table = None if case["target"] == "dns" else routing_table(facts.fleet, case["locality"], facts.tenants, KEY)
    files = _files(facts, table, case["target"])
    before = _read(facts, table, case["target"], files)
    assert not before, [(one.rule, one.message) for one in before]
    return _read(facts, table, case["target"], edited(files, case.get("edit", ())))


def edited(files: Mapping[str, str], edits: Sequence[Mapping[str, Any]]) -> Files:
    """The files with the edits."""
    changed = dict(files)
    for edit in edits:
        chosen = fnmatch.filter(changed, edit["file"])
        assert chosen, f"there is no file {edit['file']}, only {', '.join(changed)}"
        count = 0
        for name in chosen:
            if "text" in edit:
                text, times = edit["text"], 1
            else:
                text, times = re.subn(edit["find"], edit["replace"], changed[name], flags=re.MULTILINE)
            count += times
            if text is None:
                del changed[name]
            else:
                changed[name] = text
        assert count, edit
    assert not edits or changed != files, edits
    return changed


def _files(facts: Facts, table: RoutingTable | None, target: str) -> Files:
    if table is None:
        return {RECORDS: json.dumps([asdict(record) for record in host_records(facts.fleet)], indent=2)}
    if target == "certificate":
        return {CERTIFICATE: json.dumps({"dnsNames": table.hosts}, indent=2)}
    assert target in ("envoy", "synapse"), target
    pages = synapse_pages(facts.fleet, table, facts.tenants) if target == "synapse" else {}
    return {**emit(target, table), **{name: page.decode() for name, page in pages.items()}}


def _read(facts: Facts, table: RoutingTable | None, target: str, files: Mapping[str, str]) -> tuple[Finding, ...]:
    """What is wrong with a target's files."""
    if table is None:
        some = [DnsRecord(**{**one, "values": tuple(one["values"])}) for one in json.loads(files[RECORDS])]
        return tuple(records.faults(facts.fleet, some))
    if target == "certificate":
        return tuple(names.uncertified(facts.fleet, table, tuple(json.loads(files[CERTIFICATE])["dnsNames"])))
    assert target in ("envoy", "synapse"), target
    pages = {name: text.encode() for name, text in files.items() if name.startswith("api/")}
    configured = {name: text for name, text in files.items() if name not in pages}
    return tuple(of_target(facts.fleet, table, facts.tenants, target, configured, pages))
