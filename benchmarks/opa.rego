# Rules of a fleet as Rego, for benchmarks/opa.py alone: those of `cellfleet check` that need nothing but cells.yaml. What
# is given once is grouped in partial objects, so that nothing here compares cells pair by pair. What needs a table of
# regions, tenants or the fleet as it was is left out.
package main

import rego.v1

cells := {name: object.union(object.get(input, "defaults", {}), cell) | some name, cell in input.cells}

managed := {name: cell | some name, cell in cells; object.get(cell, "managed", true)}

takes_tenants(cell) if cell.state == "active"

# INV-10: every name used is a name declared
deny contains sprintf("%s: there is no class %s", [name, cell.class]) if {
	some name, cell in cells
	not input.classes[cell.class]
}

deny contains sprintf("%s: there is no locality %s", [name, cell.locality]) if {
	some name, cell in cells
	not input.localities[cell.locality]
}

rings contains ring.name if some ring in input.fleet.rings

deny contains sprintf("%s: there is no ring %s", [name, cell.ring]) if {
	some name, cell in cells
	not cell.ring in rings
}

# INV-11: ids are given once
by_id[format_int(cell.id, 10)] contains name if some name, cell in cells

deny contains sprintf("id %s is given to %v", [id, names]) if {
	some id, names in by_id
	count(names) > 1
}

# INV-15: a cell on a cloud has at least a /20
deny contains sprintf("%s: %s is less than a /20", [name, cell.cidr]) if {
	some name, cell in managed
	cell.provider != "kubernetes"
	to_number(split(cell.cidr, "/")[1]) > 20
}

# ISO-01: a cell has an account of its own, which is not a control account
by_account[cell.account] contains name if some name, cell in managed

deny contains sprintf("account %s is that of %v", [account, names]) if {
	some account, names in by_account
	count(names) > 1
}

control contains one.account if some one in input.fleet.control

deny contains sprintf("%s is in a control account", [name]) if {
	some name, cell in managed
	cell.account in control
}

# ISO-03: few shared services are needed at run time
deny contains "more than three shared services are needed at run time" if {
	count([1 | some service in input.fleet.shared_services; service.needed_at_run_time]) > 3
}

# ISO-04: each range is inside a supernet, and a quarter of the supernets is free; opa_pairs.rego, opa_matches.rego and
# opa_prefixes.rego are three ways to say that ranges do not overlap
inside(cidr) if {
	some supernet in input.fleet.supernets
	net.cidr_contains(supernet, cidr)
}

deny contains sprintf("%s: %s is inside no supernet", [name, cell.cidr]) if {
	some name, cell in managed
	not inside(cell.cidr)
}

addresses(cidr) := bits.lsh(1, 32 - to_number(split(cidr, "/")[1]))

deny contains "less than a quarter of the supernets is free" if {
	taken := sum([addresses(cell.cidr) | some cell in managed])
	taken > 0.75 * sum([addresses(supernet) | some supernet in input.fleet.supernets])
}

# ISO-09: backups are elsewhere
deny contains sprintf("%s: its backups are in its own region", [name]) if {
	some name, cell in managed
	cell.backup.region == cell.region
	not cell.backup.account
}

# CAP-07: a cell that takes tenants has two zones
deny contains sprintf("%s has %d zone", [name, count(cell.zones)]) if {
	some name, cell in managed
	takes_tenants(cell)
	count(cell.zones) < 2
}

# CAP-10: a locality has two cells that take tenants
taking[cell.locality] contains name if {
	some name, cell in cells
	takes_tenants(cell)
	object.get(cell, "tenancy", "shared") == "shared"
}

deny contains sprintf("%s has less than two cells that take tenants", [locality]) if {
	some locality, _ in input.localities
	count(object.get(taking, locality, set())) < 2
}

# LIF-06: an id or name of a tombstone is not used again
deny contains sprintf("%s was removed", [tombstone.name]) if {
	some tombstone in object.get(input, "tombstones", [])
	reused(tombstone)
}

reused(tombstone) if cells[tombstone.name]

reused(tombstone) if by_id[format_int(tombstone.id, 10)]

# LIF-11: new tenants go to a cell of the locality that takes them
deny contains sprintf("%s: new tenants go to no cell of its own that takes them", [name]) if {
	some name, locality in input.localities
	not goes_to_its_own(name, locality)
}

goes_to_its_own(name, locality) if {
	cell := cells[locality.new_tenants]
	cell.locality == name
	takes_tenants(cell)
}

# LIF-21: no waiver has expired
deny contains sprintf("the waiver of %s has expired", [waiver.rule]) if {
	some waiver in object.get(input, "waivers", [])
	time.parse_ns("2006-01-02", waiver.expires) + ((24 * 3600) * 1000000000) < time.now_ns()
}
