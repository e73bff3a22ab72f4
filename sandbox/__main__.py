"""`python -m sandbox FOLDER`: leave the terminal, serve, and say where in the folder's `server.json`."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path


def main(folder: Path) -> None:
    if os.fork():
        os._exit(0)  # whoever started this has no child to wait for
    os.setsid()
    # after the fork: gRPC's threads do not survive one
    from sandbox.books import Books
    from sandbox.clouds import CLOUDS
    from sandbox.process import started_at
    from sandbox.server import serve

    told = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: told.set())
    with Books(folder) as books:
        servers, ports = serve(CLOUDS, books, _ports_of_before(folder))
        written = folder / "server.json.new"
        written.write_text(json.dumps({"pid": os.getpid(), "started_at": started_at(os.getpid()), "ports": ports}))
        written.replace(folder / "server.json")
        told.wait()
        for stopping in [server.stop(grace=5) for server in servers]:
            stopping.wait()


def _ports_of_before(folder: Path) -> dict[str, int]:
    """The ports of the server before this one: a shell that was told of them goes on working."""
    try:
        ports: dict[str, int] = json.loads((folder / "server.json").read_text())["ports"]
    except (FileNotFoundError, ValueError, LookupError):
        return {}
    return ports


if __name__ == "__main__":
    main(Path(sys.argv[1]))
