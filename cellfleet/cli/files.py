"""Files replaced, all of them or none, each at once: nobody ever reads half of one.

Who interrupts it waits until it is done. What does not wait, a `kill -9` or a power cut between two files, leaves those
new that come first in the order given.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from cellfleet.failure import Failure

_INTERRUPTIONS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def replace_all(contents: Mapping[Path, bytes | Path]) -> None:
    """Give each file its content: bytes, or those of another file. Modes stay, and owners where this user may keep
    them; a link goes on leading to its file.

    Raises Failure where one cannot be written; then all are as they were.
    """
    with _uninterrupted():
        _replace_all(contents)


def _replace_all(contents: Mapping[Path, bytes | Path]) -> None:
    targets = {path.resolve(): content for path, content in contents.items()}
    fresh: dict[Path, Path] = {}
    old: dict[Path, Path] = {}
    try:
        for target, content in targets.items():
            if target.exists() and not os.access(target, os.W_OK):  # a rename asks the folder alone
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
            fresh[target] = _beside(target, content)
            old[target] = _beside(target, target)
        done: list[Path] = []
        try:
            for target, path in fresh.items():
                path.replace(target)
                done.append(target)
        except BaseException:
            for target in done:
                old[target].replace(target)
            raise
    except OSError as error:
        raise Failure(
            f"{error.filename or 'A file'} cannot be written: {error.strerror or error}.",
            "Nothing has been changed. See to it that the files and their folders can be written.",
        ) from error
    finally:
        for path in (*fresh.values(), *old.values()):
            with suppress(FileNotFoundError):
                path.unlink()


def _beside(target: Path, content: bytes | Path) -> Path:
    """A file in the target's folder, with its mode and owner, that holds the content and is on the disk."""
    number, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(number, "wb") as stream:
            if isinstance(content, bytes):
                stream.write(content)
            else:
                with content.open("rb") as source:
                    shutil.copyfileobj(source, stream, 1 << 20)
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(PermissionError):
            os.chown(name, target.stat().st_uid, target.stat().st_gid)
        shutil.copymode(target, name)
    except BaseException:
        Path(name).unlink()
        raise
    return Path(name)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let signals pass that ask for an end: that comes in a moment, and what is half done must not be left."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {one: signal.signal(one, lambda *_: None) for one in _INTERRUPTIONS}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
