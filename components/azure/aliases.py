"""Leave out the names that a resource had in other versions of Azure's API.

The SDK gives each resource an alias for every version of its API that there has ever been, some twenty a resource, for
programs that once named a version. Ours never did, and working the aliases out takes ten times as long as all the rest
of a program.
"""

from __future__ import annotations

import pulumi


def without_versions(resource: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
    """A transformation, inherited by all below what it is put on; aliases that say another name or parent stay."""
    resource.opts.aliases = [
        alias
        for alias in resource.opts.aliases or []
        if not (isinstance(alias, pulumi.Alias) and str(alias.type_).startswith("azure-native:"))
    ]
    return pulumi.ResourceTransformationResult(resource.props, resource.opts)
