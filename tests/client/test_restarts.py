"""Crashes of servers and programs: no event is lost or delivered twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

from client.processes import killed, serving
from client.senders import sends
from support import UNIT, eventually, free_port, running

from chat_grpc.client import ChatClient, ConnectionState, Position
from chat_grpc.client.backoff import Backoff
from chat_grpc.v1 import chat_pb2


def quick() -> Backoff:
    """Return a short backoff."""
    return Backoff(0.05, 0.2)


class Reader:
    """A program that notes each message, keeps its position, and crashes from time to time."""

    def __init__(self, server: str) -> None:
        self._server = server
        self.noted: list[str] = []
        self.token = ""
        self.position: Position | None = None
        self.starts = 0

    async def run(self, until: int) -> None:
        """Read until `until` messages are noted; crash after every 50th."""
        while len(self.noted) < until:
            self.starts += 1
            client = ChatClient.connect(
                self._server,
                name="bob",
                token=self.token,
                position=self.position,
                backoff=quick(),
                connect_timeout=20 * UNIT,
                wait=True,
            )
            async with client as chat:
                self.token, self.position = chat.token, self.position or chat.position
                await self._read(chat, until)

    async def _read(self, chat: ChatClient, until: int) -> None:
        async for event in chat:
            if event.HasField("message"):
                self.noted.append(event.message.text)
            self.position = chat.position
            if len(self.noted) == until or (len(self.noted) % 50 == 0 and event.sequence):
                return


async def test_both_sides_crash(tmp_path: Path) -> None:
    """The server is killed and the reader restarted: all is stored and read once, in order."""
    port, count = free_port(), 400
    address = f"127.0.0.1:{port}"
    reader = Reader(address)

    async with serving("--data", str(tmp_path), port=port) as server:
        chat = ChatClient.connect(address, name="alice", backoff=quick())
        await chat.__aenter__()
        number, reads = chat.me.number, asyncio.create_task(reader.run(count))
        await eventually(lambda: reader.position)
        sending = await sends(chat, count)
        await eventually(lambda: any(each.done() for each in sending))
        await killed(server)
    async with serving("--data", str(tmp_path), port=port) as server:
        await eventually(lambda: sum(each.done() for each in sending) > count // 3, 20)
        await killed(server)
    async with serving("--data", str(tmp_path), port=port):
        sequences = [answer.sequence for answer in await asyncio.gather(*sending)]
        assert sequences == sorted(set(sequences))
        await reads
        assert reader.noted == [str(n) for n in range(count)]
        assert reader.starts > 5
        assert (chat.me.number, chat.recovery) == (number, chat_pb2.RECOVERY_COMPLETE)
        stored = [each.message.text async for each in chat.history()]
        assert stored == [str(n) for n in reversed(range(count))]
        await chat.close()


async def test_edits_over_a_crash(tmp_path: Path) -> None:
    """Edits and reactions in flight when the server is killed are carried out once."""
    port = free_port()
    address = f"127.0.0.1:{port}"
    async with serving("--data", str(tmp_path), port=port) as server:
        chat = ChatClient.connect(address, name="alice", backoff=quick())
        await chat.__aenter__()
        sent = await asyncio.gather(*await sends(chat, 60))
        edits = [asyncio.create_task(chat.edit(s.sequence, "new")) for s in sent]
        reactions = [asyncio.create_task(chat.react(s.sequence, "👍")) for s in sent]
        await eventually(lambda: any(each.done() for each in edits))
        await killed(server)
    async with serving("--data", str(tmp_path), port=port):
        answers = await asyncio.gather(*edits, *reactions)
        assert len({answer.sequence for answer in answers}) == 120
        async for stored in chat.history():
            assert stored.message.text == "new"
            assert [r.user_count for r in stored.reactions] == [1]
        # The stream brought all results, and gave none to the program.
        await chat.typing()
        waiting = asyncio.create_task(_stored(chat))
        await eventually(lambda: chat.position.sequence >= answers[-1].sequence)
        assert not waiting.done()
        await chat.close()
        assert await waiting == []


async def _stored(chat: ChatClient) -> list[chat_pb2.Event]:
    return [event async for event in chat if event.sequence]


async def test_a_server_that_comes_and_goes(tmp_path: Path) -> None:
    """Messages sent while the server is away are stored later; missed ones arrive."""
    listen = f"127.0.0.1:{free_port()}"
    states: list[ConnectionState] = []
    alice = ChatClient.connect(listen, name="alice", backoff=quick(), on_state=states.append)
    bob = ChatClient.connect(listen, name="bob", backoff=quick())
    async with running(listen=listen, data=str(tmp_path)):
        await alice.__aenter__()
        await bob.__aenter__()
    for number in range(3):
        sending = asyncio.create_task(alice.send(f"{number}"))
        await eventually(lambda: alice.state is not ConnectionState.LIVE)
        async with running(listen=listen, data=str(tmp_path)):
            await sending
            async for event in bob:
                if event.HasField("message"):
                    assert event.message.text == f"{number}"
                    break
    assert ConnectionState.WAITING in states
    await alice.close()
    await bob.close()
    assert states[-1] is ConnectionState.CLOSED


async def test_calls_once_the_server_is_back(tmp_path: Path) -> None:
    """A call succeeds once the stream is live again, although earlier ones failed."""
    listen = f"127.0.0.1:{free_port()}"
    chat = ChatClient.connect(listen, name="alice", backoff=quick())
    async with running(listen=listen, data=str(tmp_path)):
        await chat.__aenter__()
        await chat.clients()
    calls = [asyncio.create_task(chat.create_room(f"r{n}")) for n in range(5)]
    await asyncio.wait(calls)
    assert all(call.exception() is not None for call in calls)
    async with running(listen=listen, data=str(tmp_path)):
        await eventually(lambda: chat.state is ConnectionState.LIVE)
        assert (await chat.create_room("ops")).name == "ops"
        await chat.close()


async def test_a_bot_that_restarts(tmp_path: Path) -> None:
    """With a `resume_file`, the next start gets the messages written meanwhile."""
    listen, file = f"127.0.0.1:{free_port()}", tmp_path / "bot.json"
    numbers = []
    async with running(listen=listen), ChatClient.connect(listen, name="alice") as alice:
        for start in range(3):
            await alice.send(f"{start}")
            async with ChatClient.connect(listen, name="bot", resume_file=file) as bot:
                numbers.append(bot.me.number)
                seen = [e.message.text for e in await _until_live(bot) if e.sequence]
                assert seen == ([f"{start}"] if start else [])
                await bot.save()
    assert len(set(numbers)) == 1


async def _until_live(chat: ChatClient) -> list[chat_pb2.Event]:
    events = [await anext(chat)]
    while not events[-1].HasField("caught_up"):
        events.append(await anext(chat))
    return events
