"""A unified diff says exactly what to do, and where."""

from __future__ import annotations

import io
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from cellfleet.cli.output import diff
from cellfleet.inventory.edit.lines import changes
from cellfleet.inventory.edit.span import Edit, applied


def carried_out(shown: str, lines: list[str]) -> list[str]:
    """The lines once a diff is carried out to the letter: what it says stands somewhere has to stand there."""
    done: list[str] = []
    at = 0
    for line in shown.splitlines()[2:]:
        if hunk := re.fullmatch(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", line):
            first, count, new_first, new_count = (int(number or 1) for number in hunk.groups())
            start = first if hunk[2] == "0" else first - 1
            done += lines[at:start]
            at = start
            assert len(done) == (new_first if hunk[4] == "0" else new_first - 1)
            assert count >= 0
            assert new_count >= 0
        elif line[0] == "+":
            done.append(line[1:])
        else:
            assert lines[at] == line[1:]
            done += [line[1:]] if line[0] == " " else []
            at += 1
    return done + lines[at:]


@settings(max_examples=300)
@given(st.data(), st.booleans())
def test_who_carries_it_out_gets_the_edited_text(data: st.DataObject, around: bool) -> None:
    lines = data.draw(st.lists(st.text("ab ", max_size=3), min_size=1, max_size=9).map(lambda some: some * 8))
    text = "".join(f"{line}\n" for line in lines)
    places = sorted(data.draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=12)))
    pairs = list(zip(places[::2], places[1::2], strict=False))
    news = data.draw(st.lists(st.sampled_from(["", "x", "y\n", "\nz\n", "\n"]), min_size=6, max_size=6))
    edits = [Edit(start, end, new) for (start, end), new in zip(pairs, news, strict=False)]
    edited = applied(text, edits)
    if edited and not edited.endswith("\n"):
        return
    stream = io.StringIO()
    diff.write("cells.yaml", [*changes(text, edits)], lines if around else None, stream)
    assert carried_out(stream.getvalue(), lines) == edited.splitlines()
