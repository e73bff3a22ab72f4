"""`cellfleet tenant`: where tenants live, and why; one module a verb."""

from __future__ import annotations

from cyclopts import App

app = App(name="tenant", help="Where tenants live, and why.", result_action="return_value")
app.command("cellfleet.cli.tenant.explain:explain_tenant", name="explain", help="Say why a tenant lives in its cell.")
app.command("cellfleet.cli.tenant.place:place", name="place", help="Give a new tenant a cell.")
app.command("cellfleet.cli.tenant.move:move", name="move", help="Move tenants to other cells of their locality.")
