"""Where a reader gets the registry from: a folder, or a head and its shards below one URL."""

from __future__ import annotations

import ssl
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urljoin, urlsplit

from cellfleet.failure import Failure
from cellfleet.registry import head

Fetch = Callable[[str, int], bytes]
"""Given what a head or shard is called and how many bytes it has at most, its bytes, or one more where it is larger;
raises OSError with the reason where they cannot be had."""
TIMEOUT_SECONDS: Final = 10.0


def fetch_from(source: str | Path) -> Fetch:
    """How to fetch what is at a source: a folder that holds `head.json`, or the path, `file://` or `https://` URL of a
    head, whose shards lie beside it.

    Raises Failure for a URL of another kind.
    """
    match urlsplit(str(source)).scheme if isinstance(source, str) else "":
        case "https":
            return _from_web(str(source))
        case "file":
            return _from_files(Path(urllib.request.url2pathname(urlsplit(str(source)).path)))
        case "":
            return _from_files(Path(source))
        case other:
            raise Failure(f"The registry cannot be read by {other}.", "Name a folder, or a head's file or https URL.")


def _from_files(path: Path) -> Fetch:
    def fetch(name: str, most: int) -> bytes:
        folder, first = (path, head.NAME) if path.is_dir() else (path.parent, path.name)
        with (folder / (first if name == head.NAME else name)).open("rb") as file:
            return file.read(most + 1)

    return fetch


def _from_web(url: str) -> Fetch:
    opener = urllib.request.OpenerDirector()
    # Without the handler of redirects: a store answers itself, and a redirect could lead to any host, and without TLS.
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPSHandler(context=ssl.create_default_context()),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)

    def fetch(name: str, most: int) -> bytes:
        where = url if name == head.NAME else urljoin(url, name)
        with opener.open(where, timeout=TIMEOUT_SECONDS) as response:
            body: bytes = response.read(most + 1)
            return body

    return fetch
