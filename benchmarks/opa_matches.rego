# ISO-04, ranges do not overlap: each pair asked by one call of OPA's own. Of two ranges that overlap, one holds the other.
package main

import rego.v1

deny contains sprintf("%s and %s overlap", [one, other]) if {
	ranges := {name: cell.cidr | some name, cell in managed}
	some [one, other] in net.cidr_contains_matches(ranges, ranges)
	one != other
}
