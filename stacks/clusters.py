"""The clusters that a locality's routers run in."""

from __future__ import annotations

from cellfleet.failure import Failure
from cellfleet.inventory.model import Fleet


def addresses(fleet: Fleet, locality: str) -> dict[str, str | None]:
    """The clusters, as kubeconfig contexts, with the reserved address of each; None where there is not one for each.

    Raises Failure where they are fewer than two, or where one of them is a cell's.
    """
    router = fleet.routers[locality]
    clusters, given = router.clusters, router.addresses
    if len({*clusters}) < max(2, len(clusters)):
        raise Failure(
            f"The routers of {locality} are not in two different clusters or more: with one, the locality is lost.",
            f"Name two or more kubeconfig contexts in routers.{locality}.clusters, each once.",
        )
    for cell in fleet.managed():
        for taken in {*cell.contexts} & {*clusters}:
            raise Failure(
                f"The routers of {locality} are in {taken}, cell {cell.name}'s cluster, and would be lost with it.",
                f"Name clusters in routers.{locality}.clusters that hold no cell.",
            )
    return dict(zip(clusters, given if len(given) == len(clusters) else [None] * len(clusters), strict=True))
