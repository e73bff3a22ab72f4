# ISO-04, ranges do not overlap: no pairs, but a set made by hand, in which each range is looked up under those that would
# hold it, one a prefix length. Nobody writes it so who has not met the other two at 10,000 cells.
package main

import rego.v1

start(cidr) := bits.or(
	bits.or(bits.lsh(part[0], 24), bits.lsh(part[1], 16)),
	bits.or(bits.lsh(part[2], 8), part[3]),
) if {
	part := [to_number(text) | some text in split(split(cidr, "/")[0], ".")]
}

prefix(cidr) := to_number(split(cidr, "/")[1])

placed := {name: {"start": start(cell.cidr), "prefix": prefix(cell.cidr)} | some name, cell in managed}

# A comprehension, for it is made once; a rule with a key would be evaluated anew for each key that is asked for.
ranges := {sprintf("%d/%d", [bits.rsh(one.start, 32 - one.prefix), one.prefix]) | some one in placed}

deny contains sprintf("cells overlap: %d have %d ranges", [count(placed), count(ranges)]) if count(ranges) < count(placed)

deny contains sprintf("%s overlaps a wider range", [name]) if {
	some name, one in placed
	some length in numbers.range(8, one.prefix - 1)
	sprintf("%d/%d", [bits.rsh(one.start, 32 - length), length]) in ranges
}
