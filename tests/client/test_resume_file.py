"""Resume files: a restarted program continues at its position."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from client.scripted import LOG, RecordedBackoff, Scripted, Visit, live, message, status, stored
from grpc import StatusCode
from support import eventually

from chat_grpc.client import ChatClient, Position, Refused, ResumeFileUnusable
from chat_grpc.client.resume_file import Kept, ResumeFile
from chat_grpc.v1 import chat_pb2


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of the file."""
    return tmp_path / "dice.json"


def kept(path: Path) -> dict[str, Any]:
    """Read the file."""
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def beside(path: Path) -> list[tuple[str, int]]:
    """Return the files of the folder, with their modes."""
    return [(each.name, stat.S_IMODE(each.stat().st_mode)) for each in path.parent.iterdir()]


@asynccontextmanager
async def start(
    script: Scripted, path: Path, **options: Any
) -> AsyncIterator[tuple[ChatClient, Visit]]:
    """Start a program with a resume file; the server's head is 80."""
    settings: dict[str, Any] = {"name": "dice", "backoff": RecordedBackoff()} | options
    chat = ChatClient.connect(script.address, resume_file=path, **settings)
    entering = asyncio.create_task(chat.__aenter__())
    visit = await script.visit()
    fresh = not visit.hello.log_id
    recovery = chat_pb2.RECOVERY_FRESH if fresh else chat_pb2.RECOVERY_COMPLETE
    await visit.welcome(head=80, recovery=recovery)
    await entering
    try:
        yield chat, visit
    finally:
        await chat.close()


async def test_the_next_start_continues(script: Scripted, path: Path) -> None:
    """The next start is the same guest and device, after the last handled event."""
    async with start(script, path) as (chat, visit):
        await visit.tell(message(81), message(82), message(83))
        assert await stored(chat, 2) == [81, 82]
        waiting = asyncio.create_task(stored(chat, 2))
        assert script.opened == 1
        await eventually(lambda: chat.position == Position(LOG, 83))
        waiting.cancel()
    async with start(script, path) as (chat, again):
        assert again.metadata["authorization"] == "Bearer token-1"
        assert again.hello.device_id == visit.hello.device_id
        assert (again.hello.log_id, again.hello.resume_after) == (LOG, 83)
        assert chat.position == Position(LOG, 83)


async def test_kept_before_anything_is_done(script: Scripted, path: Path) -> None:
    """Once entering returns, the guest and the position are on the disk."""
    async with start(script, path) as (chat, _):
        found = kept(path)
        assert (found["token"], found["log_id"], found["sequence"]) == ("token-1", LOG, 80)
        assert (found["server"], found["name"]) == (script.address, "dice")
        assert chat.token == "token-1"


async def test_only_its_owner_reads_it(script: Scripted, path: Path) -> None:
    """The token is a secret: the file has the mode 0600, and nothing else is left beside it."""
    async with start(script, path) as (chat, _):
        await chat.save()
    assert beside(path) == [(path.name, 0o600)]


async def test_the_event_under_way_comes_again(script: Scripted, path: Path) -> None:
    """A program that ends while it handles an event gets that event again, and no earlier one."""
    async with start(script, path) as (chat, visit):
        await visit.tell(message(81), message(82), message(83))
        assert await stored(chat, 2) == [81, 82]
    assert kept(path)["sequence"] == 81


async def test_save(script: Scripted, path: Path) -> None:
    """After `save` the event at hand does not come again."""
    async with start(script, path) as (chat, visit):
        await visit.tell(message(81), message(82), message(83))
        assert await stored(chat, 2) == [81, 82]
        await chat.save()
        assert kept(path)["sequence"] == 82
    assert kept(path)["sequence"] == 82


async def test_the_position_is_written_while_the_program_runs(script: Scripted, path: Path) -> None:
    """The position is written soon, without a call of `save`."""
    async with start(script, path) as (chat, visit):
        await live(chat)
        waiting = asyncio.create_task(stored(chat, 9))
        await visit.tell(*(message(sequence) for sequence in range(81, 85)))
        await eventually(lambda: kept(path)["sequence"] >= 83, within=10)
        waiting.cancel()


async def test_a_new_guest(script: Scripted, path: Path) -> None:
    """A server that lost its store gives another token, which is kept, too."""
    async with start(script, path):
        pass
    chat = ChatClient.connect(
        script.address, name="dice", resume_file=path, backoff=RecordedBackoff()
    )
    entering = asyncio.create_task(chat.__aenter__())
    (await script.visit()).end(status(StatusCode.UNAUTHENTICATED, "BAD_CREDENTIALS"))
    visit = await script.visit()
    assert (visit.hello.name, visit.hello.log_id) == ("dice", LOG)
    await visit.welcome(
        log_id="log-2", head=3, recovery=chat_pb2.RECOVERY_OTHER_LOG, token="token-2"
    )
    await entering
    assert (kept(path)["token"], kept(path)["log_id"]) == ("token-2", LOG)
    await live(chat)
    await chat.save()
    assert (kept(path)["log_id"], kept(path)["sequence"]) == ("log-2", 3)
    await chat.close()


