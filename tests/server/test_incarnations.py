"""A resume proves which history the client knows, beyond the log id."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from support import Recorder, eventually, running

from chat_grpc.core.stream import FOREVER
from chat_grpc.journal import incarnations
from chat_grpc.journal.database import connect, rows
from chat_grpc.journal.migrations import migrate
from chat_grpc.v1 import chat_pb2

COMPLETE, OTHER_LOG = chat_pb2.RECOVERY_COMPLETE, chat_pb2.RECOVERY_OTHER_LOG


async def seen(client: Recorder, words: str, count: int = 10) -> dict[str, Any]:
    """Send some messages; return the position that a client hands back in its hello."""
    for number in range(count):
        last = await client.sent(f"{words} {number}", request_id=f"{words}-{number}")
    welcome = client.welcome
    return {
        "token": welcome.token,
        "log_id": welcome.log_id,
        "incarnation": welcome.incarnation,
        "resume_after": last.sequence,
    }


async def recovery(folder: Path, hello: dict[str, Any]) -> int:
    """Start a server; return the recovery of a resume."""
    async with running(data=str(folder)) as server, Recorder(server, **hello) as back:
        await eventually(lambda: back.of("caught_up"))
        return back.welcome.recovery


async def test_a_restart_is_complete(tmp_path: Path) -> None:
    """A resume after restarts is complete, also from an older incarnation and without any."""
    async with running(data=str(tmp_path)) as server, Recorder(server, name="alice") as alice:
        hello = await seen(alice, "words")
    for _ in range(3):
        assert await recovery(tmp_path, hello) == COMPLETE
    assert await recovery(tmp_path, hello | {"incarnation": ""}) == COMPLETE


async def test_a_folder_that_was_rolled_back_is_another_log(tmp_path: Path) -> None:
    """A client that saw events lost in a rollback gets OTHER_LOG, even after as many new events."""
    folder, copy = tmp_path / "store", tmp_path / "copy"
    async with running(data=str(folder)) as server, Recorder(server, name="alice") as alice:
        early = await seen(alice, "first")
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*.sock"))
    async with (
        running(data=str(folder)) as server,
        Recorder(server, token=early["token"]) as alice,
    ):
        late = await seen(alice, "lost") | {"token": early["token"]}
    shutil.rmtree(folder)
    copy.rename(folder)
    async with (
        running(data=str(folder)) as server,
        Recorder(server, token=early["token"]) as alice,
    ):
        await seen(alice, "again", 30)
    assert await recovery(folder, early) == COMPLETE
    assert await recovery(folder, late) == OTHER_LOG
    assert await recovery(folder, late | {"incarnation": early["incarnation"]}) == OTHER_LOG


async def test_a_copy_that_is_started_too_is_another_log(tmp_path: Path) -> None:
    """A client of one copy of a folder gets OTHER_LOG from the other copy."""
    folder, copy = tmp_path / "store", tmp_path / "copy"
    async with running(data=str(folder)) as server, Recorder(server, name="alice") as alice:
        before = await seen(alice, "first")
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("lock", "*.sock"))
        after = await seen(alice, "second")
        async with (
            running(data=str(copy)) as other,
            Recorder(other, token=before["token"]) as there,
        ):
            elsewhere = await seen(there, "elsewhere", 20) | {"token": before["token"]}
    assert await recovery(copy, before) == COMPLETE
    assert await recovery(copy, after) == OTHER_LOG
    assert await recovery(folder, after) == COMPLETE
    assert await recovery(folder, elsewhere) == OTHER_LOG


async def test_an_unknown_incarnation_is_another_log(tmp_path: Path) -> None:
    """A resume with an unknown incarnation gets OTHER_LOG, even at sequence 0."""
    async with running(data=str(tmp_path)) as server, Recorder(server, name="alice") as alice:
        hello = await seen(alice, "words")
    strange = hello | {"incarnation": "strange", "resume_after": 0}
    assert await recovery(tmp_path, strange) == OTHER_LOG


def test_a_store_remembers_the_newest_incarnations(tmp_path: Path, monkeypatch: Any) -> None:
    """A store keeps the newest incarnations with the last sequence of each."""
    monkeypatch.setattr(incarnations, "MOST_KEPT", 3)
    connection = connect(tmp_path / "chat.db")
    migrate(connection, None)
    names = []
    for head in range(0, 50, 10):
        this = incarnations.stored(connection)
        this.start(connection, head)
        names.append(this.current)
    found = incarnations.stored(connection)
    assert [found.knows(name, 0) for name in names] == [False, False, True, True, True]
    assert [found.knows(name, 30) for name in names[2:]] == [True, True, True]
    assert [found.knows(name, 31) for name in names[2:]] == [False, True, True]
    assert found.knows(names[-1], FOREVER)
    assert len(rows(connection, "SELECT 1 FROM incarnations")) == 3
    connection.close()
