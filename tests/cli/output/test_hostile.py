"""Whatever stands in an inventory, a format says it and nothing else."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as Xml

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from cellfleet.cli.output import Output, markdown
from cellfleet.cli.output.text import escaped
from cellfleet.inventory.finding import Finding
from tests.cli.output.samples import HOSTILE, hostile, written

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
OURS = {"heading", "bullet_list", "list_item", "paragraph", "strong", "inline", "text", "code_inline"}
"""What stands in a report for want of anybody's text."""


def tokens(text: str) -> list[Token]:
    """What a reader of Markdown sees."""
    return [
        one for block in READER.parse(text) for one in (block, *(block.children or ())) if one.content or one.nesting
    ]


@given(hostile())
def test_text_is_printable(finding: Finding) -> None:
    assert all(sign == "\n" or sign.isprintable() for sign in written(Output.TEXT, [finding]))


@given(hostile())
def test_json_gives_back_what_it_was_given(finding: Finding) -> None:
    (found,) = json.loads(written(Output.JSON, [finding]))["findings"]
    assert (found["message"], found["subject"], found["waived"]) == (finding.message, finding.subject, finding.waived)


@given(st.lists(hostile(), min_size=1, max_size=3))
def test_github_gets_one_command_a_finding(findings: list[Finding]) -> None:
    lines = re.split(r"\r\n|\r|\n", written(Output.GITHUB, findings).removesuffix("\n"))
    assert len(lines) == len(findings)
    for line in lines:
        # as GitHub's runner reads it: up to the second `::`, then by commas, then by the first `=`
        _, command, message = line.split("::", 2)
        name, _, rest = command.partition(" ")
        properties = dict(part.split("=", 1) for part in rest.split(","))
        assert name in ("error", "warning", "notice")
        assert {*properties} <= {"file", "line", "col", "endColumn", "title"}
        assert message.isprintable()


@given(hostile())
def test_sarif_has_no_placeholder_and_no_link(finding: Finding) -> None:
    document = json.loads(written(Output.SARIF, [finding]))
    (result,) = document["runs"][0]["results"]
    text = result["message"]["text"]
    assert not re.search(r"{[^{]", text.replace("{{", "").replace("}}", ""))
    assert "](" not in text
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch(r"(file:///)?[A-Za-z0-9._~/%-]+", uri)
    assert ("suppressions" in result) is bool(finding.waived)


@given(st.lists(hostile(), min_size=1, max_size=3))
def test_junit_is_xml_with_the_elements_of_its_own(findings: list[Finding]) -> None:
    text = written(Output.JUNIT, findings)
    assert text.isascii()
    tree = Xml.fromstring(text)
    assert {element.tag for element in tree.iter()} <= {
        *("testsuites", "testsuite", "testcase", "failure", "system-out")
    }
    told = "".join(tree.itertext())
    assert all(escaped(finding.message) in told for finding in findings)


@given(st.lists(hostile(), min_size=1, max_size=3))
def test_markdown_is_text_only(findings: list[Finding]) -> None:
    text = written(Output.MARKDOWN, findings)
    seen = tokens(text)
    assert {re.sub("_(open|close)$", "", one.type) for one in seen} <= OURS
    assert sum(one.type == "strong_open" for one in seen) == len(findings)
    for one in seen:
        if one.type == "text":
            assert not re.search(r"@\w|#\d|GH-\d", one.content, re.IGNORECASE)


@given(HOSTILE)
def test_markdown_shows_the_text_itself(text: str) -> None:
    shown = "".join(one.content for one in tokens(f"- seen: {markdown.plain(text)}") if one.type == "text")
    assert shown.replace("\N{ZERO WIDTH SPACE}", "").strip() == f"seen: {escaped(text)}".strip()
    assert not re.search(r"(?<!\\)://|www\.", markdown.plain(text), re.IGNORECASE)
    (span,) = (one for one in tokens(markdown.code(text)) if one.type == "code_inline")
    assert span.content.strip() == escaped(text).strip()


@given(st.lists(hostile(), min_size=1, max_size=3), st.integers(600, 5_000))
def test_markdown_stays_in_its_budget(findings: list[Finding], budget: int) -> None:
    assert len(markdown.composed(findings * 20, budget).encode()) <= budget
