"""How a class's machines are shared out: what each pod asks for, so that all of them fit with room to roll and to
grow."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final

from cellfleet.inventory.model import CellClass, Fleet, ManagedCell

SERVICES: Final = 0.65
"""The share of the machines that services' pods may ask for at their most. What is left, less the Gateway's share, is
for the kubelet and its eviction threshold, the cloud's DaemonSets, and the operators."""
GATEWAY: Final = 0.10
"""The share of the Gateway's proxies."""
GROWTH: Final = 1.5
"""How many times its declared replicas a service may grow to under load."""
SURGE: Final = 0.25
"""The share of its pods that a rolling update adds while it goes on."""


@dataclass(frozen=True, slots=True)
class Size:
    """What one pod asks for. Memory is also its limit; the processor has none, for idle cycles are free."""

    millicores: int
    mebibytes: int

    @property
    def requests(self) -> dict[str, str]:
        return {"cpu": f"{self.millicores}m", "memory": f"{self.mebibytes}Mi"}

    @property
    def limits(self) -> dict[str, str]:
        return {"memory": f"{self.mebibytes}Mi"}

    def times(self, pods: int) -> Size:
        return Size(self.millicores * pods, self.mebibytes * pods)


@dataclass(frozen=True, slots=True)
class Pods:
    """The pods of one Deployment: from `least` to `most`, and for a while `most + surge` of them."""

    least: int
    most: int
    size: Size

    @property
    def surge(self) -> int:
        return ceil(self.most * SURGE)

    @property
    def at_worst(self) -> int:
        """Pods in the middle of a rolling update at full load: those added, and as many that are told to go but still
        drain."""
        return self.most + 2 * self.surge


def services(fleet: Fleet, cell: ManagedCell) -> dict[str, Pods]:
    """The pods of each of the fleet's services; they share the machines in proportion to their replicas."""
    cell_class = fleet.class_of(cell)
    counts = {name: cell_class.replicas[name] for name in fleet.services}
    unsized = {name: Pods(least, ceil(least * GROWTH), Size(0, 0)) for name, least in counts.items()}
    size = _share(cell_class, SERVICES, sum(pods.at_worst for pods in unsized.values()))
    return {name: Pods(pods.least, pods.most, size) for name, pods in unsized.items()}


def gateway(fleet: Fleet, cell: ManagedCell) -> Pods:
    """The Gateway's proxies: one a zone, never fewer than two, and twice as many under load."""
    least = max(2, len(cell.zones))
    unsized = Pods(least, least * 2, Size(0, 0))
    return Pods(unsized.least, unsized.most, _share(fleet.class_of(cell), GATEWAY, unsized.at_worst))


def _share(cell_class: CellClass, share: float, pods: int) -> Size:
    nodes = cell_class.nodes
    return Size(
        millicores=max(10, int(nodes.count * nodes.vcpus * 1000 * share / pods)),
        mebibytes=max(64, int(nodes.count * nodes.memory_gib * 1024 * share / pods)),
    )


SIDECAR: Final = Size(100, 512)
"""What archives the database's write-ahead log, beside each instance."""


def instances(fleet: Fleet, cell: ManagedCell) -> int:
    """PostgreSQL instances: the writer and its replicas."""
    return 1 + fleet.class_of(cell).database.replicas


def instance(fleet: Fleet, cell: ManagedCell) -> Size:
    """One PostgreSQL instance."""
    database = fleet.class_of(cell).database
    return Size(database.vcpus * 1000, database.memory_gib * 1024)
