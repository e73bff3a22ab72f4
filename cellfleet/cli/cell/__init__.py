"""`cellfleet cell`: edit the cells of the inventory, one module a verb, and look at what lies between them.

Only the lines concerned change, and what an edit would violate is refused with the finding (`cellfleet.cli.edited`).
"""

from __future__ import annotations

from cyclopts import App

app = App(name="cell", help="Edit the cells of the inventory, and look for ways between them.")
app.command("cellfleet.cli.cell.add:add", name="add", help="Add a cell that is like another.")
app.command("cellfleet.cli.cell.set_state:set_state", name="set-state", help="Take a cell one step on in its life.")
app.command("cellfleet.cli.cell.drain:drain", name="drain", help="Empty a cell, as far as one change may.")
app.command("cellfleet.cli.cell.remove:remove", name="remove", help="Take a cell out, and leave a tombstone.")
app.command("cellfleet.cli.witness:witness", name="witness", help="Say whether a way leads from one cell to another.")
