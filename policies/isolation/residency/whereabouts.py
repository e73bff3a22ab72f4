"""One place that a resource is in, or that it copies to."""

from __future__ import annotations

from dataclasses import dataclass

from policies.resource import Resource, Resources


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A region by its provider's name; none where it is everywhere, or where nobody declares it."""

    said: str
    """What tells so, as it is written: `location: US`."""
    region: str = ""
    account: str = ""
    """Whose region it is; empty where that is not told, or is the provider's."""


def of_stack(resources: Resources, types: tuple[str, ...], name: str) -> Resource | None:
    """The resource of some types whose physical name that is, as far as it can be told.

    What is not named by its program is named by Pulumi: the logical name, and some characters.
    """
    for resource in resources.of(*types):
        given = [resource.inputs.get(key) or resource.outputs.get(key) for key in ("bucket", "name", "accountName")]
        if name in given or name.startswith(resource.name):
            return resource
    return None
