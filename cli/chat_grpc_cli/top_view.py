"""The screen of `admin top`. Pure: no terminal, no clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chat_grpc.v1 import admin_pb2
from chat_grpc_cli.administration import detail_words
from chat_grpc_cli.columns import NEWLINE, Fragments, clip, left, line_width, right, wrap
from chat_grpc_cli.operations import (
    certificate_words,
    expires_soon,
    has_connections,
    lagging_words,
    process_words,
    refusal_words,
    state_words,
)
from chat_grpc_cli.quantities import age, number, rate, size, sparkline
from chat_grpc_cli.sanitize import safe

ORDERS = (
    (admin_pb2.STREAM_ORDER_QUEUE, "queue"),
    (admin_pb2.STREAM_ORDER_LAG, "lag"),
    (admin_pb2.STREAM_ORDER_NAME, "name"),
    (admin_pb2.STREAM_ORDER_NEWEST, "newest"),
    (admin_pb2.STREAM_ORDER_OLDEST, "oldest"),
)
"""The orders of the list of streams, in the order in which a key selects them."""

WIDE = 64
"""Columns from which the numbers stand in two columns, and streams show where they come from."""

REMEMBERED = 240
"""Samples of a rate that are drawn at most."""

_AUDIT_LINES = 5
_MIN_STREAM_LINES = 3

_HELP = (
    ("q", "leave"),
    ("s, S", "next, previous order of the streams"),
    ("↑ ↓ PgUp PgDn", "scroll the streams"),
    ("Home", "back to the first stream"),
    ("?", "this help, and back"),
    ("", ""),
    ("stored/s", "events stored a second, over 5 seconds"),
    ("delivered/s", "events given to live streams"),
    ("queue", "bytes that wait for a client"),
    ("room", "bytes that a client accepts now"),
    ("behind", "events that a stream still has to read from the log"),
)

_HELP_KEYS = 15
"""Columns of the keys in the help."""

Line = Fragments
"""The fragments of one line."""


@dataclass
class Watched:
    """The newest answers of a server, and the choices of the user."""

    server: str
    status: admin_pb2.GetServerStatusResponse | None = None
    streams: Sequence[admin_pb2.StreamInfo] = ()
    actions: Sequence[admin_pb2.AuditEvent] = ()
    problem: str = ""
    """The reason why the newest answers are old; empty if they are not."""
    stored: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    delivered: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    order: int = 0
    """The index in `ORDERS`."""
    first: int = 0
    """The index of the first stream that is shown."""
    help: bool = False

    def take(
        self,
        status: admin_pb2.GetServerStatusResponse,
        streams: Sequence[admin_pb2.StreamInfo],
        actions: Sequence[admin_pb2.AuditEvent],
    ) -> None:
        """Take new answers."""
        self.status, self.streams, self.actions, self.problem = status, streams, actions, ""
        self.stored.append(status.stored_per_second)
        self.delivered.append(status.delivered_per_second)

    def sort(self, step: int) -> None:
        """Choose the next order, or with -1 the previous one."""
        self.order = (self.order + step) % len(ORDERS)
        self.first = 0

    def scroll(self, lines: int) -> None:
        """Scroll the streams down, or up with a negative number of lines."""
        self.first = max(0, min(self.first + lines, len(self.streams) - 1))


def screen(watched: Watched, now: datetime, columns: int, lines: int) -> Fragments:
    """Return the screen: at most some lines, none of which has more than some columns."""
    head = [_title(watched, now, columns), _blank()]
    foot = [_blank(), _keys(watched)]
    if watched.help:
        body = _help(columns)
    elif watched.status is None:
        body = [[("class:dim", watched.problem or f"Asking {safe(watched.server)} …")]]
    else:
        body = _body(watched, watched.status, now, columns, lines - len(head) - len(foot))
    space = max(lines - len(head) - len(foot), 0)
    body = body[:space] + [_blank()] * (space - len(body))
    return _joined([_clipped(line, columns) for line in [*head, *body, *foot][:lines]])


def _body(
    watched: Watched,
    status: admin_pb2.GetServerStatusResponse,
    now: datetime,
    columns: int,
    lines: int,
) -> list[Line]:
    numbers = _numbers(watched, status, columns)
    numbers.append([("class:dim", left("process", 10)), ("", process_words(status))])
    if expires_soon(status, now):
        words = certificate_words(status, now)
        numbers.append([("class:dim", left("tls", 10)), ("class:warn", words)])
    if refused := refusal_words(status):
        numbers.append([("class:dim", left("refused", 10)), ("", refused)])
    left_over = lines - len(numbers) - 3  # a blank line, the heading, the names of the columns
    actions = _actions(watched, columns)
    space = max(left_over - len(actions), min(_MIN_STREAM_LINES, left_over))
    streams = _streams(watched, now, columns, max(space, 0))
    used = len(numbers) + 1 + len(streams)
    filler = [_blank()] * max(lines - used - len(actions), 0)
    return [*numbers, _blank(), *streams, *filler, *actions]


# ------------------------------------------------------------- numbers


def _title(watched: Watched, now: datetime, columns: int) -> Line:
    status = watched.status
    clock = now.strftime("%H:%M:%S")
    if status is None:
        return _spread([("class:title", " chat-grpc ")], [("class:dim", clock)], columns)
    name = f" {safe(status.node)} "
    about: Line = [("class:title", name)]
    if columns >= WIDE:
        about += [("class:dim", f"  chat-grpc {safe(status.version)}  {safe(watched.server)}")]
    if watched.problem:
        state = [("class:warn", "no answer, retrying")]
    else:
        words = state_words(status)
        style = "class:good" if words == "serving" else "class:warn"
        up = age(now.timestamp() - status.start_time.seconds)
        state = [(style, words), ("class:dim", f"  up {up}")]
    return _spread(about, [*state, ("class:dim", f"  {clock}")], columns)


def _numbers(
    watched: Watched, status: admin_pb2.GetServerStatusResponse, columns: int
) -> list[Line]:
    """Return the numbers of the server, in one column or two."""
    connections = number(status.connection_count) if has_connections(status) else "-"
    counts = [
        ("clients", number(status.client_count), ""),
        ("streams", number(status.stream_count), ""),
        ("connected", connections, ""),
        ("queues", size(status.queued_bytes), "warn" if status.lagging_stream_count else ""),
        ("lagging", number(status.lagging_stream_count), "warn"),
    ]
    first = [_count(name, text, style) for name, text, style in counts]
    space = columns - (24 if columns >= WIDE else 0) - 22
    second = [
        _rate("stored/s", status.stored_per_second, watched.stored, space),
        _rate("delivered/s", status.delivered_per_second, watched.delivered, space),
        _count("log head", number(status.head_sequence), "", 12),
        _count("store", size(status.store_bytes), "", 12),
        [],
    ]
    if status.HasField("most_lagging_stream"):
        words = lagging_words(status.most_lagging_stream)
        second[-1] = [("class:dim", left("farthest", 12)), ("class:warn", words)]
    if columns < WIDE:
        return [*first, *(line for line in second if line)]
    return [_beside(one, two, 24) for one, two in zip(first, second, strict=True)]


def _count(name: str, text: str, style: str, columns: int = 10) -> Line:
    shown = f"class:{style}" if style and text not in ("0", "-") else "bold"
    return [("class:dim", left(name, columns)), (shown, right(text, 9))]


def _rate(name: str, value: float, history: Sequence[float], space: int) -> Line:
    line: Line = [("class:dim", left(name, 12)), ("bold", right(rate(value), 9))]
    if space > 4:
        line += [("", " "), ("class:spark", sparkline(history, space))]
    return line


def _beside(one: Line, two: Line, columns: int) -> Line:
    used = line_width(one)
    return [*one, ("", " " * max(columns - used, 1)), *two]


# ------------------------------------------------------------- streams

_Cell = Callable[[admin_pb2.StreamInfo, datetime], str]


def _who(stream: admin_pb2.StreamInfo, _: datetime) -> str:
    return f"{safe(stream.user.name)}#{stream.user.number}"


def _state(stream: admin_pb2.StreamInfo, _: datetime) -> str:
    if stream.catching_up:
        return f"{number(stream.behind)} behind"
    if stream.HasField("stalled_time") and stream.stalled_time.seconds >= 1:
        return f"stalls {age(stream.stalled_time.seconds)}"
    return "live"


def _queue(stream: admin_pb2.StreamInfo, _: datetime) -> str:
    return size(stream.queued_bytes)


def _window(stream: admin_pb2.StreamInfo, _: datetime) -> str:
    return size(stream.window_bytes) if stream.HasField("window_bytes") else "-"


def _open(stream: admin_pb2.StreamInfo, now: datetime) -> str:
    return age(now.timestamp() - stream.open_time.seconds)


def _from(stream: admin_pb2.StreamInfo, _: datetime) -> str:
    return safe(stream.address)


def _agent(stream: admin_pb2.StreamInfo, _: datetime) -> str:
    return safe(stream.agent)


_COLUMNS: tuple[tuple[str, int, _Cell], ...] = (
    ("user", 16, _who),
    ("state", 16, _state),
    ("queue", -7, _queue),
    ("room", -7, _window),
    ("open", -7, _open),
    ("from", 15, _from),
    ("program", 24, _agent),
)
"""Title, columns (negative: aligned at the right), and text of each column, by importance."""

_NARROW = {"user": 13, "state": 15}
"""Columns in a narrow window."""

_LEAST = 8
"""Columns of the last column that is shown: its texts may be cut."""


def _table(columns: int) -> tuple[tuple[str, int, _Cell], ...]:
    """Return the columns of the list of streams that have space."""
    table = _COLUMNS
    if columns < WIDE:
        table = tuple((title, _NARROW.get(title, size_), text) for title, size_, text in table)
    used = 0
    for count, (_, size_, _) in enumerate(table):
        if used + min(abs(size_), _LEAST) > columns:
            return table[:count]
        used += abs(size_) + 2
    return table


def _streams(watched: Watched, now: datetime, columns: int, lines: int) -> list[Line]:
    assert watched.status is not None
    total = watched.status.stream_count
    first = min(watched.first, max(len(watched.streams) - lines, 0))
    shown = watched.streams[first : first + lines]
    table = _table(columns)
    words = f"by {ORDERS[watched.order][1]}"
    where = f"{first + 1}-{first + len(shown)} of {number(total)}" if shown else "none"
    heading: Line = [("class:heading", "STREAMS "), ("class:dim", words)]
    titles = [(title, columns_) for title, columns_, _ in table]
    rows = [_spread(heading, [("class:dim", where)], columns)]
    if shown:
        rows.append([("class:dim", _row([(title, size_) for title, size_ in titles]))])
    for stream in shown:
        text = _row([(cell(stream, now), size_) for _, size_, cell in table])
        style = "class:warn" if stream.catching_up else "class:old" if watched.problem else ""
        rows.append([(style, text)])
    return rows


def _row(cells: Sequence[tuple[str, int]]) -> str:
    parts = []
    for text, columns in cells:
        shown = clip(text, abs(columns))
        parts.append(left(shown, columns) if columns > 0 else right(shown, -columns))
    return "  ".join(parts).rstrip()


# ------------------------------------------------------------- actions, help


def _actions(watched: Watched, columns: int) -> list[Line]:
    if not watched.actions:
        return []
    lines: list[Line] = [_blank(), [("class:heading", "ADMIN ACTIONS")]]
    for each in watched.actions[:_AUDIT_LINES]:
        moment = datetime.fromtimestamp(each.time.seconds).astimezone()
        subject = " ".join(filter(None, (safe(each.subject), safe(detail_words(each.detail)))))
        line: Line = [
            ("class:dim", moment.strftime("%m-%d %H:%M  " if columns >= WIDE else "%H:%M ")),
            ("bold", safe(each.author)),
            ("", f" {safe(each.method)} {subject}".rstrip()),
        ]
        if each.reason:
            line.append(("class:dim", f"  {safe(each.reason)}"))
        lines.append(line)
    return lines


def _keys(watched: Watched) -> Line:
    if watched.help:
        return [("class:key", "?"), ("class:dim", " back   "), *_key("q", "leave")]
    return [*_key("q", "leave"), *_key("s", "sort"), *_key("↑↓", "scroll"), *_key("?", "help")]


def _key(key: str, words: str) -> Line:
    return [("class:key", key), ("class:dim", f" {words}   ")]


def _help(columns: int) -> list[Line]:
    """Return the help; the words of a key continue below themselves in a narrow window."""
    lines: list[Line] = []
    for key, words in _HELP:
        space = max(columns - _HELP_KEYS, _LEAST)
        first, *rest = wrap(words, space, space)
        lines.append([("class:key", left(key, _HELP_KEYS)), ("", first)])
        lines += [[("", " " * _HELP_KEYS + line)] for line in rest]
    return lines


# ------------------------------------------------------------- lines


def _blank() -> Line:
    return []


def _spread(one: Line, two: Line, columns: int) -> Line:
    """Put one line at the left and another at the right; the left one is cut if need be."""
    right_side = line_width(two)
    kept = _clipped(one, max(columns - right_side - 1, 0))
    used = line_width(kept)
    return [*kept, ("", " " * max(columns - used - right_side, 1)), *two]


def _clipped(line: Line, columns: int) -> Line:
    """Cut a line at a number of columns."""
    kept: Line = []
    for style, text in line:
        space = columns - line_width(kept)
        if space <= 0:
            break
        kept.append((style, clip(text, space)))
    return kept


def _joined(lines: Sequence[Line]) -> Fragments:
    out: Fragments = []
    for count, line in enumerate(lines):
        out += [NEWLINE, *line] if count else line
    return out
