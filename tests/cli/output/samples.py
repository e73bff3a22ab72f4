"""Findings of every kind, and such as a stranger would like to be shown."""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from typing import Final

from hypothesis import strategies as st

from cellfleet.cli.output import Output, write
from cellfleet.inventory.finding import Finding, Location, Scope, Severity
from policies.catalogue import RULES

OVERLAP: Final = Finding(
    "ISO-04",
    Severity.ERROR,
    "cells.us-aws-2.cidr",
    Location("cells.yaml", 118, 11, 11),
    "it overlaps us-aws-1",
    "10.0.8.0/20",
    "nothing of 10.0.0.0/20",
    "give it 10.0.96.0/20, which is free",
    ("cells.us-aws-2", "cells.us-aws-1"),
)
PEERING: Final = Finding(
    "ISO-02",
    Severity.ERROR,
    "cells.us-aws-1",
    Location("cells.yaml", 100, 3, 8),
    "a peering joins its network to another",
    "vpc-0123",
    "none",
    "remove the peering",
    ("cells.us-aws-1",),
    "urn:pulumi:cell-us-aws-1::acme::aws:ec2/vpcPeeringConnection:VpcPeeringConnection::peering",
    waived="ctrl, until 2027-01-31: billing reads there",
)
ROUTES: Final = Finding(
    "RTE-07",
    Severity.WARNING,
    "routes[3].host",
    Location("cells.yaml", 210, 12, 20),
    "it and routes[5] match {tenant}.us.acme.io",
    remedy="let one match less",
)
WHOLE_FILE: Final = Finding("INV-57", Severity.NOTE, "tenants.csv", Location("tenants.csv"), "an alias has expired")
EVERY: Final = (PEERING, OVERLAP, ROUTES, WHOLE_FILE)


def written(output: Output, findings: Sequence[Finding], ran: Collection[Scope] = ()) -> str:
    """What a format makes of findings; no rule is judged but theirs, unless `ran` says so."""
    stream = io.StringIO()
    write(output, findings, {}, stream, ran=ran)
    return stream.getvalue()


_SCRAPS: Final = [
    *("\n", "\r", "\r\n", "\x1b[2J", "\x85", "\u2028", "\u202e", "\ud800", "\ufffe", "\0", "%0A", "%", " ", "\\"),
    *(
        "::error::x",
        "##[add-mask]x",
        ",line=1",
        "::",
        "]]>",
        "<!--",
        "</failure>",
        "&amp;",
        "<b>",
        "<script>",
        '"',
        "'",
    ),
    *("`", "``", "```\n", "|", "\n| a |", "~~~", "*", "_", "# x", "\n# x", "- x", "$a$", "&#64;", "[a](b)", "![a](b)"),
    *("[", "](", ")", "@octocat", "@acme/ctrl", "#12", "GH-12", "a@b.io", "https://evil.io", "www.evil.io", "{0}"),
]
HOSTILE: Final = st.lists(st.one_of(st.sampled_from(_SCRAPS), st.text(max_size=5)), max_size=6).map("".join)


@st.composite
def hostile(draw: st.DrawFn) -> Finding:
    """A finding all of whose texts are somebody's who wants to say something else."""
    place = Location(draw(HOSTILE) or "x", draw(st.integers(0, 5)), draw(st.integers(1, 5)), draw(st.integers(1, 5)))
    texts = [draw(HOSTILE) for _ in range(7)]
    return Finding(
        draw(st.sampled_from(sorted(RULES))),
        draw(st.sampled_from([*Severity])),
        texts[0],
        place,
        *texts[1:5],
        concerns=(draw(HOSTILE),),
        resource=texts[5],
        waived=draw(st.sampled_from(["", texts[6]])),
    )
