"""The further files that an inventory includes: more cells, so that teams own their own.

Nothing is overridden: a cell stands in one file, and an included file holds cells and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path as File
from typing import Any

from cellfleet.inventory import rules
from cellfleet.inventory.fault import Fault, Path, listed, seen
from cellfleet.inventory.source import Document, read


def included(
    inventory: File, patterns: Any, read: Callable[[File], Document] = read
) -> tuple[list[Document], list[Fault]]:
    """The files that `include:` names, in its order and then by name, and what is wrong with how it names them."""
    if patterns is None:
        return [], []
    if not isinstance(patterns, list):
        needed = "a list of file patterns, such as [cells/*.yaml]"
        return [], [Fault(rules.TYPE, ("include",), "`include` is not a list", seen(patterns), needed)]
    faults: list[Fault] = []
    files: dict[File, None] = {}
    for index, pattern in enumerate(patterns):
        where: Path = ("include", index)
        if not isinstance(pattern, str) or not pattern:
            faults.append(Fault(rules.TYPE, where, "a pattern is not text", seen(pattern), "such as cells/*.yaml"))
        elif File(pattern).is_absolute() or ".." in File(pattern).parts or "\0" in pattern:
            # A pull request from a fork must not be able to have a runner's other files shown in a log.
            limit = "files in the inventory's own folder and below"
            faults.append(Fault(rules.INCLUDE, where, "the pattern leads elsewhere", seen(pattern), limit))
        elif matches := _matching(inventory, pattern):
            files |= dict.fromkeys(matches)
        else:
            remedy = "create the file, or remove the pattern"
            faults.append(Fault(rules.INCLUDE, where, "no file matches the pattern", seen(pattern), remedy=remedy))
    return [read(file) for file in files], faults


def _matching(inventory: File, pattern: str) -> list[File]:
    folder = inventory.parent
    top = folder.resolve()
    return [
        file
        for file in sorted(folder.glob(pattern))
        if file != inventory and not file.is_dir() and file.resolve().is_relative_to(top)
    ]


def combined(
    main: Mapping[str, Any], documents: Sequence[Document]
) -> tuple[Any, dict[str, Document], list[tuple[Document, Fault]]]:
    """The cells of all files, the document of each included cell, and what is wrong in an included file."""
    cells = main.get("cells")
    if not documents or not isinstance(cells, dict | None):
        return cells, {}, []
    every: dict[Any, Any] = dict(cells or {})
    owners: dict[str, Document] = {}
    faults: list[tuple[Document, Fault]] = []
    for document in documents:
        content = document.content or {}
        faults += [(document, fault) for fault in _only_cells(content)]
        for name, cell in content["cells"].items() if isinstance(content.get("cells"), dict) else ():
            if name in every:
                first = owners[str(name)].file if str(name) in owners else "the inventory itself"
                message = f"the cell `{name}` stands in {first} too"
                fault = Fault(rules.DUPLICATE, ("cells", name), message, limit="each cell once", at_key=True)
                faults.append((document, fault))
            else:
                every[name], owners[str(name)] = cell, document
    return every, owners, faults


def _only_cells(content: Mapping[Any, Any]) -> Iterator[Fault]:
    for key in content:
        if key != "cells":
            limit = "`cells:` alone"
            yield Fault(rules.INCLUDE, (key,), f"`{key}` cannot stand in an included file", "", limit, at_key=True)
    if content and not isinstance(content.get("cells", {}), dict):
        yield Fault(rules.TYPE, ("cells",), "`cells` is not a mapping", seen(content["cells"]), "cells by their names")
    if content and "cells" not in content:
        yield Fault(rules.INCLUDE, (), "the file has no cells", listed(content), "`cells:` alone")
