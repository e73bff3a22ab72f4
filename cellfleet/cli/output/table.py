"""A table for a person at a terminal, in plain text: rich takes longer to import than most tables take to fill."""

from __future__ import annotations

from collections.abc import Sequence

from cellfleet.cli.output.text import escaped


def lines(headings: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 1) -> list[str]:
    """The lines of a table, the first `left` columns aligned to the left and the others to the right."""
    cells = [[escaped(text) for text in row] for row in (headings, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            text.ljust(width) if number < left else text.rjust(width)
            for number, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
