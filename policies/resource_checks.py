"""The checks of resources, in the order of their rules.

They stand apart from their families, for their tables take as long to import as a check of a small fleet takes, which
has no resources to measure.
"""

from __future__ import annotations

from typing import Final

from policies.capacity.counts import stacks_are_inside_quotas
from policies.capacity.subnets import programs_cut_ranges_large_enough
from policies.capacity.zones import programs_use_two_zones
from policies.isolation.administrators import no_administrators
from policies.isolation.at_rest import encrypted_at_rest
from policies.isolation.buckets import closed_buckets
from policies.isolation.certificates.check import own_and_renewed
from policies.isolation.dependencies import depends_on_listed
from policies.isolation.deployers import one_role_a_stack
from policies.isolation.doors import only_routers
from policies.isolation.endpoints import cluster_endpoints
from policies.isolation.exposure import not_public
from policies.isolation.firewall import ways_in
from policies.isolation.in_transit import encrypted_in_transit
from policies.isolation.keys.check import own_key_each
from policies.isolation.namespaces import closed_namespaces
from policies.isolation.networks import joined, one_network
from policies.isolation.pods import restricted_pods
from policies.isolation.providers import pinned
from policies.isolation.ranges import declared_ranges
from policies.isolation.references import own_stacks
from policies.isolation.residency.check import stays_where_declared
from policies.isolation.soft import keeps_to_itself
from policies.isolation.tags import own_tag
from policies.isolation.trust.check import trusts_only_its_own
from policies.rule import ResourceCheck

RESOURCES: Final[tuple[ResourceCheck, ...]] = (
    pinned,
    one_network,
    joined,
    declared_ranges,
    trusts_only_its_own,
    own_tag,
    own_stacks,
    ways_in,
    stays_where_declared,
    own_key_each,
    own_and_renewed,
    one_role_a_stack,
    depends_on_listed,
    keeps_to_itself,
    encrypted_at_rest,
    encrypted_in_transit,
    closed_buckets,
    not_public,
    cluster_endpoints,
    only_routers,
    closed_namespaces,
    restricted_pods,
    no_administrators,
    stacks_are_inside_quotas,
    programs_use_two_zones,
    programs_cut_ranges_large_enough,
)
