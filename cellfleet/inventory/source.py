"""The files of an inventory: read, found to be one YAML document in UTF-8, and parsed.

Nothing here knows what the documents mean. A file is judged before it is handed to a parser, for a parser that
recurses dies of what nests deep enough, and takes the process with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml_rs

from cellfleet.inventory import rules
from cellfleet.inventory.finding import Finding, Location, Rule

if TYPE_CHECKING:
    from cellfleet.inventory.position import Lines

LARGEST: Final = 16 * 2**20
"""Bytes in one file: about 40,000 cells. More are split with `include`."""
MOST_VALUES: Final = 2_000_000
"""Values in one file, counted by what separates them; one takes up to 180 bytes of memory once parsed."""
DEEPEST_LINE: Final = 100
"""Characters of indentation, and of `- - ? -` that nest within one line: two a level, so no parser goes deeper than
that plus its own limit (255) on brackets."""
_ALIASES: Final = yaml_rs.AliasLimits(max_total_replayed_events=200_000, max_replay_stack_depth=16)
"""What anchors may unfold to: an alias bomb stops here, within 20 MB."""

_CONTROL_BYTES: Final = bytes(code for code in (*range(32), 127) if code not in b"\t\n\r")
_CONTROL: Final = re.compile(f"[{re.escape(_CONTROL_BYTES.decode())}\x80-\x84\x86-\x9f\ufffe\uffff]")
"""What YAML takes for no text (https://yaml.org/spec/1.2.2/#51-character-set)."""
_NESTING_AS_SPACE: Final = bytes.maketrans(b"\t?:-", b"    ")
_NESTING: Final = re.compile(rf"[ \t?:-]{{{DEEPEST_LINE}}}")
_LINE_END: Final = re.compile(r"\r\n|\n|\r")
_PLACE: Final = re.compile(r"at line (\d+), column (\d+)")
_SPLIT: Final = "split the cells over several files and name them under `include:`"


@dataclass(frozen=True)
class Document:
    """One file, as it was read."""

    file: str
    """As the user knows it: relative to the current folder where the inventory was named so."""
    text: str = ""
    content: Any = None
    """What the file holds; None where it could not be parsed."""
    findings: tuple[Finding, ...] = ()
    """What keeps the file from being understood at all, or what its author has to mend before anything else."""
    duplicates: bool = False
    """Whether some key stands twice in one mapping; `content` then has the last."""

    @cached_property
    def lines(self) -> Lines:
        """Where characters of the text stand. What tells places is imported only when something is to be pointed at."""
        from cellfleet.inventory.position import Lines

        return Lines(self.file, self.text)


def finding(
    rule: Rule, location: Location, message: str, *, subject: str = "", limit: str = "", remedy: str = ""
) -> Finding:
    """A finding about a text: about the file as a whole, where no path in it is the subject."""
    return Finding(
        rule.id, rule.severity, subject or location.file, location, message, "", limit, remedy or rule.remedy
    )


def read(path: Path) -> Document:
    """Read and parse one file. What is wrong with it is among the document's findings; nothing is raised."""
    file = str(path)
    try:
        raw = _bytes(path)
    except OSError as error:
        return _refused(file, _reason(error))
    except ValueError as error:  # a NUL in the path
        return _refused(file, f"it cannot be opened: {error}")
    return parse(file, raw)


def parse(file: str, raw: bytes) -> Document:
    """The document that a file's bytes are. What is wrong with it is among its findings; nothing is raised."""
    if len(raw) > LARGEST:
        return _refused(file, "it is too big to be an inventory", f"up to {LARGEST // 2**20} MiB a file", _SPLIT)
    if sum(map(raw.count, (b",", b"\n", b"\r"))) > MOST_VALUES:
        return _refused(file, "it holds too many values", f"up to {MOST_VALUES:,} a file", _SPLIT)
    try:
        text = raw.decode().removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")  # a byte order mark, which some editors write
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode()
        message = f"the byte 0x{raw[error.start]:02x} is not UTF-8"
        where = Document(file, before + "?").lines.at(len(before))
        return Document(file, findings=(finding(rules.FILE, where, message, remedy="save the file as UTF-8"),))
    document = Document(file, text)
    found = tuple(_unparsable(document, raw))
    return replace(document, findings=found) if found else _parse(document)


def _bytes(path: Path) -> bytes:
    """The file, or of one that is too big so much that it can be told; from a pipe too (`--inventory /dev/stdin`)."""
    with path.open("rb") as stream:
        return stream.read(LARGEST + 1)


def _refused(file: str, message: str, limit: str = "", remedy: str = "") -> Document:
    return Document(file, findings=(finding(rules.FILE, Location(file), message, limit=limit, remedy=remedy),))


def _reason(error: OSError) -> str:
    match error:
        case FileNotFoundError():
            return "there is no such file"
        case IsADirectoryError():
            return "it is a folder, not a file"
        case PermissionError():
            return "it may not be read by this user"
        case _:
            return f"it cannot be read: {error.strerror or error}"


def _unparsable(document: Document, raw: bytes) -> Iterator[Finding]:
    """What no parser is to be given. The whole of a big file is looked through in two milliseconds a megabyte."""
    suspect = len(raw.translate(None, _CONTROL_BYTES)) < len(raw) or not document.text.isascii()
    if suspect and (control := _CONTROL.search(document.text)):
        yield finding(
            rules.SYNTAX,
            document.lines.at(control.start()),
            f"the control character U+{ord(control[0]):04X} stands here",
            remedy="remove it; within double quotes it can be written as an escape",
        )
    if b" " * DEEPEST_LINE not in raw.translate(_NESTING_AS_SPACE):
        return
    for number, line in enumerate(_LINE_END.split(document.text), 1):
        if nesting := _NESTING.match(line):
            yield finding(
                rules.SYNTAX,
                document.lines.on(number, nesting.end()),
                "it is nested too deep",
                limit=f"up to {DEEPEST_LINE} characters of indentation",
            )
            return


def _parse(document: Document) -> Document:
    try:
        return _mapping(document, yaml_rs.loads(document.text, parse_datetime=False, alias_limits=_ALIASES))
    except yaml_rs.YAMLDecodeError as error:
        if not str(error).startswith("duplicate mapping key"):
            return replace(document, findings=(_syntax(document, str(error)),))
    try:
        content = yaml_rs.loads(
            document.text,
            parse_datetime=False,
            alias_limits=_ALIASES,
            duplicate_key_policy=yaml_rs.DuplicateKeyPolicy.LastWins,
        )
    except yaml_rs.YAMLDecodeError as error:
        return replace(document, findings=(_syntax(document, str(error)),))
    return _mapping(replace(document, duplicates=True), content)


def _mapping(document: Document, content: Any) -> Document:
    """The document with its content, which is to be one mapping."""
    if isinstance(content, dict):
        return replace(document, content=content)
    from cellfleet.inventory.position import second_document

    match content:
        case None:
            where, message = Location(document.file), "it is empty"
            remedy = "start from the example in README.md, with the line `version: 1`"
        case list() if second := second_document(document.text):
            where, message = document.lines.of(second), "a second document starts here"
            remedy = "keep one, or name further files under `include:`"
        case _:
            where = document.lines.at(len(document.text) - len(document.text.lstrip()))
            message = "an inventory is a mapping, with keys such as version:, fleet: and cells:"
            remedy = "name the inventory's own file"
    return replace(document, findings=(finding(rules.SYNTAX, where, message, remedy=remedy),))


def _syntax(document: Document, error: str) -> Finding:
    """The parser's own sentence, with what helps in the cases that its sentence does not explain."""
    from cellfleet.inventory.position import unclosed

    sentence = error.strip().splitlines()[-1].strip()
    place = _PLACE.search(error)
    where = document.lines.on(int(place[1]), int(place[2])) if place else Location(document.file)
    remedy = ""
    if "alias replay" in sentence or "alias expansion" in sentence:
        sentence, remedy = "its anchors and aliases unfold to too much", "write the values out"
    elif "recursion limit" in sentence:
        sentence = "it is nested too deep"
    elif "tabs disallowed" in sentence:
        sentence, remedy = "a tab indents this line", "indent with spaces"
    elif "unknown anchor" in sentence:
        remedy = "put a value that starts with * in quotes"
    elif opening := unclosed(document.text):
        where, remedy = document.lines.at(opening[0]), f"close it; the parser says: {sentence}"
        sentence = f"the {opening[1]} that opens here is not closed where it should be"
    elif "mapping values are not allowed" in sentence:
        remedy = 'put a value that holds ": " in quotes, and check the indentation of this line and the one above'
    return finding(rules.SYNTAX, where, sentence, remedy=remedy)
