"""As which generation a locality's registry is published.

Readers take a higher (epoch, generation) for newer, so a number is claimed before anything is published under it: the
same content keeps its generation, other content, an earlier one among it, has the next. Pulumi's lock on the stack lets
one deployment claim at a time.

The claim is a resource and not an output of the stack, for the engine writes outputs when a deployment ends: one that
is killed among its copies would leave copies of a generation that nothing remembers, and a revert after it would go
back to a lower one, which readers refuse.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import pulumi

from cellfleet.failure import Failure

_NAME: Final = "claim"
_STASH: Final = "pulumi:index:Stash"


@dataclass(frozen=True, slots=True)
class Claim:
    """What is published under one number."""

    epoch: int
    generation: int
    """From 1 in each epoch."""
    digest: str


def claim(epoch: int, digest: str, allowed: pulumi.Output[Any]) -> pulumi.Output[Claim]:
    """The claim of the running stack for this content, made once it is `allowed`; known once it is kept."""
    last: pulumi.Output[Claim | None] = pulumi.Output.from_input(_last())
    following = pulumi.Output.all(last, allowed).apply(lambda known: asdict(after(known[0], epoch, digest)))
    kept: pulumi.Output[Mapping[str, Any]] = pulumi.Stash(_NAME, input=following).input
    return kept.apply(_read)


def after(last: Claim | None, epoch: int, digest: str) -> Claim:
    """The claim that follows the last one.

    Raises Failure for an epoch that is over: readers would refuse all that is published in it.
    """
    if last is None or epoch > last.epoch:
        return Claim(epoch, 1, digest)
    if epoch < last.epoch:
        raise Failure(
            f"The registry has been published in epoch {last.epoch}, and fleet.registry_epoch is {epoch}.",
            f"Set it to {last.epoch}: readers take nothing of an earlier epoch.",
        )
    return last if digest == last.digest else Claim(epoch, last.generation + 1, digest)


async def _last() -> Claim | None:
    """What the state of the running stack holds."""
    own = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    read = await pulumi.runtime.invoke_async("pulumi:pulumi:readStackResourceOutputs", {"stackName": own})
    for urn, resource in (read or {}).get("outputs", {}).items():
        if urn.endswith(f"{_STASH}::{_NAME}"):
            return _read(resource["outputs"]["input"])
    return None


def _read(kept: Mapping[str, Any]) -> Claim:
    return Claim(int(kept["epoch"]), int(kept["generation"]), kept["digest"])
