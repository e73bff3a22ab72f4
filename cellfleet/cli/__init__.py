"""The command line: one module a verb, imported only when its verb is called.

Results go to stdout, progress and warnings to stderr. What a user can mend ends in sentences and its exit code; a bug
ends in its stack trace and 255.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter

from cellfleet.failure import Failure
from cellfleet.inventory.finding import Invalid

FAILED = 1
BAD_INVOCATION = 2
VIOLATED = 5
CANCELLED = 8
BUG = 255
_NOT_WRITTEN = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EEXIST, errno.ENOTDIR, errno.EISDIR}
)
"""Why a file may be out of reach through nobody's fault but the machine's, or the name's that was given."""

InventoryPath = Annotated[Path, Parameter(name="--inventory", env_var="CELLFLEET_INVENTORY")]
"""The option that every command which reads the fleet has: `inventory: InventoryPath = Path("cells.yaml")`."""

app = App(
    name="cellfleet",
    help="From cells.yaml to running cells: check, preview and deploy a fleet of isolated cells on any cloud.",
    version=lambda: f"cellfleet {version('cellfleet')}",
    version_flags=["--version"],
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)
app.command("cellfleet.cli.check:check", name="check", help="Say everything that is wrong with the inventory.")
app.command("cellfleet.cli.schema:schema", name="schema", help="Write the JSON Schema of the inventory.")
app.command("cellfleet.cli.route:route", name="route", help="Say which way a request goes, step by step.")
app.command("cellfleet.cli.render:render", name="render", help="Write what routers and others are given, offline.")
app.command("cellfleet.cli.cell:app", name="cell", help="Edit the cells, and look for ways between them.")
app.command("cellfleet.cli.tenant:app", name="tenant", help="Where tenants live, and why.")
app.command("cellfleet.cli.what_if:what_if_lost", name="what-if", help="Say who has no place when something is lost.")
app.command("cellfleet.cli.rule:rule", name="rule", help="Explain a rule, or list all of them.")
app.command("cellfleet.cli.preview:preview", name="preview", help="Say what `up` would do.")
app.command("cellfleet.cli.up:up", name="up", help="Deploy the fleet.")
app.command("cellfleet.cli.drift:drift", name="drift", help="Say where the clouds are not what the state says.")
app.command("cellfleet.cli.destroy:destroy", name="destroy", help="Delete stacks with all that they hold.")
app.command("cellfleet.cli.engine:app", name="engine", help="The Pulumi CLI that runs are made with.")
app.command("cellfleet.cli.sandbox:app", name="sandbox", help="Stand in for the clouds' APIs.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    A command returns its own exit code, or None for 0.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without UTF-8 is no reason to fail
    try:
        result = app(sys.argv[1:] if arguments is None else arguments, exit_on_error=False)
        sys.stdout.flush()
    except CycloptsError:
        return BAD_INVOCATION  # cyclopts has said which argument, and why
    except Invalid as invalid:
        from cellfleet.cli.output import text

        text.write(invalid.findings, sys.stderr)
        return BAD_INVOCATION
    except Failure as failure:
        from cellfleet.cli.output import text

        text.write_failure(failure, sys.stderr)
        return failure.exit_code
    except KeyboardInterrupt:
        print("Cancelled.", file=sys.stderr)
        return CANCELLED
    except BrokenPipeError:
        # Whoever read the results, `head` perhaps, has gone; Python would complain once more on closing stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        if error.errno not in _NOT_WRITTEN or not error.filename:
            traceback.print_exc()
            return BUG
        print(
            f"{error.filename}: {error.strerror}.\nSee to it that it can be written, or name another.", file=sys.stderr
        )
        return FAILED
    except Exception:
        traceback.print_exc()
        return BUG
    return result if isinstance(result, int) else 0
