"""The screen of `admin top`, and the short texts of its quantities."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from chat_grpc_cli.administration import detail_words
from chat_grpc_cli.columns import width
from chat_grpc_cli.quantities import age, number, rate, size, sparkline
from chat_grpc_cli.render import plain
from chat_grpc_cli.top_view import ORDERS, Watched, screen

from chat_grpc.v1 import admin_pb2, chat_pb2

NOW = datetime.fromtimestamp(1_800_000_000, UTC)
EVIL = "e\x1b[31mvil\u202e\r\n\x9b2J"


def stream(name: str, behind: int = 0) -> admin_pb2.StreamInfo:
    """Make a stream of a user."""
    told = admin_pb2.StreamInfo(
        user=chat_pb2.Author(number=7, name=name),
        address="192.0.2.1",
        agent=EVIL,
        behind=behind,
        catching_up=behind > 0,
    )
    told.open_time.FromSeconds(1_800_000_000 - 90)
    return told


def watched(streams: int = 30) -> Watched:
    """Make the view of a busy server."""
    made = Watched("localhost:50051")
    status = admin_pb2.GetServerStatusResponse(
        version="1.0",
        node="node-1",
        stream_count=streams,
        client_count=streams,
        connection_count=streams + 1,
        head_sequence=123_456,
        lagging_stream_count=1,
        queued_bytes=1_200_000,
        stored_per_second=42.0,
        store_bytes=48_100_000,
        refusals={"messages_per_second": 12, "streams_per_address": 100},
        most_lagging_stream=stream("slow", 1234),
    )
    status.start_time.FromSeconds(1_800_000_000 - 3 * 86400)
    action = admin_pb2.AuditEvent(author="root", method="Kick", subject=EVIL, reason="spam")
    made.take(status, [stream(f"user{n}", int(n == 1)) for n in range(streams)], [action] * 9)
    return made


def shown(view: Watched, columns: int, lines: int) -> list[str]:
    """Return the lines of the screen."""
    return plain(screen(view, NOW, columns, lines)).split("\n")


@pytest.mark.parametrize("columns", [1, 10, 25, 40, 64, 80, 120, 200])
@pytest.mark.parametrize("lines", [1, 3, 10, 24, 60])
def test_the_screen_fits_every_window(columns: int, lines: int) -> None:
    """No line is wider and no screen higher than the window, whatever names others chose."""
    for streams in (0, 1, 30):
        view = watched(streams)
        for view.help in (False, True):
            found = shown(view, columns, lines)
            assert len(found) == lines
            assert max(map(width, found)) <= columns


def test_what_others_wrote_cannot_control_the_terminal() -> None:
    """Names, programs and reasons are escaped."""
    view = watched(0)
    view.streams = [stream(EVIL)]
    text = "".join(shown(view, 200, 40))
    assert not set(text) & {"\x1b", "\r", "\x9b", "\u202e"}
    assert "\\x1b" in text


def test_the_numbers_and_the_streams_are_there() -> None:
    """At 80 columns the screen has the rates, the head, the refusals, streams and actions."""
    text = "\n".join(shown(watched(), 80, 30))
    for words in (
        *("node-1", "serving", "up 3d 00h", "123,456", "42.0", "48.1 MB", "1.2 MB"),
        *("slow#7, 1,234 behind", "streams_per_address 100", "STREAMS by queue", "user3#7"),
        *("ADMIN ACTIONS", "Kick", "q leave"),
    ):
        assert words in text, words


def test_the_keys_sort_and_scroll() -> None:
    """Sorting goes through all orders and back; scrolling stops at both ends."""
    view = watched()
    assert "1-" in "\n".join(shown(view, 80, 24))
    view.scroll(5)
    assert "STREAMS by queue" in (text := "\n".join(shown(view, 80, 24)))
    assert "6-" in text
    assert "user4#" not in text
    view.scroll(1000)
    assert "-30 of 30" in "\n".join(shown(view, 80, 24))
    view.scroll(-1000)
    assert view.first == 0
    names = []
    for _ in ORDERS:
        names.append(ORDERS[view.order][1])
        view.sort(1)
    assert sorted(names) == sorted(name for _, name in ORDERS)
    view.sort(-1)
    assert view.order == len(ORDERS) - 1


def test_a_server_that_is_away() -> None:
    """The last state stays on the screen, and the title says that it is old."""
    view = watched()
    view.problem = "No server answers."
    text = "\n".join(shown(view, 80, 24))
    assert "no answer, retrying" in text
    assert "123,456" in text


def test_a_draining_server_and_a_full_disk_are_named() -> None:
    """The title says why the server does not serve everything."""
    view = watched()
    assert view.status is not None
    view.status.storage_full = True
    assert "disk full" in shown(view, 80, 24)[0]
    view.status.draining = True
    assert "draining" in shown(view, 80, 24)[0]


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (99_949, "99.9 kB"),
        (99_950, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (48_100_000, "48.1 MB"),
        (10**20, "100 EB"),
    ],
)
def test_sizes(count: int, text: str) -> None:
    """A size has three digits and a decimal unit."""
    assert size(count) == text


def test_numbers_rates_and_ages() -> None:
    """Large numbers have separators, small rates a decimal, ages their two largest units."""
    assert (number(1_234_567), rate(0.04), rate(99.94), rate(1234.5)) == (
        *("1,234,567", "0.0", "99.9", "1,234"),
    )
    found = [age(each) for each in (-1, 0, 59.9, 60, 3600, 86_400 * 400)]
    assert found == ["0s", "0s", "59s", "1m 00s", "1h 00m", "400d 00h"]


def test_sparklines() -> None:
    """The highest of the newest values is a full bar; an idle server draws a base line."""
    assert sparkline([0, 5, 10], 10) == "▁▅█"
    assert sparkline([9, 0, 10], 2) == "▁█"
    assert sparkline([0.1, 0.2], 5) == "▂▂"
    assert sparkline([0, 0], 5) == "▁▁"
    assert sparkline([1], 0) == ""
    assert sparkline([], 5) == ""


def test_the_help_has_all_words_in_a_narrow_window() -> None:
    """The words of a key continue on the next line, and none is cut."""
    view = watched()
    view.help = True
    lines = shown(view, 40, 40)
    assert not any("…" in line for line in lines)
    text = " ".join(" ".join(lines).split())
    assert "events that a stream still has to read from the log" in text


@pytest.mark.parametrize(
    ("days", "words"),
    [(-1.0, "expired at"), (5.0, "in 5d 00h: renew it"), (30.0, "")],
)
def test_a_certificate_that_ends_soon_is_shown(days: float, words: str) -> None:
    """A certificate is on the screen in its last 14 days, and once it has expired."""
    view = watched()
    assert view.status is not None
    view.status.certificate_expire_time.FromSeconds(int(NOW.timestamp() + days * 86400))
    text = "\n".join(shown(view, 100, 30))
    assert ("certificate" in text) == bool(words)
    assert words in text


def test_periods_of_an_audit_event_are_as_people_write_them() -> None:
    """Durations and lifetimes are shown in exact units, and all other values as they are."""
    assert detail_words("duration=604800s") == "duration=7d"
    assert detail_words("uses=5 lifetime=5400s") == "uses=5 lifetime=1h30m"
    assert detail_words("room=60s duration=0s") == "room=60s duration=0s"
    assert detail_words("admin=true") == "admin=true"
