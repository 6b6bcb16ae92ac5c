"""With few file descriptors, new connections are refused and existing clients continue."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
import pytest
from grpc import aio
from server.people import Person
from support import COMMAND, LOBBY, eventually, free_port, serving

from chat_grpc.app.side_streams import SideStreams
from chat_grpc.core.errors import TooManyStreams
from chat_grpc.core.limits import MAX_SIDE_STREAMS
from chat_grpc.core.quotas import Quota, Quotas
from chat_grpc.descriptors import RESERVE


def with_files(limit: int) -> list[str]:
    """Return the command of a server with this limit of open files."""
    return ["bash", "-c", f'ulimit -n {limit}; exec "$@"', "-", *COMMAND]


@contextlib.contextmanager
def sockets(host: str, port: int, count: int) -> Iterator[list[socket.socket]]:
    """Open connections that send nothing."""
    with contextlib.ExitStack() as opened:
        yield [
            opened.enter_context(socket.create_connection((host, port), 5)) for _ in range(count)
        ]


async def write_and_read(person: Person, text: str) -> None:
    """Send a message and read it back from the store, many times concurrently."""
    await person.sent(text)
    pages = [person.do("ListMessages", target=LOBBY, page_size=1) for _ in range(30)]
    for page in await asyncio.gather(*pages):
        assert [each.message.text for each in page.messages] == [text]


async def test_newcomers_are_refused_before_the_files_run_out(tmp_path: Path) -> None:
    """New clients get `SERVER_FULL`; connected ones write and read the store without failures."""
    async with contextlib.AsyncExitStack() as people:
        with serving("--data", str(tmp_path), command=with_files(160)) as process:
            assert "which allows" in process.log()
            alice = await people.enter_async_context(Person(process.port, name="alice"))
            refused = ""
            for number in range(160):
                person = Person(process.port, name=f"u{number}")
                people.push_async_exit(person)
                try:
                    await person.hello()
                except aio.AioRpcError:
                    refused = await person.end_reason()
                    break
            assert refused == "SERVER_FULL"
            assert number > 30
            await write_and_read(alice, "full")
            await write_and_read(alice, "still full")
            assert "failed" not in process.log()


@pytest.mark.parametrize(
    ("listen", "hosts"), [("127.0.0.1", ["127.0.0.1"]), ("localhost", ["127.0.0.1", "::1"])]
)
async def test_a_storm_of_connections_takes_no_file_from_the_store(
    listen: str, hosts: list[str], tmp_path: Path
) -> None:
    """Connections over the limit are closed at once, on every address of a name."""
    port = free_port()
    arguments = ("--data", str(tmp_path), "--listen", f"{listen}:{port}")
    with serving(*arguments, port=port, command=with_files(200)) as process:
        async with Person(process.port, name="alice") as alice:
            with contextlib.ExitStack() as storm:
                for host in hosts:
                    storm.enter_context(sockets(host, process.port, 300))
                await write_and_read(alice, "storm")
                assert psutil.Process(process.pid).num_fds() < 200 - RESERVE / 4

            async def bob_comes() -> bool:
                with contextlib.suppress(aio.AioRpcError):
                    async with Person(process.port, name="bob"):
                        return True
                return False

            await eventually(bob_comes, 20)
        assert "failed" not in process.log()


def run(command: Sequence[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a server that is expected not to start."""
    address = f"127.0.0.1:{free_port()}"
    return subprocess.run(
        [*command, "serve", "--listen", address, "--data", ":memory:", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_too_few_files_are_a_sentence() -> None:
    """The error for a low file limit has the limit, the number needed, and the cure."""
    ended = run(with_files(64))
    assert ended.returncode == 2
    assert "the limit of open files is 64" in ended.stderr
    assert "ulimit -n" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_streams_of_health_and_reflection_are_few() -> None:
    """Health and reflection streams are capped per address and in total."""
    quotas = Quotas(Quota(side_streams_per_address=32), lambda: 0.0)
    streams = SideStreams(quotas)
    with contextlib.ExitStack() as opened:
        for _ in range(32):
            opened.enter_context(streams.admit("192.0.2.1"))
        with pytest.raises(TooManyStreams, match="of one address"):
            opened.enter_context(streams.admit("192.0.2.1"))
        for number in range(MAX_SIDE_STREAMS - 32):
            opened.enter_context(streams.admit(f"198.51.100.{number}"))
        with pytest.raises(TooManyStreams, match="in total"):
            opened.enter_context(streams.admit("203.0.113.1"))
    assert quotas.refusals == {"side_streams_per_address": 1, "side_streams": 1}
    with streams.admit("192.0.2.1"), streams.admit("203.0.113.1"):
        pass
