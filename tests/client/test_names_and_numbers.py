"""The SDK with a real server, when names change hands."""

from __future__ import annotations

import asyncio

import pytest
from support import UNIT, eventually, running

from chat_grpc.client import ChatCalls, ChatClient, Refused, UserChanged
from chat_grpc.core import limits


async def received(chat: ChatClient, text: str) -> int:
    """Take events up to a message; return its author."""
    async with asyncio.timeout(10 * UNIT):
        async for event in chat:
            if event.HasField("message") and event.message.text == text:
                return event.message.author.number
    raise AssertionError("the client was closed")


async def token_of_newcomer(at: str, name: str) -> str:
    """Sign in another user under a name, once it is free; return the token."""

    async def sign_in() -> str:
        async with ChatCalls(at) as calls:
            try:
                return (await calls.sign_in(name)).token
            except Refused:
                return ""

    return str(await eventually(sign_in))


async def test_a_name_that_another_user_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a stream nor a call sends to the name's new user until the program says so."""
    async with running() as server:
        at = f"127.0.0.1:{server.port}"
        async with ChatClient.connect(at, name="alice") as alice:
            async with ChatClient.connect(at, name="bob") as bob:
                old = bob.me.number
                await bob.send("it is me", "alice")
                assert await received(alice, "it is me") == old
                monkeypatch.setattr(limits, "NAME_HOLD", 0.0)
            taken = await token_of_newcomer(at, "bob")
            async with (
                ChatClient.connect(at, token=taken) as stranger,
                ChatCalls(at, token=alice.token) as calls,
            ):
                new = stranger.me.number
                assert new != old
                # Until the client has seen the new user, the name means the old number.
                await alice.send("to the old one", "bob")
                await stranger.send("I am new")
                await received(alice, "I am new")
                for refused in (
                    alice.send("a secret", "bob"),
                    calls.send_to("a secret", "bob"),
                    alice.send("a secret", "bob", request_id="own"),
                ):
                    with pytest.raises(UserChanged) as caught:
                        await refused
                    assert (caught.value.client_number, caught.value.previous_number) == (new, old)
                await alice.send("to the new one", new)
                await received(stranger, "to the new one")
                await alice.send("and again", "bob")
                await received(stranger, "and again")
                history = [each.message.text async for each in stranger.history("alice")]
                assert history == ["and again", "to the new one"]


async def test_a_guest_who_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A guest with a token is admitted although the name is taken, and learns the new name."""
    async with running() as server:
        at = f"127.0.0.1:{server.port}"
        async with ChatClient.connect(at, name="bob") as bob:
            token, number = bob.token, bob.me.number
            monkeypatch.setattr(limits, "NAME_HOLD", 0.0)
        taken = await token_of_newcomer(at, "bob")
        async with (
            ChatClient.connect(at, token=taken),
            ChatClient.connect(at, name="bob", token=token) as again,
        ):
            assert again.me.number == number
            assert again.me.name != "bob"
