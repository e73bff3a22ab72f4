"""The picture of a fleet: its localities, and in each its cells, by provider, class and state."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from cellfleet.inventory.model import Fleet, ManagedCell, UnmanagedCell
from cellfleet.inventory.types import State

SVG = "http://www.w3.org/2000/svg"
CELL_WIDTH, CELL_HEIGHT, GAP, MARGIN, TOP = 188, 86, 14, 18, 92
COLUMNS = 2
COLOURS = {  # a state's fill and edge, told apart in print too by the word itself
    State.PLANNED: ("#ffffff", "#8c959f"),
    State.PROVISIONING: ("#ddf4ff", "#0969da"),
    State.ACTIVE: ("#dafbe1", "#1a7f37"),
    State.CORDONED: ("#fff8c5", "#9a6700"),
    State.DRAINING: ("#ffe7d6", "#bc4c00"),
    State.RETIRED: ("#eaeef2", "#57606a"),
}


def picture(fleet: Fleet) -> str:
    """The fleet as an SVG document."""
    by_locality = {name: [cell for cell in fleet.cells.values() if cell.locality == name] for name in fleet.localities}
    rows = max(-(-len(cells) // COLUMNS) for cells in by_locality.values())
    box_width = COLUMNS * CELL_WIDTH + (COLUMNS + 1) * GAP
    box_height = TOP - 20 + rows * (CELL_HEIGHT + GAP)
    width = MARGIN + len(by_locality) * (box_width + MARGIN)
    height = box_height + 2 * MARGIN
    lines = [
        f'<svg xmlns="{SVG}" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">',
        f"<title>The fleet {escape(fleet.settings.name)}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for column, (name, cells) in enumerate(by_locality.items()):
        left = MARGIN + column * (box_width + MARGIN)
        lines += _locality(fleet, name, cells, left, box_width, box_height)
    return "\n".join([*lines, "</svg>", ""])


def _locality(
    fleet: Fleet, name: str, cells: list[ManagedCell | UnmanagedCell], left: int, width: int, height: int
) -> Iterator[str]:
    locality = fleet.localities[name]
    yield f'<rect x="{left}" y="{MARGIN}" width="{width}" height="{height}" rx="10" fill="#f6f8fa" stroke="#d0d7de"/>'
    yield f'<text x="{left + GAP}" y="{MARGIN + 26}" font-size="17" font-weight="600">{escape(name)}</text>'
    about = f"{locality.host} · data stays in {', '.join(locality.residency)}"
    yield f'<text x="{left + GAP}" y="{MARGIN + 48}" fill="#57606a">{escape(about)}</text>'
    for place, cell in enumerate(cells):
        x = left + GAP + place % COLUMNS * (CELL_WIDTH + GAP)
        y = TOP + place // COLUMNS * (CELL_HEIGHT + GAP)
        yield from _cell(cell, x, y)


def _cell(cell: ManagedCell | UnmanagedCell, x: int, y: int) -> Iterator[str]:
    fill, edge = COLOURS[cell.state]
    dashed = ' stroke-dasharray="5 4"' if isinstance(cell, UnmanagedCell) or cell.state is State.PLANNED else ""
    where = f"{cell.provider} · {cell.region}" if isinstance(cell, ManagedCell) else "run by other means"
    size = f"{cell.class_} · {cell.tenancy} · {cell.ring}"
    paint = f'fill="{fill}" stroke="{edge}"{dashed}'
    yield f'<rect x="{x}" y="{y}" width="{CELL_WIDTH}" height="{CELL_HEIGHT}" rx="7" {paint}/>'
    for offset, text, style in (
        (22, cell.name, ' font-weight="600"'),
        (41, where, ""),
        (59, size, ""),
        (77, cell.state, f' fill="{edge}" font-weight="600"'),
    ):
        yield f'<text x="{x + 12}" y="{y + offset}"{style}>{escape(text)}</text>'
