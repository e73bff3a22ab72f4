"""What a router says of itself to those who run it, on a port of its own that clients do not reach.

`/ready` answers 200 while the router takes requests: 503 once it drains, and 404 for as long as it has no routes. Envoy
starts without the routes that it refuses (a map that is cut off, a wrong key), and would answer 404 to everybody; so
the answer is one of the routes.

`/drain` makes the router drain, and answers when that is over: Kubernetes asks it before it ends a pod and waits for
the answer, for Envoy, told to end, ends at once. While it drains it still serves, and every answer tells its client to
connect anew, which then finds another router.
"""

from __future__ import annotations

from typing import Any, Final

from cellfleet.routing.envoy.bootstrap import ADMINISTRATION
from cellfleet.routing.envoy.text import extension, from_file

READY_PORT: Final = 8081
READY_HOST: Final = "router.invalid"
"""The host that is asked for; one that is no client's, for the routes are also theirs."""
READY_PATH: Final = "/ready"
DRAIN_PATH: Final = "/drain"
DRAIN_SECONDS: Final = 40
"""A load balancer has noticed by then that the router is not ready: the slowest of the clouds' asks three times, every
10 s."""
_DRAIN: Final = f"""function envoy_on_request(handle)
  if handle:headers():get(":path") == "{DRAIN_PATH}" then
    local request = {{[":method"] = "POST", [":path"] = "/healthcheck/fail", [":authority"] = "{ADMINISTRATION}"}}
    handle:httpCall("{ADMINISTRATION}", request, "", 1000)
  end
end
"""
_HTTP: Final = "extensions.filters.http"


def ready_manager(routes: str) -> dict[str, Any]:
    """The connection manager of the port, by the name of the route configuration that holds `virtual_host`."""
    ready = [{"name": ":path", "string_match": {"exact": READY_PATH}}]
    drain = [{"name": ":path", "string_match": {"exact": DRAIN_PATH}}]
    delay = {"fixed_delay": f"{DRAIN_SECONDS}s", "percentage": {"numerator": 100}}
    return extension(
        "envoy.filters.network.http_connection_manager",
        "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix="ready",
        rds={"route_config_name": routes, "config_source": from_file("rds.json")},
        http_filters=[
            extension(
                "envoy.filters.http.health_check",
                f"{_HTTP}.health_check.v3.HealthCheck",
                pass_through_mode=True,
                headers=ready,
            ),
            # Under names of their own, so that what routes say to the clients' filters is not said to these.
            extension("drain", f"{_HTTP}.lua.v3.Lua", default_source_code={"inline_string": _DRAIN}),
            extension("until-drained", f"{_HTTP}.fault.v3.HTTPFault", delay=delay, headers=drain),
            extension("envoy.filters.http.router", f"{_HTTP}.router.v3.Router"),
        ],
    )


def virtual_host() -> dict[str, Any]:
    """The route that stands for all others: where it is, they are."""
    answer = {"match": {"prefix": "/"}, "direct_response": {"status": 200}}
    return {"name": "ready", "domains": [READY_HOST], "routes": [answer]}
