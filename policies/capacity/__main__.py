"""The policy pack cellfleet-capacity: what `--policy-pack policies/capacity` runs.

It prints nothing, for the engine reads its port from the first line, and never returns.
"""

from __future__ import annotations

import pulumi_policy

from policies.capacity.family import CAPACITY
from policies.pack import served

pulumi_policy.PolicyPack("cellfleet-capacity", served(CAPACITY, pulumi_policy))
