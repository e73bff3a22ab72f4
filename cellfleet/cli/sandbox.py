"""`cellfleet sandbox`: the clouds' APIs on one's own machine, for the real engine to talk to."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from cellfleet.cli import BAD_INVOCATION
from cellfleet.failure import Failure
from sandbox import faults, process
from sandbox.books import FILE, Books, Made
from sandbox.faults import FaultKind

Folder = Annotated[Path, Parameter(name="--dir", env_var="CELLFLEET_SANDBOX")]
"""Where the sandbox keeps its books; the engine's state stands beside it."""

app = App(name="sandbox", help="Stand in for the clouds' APIs, for the real Pulumi engine to deploy to.")
fault_app = App(name="fault", help="Make calls fail, hang or kill the sandbox, on request.")
app.command(fault_app)


@app.command
def start(*, folder: Folder = process.DEFAULT_FOLDER) -> None:
    """Start the sandbox, unless it runs."""
    _tell(process.start(folder))


@app.command
def stop(*, folder: Folder = process.DEFAULT_FOLDER, wipe: bool = False) -> None:
    """Stop the sandbox; its books stay.

    Parameters
    ----------
    wipe
        Forget everything that it holds, too. The engine's state is not touched.
    """
    stopped = process.stop(folder)
    if wipe and (folder / FILE).is_file():
        with Books(folder) as books:
            books.wipe()
    print("stopped" if stopped else "not running")


@app.command
def status(*, folder: Folder = process.DEFAULT_FOLDER) -> int:
    """Say whether the sandbox runs, and what it holds; exit 1 where it does not run."""
    found = process.running(folder)
    if found is None:
        print(f"no sandbox runs in {folder}")
        return 1
    _tell(found)
    with _open(folder) as books:
        for sdk in sorted(found.ports):
            print(f"{sdk}: {len(books.all(sdk=sdk))} resources")
    return 0


def _tell(found: process.Running) -> None:
    ports = ", ".join(f"{sdk} on {port}" for sdk, port in sorted(found.ports.items()))
    print(f"sandbox {found.pid}: {ports}")


@app.command
def env(*, folder: Folder = process.DEFAULT_FOLDER) -> None:
    """Write what a shell must export for `pulumi` to use the sandbox: `eval "$(cellfleet sandbox env)"`."""
    for name, value in process.environment(folder).items():
        print(f"export {name}={shlex.quote(value)}")


@app.command
def drift(which: str, /, *values: str, gone: bool = False, folder: Folder = process.DEFAULT_FOLDER) -> None:
    """Change what a cloud holds behind the engine's back.

    Parameters
    ----------
    which
        A URN, an id, or a logical name that is of one thing only.
    values
        path=value each, such as tags.ring=broad: JSON where it is that, else text; nothing after = removes.
    gone
        Delete it, as somebody with a console would.
    """
    if bool(values) == gone:
        raise Failure(
            "say what changes: path=value, or --gone",
            "cellfleet sandbox drift us-aws-1-vpc tags.ring=x",
            exit_code=BAD_INVOCATION,
        )
    from sandbox import drift as drifting  # brings the SDKs, which starting and stopping do without

    changes = dict(value.partition("=")[::2] for value in values)
    for value in values:
        if not value.partition("=")[0] or "=" not in value:
            raise Failure(f"{value!r} is not of the form path=value", "write tags.ring=broad", exit_code=BAD_INVOCATION)
    with _open(folder) as books:
        made = drifting.find(books, which)
        if gone:
            with books.transaction():
                books.remove(made)
        else:
            drifting.change(books, made, changes)
    print(f"{made.urn}: {'gone' if gone else ', '.join(changes)}")


