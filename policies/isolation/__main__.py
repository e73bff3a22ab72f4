"""The policy pack cellfleet-isolation: what `--policy-pack policies/isolation` runs.

It prints nothing, for the engine reads its port from the first line, and never returns.
"""

from __future__ import annotations

import pulumi_policy

from policies.isolation.family import ISOLATION
from policies.pack import served

pulumi_policy.PolicyPack("cellfleet-isolation", served(ISOLATION, pulumi_policy))
