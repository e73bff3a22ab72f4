"""The `registry-<locality>` stack: what the locality's routers, and whoever else, know of cells and tenants, in a copy
in each place that the routers are in."""

from __future__ import annotations

import pulumi

from cellfleet.failure import Failure
from cellfleet.inventory.model import Fleet, RouterPlace
from cellfleet.registry.bundle import Bundle, bundle
from cellfleet.registry.snapshot import build
from components.shards import LARGEST
from stacks.claim import claim
from stacks.order import once, refuse_routed
from stacks.tenants import deployment_key, tenants_of


def deploy(fleet: Fleet, locality: str) -> None:
    """Publish the locality's snapshot, and export as what; that is said whether or not each copy succeeds.

    Raises Failure for a locality without routers, and for tenants that cannot be read.
    """
    if (router := fleet.routers.get(locality)) is None:
        raise Failure(f"Locality {locality!r} has no routers.", f"Declare them under routers.{locality}.")
    published = bundle(build(fleet, locality, tenants_of(fleet), deployment_key(fleet)), LARGEST)
    routed = sorted(cell.name for cell in fleet.cells.values() if cell.locality == locality and cell.routed)
    allowed = refuse_routed(fleet, locality, routed)
    claimed = claim(fleet.settings.registry_epoch, published.digest, allowed)
    head = claimed.apply(lambda kept: published.head(kept.epoch, kept.generation).text())
    for field in ("epoch", "generation", "digest"):
        pulumi.export(field, claimed.apply(lambda kept, field=field: getattr(kept, field)))
    pulumi.export("routed", routed)
    for place in router.places:
        _copy(fleet, locality, place, published, head, once(allowed, place.region))
    from components.kubernetes import registry as kubernetes
    from components.kubernetes.provider import registry_provider

    for cluster in router.clusters:
        opts = pulumi.ResourceOptions(provider=registry_provider(locality, cluster, once(allowed, cluster)))
        kubernetes.RegistryCopy(fleet, locality, cluster, published, head, opts)


def _copy(
    fleet: Fleet,
    locality: str,
    place: RouterPlace,
    published: Bundle,
    head: pulumi.Output[str],
    region: pulumi.Output[str],
) -> None:
    """Make the copy of one cloud's region; only that cloud's SDK is imported."""
    match place.provider:
        case "aws":
            from components.aws import registry as aws
            from components.aws.provider import registry_provider as of_aws

            with_aws = pulumi.ResourceOptions(provider=of_aws(fleet, place, region))
            aws.RegistryCopy(fleet, locality, place, published, head, with_aws)
        case "gcp":
            from components.gcp import registry as gcp
            from components.gcp.provider import registry_provider as of_gcp

            with_gcp = pulumi.ResourceOptions(provider=of_gcp(fleet, place, region))
            gcp.RegistryCopy(fleet, locality, place, published, head, with_gcp)
        case "azure":
            from components.azure import registry as azure
            from components.azure.provider import registry_provider as of_azure

            with_azure = pulumi.ResourceOptions(provider=of_azure(fleet, place, region))
            azure.RegistryCopy(fleet, locality, place, published, head, with_azure)
