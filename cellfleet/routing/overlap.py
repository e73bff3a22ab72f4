"""Whether the patterns of two routes match the same: all that the other does, or anything at all."""

from __future__ import annotations

from collections.abc import Mapping

from cellfleet.inventory.pattern import Part, Path


def part_covers(one: Part, other: Part) -> bool:
    """Whether all that the other label, segment or value can be is also what the one can be."""
    if one.names is None:
        return other.names is None and one.before == other.before
    end = other.before if other.names is None else other.after
    enough = other.names is not None or len(other.before) > len(one.before) + len(one.after)
    return other.before.startswith(one.before) and end.endswith(one.after) and enough


def parts_meet(one: Part, other: Part) -> bool:
    """Whether something can be both."""
    if one.names is None or other.names is None:
        return part_covers(one, other) or part_covers(other, one)
    before = one.before.startswith(other.before) or other.before.startswith(one.before)
    return before and (one.after.endswith(other.after) or other.after.endswith(one.after))


def path_covers(one: Path, other: Path) -> bool:
    """Whether every path that the other matches is one that the one matches."""
    if len(other.segments) < len(one.segments) or (other.open and not one.open):
        return False
    if len(other.segments) > len(one.segments) and not one.open:
        return False
    return all(map(part_covers, one.segments, other.segments))


def paths_meet(one: Path, other: Path) -> bool:
    """Whether a request's path can match both."""
    shorter, longer = sorted((one, other), key=lambda path: len(path.segments))
    if len(shorter.segments) < len(longer.segments) and not shorter.open:
        return False
    return all(map(parts_meet, shorter.segments, longer.segments))


def conditions_cover(one: Mapping[str, Part], other: Mapping[str, Part]) -> bool:
    """Whether whatever has the other's parameters or headers has the one's."""
    return all(name in other and (part.names is not None or part == other[name]) for name, part in one.items())


def conditions_meet(one: Mapping[str, Part], other: Mapping[str, Part]) -> bool:
    """Whether a request can have both."""
    shared = one.keys() & other.keys()
    return all(one[name].names or other[name].names or one[name] == other[name] for name in shared)
