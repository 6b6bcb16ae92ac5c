"""Fairness: 50 good clients beside one abusive guest or peer, one load at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scenarios import Scenario, flags
from stores import Made

PREFIX = "fair:"

ACKED = "acked.txt"
"""The generator writes each acknowledged sequence into a file of this name."""

END_LIMIT = 10.0
"""Seconds that an orderly end may take right after a load."""


@dataclass(frozen=True)
class Load(Scenario):
    """One load of the generator's mode `fair`."""

    seconds: float = 8.0
    calm: float = 4.0
    """Seconds before the load, and after it."""
    peers: Sequence[str] = ("ours",)
    others: bool = False

    def arguments(self, shorter: float, made: Made | None) -> list[str]:
        """Return the generator's arguments; `shorter` scales the times."""
        values: dict[str, float | str] = {
            "mode": "fair",
            "load": self.name.removeprefix(PREFIX),
            "good": self.streams,
            "calm-s": self.calm * shorter,
            "load-s": self.seconds * shorter,
        }
        return flags(values)


def _load(name: str, title: str, **fields: Any) -> Load:
    return Load(f"{PREFIX}{name}", title, 50, **fields)


LOADS: dict[str, Load] = {
    load.name: load
    for load in (
        _load(
            "ligatures", "200 messages to oneself of U+FDFA, which normalizes to 11 times its size"
        ),
        _load("han", "200 messages to oneself of 5,461 different Han letters"),
        _load("edits", "20,000 edits of one message, then its deletion", seconds=14.0),
        _load("phrases", "8 searches of a phrase of 2,700 words, canceled after 0.3 s, twice"),
        _load("windows", "500 streams with a 200-byte window, reopened every 60 ms"),
        _load("unread", "400 `ListMessages` calls whose window stays 0"),
        _load(
            "hellos",
            "2,500 `Connect` calls without a hello, at `--max-streams 2000`",
            server_options=("--max-streams", "2000"),
        ),
        _load(
            "streams",
            "2,500 streams of one token, at `--max-streams 2000`",
            server_options=("--max-streams", "2000"),
        ),
        _load("mentions", "100 messages/s to oneself, each with 100 unknown @names"),
        _load("rooms", "12,000 rooms of 40 owners, then `ListRooms` in a loop"),
        _load("flood", "4 streams flood messages of 16 KB to oneself"),
        _load("watches", "1,000 `health/Watch` streams"),
        _load("tls", "2,000 connections/s with a TLS hello"),
        _load("http1", "2,000 connections/s with an HTTP/1.1 request"),
        _load("clients", "10,000 guests signed in, then `ListClients` in a loop"),
        _load("descriptors", "1,000 idle connections at 256 descriptors", descriptors=256),
    )
}


def lost(store: Path, acked: Path) -> list[str]:
    """Return a sentence if acknowledged sequences are missing in the store."""
    sequences = {int(line) for line in acked.read_text().split()}
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as database:
        stored = {row[0] for row in database.execute("SELECT sequence FROM log")}
    missing = sorted(sequences - stored)
    if not missing:
        return []
    return [f"{len(missing)} acknowledged events are lost, the first is {missing[0]}"]


Run = dict[str, Any]


def table(results: dict[str, dict[str, list[Run]]]) -> str:
    """Return one Markdown table with a row for each load: of several rounds the median one."""
    runs = [
        (load, _median(by["ours"])) for name, load in LOADS.items() if (by := results.get(name))
    ]
    if not runs:
        return ""
    lines = [
        "**50 good clients beside one abusive guest or peer**",
        "",
        "| | " + " | ".join(_TITLES) + " |",
        "|---" + "|---:" * len(_TITLES) + "|",
        *(f"| {load.title} | " + " | ".join(_cells(run)) + " |" for load, run in runs),
    ]
    return "\n".join(lines)


def _median(runs: Sequence[Run]) -> Run:
    """Return the run whose p99 during the load is the median; one that failed is the worst."""

    def p99(run: Run) -> float:
        return float(run["fair"]["during"]["messages"]["p99_us"]) if "fair" in run else float("inf")

    return sorted(runs, key=p99)[(len(runs) - 1) // 2]


_TITLES = (
    "p99 ms before",
    "during",
    "after",
    "during / before",
    "`ListMessages`: p99 ms before",
    "during",
    "newcomer: p99 ms before",
    "during",
    "calls that failed",
    "MiB before",
    "most during",
    "after",
    "end s",
    "verdict",
)


def _cells(run: Run) -> list[str]:
    fair = run.get("fair")
    if fair is None:
        return [*[""] * (len(_TITLES) - 1), "failed"]
    phases = [fair["before"], fair["during"], fair["after"]]
    messages = [phase["messages"]["p99_us"] / 1e3 for phase in phases]
    others = [
        f"{phase[kind]['p99_us'] / 1e3:,.0f}"
        for kind in ("lists", "newcomers")
        for phase in phases[:2]
    ]
    during = fair["during"]
    return [
        *(f"{value:,.1f}" for value in messages),
        f"{fair['p99_ratio']:.1f}",
        *others,
        str(during["failed_lists"] + during["failed_newcomers"]),
        *(f"{phase['rss_kb'] / 1024:,.0f}" for phase in phases),
        f"{run.get('end_s', 0):.1f}",
        "over" if verdict(run) else "within",
    ]


def summary(run: Run) -> str:
    """Return the main figures of one run on one line."""
    phases = [run["fair"][name]["messages"] for name in ("before", "during", "after")]
    p99 = " → ".join(f"{phase['p99_us'] / 1e3:,.1f}" for phase in phases)
    attack = run["fair"]["attack"]
    words = [f"p99 {p99} ms", f"{attack['done']} of {attack['asked']} done", *verdict(run)]
    return ", ".join(words)


def verdict(run: Run) -> list[str]:
    """Return the figures over their limits: p99 of messages and of lists, seconds of the end."""
    fair = run.get("fair")
    if fair is None:
        return ["not measured"]
    found = []
    if fair["over"]:
        found.append(f"p99 is over {fair['p99_limit_us'] / 1e3:.0f} ms")
    if fair["lists_over"]:
        found.append("p99 of ListMessages is over its limit")
    if run.get("end_s", 0.0) > END_LIMIT:
        found.append(f"the server's end took {run['end_s']} s")
    return found
