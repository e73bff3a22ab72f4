"""The Pulumi CLI: where it is, and how to get it where it is not.

In order: the one on PATH, the one that an earlier `engine install` put into `.cellfleet/bin`, Pulumi's own installer,
and, where that cannot be reached, a build of the Go module that `tools/go.mod` pins.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from semver import VersionInfo

from cellfleet.failure import Failure

MODULE: Final = "github.com/pulumi/pulumi/pkg/v3"
MINIMUM: Final = VersionInfo.parse("3.259.0")
"""The oldest CLI that cellfleet is tested with: inline refresh and destroy, and events over gRPC."""

Say = Callable[[str], None]
"""Takes a line of progress."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A Pulumi CLI that will do."""

    executable: Path
    version: VersionInfo
    origin: str
    """Why this one, as a sentence's end: `it is on PATH`."""


def find(root: Path) -> Engine:
    """The CLI that runs use, for a checkout at `root`.

    Raises Failure where there is none, or only ones that are too old.
    """
    seen: list[str] = []
    for executable, origin in _candidates(root):
        version = _version(executable)
        if version is not None and version >= MINIMUM and version.major == MINIMUM.major:
            return Engine(executable, version, origin)
        seen.append(f"{executable} is {'not runnable' if version is None else f'version {version}'}")
    found = f" {'; '.join(seen)}." if seen else ""
    raise Failure(
        f"There is no Pulumi CLI of version {MINIMUM} or later, below {MINIMUM.major + 1}.{found}",
        "Run `cellfleet engine install`, or install Pulumi (https://www.pulumi.com/docs/install/) and put it on PATH.",
    )


def install(root: Path, say: Say) -> Engine:
    """The CLI that `find` finds, got first where there is none.

    Raises Failure where neither Pulumi's installer nor a build leads to one. Only one process installs at a time.
    """
    with _alone(root / ".cellfleet", say):
        try:
            return find(root)
        except Failure as missing:
            say(missing.message)
        say(f"Trying Pulumi's own installer for {MINIMUM} ...")
        refused = _run_installer(root / ".cellfleet")
        if refused:
            say(f"Pulumi's installer did not work ({refused}), so the CLI is built from its Go module.")
            _build(root, say)
        return find(root)


def pinned(root: Path) -> VersionInfo:
    """The version of the CLI that tools/go.mod pins."""
    found = re.search(rf"{re.escape(MODULE)} v(\S+)", (root / "tools/go.mod").read_text())
    if found is None:
        raise Failure(f"{root / 'tools/go.mod'} does not require {MODULE}.", "Restore the file from the repository.")
    return VersionInfo.parse(found[1])


def _candidates(root: Path) -> Iterator[tuple[Path, str]]:
    on_path = shutil.which("pulumi")
    own = root / ".cellfleet/bin/pulumi"
    if on_path and Path(on_path) != own:
        yield Path(on_path), "it is on PATH"
    if own.exists():
        yield own, "`cellfleet engine install` put it there"


def _version(executable: Path) -> VersionInfo | None:
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        answer = subprocess.run([executable, "version"], env=environment, capture_output=True, text=True, timeout=60)
        return VersionInfo.parse(answer.stdout.strip().removeprefix("v"))
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


def _run_installer(root: Path) -> str:
    """Run Pulumi's installer, which puts the CLI into `root`/bin; what it says when it fails, in a line."""
    from pulumi.automation import PulumiCommand

    try:
        PulumiCommand.install(root=str(root), version=MINIMUM)
    except subprocess.CalledProcessError as error:
        said = (error.output or b"").decode(errors="replace").strip().splitlines()
        return said[-1] if said else str(error)
    except Exception as error:  # the SDK promises no particular kinds
        return str(error)
    return ""


def _build(root: Path, say: Say) -> None:
    """Build the CLI of tools/go.mod into `.cellfleet/bin`: about 5 minutes and 115 MB where nothing is cached (2
    cores, 2026-11)."""
    go = shutil.which("go")
    if go is None:
        raise Failure(
            "Pulumi cannot be built, for there is no `go` on PATH.",
            f"Install Pulumi {MINIMUM} by hand (https://www.pulumi.com/docs/install/), or Go (https://go.dev/doc/install).",
        )
    version = pinned(root)
    target = root / ".cellfleet/bin/pulumi"
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".pulumi-{os.getpid()}")
    flags = f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={version}"
    command = [go, "build", "-v", "-ldflags", flags, "-o", str(unfinished), f"{MODULE}/cmd/pulumi"]
    say(f"Building Pulumi {version} with {go}; this takes some minutes the first time ...")
    began = said = time.monotonic()
    lines: list[str] = []
    with subprocess.Popen(
        command, cwd=root / "tools", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            lines.append(line.rstrip())
            if time.monotonic() - said > 10:
                said = time.monotonic()
                say(f"  {said - began:.0f} s, {len(lines)} steps, now {lines[-1]}")
    if process.returncode:
        unfinished.unlink(missing_ok=True)
        raise Failure(
            "Pulumi could not be built:\n  " + "\n  ".join(lines[-5:]),
            f"Check that Go's module proxy can be reached, or install Pulumi {version} by hand "
            "(https://www.pulumi.com/docs/install/).",
        )
    unfinished.replace(target)
    say(f"Built in {time.monotonic() - began:.0f} s.")


@contextmanager
def _alone(folder: Path, say: Say) -> Iterator[None]:
    """Hold the installer's lock; a second process waits, and then finds what the first has made."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "install.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another process is installing the engine: waiting for it ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
