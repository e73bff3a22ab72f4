"""Where other programs find a file or a rule: by its path in the repository, and its page on the web."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from cellfleet.inventory.finding import DOCS


def in_repository(file: str) -> str:
    """The path of a file in its repository, with forward slashes; the file's own where it is in none."""
    path = Path(os.path.abspath(file))  # noqa: PTH100 (`resolve` would leave the repository by a link)
    for root in (_repository(path.parent), Path.cwd()):
        if root is not None and path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return path.as_posix()


def page_of(rule: str) -> str:
    """The address of a rule's page, where GitHub Actions tells what repository this is and it has the page; or
    nothing."""
    server, name, commit = (os.environ.get(f"GITHUB_{part}", "") for part in ("SERVER_URL", "REPOSITORY", "SHA"))
    root = _repository(Path.cwd())
    if not (server and name and commit and root and (root / DOCS).is_file()):
        return ""
    return f"{server}/{name}/blob/{commit}/{DOCS}#{rule.lower()}"


@cache
def _repository(folder: Path) -> Path | None:
    """The nearest folder around that a checkout starts at; in another work tree of one `.git` is a file."""
    return next((around for around in (folder, *folder.parents) if (around / ".git").exists()), None)
