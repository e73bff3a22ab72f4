"""The checks of ISO, in the order of their rules."""

from __future__ import annotations

from typing import Final

from policies.isolation import rules
from policies.isolation.accounts import own_account
from policies.isolation.addresses import apart, inside, pods, room
from policies.isolation.administrators import no_administrators
from policies.isolation.at_rest import encrypted_at_rest
from policies.isolation.buckets import closed_buckets
from policies.isolation.certificates.check import own_and_renewed
from policies.isolation.dependencies import depends_on_listed, shared_services
from policies.isolation.deployers import exact_subject, one_role_a_stack
from policies.isolation.doors import only_routers, own_authority
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
from policies.isolation.residency.declared import declared_inside
from policies.isolation.soft import keeps_to_itself, soft_cells
from policies.isolation.tags import own_tag
from policies.isolation.trust.check import trusts_only_its_own
from policies.rule import Family

ISOLATION: Final = Family(
    "ISO",
    "cells are isolated",
    rules.RULES,
    fleet=(
        own_account,
        apart,
        inside,
        pods,
        room,
        declared_inside,
        shared_services,
        soft_cells,
        own_authority,
        exact_subject,
    ),
    resources=(
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
    ),
)
