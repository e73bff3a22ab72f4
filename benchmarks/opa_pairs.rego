# ISO-04, ranges do not overlap: each pair asked, as OPA's documentation of net.cidr_intersects suggests.
package main

import rego.v1

deny contains sprintf("%s and %s overlap", [one, other]) if {
	some one, cell in managed
	some other, further in managed
	one < other
	net.cidr_intersects(cell.cidr, further.cidr)
}
