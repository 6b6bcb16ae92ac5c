"""The address of a peer."""

from __future__ import annotations

import asyncio


def peer_of(transport: asyncio.BaseTransport) -> str:
    """Return the address of a peer without its port; `unix` for a Unix socket."""
    name = transport.get_extra_info("peername")
    return str(name[0]) if isinstance(name, tuple) else "unix"
