"""What a fleet tells the systems around it: records of its cells, and which cell each tenant lives in.

`record` is one cell, `snapshot` all that one locality may know, `bundle` what a store holds of it, `reader` how it is
read, and `formats` what other programs read instead. Who writes it to which cloud is `stacks` and `components`.

Other programs need `Registry` alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cellfleet.registry.reader import Registry

__all__ = ["Registry"]


def __getattr__(name: str) -> object:
    """Import the reader for those who ask for it: writers have no use for what it reads the network with."""
    if name == "Registry":
        from cellfleet.registry.reader import Registry

        return Registry
    raise AttributeError(name)
