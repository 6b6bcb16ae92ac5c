"""A resume proves from which copy of the log its sequence is."""

from __future__ import annotations

import json
from pathlib import Path

from client.scripted import LOG, Scripted, entered, live, meeting, message, stored
from support import eventually

from chat_grpc.client import Position
from chat_grpc.client.inbox import Inbox
from chat_grpc.client.resume_file import Kept, ResumeFile
from chat_grpc.v1 import chat_pb2


async def test_handed_back(script: Scripted) -> None:
    """The next hello has the incarnation of the last welcome, with the last sequence."""
    async with meeting(script) as (chat, visit):
        assert visit.hello.incarnation == ""
        visit.drop()
        second = await script.visit()
        await second.welcome(
            message(5), head=5, recovery=chat_pb2.RECOVERY_COMPLETE, incarnation="run-2"
        )
        await eventually(lambda: chat._inbox.received.sequence == 5)
        second.drop()
        third = await script.visit()
        hello = third.hello
        assert (hello.log_id, hello.resume_after, hello.incarnation) == (LOG, 5, "run-2")


async def test_position_of_another_client(script: Scripted) -> None:
    """A position that a program keeps has the incarnation, which the next client hands back."""
    entering, visit = await entered(script, position=Position(LOG, 41, "run-1"))
    assert (visit.hello.resume_after, visit.hello.incarnation) == (41, "run-1")
    complete = chat_pb2.RECOVERY_COMPLETE
    await visit.welcome(message(42), head=42, recovery=complete, incarnation="run-2")
    chat = await entering
    assert chat.position == Position(LOG, 41, "run-1")
    assert await stored(chat, 1) == [42]
    assert chat.position == Position(LOG, 42, "run-2")
    await chat.close()


def welcome(recovery: chat_pb2.Recovery.ValueType, incarnation: str, head: int) -> chat_pb2.Event:
    """Return a welcome of the same log."""
    return chat_pb2.Event(
        welcome=chat_pb2.Welcome(
            log_id=LOG, head_sequence=head, recovery=recovery, incarnation=incarnation
        )
    )


async def test_another_copy_of_the_log() -> None:
    """Until the program takes the welcome, its position belongs to the previous copy.

    A program that ends in between is then told again that events are missing.
    """
    box = Inbox(10_000, 20_000)
    box.start_at(Position(LOG, 60, "run-1"))
    assert box.welcome(welcome(chat_pb2.RECOVERY_OTHER_LOG, "run-9", 30))
    box.put(message(31))
    assert box.received == Position(LOG, 31, "run-9")
    assert box.position == Position(LOG, 60, "run-1")
    await box.take()
    assert (box.position, box.handled) == (Position(LOG, 30, "run-9"), Position(LOG, 60, "run-1"))
    await box.take()
    assert box.position == Position(LOG, 31, "run-9")


async def test_kept_in_the_resume_file(script: Scripted, tmp_path: Path) -> None:
    """The next start of a program hands back the incarnation of its position."""
    path = tmp_path / "dice.json"
    entering, visit = await entered(script, resume_file=path)
    await visit.welcome(message(81), head=80, incarnation="run-1")
    chat = await entering
    await live(chat)
    await chat.save()
    await chat.close()
    assert json.loads(path.read_text())["incarnation"] == "run-1"
    entering, again = await entered(script, resume_file=path)
    assert (again.hello.resume_after, again.hello.incarnation) == (81, "run-1")
    await again.resumed(head=81)
    await (await entering).close()


def test_older_resume_files(tmp_path: Path) -> None:
    """A file without an incarnation still names the position."""
    path = tmp_path / "dice.json"
    file = ResumeFile(path, "server:1", "dice")
    file.write(Kept("t", "d", Position(LOG, 7, "run-1")), 1)
    fields = json.loads(path.read_text())
    del fields["incarnation"]
    path.write_text(json.dumps(fields))
    assert file.read() == Kept("t", "d", Position(LOG, 7))


def test_spellings_of_one_owner(tmp_path: Path) -> None:
    """A file belongs to a name and a server in each of their spellings."""
    path = tmp_path / "dice.json"
    ResumeFile(path, "LOCALHOST", "José").write(Kept("t", "d", Position(LOG, 7)), 1)
    assert ResumeFile(path, "localhost:50051", "jose\u0301").read() is not None
