"""What git knows of a folder: the commit where two lines of work parted, and the files of a commit.

Refs and names go to git as arguments and lines, never through a shell, and nothing of the checkout is changed.
"""

from __future__ import annotations

import os
import posixpath
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from cellfleet.cli import BAD_INVOCATION
from cellfleet.failure import Failure
from cellfleet.inventory.fault import similar

_ELSEWHERE: Final = frozenset(
    f"GIT_{name}"
    for name in ("DIR", "WORK_TREE", "INDEX_FILE", "COMMON_DIR", "OBJECT_DIRECTORY", "NAMESPACE", "PREFIX")
)
"""In a hook git names the repository that the hook is of, which need not be the folder's."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder inside a checkout. Paths are relative to it."""

    path: Path

    def parted(self, ref: str) -> str:
        """The commit at which HEAD and a ref parted.

        Raises Failure where git cannot tell.
        """
        inside = self._git("rev-parse", "--is-inside-work-tree")
        if inside.stdout.strip() != b"true":
            reason = inside.stderr.decode(errors="replace").partition("\n")[0].removeprefix("fatal: ")
            told = f": {reason}" if reason else ""
            raise _failure(f"{self.path.absolute()} is in no checkout that git can read{told}.", "Run this in one.")
        if self._commit("HEAD") is None:
            raise _failure("The repository has no commits yet.", "Commit the inventory first.")
        if (commit := None if ref.startswith("-") or "\0" in ref else self._commit(ref)) is None:
            names = self._git("for-each-ref", "--format=%(refname:short)").stdout.decode(errors="replace").split()
            hint = similar(ref, names)
            hint = f"D{hint[1:]}" if hint else "`git branch --all` shows the branches; fetch it if it is elsewhere."
            raise _failure(f"The repository has no ref {ref!r}.", hint)
        if not (parted := self._git("merge-base", commit, "HEAD").stdout.decode().strip()):
            message = f"{ref} and HEAD have no commit in common, as far as this clone knows."
            raise _failure(message, "Fetch the history: `git fetch --unshallow`; `fetch-depth: 0` where CI checks out.")
        return parted

    def day(self, commit: str) -> date:
        """The day on which a commit was made."""
        return date.fromisoformat(self._git("show", "--no-patch", "--format=%cs", commit).stdout.decode().strip())

    def names(self, commit: str, below: str) -> Iterator[str]:
        """The files that a commit has in a folder, at any depth, but for names that no checkout could have."""
        tree = self._git("ls-tree", "-r", "-z", "--name-only", commit, "--", *([f"{below}/"] if below else []))
        for name in os.fsdecode(tree.stdout).split("\0"):
            if name and "\n" not in name and ".." not in name.split("/"):
                yield name

    def contents(self, commit: str, names: Sequence[str]) -> Mapping[str, bytes]:
        """The files of those names that a commit has; links are followed, but not out of the repository.

        Raises Failure where the clone is broken.
        """
        within = os.fsdecode(self._git("rev-parse", "--show-prefix").stdout).removesuffix("\n")
        paths = {name: posixpath.normpath(posixpath.join(within, name)) for name in names if "\n" not in name}
        paths = {name: path for name, path in paths.items() if not path.startswith(("../", "/"))}
        asked = os.fsencode("".join(f"{commit}:{path}\n" for path in paths.values()))
        read = self._git("cat-file", "--batch", "--follow-symlinks", given=asked)
        if read.returncode:
            raise _failure(f"git cannot read the files of {commit}.", "`git fsck` tells what the clone lacks.")
        answers = memoryview(read.stdout)
        found: dict[str, bytes] = {}
        at = 0
        for name in paths:
            end = at + bytes(answers[at : at + 8192]).index(b"\n")
            kind, _, size = bytes(answers[at:end]).rpartition(b" ")
            at = end + 1
            if size.isdigit():  # `missing` stands alone
                if kind.endswith(b" blob"):
                    found[name] = bytes(answers[at : at + int(size)])
                at += int(size) + 1
        return found

    def _commit(self, ref: str) -> str | None:
        """The commit that a ref stands for; None where it stands for none."""
        return self._git("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").stdout.decode().strip() or None

    def _git(self, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        environment = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
        environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        command = ["git", "-C", str(self.path), *arguments]
        try:
            return subprocess.run(command, input=given, capture_output=True, env=environment, check=False)
        except FileNotFoundError:
            raise _failure("There is no git on this machine.", "Install it.") from None


def _failure(message: str, remedy: str) -> Failure:
    return Failure(message, remedy, exit_code=BAD_INVOCATION)
