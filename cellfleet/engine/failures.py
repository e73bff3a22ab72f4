"""Turns a failed run of the engine into what happened and what to do about it."""

from __future__ import annotations

import re
from typing import Final

from pulumi.automation.errors import CommandError

from cellfleet.engine.events import Watch, plain
from cellfleet.engine.locks import in_message
from cellfleet.failure import Failure

_REMEDIES: Final = (
    (
        r"because it is protected",
        (
            "It holds a cell's state. Set the cell's state to retired in the inventory and run `cellfleet up` on the "
            "stack: it takes the protection off. Then run this again."
        ),
    ),
    (
        r"passphrase must be set|incorrect passphrase",
        "Set PULUMI_CONFIG_PASSPHRASE (or PULUMI_CONFIG_PASSPHRASE_FILE) to what the stack's secrets are kept by.",
    ),
    (
        r"PULUMI_ACCESS_TOKEN must be set|pulumi login|not logged in",
        "Log in to the backend that holds the state (`pulumi login`, or PULUMI_ACCESS_TOKEN), or use --sandbox.",
    ),
    (
        r"no resource plugin|could not find plugin|failed to (download|install) plugin",
        "Install the provider's plugin (`pulumi plugin install resource NAME VERSION`), or let Pulumi reach its site.",
    ),
    (
        r"Unavailable desc|connection refused|connection reset",
        "Check that the provider can be reached, then run this again: it goes on from there.",
    ),
    (
        r"throttl|rate exceeded|too many requests",
        "The cloud asks for fewer requests: run this again, with a lower --parallel if it persists.",
    ),
)
"""What to do, by what the message says, in any case of letters."""
_ECHO: Final = "Exception calling application: "
"""How gRPC says once more, in its own words and not always the same, that a program has failed."""
_AGAIN: Final = "Mend the cause, then run this again: what was done is in the state, and is not done twice."


def explain(error: CommandError, watch: Watch | None = None) -> Failure:
    """The provider's and the program's own words where a run was listened to and there are any, otherwise the CLI's."""
    problems = watch.problems if watch else ()
    told = list(dict.fromkeys(_line(problem.urn, problem.message) for problem in problems))
    text = "\n".join([line for line in told if not line.startswith(_ECHO)] or told) or _of_cli(str(error))
    if holders := in_message(str(error)):
        return Failure(
            f"It is locked by {'; '.join(str(holder) for holder in holders)}.",
            "Wait for that run to end, then run this again.",
        )
    remedy = next((remedy for pattern, remedy in _REMEDIES if re.search(pattern, text, re.IGNORECASE)), _AGAIN)
    return Failure(text, remedy)


def _line(urn: str, message: str) -> str:
    token, _, name = urn.rpartition("::")[0].rpartition("::")[2].rpartition("$")[2], "", urn.rpartition("::")[2]
    protected = re.search(r"cannot be deleted\s+because it is protected", message)
    if protected:
        return f"{name} ({token}) is not deleted, because it is protected."
    return f"{name} ({token}): {message}" if urn and token != "pulumi:pulumi:Stack" else message


def _of_cli(text: str) -> str:
    """The errors in what the CLI wrote, without the Automation API's frame around it."""
    lines = [plain(line) for line in text.splitlines()]
    errors = [line.partition("error: ")[2] for line in lines if "error: " in line]
    kept = errors or [line for line in lines if line and not line.startswith(("code:", "stdout:", "stderr: "))]
    return "\n".join(dict.fromkeys(kept)) or text.strip()
