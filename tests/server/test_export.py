"""The export of a user's data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from grpc import aio
from server.accounts import PASSWORD, calls_to, token_of, with_accounts
from server.people import Person, make_room, meeting, room, to
from support import eventually

from chat_grpc.app import export
from chat_grpc.client import Refused
from chat_grpc.journal import export_reads
from chat_grpc.server import Server
from chat_grpc.v1 import account_pb2, account_pb2_grpc, chat_pb2

Record = dict[str, Any]
SMALL_WINDOW = [("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65536)]
"""The options of a client that takes little ahead of what it reads."""


async def exported(server: Server, token: str) -> list[Record]:
    """Export the data of a token's user."""
    async with calls_to(server, token) as calls:
        return [json.loads(record) async for record in calls.export_data()]


def of(kind: str, records: list[Record]) -> list[Record]:
    """Return the records of a kind, without the kind and the times."""
    hidden = {"record", "time", "edit_time", "create_time", "last_use_time"}
    found = [each for each in records if each["record"] == kind]
    return [{key: value for key, value in each.items() if key not in hidden} for each in found]


async def test_an_export_has_everything_of_its_user(server: Server) -> None:
    """Account, tokens, rooms, invitations, blocks, markers, messages and reactions, then `end`."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await make_room(alice, "Cellar", bob)
        await make_room(bob, "attic", invite_only=True)
        await bob.do("InviteToRoom", room="attic", user="alice")
        first = (await alice.sent("hello", room("cellar"))).sequence
        await alice.ask(edit=chat_pb2.Edit(target_sequence=first, text="hello, all"))
        direct = (await alice.sent("hi", to(bob))).sequence
        gone = (await alice.sent("oops")).sequence
        await alice.ask(delete_message=chat_pb2.DeleteMessage(target_sequence=gone))
        theirs = (await bob.sent("not for the export", to(alice))).sequence
        await alice.ask(react=chat_pb2.React(target_sequence=theirs, emoji="👍"))
        await bob.ask(react=chat_pb2.React(target_sequence=first, emoji="🎉"))
        await alice.tell(mark_read=chat_pb2.MarkRead(target=to(bob), sequence=theirs))
        await eventually(lambda: alice.of("read_marker"))
        await alice.do("BlockUser", user="bob")
        records = await exported(server, alice.token)
        other = {"number": bob.number, "name": "bob"}
        [account] = of("account", records)
        assert (account["number"], account["name"], account["guest"]) == (1, "alice", True)
        assert of("token", records)[0]["label"] == ""
        assert of("room", records) == [
            {"name": "Cellar", "topic": "", "invite_only": False, "role": "owner"}
        ]
        assert of("invitation", records) == [{"room": "attic"}]
        assert of("block", records) == [{"user": other}]
        markers = of("read_marker", records)
        assert {"user": {"number": bob.number}, "read_sequence": theirs} in markers
        assert of("message", records) == [
            {"sequence": first, "room": "Cellar", "text": "hello, all"},
            {"sequence": direct, "user": other, "text": "hi"},
            {"sequence": gone, "room": "lobby", "deleted": True},
        ]
        assert of("reaction", records) == [{"message": theirs, "emoji": "👍"}]
        assert records[-1] == {"record": "end", "records": len(records) - 1}
        assert "not for the export" not in str(records)
        assert alice.token not in str(records)


async def test_pages_join_without_a_gap(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """With small steps and responses, each message is there once, in the order of the log."""
    monkeypatch.setattr(export_reads, "_WINDOW", 3)
    monkeypatch.setattr(export_reads, "_MESSAGES", 2)
    monkeypatch.setattr(export, "_RESPONSE_BYTES", 200)
    async with meeting(server, "alice", "bob") as [alice, bob]:
        sent = []
        for number in range(20):
            sent.append((await alice.sent(f"message {number}")).sequence)
            await bob.sent("noise")
            await alice.ask(react=chat_pb2.React(target_sequence=sent[-1], emoji="👍"))
        records = await exported(server, alice.token)
        assert [each["sequence"] for each in of("message", records)] == sent
        assert [each["message"] for each in of("reaction", records)] == sent


async def test_secrets_are_not_exported(tmp_path: Path) -> None:
    """An account's export has no password hash, token or digest of one."""
    async with with_accounts(tmp_path, "alice") as server:
        token = await token_of(server, "alice")
        async with calls_to(server, token) as calls:
            bot = await calls.create_bot_token("builds")
        records = await exported(server, token)
        labels = [each["label"] for each in of("token", records)]
        assert sorted(labels) == ["", "builds"]
        for secret in (token, bot.token, "argon2", PASSWORD):
            assert secret not in str(records)


