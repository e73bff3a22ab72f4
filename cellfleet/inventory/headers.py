"""The HTTP headers by which routers tell cells, and each other, what a request is; a client's own are taken away."""

from __future__ import annotations

from typing import Final

SERVICE: Final = "x-cellfleet-service"
"""The service of a cell that a request is for."""
CELL: Final = "x-cellfleet-cell"
"""The cell that a request is sent to."""
UPSTREAM: Final = "x-cellfleet-upstream"
"""Within a router: the upstream that its program has chosen."""
PROXIED: Final = "x-cellfleet-proxied"
"""The locality whose routers have passed a request on to another's, which never pass it on again."""
HOST: Final = "x-cellfleet-host"
"""The host that a request is for in the locality that it is passed on to."""