async def test_given_options_win(script: Scripted, path: Path) -> None:
    """Given options win over the file: token, position, device."""
    async with start(script, path):
        pass
    options = {"token": "other", "position": Position("log-7", 7), "device_id": "phone"}
    async with start(script, path, **options) as (_, visit):
        assert visit.metadata["authorization"] == "Bearer other"
        hello = visit.hello
        assert (hello.log_id, hello.resume_after, hello.device_id) == ("log-7", 7, "phone")


async def test_a_client_that_was_replaced(script: Scripted, path: Path) -> None:
    """A replaced client does not write the file, which its successor owns."""
    async with start(script, path) as (chat, visit):
        await visit.tell(message(81))
        assert await stored(chat, 1) == [81]
        async with start(script, path) as (second, again):
            visit.end(status(StatusCode.ABORTED, "REPLACED"))
            with pytest.raises(Refused):
                await stored(chat, 1)
            await again.tell(message(82))
            assert await stored(second, 1) == [82]
            await second.save()
            with pytest.raises(ResumeFileUnusable, match="took over"):
                await chat.save()
    assert kept(path)["sequence"] == 82


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", "null", '{"server": 1}', "\udcff", "[" * 100_000]
    + [f'{{"sequence": {wrong}}}' for wrong in ("-1", "1.5", "null", str(2**63), '"5"')],
)
def test_damaged(path: Path, text: str) -> None:
    """A file that is not a resume file is an error, and is not changed."""
    file = ResumeFile(path, "server:1", "dice")
    file.write(Kept("token", "device", Position(LOG, 5)), 1)
    content = text.encode(errors="surrogateescape")
    if text.startswith('{"sequence"'):
        content = json.dumps(kept(path) | json.loads(text)).encode()
    path.write_bytes(content)
    with pytest.raises(ResumeFileUnusable, match=r"dice\.json"):
        file.read()
    assert path.read_bytes() == content


async def test_entering_with_a_damaged_file(script: Scripted, path: Path) -> None:
    """The error comes before anything is sent to the server."""
    ResumeFile(path, "another:1", "dice").write(Kept("t", "d", Position(LOG, 5)), 1)
    with pytest.raises(ResumeFileUnusable, match="belongs to dice at another:1"):
        async with ChatClient.connect(script.address, name="dice", resume_file=path):
            pytest.fail("it is another server's")
    assert script.opened == 0


@pytest.mark.parametrize(
    ("server", "name", "fits"),
    [
        ("server:1", "dice", True),
        ("server:1", "DICE", True),
        ("server:1", "", True),
        ("server:1", "other", False),
        ("server:2", "dice", False),
    ],
)
def test_whose_it_is(path: Path, server: str, name: str, fits: bool) -> None:
    """A file is not used for another server or another user."""
    ResumeFile(path, "server:1", "dice").write(Kept("t", "d", Position(LOG, 5)), 1)
    file = ResumeFile(path, server, name)
    if fits:
        assert file.read() == Kept("t", "d", Position(LOG, 5))
    else:
        with pytest.raises(ResumeFileUnusable, match="belongs to dice at server:1"):
            file.read()


def test_writes_that_overtake_each_other(path: Path) -> None:
    """A late write does not move the position back."""
    file = ResumeFile(path, "server:1", "dice")
    file.write(Kept("t", "d", Position(LOG, 7)), 2)
    file.write(Kept("t", "d", Position(LOG, 5)), 1)
    assert kept(path)["sequence"] == 7


def test_a_link(path: Path, tmp_path: Path) -> None:
    """The target of a link is replaced, not the link."""
    (tmp_path / "elsewhere").mkdir()
    path.symlink_to(tmp_path / "elsewhere" / "real.json")
    ResumeFile(path, "server:1", "dice").write(Kept("t", "d", Position(LOG, 7)), 1)
    assert path.is_symlink()
    assert kept(tmp_path / "elsewhere" / "real.json")["sequence"] == 7


async def test_a_folder_that_is_not_there(script: Scripted, tmp_path: Path) -> None:
    """The error comes before the server creates a guest."""
    with pytest.raises(ResumeFileUnusable, match="cannot be written"):
        async with ChatClient.connect(script.address, name="x", resume_file=tmp_path / "a" / "b"):
            pytest.fail("it is not there")
    assert script.opened == 0


async def test_a_disk_that_fails_later(
    script: Scripted, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The program continues if the disk fails later; `save` raises, and the log warns."""
    folder = tmp_path / "state"
    folder.mkdir()
    async with start(script, folder / "dice.json") as (chat, visit):
        (folder / "dice.json").unlink()
        folder.rmdir()
        await visit.tell(message(81), message(82))
        assert await stored(chat, 2) == [81, 82]
        with pytest.raises(ResumeFileUnusable, match="cannot be written"):
            await chat.save()
    assert "dice.json cannot be written" in caplog.text


async def test_save_without_a_file(script: Scripted) -> None:
    """`save` without a resume file is a `RuntimeError`."""
    chat = ChatClient.connect(script.address, name="dice")
    with pytest.raises(RuntimeError, match="no resume_file"):
        await chat.save()
    await chat.close()
