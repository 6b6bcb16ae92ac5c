"""The styles of the interactive client, from its settings and the environment."""

from __future__ import annotations

import os

from prompt_toolkit.output import ColorDepth
from prompt_toolkit.styles import BaseStyle, Style

from chat_grpc_cli import palette
from chat_grpc_cli.settings import Settings


def style_of(settings: Settings) -> BaseStyle:
    """Return the style for the background of the terminal."""
    return Style.from_dict(palette.rules(palette.background(settings.colors, os.environ)))


def depth_of(settings: Settings) -> ColorDepth | None:
    """Return the number of colors to use; None for that of the terminal's `TERM`."""
    if settings.colors == "none":
        return ColorDepth.DEPTH_1_BIT
    chosen = ColorDepth.from_env()  # also for NO_COLOR
    if chosen is None and os.environ.get("COLORTERM") in palette.TRUE_COLOR:
        return ColorDepth.DEPTH_24_BIT
    return chosen