async def test_one_export_of_a_user_runs(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second export is refused while one runs, and admitted once the first caller is gone."""
    monkeypatch.setattr(export, "_RESPONSE_BYTES", 1)
    async with meeting(server, "alice") as [alice], calls_to(server, alice.token) as calls:
        for number in range(50):
            await alice.sent(f"{number} " + "x" * 10_000)
        running_export = calls.export_data()
        await anext(running_export)
        with pytest.raises(Refused) as refused:
            await exported(server, alice.token)
        assert refused.value.reason == "RATE_LIMITED"
        await running_export.aclose()

        async def again() -> bool:
            try:
                return bool(await exported(server, alice.token))
            except Refused:
                return False

        assert await eventually(again)


async def write_much(person: Person, count: int) -> None:
    """Write messages of 16 kB."""
    for number in range(count):
        await person.sent(f"{number} " + "x" * 16_000)


async def long_export(person: Person, channel: aio.Channel, count: int) -> Any:
    """Write messages of 16 kB, and begin an export of them."""
    await write_much(person, count)
    stub = account_pb2_grpc.AccountServiceStub(channel)
    metadata = (("authorization", f"Bearer {person.token}"),)
    return stub.ExportData(account_pb2.ExportDataRequest(), metadata=metadata)


async def test_a_slow_caller_takes_no_memory(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is read for a caller who does not read; the rest follows when the caller does."""
    reads = 0
    written = export_reads.ExportReads.written

    async def counted(self: Any, *arguments: Any) -> Any:
        nonlocal reads
        reads += 1
        return await written(self, *arguments)

    monkeypatch.setattr(export_reads, "_MESSAGES", 4)
    monkeypatch.setattr(export_reads.ExportReads, "written", counted)
    async with (
        meeting(server, "alice") as [alice],
        aio.insecure_channel(f"127.0.0.1:{server.port}", options=SMALL_WINDOW) as channel,
    ):
        call = await long_export(alice, channel, 200)
        responses = aiter(call)
        await anext(responses)
        counts: list[int] = []
        await eventually(lambda: steady(counts, reads))
        assert reads < 40
        rest = [response async for response in responses]
        assert json.loads(rest[-1].records[-1])["record"] == "end"
        assert reads >= 50


def steady(counts: list[int], count: int) -> bool:
    """Note a count; return True once it was the same 20 times in turn."""
    counts.append(count)
    return counts[-20:] == [count] * 20


async def test_a_token_that_ends_ends_the_export(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the token was revoked, the export ends with the right status."""
    monkeypatch.setattr(export, "_RESPONSE_BYTES", 1)
    async with meeting(server, "alice") as [alice], calls_to(server, alice.token) as calls:
        await write_much(alice, 100)
        records = calls.export_data()
        await anext(records)
        async with calls_to(server, alice.token) as others:
            await others.sign_out()
        with pytest.raises(Refused) as refused:
            async for _ in records:
                pass
        assert refused.value.reason == "TOKEN_REVOKED"


async def test_the_export_of_a_caller_who_does_not_read_ends_with_the_token(
    server: Server,
) -> None:
    """A revoked token ends the export within a second, also while the caller reads nothing."""
    async with (
        meeting(server, "alice") as [alice],
        aio.insecure_channel(f"127.0.0.1:{server.port}", options=SMALL_WINDOW) as channel,
    ):
        call = await long_export(alice, channel, 100)
        await anext(aiter(call))
        counts: list[int] = []
        await eventually(lambda: steady(counts, server.dispatcher.pending_bytes))
        assert counts[-1]
        async with calls_to(server, alice.token) as others:
            await others.sign_out()
        await eventually(lambda: not server.dispatcher.pending_bytes, 1.5)
