"""Wait for Azure to act on a grant that it has accepted.

A role assignment, or a feature of a subscription's, may take ten minutes to reach the service that it is for
(https://learn.microsoft.com/azure/role-based-access-control/troubleshooting, seen 2026-11), and Azure tells nobody when
it has. So what is made right after its grant is made again while Azure still refuses it for want of that grant.
"""

from __future__ import annotations

import asyncio
import re
from typing import Final

import pulumi

_SECONDS_BETWEEN: Final = 30
_MOST_ATTEMPTS: Final = 20
_NOT_YET_GRANTED: Final = re.compile(r"key ?vault|permission|feature is not enabled", re.IGNORECASE)
_DEPLOYER_IS_REFUSED: Final = "AuthorizationFailed"
"""Azure's code where it is whoever deploys that lacks a role: no wait will bring that."""


def until_granted(name: str) -> pulumi.ResourceHookBinding:
    """Hooks that try a refused resource again, for ten minutes; `name` is unique in the stack."""
    return pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook(name, _try_again)])


def not_yet_granted(errors: list[str]) -> bool:
    """Whether the newest of these errors (the first) may go by itself, and has not been waited for too long."""
    return (
        0 < len(errors) <= _MOST_ATTEMPTS
        and _DEPLOYER_IS_REFUSED not in errors[0]
        and _NOT_YET_GRANTED.search(errors[0]) is not None
    )


async def _try_again(failure: pulumi.ErrorHookArgs) -> bool:
    again = not_yet_granted(failure.errors)
    if again:
        pulumi.log.info(f"{failure.name}: a grant is not in force yet; trying again in {_SECONDS_BETWEEN} s")
        await asyncio.sleep(_SECONDS_BETWEEN)
    return again
