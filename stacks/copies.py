"""Where a locality's registry is copied to: the clouds' regions that its routers are in, and their clusters."""

from __future__ import annotations

import pulumi

from cellfleet.inventory.model import Fleet, RouterPlace
from cellfleet.registry.bundle import Bundle
from components.kubernetes import registry as kubernetes
from components.kubernetes.provider import registry_provider as of_kubernetes
from stacks.order import once


def copies(fleet: Fleet, locality: str, bundle: Bundle, head: pulumi.Output[str], allowed: pulumi.Output[None]) -> None:
    """Make each copy with its cloud's own component, once it is allowed."""
    router = fleet.routers[locality]
    for place in router.places:
        _in_region(fleet, locality, place, bundle, head, once(allowed, place.region))
    for cluster in router.clusters:
        opts = pulumi.ResourceOptions(provider=of_kubernetes(locality, cluster, once(allowed, cluster)))
        kubernetes.RegistryCopy(fleet, locality, cluster, bundle, head, opts)


def _in_region(
    fleet: Fleet,
    locality: str,
    place: RouterPlace,
    bundle: Bundle,
    head: pulumi.Output[str],
    region: pulumi.Output[str],
) -> None:
    """Make the copy of a cloud's region; only that cloud's SDK is imported."""
    match place.provider:
        case "aws":
            from components.aws import registry as aws
            from components.aws.provider import registry_provider as of_aws

            with_aws = pulumi.ResourceOptions(provider=of_aws(fleet, place, region))
            aws.RegistryCopy(fleet, locality, place, bundle, head, with_aws)
        case "gcp":
            from components.gcp import registry as gcp
            from components.gcp.provider import registry_provider as of_gcp

            with_gcp = pulumi.ResourceOptions(provider=of_gcp(fleet, place, region))
            gcp.RegistryCopy(fleet, locality, place, bundle, head, with_gcp)
        case "azure":
            from components.azure import registry as azure
            from components.azure.provider import registry_provider as of_azure

            with_azure = pulumi.ResourceOptions(provider=of_azure(fleet, place, region))
            azure.RegistryCopy(fleet, locality, place, bundle, head, with_azure)
