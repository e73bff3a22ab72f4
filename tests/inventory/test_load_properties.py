"""However an inventory is edited, it loads or says why not: no stack trace, places inside it, always the same."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cellfleet.cli.output.text import Source
from cellfleet.inventory.finding import Finding, Invalid
from cellfleet.inventory.load import load
from cellfleet.inventory.mismatch import keys_at
from cellfleet.inventory.rules import RULES
from tests.fleets import text

WHOLE = text()
TOKENS = WHOLE.replace(":", " ").replace("-", " ").split()
SCRAPS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["no", "010", "12:30", ".nan", "~", "[]", "{}", "*a", "&a ", "!x ", "<<: ", "\t", "|", ">", "? ", "- "]
    ),
    st.sampled_from(TOKENS),
    st.integers().map(str),
    st.floats().map(str),
)


@st.composite
def edited(draw: st.DrawFn) -> str:
    """The text with a stretch of it replaced by a scrap."""
    start = draw(st.integers(0, len(WHOLE)))
    length = draw(st.integers(0, 30))
    return WHOLE[:start] + draw(SCRAPS) + WHOLE[start + length :]


@st.composite
def value_replaced(draw: st.DrawFn) -> str:
    """The text with the value of one line replaced by something else that YAML can read."""
    lines = WHOLE.splitlines()
    number = draw(st.integers(0, len(lines) - 1))
    key, colon, _ = lines[number].partition(":")
    value = draw(st.one_of(SCRAPS, st.sampled_from(["{a: 1}", "[1, [2]]", "''", '"\\u202e"', "'" + "x" * 2_000 + "'"])))
    lines[number] = f"{key}{colon} {value}"
    return "\n".join(lines) + "\n"


def outcome(content: str) -> tuple[Finding, ...]:
    """What is found, in a file that is always called the same."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Path("cells.yaml").write_bytes(content.encode(errors="surrogatepass"))
        try:
            load(Path("cells.yaml"))
        except Invalid as invalid:
            for finding in invalid.findings:
                assert 0 <= finding.location.line <= len(Source("cells.yaml").lines)
                if finding.location.line:
                    line = Source("cells.yaml").lines[finding.location.line - 1]
                    assert 1 <= finding.location.column <= len(line) + 1
                    assert finding.location.column + finding.location.length <= max(len(line), 1) + 2
            return invalid.findings
    return ()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(edited(), value_replaced()))
def test_an_edited_inventory_loads_or_says_why_not(content: str) -> None:
    first = outcome(content)
    assert {finding.rule for finding in first} <= {*RULES}
    assert all(finding.message and finding.remedy for finding in first)
    assert outcome(content) == first


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_that_are_no_inventory_are_found_wanting(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    file = tmp_path_factory.mktemp("bytes") / "cells.yaml"
    file.write_bytes(content)
    with pytest.raises(Invalid):
        load(file)


def test_the_keys_that_are_offered_are_those_that_the_format_has() -> None:
    assert keys_at(("localities", "us")) == ["residency", "host", "new_tenants", "growth_per_month", "lead_time_days"]
    assert keys_at(("fleet", "rings", 0)) == ["name", "release", "bake_minutes", "max_parallel"]
    assert keys_at(("cells", "us-aws-1", "backup")) == ["region", "account", "retention_days"]
    assert keys_at(("cells",)) == []
