"""Options that many commands have, kept apart from what deploying imports."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from cellfleet.cli import BAD_INVOCATION
from cellfleet.failure import Failure

Sandbox = Annotated[bool, Parameter(name="--sandbox", negative="", help="Use the sandbox in place of the clouds.")]
Deployed = Annotated[bool, Parameter(name="--deployed", negative="")]


def only_with_deployed(*, sandbox: bool, deployed: bool) -> None:
    """Raise Failure where the sandbox is asked for by what asks nothing of it."""
    if sandbox and not deployed:
        raise Failure("--sandbox says where the state is.", "Give --deployed with it.", exit_code=BAD_INVOCATION)
