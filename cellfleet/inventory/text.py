"""What only the text of a document shows, and its parsed content does not.

YAML 1.1 and 1.2 read some plain words differently, and readers of one version differ on merge keys and tags. A file
that other tools read too has none of them. A regular expression looks for suspects in a few milliseconds; only where
it finds one are the text's events walked through.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any, Final

import yaml

from cellfleet.inventory import rules
from cellfleet.inventory.fault import dotted
from cellfleet.inventory.finding import Finding, Rule
from cellfleet.inventory.position import Seen, walk
from cellfleet.inventory.source import Document, finding

_WORDS: Final = "y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF"
_NUMBERS: Final = (
    r"[-+]?(?:0[0-9_]+(?:\.[0-9_]*)?|0o[0-7_]+|0b[01_]+|0x[0-9A-Fa-f_]+"  # 010, 08, 0o10, 0b11, 0x1f
    r"|[0-9]*_[0-9_]*(?:\.[0-9_]*)?|[0-9]+\.[0-9]*_[0-9_]*"  # 1_000
    r"|[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9]*)?"  # 12:30
    r"|[0-9]+[eE][-+]?[0-9]+|[0-9]*\.[0-9]*[eE][0-9]+)"  # 1e3, 1.5e3: numbers to YAML 1.2 alone
)
_AMBIGUOUS: Final = re.compile(f"(?:{_WORDS}|{_NUMBERS})")
_SUSPECT: Final = re.compile(  # where a plain value may start, one that may be ambiguous, and its end
    rf"[\s\[{{,](?=[!&<yYnNoO0-9+._-])(?:[!&]|<<\s*:|(?:{_WORDS}|{_NUMBERS})(?![^\s,\]}}:]))"
)


def unclear(document: Document) -> Iterator[Finding]:
    """What readers of the document would disagree on, and keys that stand twice, in the order of the text."""
    if not document.duplicates and _SUSPECT.search(f"\n{document.text}") is None:
        return
    anchors: list[tuple[str, int]] = []  # those whose value the walk is inside of, with its depth
    for seen in walk(document.text):
        anchors = [(anchor, depth) for anchor, depth in anchors if depth < len(seen.path)]
        for rule, message in _unclear(document, seen, {anchor for anchor, _ in anchors}):
            yield finding(rule, document.lines.of(seen.event), message, subject=dotted(seen.path))
        if not isinstance(seen.event, yaml.AliasEvent) and seen.event.anchor:
            anchors.append((seen.event.anchor, len(seen.path)))


def _unclear(document: Document, seen: Seen, anchors: Collection[str]) -> Iterator[tuple[Rule, str]]:
    """What is unclear about one key or value; `anchors` are those of what it stands in."""
    event = seen.event
    if seen.earlier is not None:
        first = document.lines.of(seen.earlier).line
        around = dotted(seen.path[:-1]) or "the file"
        yield rules.DUPLICATE_KEY, f"`{event.value}` stands twice in {around}, first on line {first}"
    match event:
        case yaml.AliasEvent():
            if event.anchor in anchors:
                yield rules.SYNTAX, f"*{event.anchor} stands inside of what it refers to"
        case _ if event.tag and not _is_plain(event):
            tag = event.tag.replace("tag:yaml.org,2002:", "!!", 1)
            yield rules.UNREADABLE_YAML, f"the tag {tag} stands before a value"
        case _ if _is_plain(event) and seen.is_key and event.value == "<<":
            yield rules.UNREADABLE_YAML, "a merge key (<<) stands here"
        case _ if _is_plain(event) and _AMBIGUOUS.fullmatch(event.value):
            yield rules.AMBIGUOUS, f"`{event.value}` is {_readings(event.value)}"


def _is_plain(event: Any) -> bool:
    return isinstance(event, yaml.ScalarEvent) and not event.style and bool(event.implicit[0])


def _readings(text: str) -> str:
    """How the two versions read a plain word or number; YAML 1.1 as https://yaml.org/type/ has it, 1.2 by its core
    schema."""
    if text[0].isalpha():
        means = "true" if text.lower() in ("y", "yes", "on") else "false"
        return f"text to YAML 1.2 and {means} to YAML 1.1"
    if ":" in text:
        return "text to YAML 1.2 and a number in base 60 to YAML 1.1"
    bare = text.lstrip("+-")
    if "_" in text:
        return "text to YAML 1.2 and a number to YAML 1.1"
    if "e" in bare.lower() and not bare.startswith("0x"):
        return "a number to YAML 1.2 and text to YAML 1.1"
    match bare[:2]:
        case "0o":
            return f"the number {int(bare, 8)} to YAML 1.2 and text to YAML 1.1"
        case "0b":
            return f"text to YAML 1.2 and the number {int(bare, 2)} to YAML 1.1"
        case "0x":
            return f"the number {int(bare, 16)} to both, but few people can read it"
        case _ if re.fullmatch("0[0-7]+", bare):
            return f"the number {int(bare)} to YAML 1.2 and {int(bare, 8)} to YAML 1.1, which takes it for octal"
        case _:
            return "a number to YAML 1.2 and text to YAML 1.1"
