"""`cellfleet route`: which way a request goes, step by step, through each router that would get it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from cyclopts import Parameter

from cellfleet.cli import BAD_INVOCATION, InventoryPath
from cellfleet.cli.output.text import escaped
from cellfleet.cli.tenants import tenants_of
from cellfleet.failure import Failure
from cellfleet.inventory.load import load
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.pseudonym import tenant_key
from cellfleet.routing.asked import tenants_asked_for
from cellfleet.routing.request import Decision, Request

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import Tenants

FORMAT_VERSION: Final = 1


def route(
    url: Annotated[str, Parameter(name="URL")],
    /,
    *,
    header: Annotated[tuple[str, ...], Parameter(name=["--header", "-H"], negative="")] = (),
    locality: str | None = None,
    inventory: InventoryPath = Path("cells.yaml"),
    output: Literal["text", "json"] = "text",
) -> int:
    """Say which route, tenant, cell and upstream a request comes to, for each target, or why it comes to none.

    Parameters
    ----------
    url
        The request: https://acme.us.acme.io/projects/
    header
        A header of it, `name=value`. May be repeated.
    locality
        Whose routers get it; those that DNS leads its host to where it is not given.
    inventory
        The fleet's file.
    output
        How to say it.
    """
    fleet = load(inventory)
    request = _request(url, header)
    if locality is not None and locality not in fleet.routers:
        known = ", ".join(fleet.routers) or "none"
        raise Failure(
            f"There are no routers of {locality!r}.", f"Those with routers are {known}.", exit_code=BAD_INVOCATION
        )
    tenants, _ = tenants_of(fleet, inventory)
    localities = [locality] if locality else _led_to(fleet, request.host)
    if tenants is not None:
        tenants = tenants_asked_for(request, tenants)
    answers = [(name, *answer) for name in localities for answer in _answers(fleet, tenants, name, request)]
    if output == "json":
        said = [{"locality_of_router": name, "target": target, **one.as_json()} for name, target, one in answers]
        print(json.dumps({"format_version": FORMAT_VERSION, "request": _as_json(request), "answers": said}, indent=2))
        return 0
    print("\n".join(_told(request, answers)))
    return 0


def _request(url: str, headers: tuple[str, ...]) -> Request:
    parts = urlsplit(url if "://" in url else f"https://{url}")
    if not parts.netloc:
        raise Failure(f"{url} has no host.", "Write a URL: https://acme.us.acme.io/", exit_code=BAD_INVOCATION)
    # as it was typed: what a client library would tidy up, an attacker does not
    rest = url.partition("://")[2] if "://" in url else url
    target = rest[len(parts.netloc) :].partition("#")[0]
    pairs = [text.partition("=") for text in headers]
    if wrong := [text for text, pair in zip(headers, pairs, strict=True) if not (pair[0] and pair[1])]:
        raise Failure(f"--header {wrong[0]} is not understood.", "Write --header name=value.", exit_code=BAD_INVOCATION)
    return Request(
        parts.netloc.rpartition("@")[2],
        target if target.startswith("/") else f"/{target}",
        {name.strip().lower(): value for name, _, value in pairs},
    )


def _led_to(fleet: Fleet, host: str) -> list[str]:
    """The localities whose routers DNS leads a host to."""
    from cellfleet.routing.dns import host_records

    name = host.partition(":")[0].rstrip(".").lower()
    records = {record.name: record for record in host_records(fleet)}
    record = records.get(name) or records.get(f"*.{name.partition('.')[2]}")
    values = {*record.values} if record else set()
    return [locality for locality, router in fleet.routers.items() if values & {*router.addresses}]


def _answers(fleet: Fleet, tenants: Tenants | None, locality: str, request: Request) -> Iterator[tuple[str, Decision]]:
    """What each target of a locality does with a request."""
    from cellfleet.routing.table import routing_table
    from policies.routing import envoy, synapse
    from policies.routing.prove import emit, synapse_pages

    table = routing_table(fleet, locality, tenants, tenant_key(fleet))
    for target in table.router.targets:
        files = emit(target, table)
        if target == "envoy":
            yield target, envoy.emitted(table, files)[0].decide(request)
        else:
            yield target, synapse.emitted(table, files, synapse_pages(fleet, table, tenants))[0].decide(request)


def _told(request: Request, answers: list[tuple[str, str, Decision]]) -> Iterator[str]:
    yield escaped(str(request))
    if not answers:
        yield "  DNS leads this host to no locality's routers; ask one with --locality."
    for locality, target, decision in answers:
        yield f"\n{target} of {locality}: {escaped(_end(decision))}"
        for number, step in enumerate(decision.steps, start=1):
            yield f"  {number}. {escaped(step)}"


def _end(decision: Decision) -> str:
    match decision.outcome:
        case "serve":
            return f"{decision.service} of {decision.cell}"
        case "redirect":
            return f"{decision.status} to {decision.location}"
        case "proxy":
            return f"passed on to the routers of {decision.locality}"
        case "locate":
            return "the directory is asked"
        case _:
            return f"{decision.status}"


def _as_json(request: Request) -> dict[str, Any]:
    return {"host": request.host, "target": request.target, "headers": dict(request.headers)}