@app.command
def books(which: str = "", *, duplicates: bool = False, folder: Folder = process.DEFAULT_FOLDER) -> int:
    """List what the clouds hold, or show one thing of it as JSON.

    Parameters
    ----------
    which
        A URN or id, to show; any part of one, or of a type, to list by.
    duplicates
        List only what was made more than once for the same URN; exit 1 where there is any.
    """
    with _open(folder) as opened:
        if duplicates:
            doubled = opened.duplicates()
            for urn, ids in doubled:
                print(f"{urn}  {' '.join(ids)}")
            return 1 if doubled else 0
        found = opened.all(matching=which)
        exact = [made for made in found if which in (made.urn, made.id)]
        for made in exact:
            print(json.dumps(_shown(made), indent=2))
        for made in [] if exact else found:
            print(f"{made.place.account}  {made.id}  {made.urn}")
    return 0


def _shown(made: Made) -> dict[str, object]:
    return {
        "urn": made.urn,
        "id": made.id,
        "account": made.place.account,
        "location": made.place.location,
        "inputs": made.inputs,
        "outputs": made.outputs,
    }


@app.command
def quota(
    id_: Annotated[str, Parameter(name="ID")] = "",
    *,
    grant: Annotated[int | None, Parameter(validator=Number(gte=0))] = None,
    account: str = "*",
    folder: Folder = process.DEFAULT_FOLDER,
) -> None:
    """List the quotas that accounts are held to, or grant more of one.

    Parameters
    ----------
    id_
        The quota, such as aws/elastic-ips.
    grant
        How many the account may have from now on.
    account
        The account; every one where it is not given.
    """
    from policies.capacity.quotas import defaults
    from sandbox import quotas

    chosen = [each for each in defaults() if id_ in ("", each.id)]
    if not chosen or (grant is not None and not id_):
        raise Failure(f"there is no quota {id_!r}", "`cellfleet sandbox quota` lists them", exit_code=BAD_INVOCATION)
    with _open(folder) as opened:
        if grant is not None:
            quotas.grant(opened, chosen[0], account, grant)
        for each in chosen:
            print(f"{each.id:<32} {quotas.granted(opened, each, account):>6}  {each.title} (checked {each.checked})")


@fault_app.command
def add(
    *,
    type_: Annotated[str, Parameter(name="--type")] = "*",
    cell: str = "",
    kind: FaultKind,
    times: Annotated[int, Parameter(validator=Number(gte=1))] = 1,
    seconds: Annotated[float, Parameter(validator=Number(gte=0))] = 1.0,
    folder: Folder = process.DEFAULT_FOLDER,
) -> None:
    """Have something go wrong the next times that a resource is made, changed or deleted.

    Parameters
    ----------
    type_
        The resource's type, such as aws:rds/cluster:Cluster; * stands for anything.
    cell
        Only in the stacks of this cell.
    kind
        What goes wrong; to die is for creates only.
    times
        How often.
    seconds
        How much longer a call takes, for latency.
    """
    from sandbox import types

    if not types.any_like(type_):
        raise Failure(
            f"no resource of the four SDKs is of the type {type_!r}: it would never go wrong",
            "write it as `cellfleet sandbox books` shows it in a URN, such as aws:rds/cluster:Cluster or aws:rds/*",
            exit_code=BAD_INVOCATION,
        )
    with _open(folder) as opened:
        faults.add(opened, type_=type_, cell=cell, kind=kind, times=times, seconds=seconds)
    print(f"{kind}, {times} times, for {type_}{f' of {cell}' if cell else ''}", file=sys.stderr)


@fault_app.command(name="list")
def list_(*, folder: Folder = process.DEFAULT_FOLDER) -> None:
    """List the faults that have not happened yet."""
    with _open(folder) as opened:
        for fault in faults.standing(opened):
            print(f"{fault.number}  {fault.kind}  {fault.type}  {fault.cell or 'any cell'}  {fault.times} times")


@fault_app.command
def clear(*, folder: Folder = process.DEFAULT_FOLDER) -> None:
    """Forget the faults that have not happened yet."""
    with _open(folder) as opened:
        faults.clear(opened)


def _open(folder: Path) -> Books:
    """The books of a sandbox that was started once; raises Failure where none was, rather than begin new ones."""
    if not (folder / FILE).is_file():
        raise Failure(f"no sandbox was ever started in {folder}", "start one: cellfleet sandbox start")
    return Books(folder)
