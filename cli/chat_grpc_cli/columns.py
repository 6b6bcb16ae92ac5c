"""Text in the columns of a terminal. Pure; the texts are safe to show.

No line of a text may look like a line of another user. So every line that is broken at the
edge of the window continues after a gutter: at the column of the row's own gutter, or, if the row
has none or the window is narrow, after a bar at the left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from wcwidth import iter_graphemes, wcswidth, wcwidth

Fragments = list[tuple[str, str]]
"""Pairs of a style and a text. A newline is a fragment of its own."""

NEWLINE = ("", "\n")

GUTTER = "class:gutter"
"""The style of the separator between a text and its head, such as time and author."""

PAD = "class:pad"
"""The style of spaces before a name. A narrow window has fewer of them, in each row."""

NAME_WIDTH = 14
"""Columns of the names. A longer name moves its line to the right."""

BAR = " │ "
"""The gutter of messages, and of continuation lines that begin at the left."""

_MIN_COLUMNS = 20
"""Minimum columns for a text after its gutter, or half of the window if that is less. With fewer,
all its lines begin at the left."""

_HEAD = len("00:00 ") + NAME_WIDTH + len(BAR)

_WORDS = re.compile(r" +|[^ ]+")


def width(text: str) -> int:
    """Return the number of columns of a text: the maximum that a terminal may need.

    Terminals disagree on emoji that are joined, or that have a variation selector.
    """
    if text.isascii():
        return len(text)
    return max(wcswidth(text), sum(max(wcwidth(letter), 0) for letter in text))


def line_width(line: Fragments) -> int:
    """Return the number of columns of a line of fragments, as `width` does."""
    return sum(width(text) for _, text in line)


def right(text: str, columns: int) -> str:
    """Pad a text with spaces on its left."""
    return " " * (columns - width(text)) + text


def left(text: str, columns: int) -> str:
    """Pad a text with spaces on its right."""
    return text + " " * (columns - width(text))


def clip(text: str, columns: int) -> str:
    """Cut a text to a number of columns, the last of which is then an ellipsis."""
    if width(text) <= columns:
        return text
    kept, used = "", 1
    for cluster in iter_graphemes(text):
        used += width(cluster)
        if used > columns:
            break
        kept += cluster
    return kept + "…"


def clip_line(line: Fragments, columns: int) -> Fragments:
    """Cut a line of fragments to a number of columns, as `clip` does."""
    if line_width(line) <= columns:
        return line
    out: Fragments = []
    left_over = max(columns, 1)
    for style, text in line:
        cells = width(text)
        if cells >= left_over:
            return [*out, (style, clip(text + " ", left_over))]
        out.append((style, text))
        left_over -= cells
    return out


def wrap(text: str, first: int, columns: int) -> list[str]:
    """Break a line at spaces, and break a word that is longer than a line.

    The first line has `first` columns, the others have `columns`. Spaces at a break are dropped.
    """
    lines: list[str] = []
    line, used, gap, most = "", 0, "", first
    for part in _WORDS.findall(text):
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
            for cluster in _pieces(part, columns):
                cells = width(cluster)
                if used + cells > most:
                    lines.append(line)
                    line, used, most = "", 0, columns
                line, used = line + cluster, used + cells
        gap = ""
    return [*lines, line + gap if used + len(gap) <= most else line]


def _pieces(word: str, columns: int) -> Iterator[str]:
    """Yield the unbreakable parts of a word: letters with their marks, and joined emoji."""
    for cluster in iter_graphemes(word):
        if width(cluster) <= columns:
            yield cluster
        else:
            yield from cluster


def fit(fragments: Fragments, columns: int) -> Fragments:
    """Break the lines that need more columns; each further line begins with a gutter."""
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
    row = narrowed(row, columns)
    cells = [width(text) for _, text in row]
    gutter = next((n for n, (style, _) in enumerate(row) if style == GUTTER), None)
    head = sum(cells[: gutter + 1]) if gutter is not None else 0
    further = gutter is not None and not any(text.strip() for _, text in row[:gutter])
    wide = head + min(_MIN_COLUMNS, columns // 2) <= columns
    if sum(cells) <= columns and (wide or not further):
        return row
    bar: Fragments = [(GUTTER, BAR)]
    if gutter is None:
        return _flow(row, [], bar, columns)
    if wide:
        indent = [("", " " * (head - cells[gutter])), row[gutter]]
        return _flow(row[gutter + 1 :], row[: gutter + 1], indent, columns)
    texts = _flow(row[gutter + 1 :], bar, bar, columns)
    if further:  # of a message with several lines
        return texts
    # The head has a line of its own, so that all lines of the text begin at the same column.
    return [*_flow(row[:gutter], [], bar, columns), NEWLINE, *texts]


def narrowed(row: Fragments, columns: int) -> Fragments:
    """Take spaces out of the padding of a row, if the columns do not suffice for its text."""
    missing = _HEAD + _MIN_COLUMNS - columns
    if missing <= 0:
        return row
    return [(style, text[missing:] if style == PAD else text) for style, text in row]


def _flow(texts: Fragments, head: Fragments, indent: Fragments, columns: int) -> Fragments:
    """Put texts after a head, and break them; each further line begins with `indent`."""
    out = [*head]
    used = line_width(head)
    before = line_width(indent)
    for style, text in texts:
        first, *rest = wrap(text, max(columns - used, 0), max(columns - before, 1))
        out.append((style, first))
        used += width(first)
        for line in rest:
            out += [NEWLINE, *indent, (style, line)]
            used = before + width(line)
    return out
