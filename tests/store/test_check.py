"""`check` finds faults anywhere in a store; the start finds faults at its end."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest
from support import LOBBY, Recorder, channel_to, eventually, running, store_of

from chat_grpc.journal import JournalDamaged, JournalError
from chat_grpc.journal.check import check
from chat_grpc.journal.database import row
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2, chat_pb2_grpc

OPS = chat_pb2.Target(room="ops")


async def fill(server: Server) -> None:
    """Store every kind of event."""
    async with (
        Recorder(server, name="alice") as alice,
        Recorder(server, name="bob") as bob,
        channel_to(server) as channel,
    ):
        stub = chat_pb2_grpc.ChatServiceStub(channel)
        as_alice = (("authorization", f"Bearer {alice.welcome.token}"),)
        as_bob = (("authorization", f"Bearer {bob.welcome.token}"),)
        await stub.CreateRoom(
            chat_pb2.CreateRoomRequest(name="Ops", topic="down?", invite_only=True),
            metadata=as_alice,
        )
        await stub.InviteToRoom(
            chat_pb2.InviteToRoomRequest(room="ops", user="bob"), metadata=as_alice
        )
        await stub.JoinRoom(chat_pb2.JoinRoomRequest(room="ops"), metadata=as_bob)
        role = chat_pb2.SetRoomRoleRequest(
            room="ops", user="bob", role=chat_pb2.ROOM_ROLE_MODERATOR
        )
        await stub.SetRoomRole(role, metadata=as_alice)
        first = await alice.sent("hello", LOBBY)
        gone = await alice.sent("regretted", OPS)
        await bob.sent("psst", chat_pb2.Target(user="alice"))
        await alice.write(
            edit=chat_pb2.Edit(target_sequence=first.sequence, text="hello, all", request_id="e")
        )
        for sequence, remove in ((first.sequence, False), (gone.sequence, False)):
            await bob.write(
                react=chat_pb2.React(
                    target_sequence=sequence, emoji="👍", remove=remove, request_id=f"x{sequence}"
                )
            )
        await eventually(lambda: len(bob.of("sent")) == 3)
        await bob.write(
            delete_message=chat_pb2.DeleteMessage(target_sequence=gone.sequence, request_id="d")
        )
        await bob.write(mark_read=chat_pb2.MarkRead(target=OPS, sequence=gone.sequence))
        await bob.write(
            mark_read=chat_pb2.MarkRead(
                target=chat_pb2.Target(user="alice"), sequence=gone.sequence
            )
        )
        await eventually(lambda: len(bob.of("read_marker")) == 2)


@pytest.fixture
async def store(tmp_path: Path) -> Path:
    """Create a closed store with every kind of event."""
    async with running(data=str(tmp_path)) as server:
        await fill(server)
    assert check(store_of(tmp_path)) == []
    return store_of(tmp_path)


PLANTED = {
    "a text is changed": "UPDATE log SET"
    " body = CAST(substr(body, 1, length(body) - 1) || x'58' AS BLOB) WHERE kind = 0",
    "a row is missing": "DELETE FROM log WHERE sequence = 4",
    "a time is changed": "UPDATE log SET time = time + 1 WHERE kind = 3",
    "a request id is changed": "UPDATE log SET request_id = 'other' WHERE request_id = 'e'",
    "the end is missing": "DELETE FROM log WHERE sequence = (SELECT max(sequence) FROM log)",
    "a user is missing": "DELETE FROM users WHERE number = 2",
    "a name is changed": "UPDATE users SET name = 'Eve' WHERE number = 2",
    "a user too many": "INSERT INTO users VALUES (9, 'eve', 'eve', 1, 0, 0)",
    "a member too many": "INSERT INTO members VALUES ('ops', 9, 1, NULL, 4)",
    "a member is missing": "DELETE FROM members WHERE user = 2",
    "a role is raised": "UPDATE members SET role = 4",
    "a room is opened": "UPDATE rooms SET invite_only = 0",
    "an invitation too many": "INSERT INTO invites VALUES ('ops', 9)",
    "an invitation is there again": "INSERT INTO invites VALUES ('ops', 2)",
    "a reaction is missing": "DELETE FROM reactions",
    "a reaction is there again": "INSERT INTO reactions SELECT max(sequence) - 5, '👍', 9 FROM log",
    "a marker is moved": "UPDATE read_markers SET sequence = 1",
    "a conversation is missing": "DELETE FROM directs",
}


@pytest.mark.parametrize("statement", PLANTED.values(), ids=PLANTED.keys())
async def test_a_planted_fault_is_found(store: Path, statement: str) -> None:
    """Each planted fault is found, with a sentence that names it."""
    connection = apsw.Connection(str(store))
    connection.execute(statement)
    connection.close()
    assert check(store)


async def test_a_running_server_can_be_checked(tmp_path: Path) -> None:
    """`check` works on a store in use, and does not disturb the server."""
    async with running(data=str(tmp_path)) as server:
        await fill(server)
        assert check(store_of(tmp_path)) == []


def content_of(path: Path) -> bytes:
    """Return the content of a file."""
    return path.read_bytes()


def plant(store: Path, statement: str) -> bytes:
    """Change a store; return the content of its file."""
    connection = apsw.Connection(str(store))
    connection.execute(statement)
    row(connection, "PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return content_of(store)


@pytest.mark.parametrize(
    "statement",
    [PLANTED[k] for k in ("a text is changed", "a row is missing", "the end is missing")],
)
async def test_a_damaged_end_stops_the_start(store: Path, statement: str) -> None:
    """If the end of the log is damaged, the server does not start, and changes nothing."""
    before = plant(store, statement)
    with pytest.raises(JournalDamaged, match="is damaged"):
        async with running(data=str(store.parent)):
            pass
    assert content_of(store) == before


async def test_an_older_copy_of_the_file_stops_the_start(tmp_path: Path) -> None:
    """If acknowledged events are missing, the server does not start; `restore` accepts the file."""
    store = store_of(tmp_path)
    async with running(data=str(tmp_path)) as server:
        await fill(server)
    older = store.read_bytes()
    async with running(data=str(tmp_path)) as server, Recorder(server, name="carol") as carol:
        await carol.sent("acknowledged")
    store.write_bytes(older)
    with pytest.raises(JournalDamaged, match="acknowledged"):
        async with running(data=str(tmp_path)):
            pass


def test_a_missing_or_newer_file_is_an_error(tmp_path: Path) -> None:
    """A missing or newer file is an error; a file that is not a store is damaged."""
    with pytest.raises(JournalError, match="not there"):
        check(tmp_path / "chat.db")
    newer = tmp_path / "newer.db"
    connection = apsw.Connection(str(newer))
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(JournalError, match="newer version"):
        check(newer)
    text = tmp_path / "text"
    text.write_text("no store" * 1000)
    assert check(text)
