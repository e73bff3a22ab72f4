"""How many virtual CPUs a resource brings, by the names of its machines.

The clouds name machines by their size: EC2's `m7i.2xlarge` has 8, Azure's `Standard_D4s_v5` 4. What cannot be read so
(bare metal, sizes under one whole CPU, Azure's old ones whose number is no count: D11 has 2) counts for nothing, so a
count can be too low and never too high. Groups count with the most machines that they may have.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from policies.capacity.inputs import items, mapping, whole
from policies.resource import Resource, known

_A_SIZE: Final = re.compile(r"Standard_(A([5-9]|1[01])|DS?1[1-5](-\d)?(_v2)?(_Promo)?)")
"""Of the first and second D series, and the first A series."""


def vcpus_of(resource: Resource) -> int:
    """Of all machines that one resource may have at a time."""
    inputs = resource.inputs
    match resource.type:
        case "aws:eks/nodeGroup:NodeGroup":
            scaling = mapping(inputs.get("scalingConfig"))
            types = [*filter(known, items(inputs.get("instanceTypes")))]
            return whole(scaling.get("maxSize")) * max(map(of_machine, types), default=0)
        case "aws:ec2/instance:Instance":
            return of_machine(inputs.get("instanceType"))
        case "azure-native:containerservice:AgentPool":
            return _pool(inputs)
        case "azure-native:containerservice:ManagedCluster":
            return sum(_pool(mapping(pool)) for pool in items(inputs.get("agentPoolProfiles")))
        case "azure-native:compute:VirtualMachine":
            return of_machine(mapping(inputs.get("hardwareProfile")).get("vmSize"))
    return 0


def of_machine(name: Any) -> int:
    """Of one machine of a type; 0 where its name does not tell."""
    if not isinstance(name, str):
        return 0
    if size := re.fullmatch(r"[a-z0-9-]+\.(\d*)(large|xlarge)", name):
        return {"large": 2, "xlarge": 4 * int(size[1] or 1)}[size[2]]
    if (size := re.match(r"Standard_[A-Z]+(\d+)(?!\d)", name)) and not _A_SIZE.fullmatch(name):
        return int(size[1])
    return 0


def _pool(inputs: Mapping[str, Any]) -> int:
    most = max(whole(inputs.get("count")), whole(inputs.get("maxCount")))
    return most * of_machine(inputs.get("vmSize"))
