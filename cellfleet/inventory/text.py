"""What only the text of a document shows, and its parsed content does not.

YAML 1.1 and 1.2 read some plain words differently, and readers of one version differ on merge keys and tags. A file
that other tools read too has none of them. A regular expression looks for suspects in a few milliseconds; only where
it finds one are the text's events walked through.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Final

from cellfleet.inventory import rules
from cellfleet.inventory.fault import dotted
from cellfleet.inventory.finding import Finding, Rule
from cellfleet.inventory.source import Document, finding

if TYPE_CHECKING:
    from cellfleet.inventory.position import Seen

_WORDS: Final = "y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF"
_NUMBERS: Final = (
    r"[-+]?(?:0[0-9_]+(?:\.[0-9_]*)?|0o[0-7_]+|0b[01_]+|0x[0-9A-Fa-f_]+"  # 010, 08, 0o10, 0b11, 0x1f
    r"|[0-9]*_[0-9_]*(?:\.[0-9_]*)?|[0-9]+\.[0-9]*_[0-9_]*"  # 1_000
    r"|[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9]*)?"  # 12:30
    r"|[0-9]{20,}"  # more than 64 bits hold
    r"|[0-9]+[eE][-+]?[0-9]+|[0-9]*\.[0-9]*[eE][0-9]+)"  # 1e3, 1.5e3: numbers to YAML 1.2 alone
)
AMBIGUOUS: Final = re.compile(f"(?:{_WORDS}|{_NUMBERS})")
"""What the two versions of YAML read differently where no quotes are around it."""
_SUSPECT: Final = re.compile(  # where a plain value may start, one that may be ambiguous, and its end
    rf"[\s\[{{,](?=[!&<yYnNoO0-9+._-])(?:[!&]|<<\s*:|(?:{_WORDS}|{_NUMBERS})(?![^\s,\]}}:]))"
)
_COMMENT: Final = re.compile(r"""(?:[^'"\r]*\s)?\#(?:[^'"\r]|(?<=\w)'(?=\w))*""")
"""A line up to somewhere in a comment. Where a quote stands in it, other than an apostrophe, it may be none."""


def unclear(document: Document) -> Iterator[Finding]:
    """What readers of the document would disagree on, and keys that stand twice, in the order of the text."""
    if not document.duplicates and not _is_suspect(f"\n{document.text}"):
        return
    from cellfleet.inventory.position import walk

    anchors: list[tuple[str, int]] = []  # those whose value the walk is inside of, with its depth
    for seen in walk(document.text):
        anchors = [(anchor, depth) for anchor, depth in anchors if depth < len(seen.path)]
        for rule, message in _unclear(document, seen, {anchor for anchor, _ in anchors}):
            yield finding(rule, document.lines.of(seen.event), message, subject=dotted(seen.path))
        if seen.anchor and not seen.is_alias:
            anchors.append((seen.anchor, len(seen.path)))


def _is_suspect(text: str) -> bool:
    """Whether something that may be unclear stands outside of comments."""
    for match in _SUSPECT.finditer(text):
        value = match.start() + 1
        if _COMMENT.fullmatch(text, text.rfind("\n", 0, value) + 1, value) is None:
            return True
    return False


def _unclear(document: Document, seen: Seen, anchors: Collection[str]) -> Iterator[tuple[Rule, str]]:
    """What is unclear about one key or value; `anchors` are those of what it stands in."""
    if seen.earlier is not None:
        first = document.lines.of(seen.earlier).line
        around = dotted(seen.path[:-1]) or "the file"
        yield rules.DUPLICATE_KEY, f"`{seen.event.value}` stands twice in {around}, first on line {first}"
    if seen.is_alias and seen.anchor in anchors:
        yield rules.SYNTAX, f"*{seen.anchor} stands inside of what it refers to"
    if seen.tag:
        yield rules.UNREADABLE_YAML, f"the tag {seen.tag} stands before a value"
    if seen.is_key and seen.plain == "<<":
        yield rules.UNREADABLE_YAML, "a merge key (<<) stands here"
    if seen.plain is not None and AMBIGUOUS.fullmatch(seen.plain):
        yield rules.AMBIGUOUS, f"`{seen.plain}` is {_readings(seen.plain)}"


def _readings(text: str) -> str:
    """How the two versions read a plain word or number; YAML 1.1 as https://yaml.org/type/ has it, 1.2 by its core
    schema."""
    if text[0].isalpha():
        means = "true" if text.lower() in ("y", "yes", "on") else "false"
        return f"text to YAML 1.2 and {means} to YAML 1.1"
    if ":" in text:
        return "text to YAML 1.2 and a number in base 60 to YAML 1.1"
    bare = text.lstrip("+-")
    if re.fullmatch("[1-9][0-9]{19,}", bare):
        return f"a number of {len(bare)} digits, which readers that hold 64 bits round or refuse"
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
