"""Browsers, a terminal and grpcurl in one chat."""

from __future__ import annotations

import asyncio
import json
from typing import Protocol

from browser.site import Site
from cli.terminal import Terminal
from peers.tools import installed, run


class Writer(Protocol):
    """A signed-in browser in the lobby."""

    async def write(self, text: str) -> None:
        """Write a message."""

    async def shows(self, *texts: str) -> None:
        """Wait until each text has arrived."""


async def grpcurl(site: Site, method: str, request: object, token: str = "") -> str:
    """Call a method by grpcurl, which must succeed."""
    headers = ("-H", f"authorization: Bearer {token}") if token else ()
    address = f"127.0.0.1:{site.port}"
    options = ("-plaintext", *headers, "-d", json.dumps(request))
    status, output = await run(installed("bin/grpcurl"), *options, address, method)
    assert status == 0, output
    return output


async def each_sees_the_others(site: Site, alice: Writer, bob: Writer) -> None:
    """Let two browsers, a terminal and grpcurl write; each must see what the others write."""
    terminal = await asyncio.to_thread(Terminal, site.port, "carol")
    try:
        await asyncio.to_thread(terminal.here)
        signed = await grpcurl(site, "chat_grpc.v1.AccountService/SignIn", {"name": "dave"})
        token = json.loads(signed)["token"]
        lobby = {"target": {"room": "lobby"}}
        await alice.write("from alice")
        await bob.write("from bob")
        terminal.enter("from carol")
        send_to = "chat_grpc.v1.ChatService/SendTo"
        await grpcurl(site, send_to, {**lobby, "text": "from dave"}, token)
        texts = [f"from {name}" for name in ("alice", "bob", "carol", "dave")]
        await alice.shows(*texts)
        await bob.shows(*texts)
        for text in texts:
            await asyncio.to_thread(terminal.shows, text)
        listed = await grpcurl(site, "chat_grpc.v1.ChatService/ListMessages", lobby, token)
        assert all(text in listed for text in texts)
    finally:
        await asyncio.to_thread(terminal.close)
