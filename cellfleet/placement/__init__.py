"""Who lives where: which cell a tenant goes to and why, who moves when a cell is emptied, and who has a place left when
something is lost.

`plan` says who moves where (`drain`, `place`, `move`), `explain` why a tenant is where it is, and `loss` what becomes
of tenants when a cell, zone, region, provider or account is lost. All are pure functions of the fleet and its tenants:
they edit no file, and give the same answer whatever order the rows of the tenant file have.

`room` is what a cell may take and `tenant` what a tenant takes of it; `fill` puts tenants into rooms, `refuse` says why
one is not let in, and `remedy` what would have to be added. pyarrow is used to read columns, and nowhere else.
"""
