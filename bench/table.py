"""Tables and summaries of the measurements."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import Any

from scenarios import Scenario
from servers import PEERS

Run = dict[str, Any]

FRAMES = "sat.events_a_frame"
MOST_IN_FLIGHT = 1024


def at(path: str) -> Callable[[Run], float | None]:
    """Return a function that looks up a number by a path of keys with dots."""

    def find(run: Run) -> float | None:
        found: Any = run
        for key in path.split("."):
            if not isinstance(found, dict) or key not in found:
                return None
            found = found[key]
        return float(found)

    return find


_MS, _MIB = 1e-3, 1 / 1024

COLUMNS: list[tuple[str, str, float, str]] = [
    ("deliveries/s", "sat.per_s", 1, "{:,.0f}"),
    ("median ms", "sat.p50_us", 1e-3, "{:.1f}"),
    ("p99 ms", "sat.p99_us", 1e-3, "{:.1f}"),
    ("CPU µs a delivery", "sat.server_cpu_us_per", 1, "{:.2f}"),
    ("events a response", "sat.events_a_frame", 1, "{:.1f}"),
    ("at rest: median ms", "lat.p50_us", 1e-3, "{:.1f}"),
    ("at rest: p99 ms", "lat.p99_us", 1e-3, "{:.1f}"),
    ("at rest: CPU µs", "lat.server_cpu_us_per", 1, "{:.1f}"),
    ("direct: round trip µs", "dmlat.rtt.p50_us", 1, "{:,.0f}"),
    ("direct/s", "dmsat.per_s", 1, "{:,.0f}"),
    ("KiB a stream", "rss.per_client_kb", 1, "{:.0f}"),
    ("connects/s", "connect.per_s", 1, "{:,.0f}"),
    ("from the store: events/s", "resume.per_s", 1, "{:,.0f}"),
    ("all caught up after s", "resume.secs", 1, "{:.2f}"),
    ("live meanwhile: median ms", "resume.live.p50_us", _MS, "{:.1f}"),
    ("live: p99 ms", "resume.live.p99_us", _MS, "{:.1f}"),
    ("MiB more", "resume.rss_growth_kb", _MIB, "{:.0f}"),
    ("from memory: events/s", "resume_memory.per_s", 1, "{:,.0f}"),
    ("all caught up after s", "resume_memory.secs", 1, "{:.2f}"),
    ("live meanwhile: median ms", "resume_memory.live.p50_us", _MS, "{:.1f}"),
    ("live: p99 ms", "resume_memory.live.p99_us", _MS, "{:.1f}"),
    ("nobody catching up: live p99 ms", "resume.quiet.p99_us", _MS, "{:.1f}"),
    ("p99 ms without the slow one", "slow.p99_without_us", _MS, "{:.1f}"),
    ("with it", "slow.p99_with_us", _MS, "{:.1f}"),
    ("with / without", "slow.p99_ratio", 1, "{:.2f}"),
    ("deliveries/s: with / without", "slow.per_s_ratio", 1, "{:.2f}"),
    ("MiB for it", "slow.rss_growth_kb", _MIB, "{:.1f}"),
    ("events that it caught up", "slow.events", 1, "{:,.0f}"),
    ("in s", "slow.caught_up_s", 1, "{:.2f}"),
    ("start s", "calls.start_s", 1, "{:.2f}"),
    ("list 50: median ms", "calls.list.p50_us", _MS, "{:.2f}"),
    ("conversations", "calls.conversations.p50_us", _MS, "{:.2f}"),
    ("search a rare word", "calls.search_rare.p50_us", _MS, "{:.2f}"),
    ("a frequent word", "calls.search_frequent.p50_us", _MS, "{:.2f}"),
    ("a phrase", "calls.search_phrase.p50_us", _MS, "{:.2f}"),
    ("connect, resume at the head", "calls.connect.p50_us", _MS, "{:.2f}"),
]

_IN_SHORT = {
    *("sat.per_s", "lat.p50_us", "dmsat.per_s", "resume.per_s", "resume_memory.per_s"),
    *("resume.live.p99_us", "slow.p99_ratio", "slow.rss_growth_kb", "calls.start_s"),
    *("calls.list.p50_us", "calls.search_frequent.p50_us", "calls.connect.p50_us"),
}


def median(runs: Sequence[Run], path: str) -> float | None:
    """Return the median of a number over runs, or None if no run has it."""
    values = [value for run in runs if (value := at(path)(run)) is not None]
    return statistics.median(values) if values else None


def summary(run: Run) -> str:
    """Return the main figures of one run on one line."""
    words = []
    for title, path, scale, form in COLUMNS:
        value = at(path)(run)
        if value is not None and path in _IN_SHORT:
            words.append(f"{form.format(value * scale)} {title}")
    if generator_is_limit(run):
        words.append("(the generator is the limit)")
    return ", ".join(words)


def generator_is_limit(run: Run) -> bool:
    """Tell whether the generator's own CPU limited a phase that measures throughput."""
    phases = (run.get(name, {}) for name in ("sat", "resume", "resume_memory", "slow"))
    return any(phase.get("generator_is_limit") for phase in phases)


def tables(scenarios: Sequence[Scenario], results: dict[str, dict[str, list[Run]]]) -> str:
    """Return a Markdown table for each scenario, with ratios to its reference in brackets."""
    return "\n\n".join(
        table(scenario, results[scenario.name]) for scenario in scenarios if results[scenario.name]
    )


def table(scenario: Scenario, by_peer: dict[str, list[Run]]) -> str:
    """Return the table of one scenario."""
    columns = [
        column for column in COLUMNS if any(median(runs, column[1]) for runs in by_peer.values())
    ]
    lines = [
        f"**{scenario.title}**",
        "",
        "| | " + " | ".join(column[0] for column in columns) + " |",
        "|---" + "|---:" * len(columns) + "|",
    ]
    for name, runs in by_peer.items():
        cells = [cell(runs, by_peer.get(scenario.reference, []), column) for column in columns]
        if any(map(generator_is_limit, runs)):
            cells[0] += " (generator's limit)"
        lines.append(f"| {PEERS[name].label} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def cell(runs: Sequence[Run], reference: Sequence[Run], column: tuple[str, str, float, str]) -> str:
    """Return a median as text, with its ratio to the reference."""
    _, path, scale, form = column
    value, other = median(runs, path), median(reference, path)
    # A peer without HTTP/2 has no events per frame.
    if value is None or (path == FRAMES and value > MOST_IN_FLIGHT):
        return ""
    shown = form.format(value * scale)
    if other and runs is not reference and path != FRAMES:
        shown += f" ({value / other:.2f}×)"
    return shown
