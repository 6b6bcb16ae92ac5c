"""A chart of the measurements: deliveries a second, one group of bars for each scenario."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from scenarios import Scenario
from servers import PEERS
from table import median

WIDTH, ROW, GAP, LEFT = 760, 20, 26, 190
COLOURS = {"ours": "#2f81f7", "go": "#8b949e", "nats": "#3fb950", "threads": "#d29922"}


def chart(
    scenarios: Sequence[Scenario], results: dict[str, dict[str, list[dict[str, Any]]]]
) -> str:
    """Return the chart as SVG, readable on light and on dark backgrounds."""
    groups = [
        (scenario.title, bars)
        for scenario in scenarios
        if (
            bars := [
                (name, value)
                for name, runs in results[scenario.name].items()
                if (value := median(runs, "sat.per_s"))
            ]
        )
    ]
    top = max((value for _, bars in groups for _, value in bars), default=1.0)
    parts: list[str] = []
    y = 40
    for title, bars in groups:
        parts.append(f'<text x="0" y="{y}" class="title">{escape(title)}</text>')
        y += 8
        for name, value in bars:
            width = max(1.0, value / top * (WIDTH - LEFT - 90))
            colour = COLOURS.get(name, "#a371f7")
            parts.append(
                f'<text x="{LEFT - 8}" y="{y + 14}" class="peer">{escape(PEERS[name].label)}</text>'
                f'<rect x="{LEFT}" y="{y + 3}" width="{width:.1f}" height="{ROW - 5}" rx="2" '
                f'fill="{colour}"/>'
                f'<text x="{LEFT + width + 6:.1f}" y="{y + 14}">{value / 1e6:.2f} M</text>'
            )
            y += ROW
        y += GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" role="img" '
        'font-family="system-ui, sans-serif" font-size="12">'
        "<title>Deliveries a second</title><style>text{fill:#57606a}.title{font-weight:600;"
        "fill:#24292f}.peer{text-anchor:end}@media(prefers-color-scheme:dark){text{fill:#9198a1}"
        ".title{fill:#f0f6fc}}</style>"
        '<text x="0" y="14" class="title">Deliveries a second: everyone receives everything, '
        f"128 bytes</text>{''.join(parts)}</svg>\n"
    )
