"""Texts in the columns of a terminal. Pure; the texts are safe to show."""

from __future__ import annotations

import re

from wcwidth import iter_graphemes, wcswidth

Fragments = list[tuple[str, str]]
"""Styles and texts; a newline stands in a fragment of its own."""

NEWLINE = ("", "\n")

GUTTER = "class:gutter"
"""The style of what parts a text from what stands before it: its other lines begin there, too."""

_LEAST = 20
"""A text gets at least so many columns; else its other lines begin at the left."""

_PARTS = re.compile(r" +|[^ ]+")


def width(text: str) -> int:
    """Counts the columns of a text."""
    return len(text) if text.isascii() else max(wcswidth(text), 0)


def right(text: str, columns: int) -> str:
    """Puts spaces before a text."""
    return " " * (columns - width(text)) + text


def left(text: str, columns: int) -> str:
    """Puts spaces behind a text."""
    return text + " " * (columns - width(text))


def clip(text: str, columns: int) -> str:
    """Cuts a text that needs more columns, and says so by an ellipsis."""
    if width(text) <= columns:
        return text
    kept, used = "", 1
    for cluster in iter_graphemes(text):
        used += width(cluster)
        if used > columns:
            break
        kept += cluster
    return kept + "…"


def wrap(text: str, first: int, columns: int) -> list[str]:
    """Breaks a line at spaces, which are left out there; a word that fits in no line anywhere.

    The first line has `first` columns, the others `columns`.
    """
    lines: list[str] = []
    line, used, gap, most = "", 0, "", first
    for part in _PARTS.findall(text):
        if part[0] == " ":
            gap = part if line or not lines else ""
            continue
        size = width(part)
        if used + len(gap) + size <= most:
            line, used = line + gap + part, used + len(gap) + size
        elif size <= columns:
            lines.append(line)
            line, used, most = part, size, columns
        else:
            if used + len(gap) < most:
                line, used = line + gap, used + len(gap)
            else:
                lines.append(line)
                line, used, most = "", 0, columns
            for cluster in iter_graphemes(part):
                cells = width(cluster)
                if used + cells > most:
                    lines.append(line)
                    line, used, most = "", 0, columns
                line, used = line + cluster, used + cells
        gap = ""
    return [*lines, line + gap if used + len(gap) <= most else line]


def fit(fragments: Fragments, columns: int) -> Fragments:
    """Breaks the lines that need more columns, so that each further line keeps to the gutter.

    What one wrote can then not begin at the left, where it would look like another message. Lines
    without a gutter are left as they are.
    """
    out: Fragments = []
    row: Fragments = []
    for fragment in [*fragments, NEWLINE]:
        if fragment != NEWLINE:
            row.append(fragment)
            continue
        out += [*_fit_row(row, columns), NEWLINE]
        row = []
    return out[:-1]


def _fit_row(row: Fragments, columns: int) -> Fragments:
    cells = [width(text) for _, text in row]
    gutter = next((n for n, (style, _) in enumerate(row) if style == GUTTER), None)
    if gutter is None or sum(cells) <= columns:
        return row
    used = sum(cells[: gutter + 1])
    indent = [("", " " * (used - cells[gutter])), row[gutter]]
    most = columns - used
    if most < _LEAST:
        indent, most = [row[gutter]], max(columns - cells[gutter], 1)
    out = row[: gutter + 1]
    for style, text in row[gutter + 1 :]:
        first, *rest = wrap(text, max(columns - used, 0), most)
        out.append((style, first))
        used += width(first)
        for line in rest:
            out += [NEWLINE, *indent, (style, line)]
            used = columns - most + width(line)
    return out
