"""A server in a process of its own: crashes, churn, options."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import os
import random
import shutil
import signal
import sqlite3
import subprocess
from pathlib import Path

import psutil
import pytest
from grpc import aio
from support import (
    COMMAND,
    LOBBY,
    UNIT,
    Recorder,
    channel_to,
    eventually,
    free_port,
    serving,
    store_of,
    wait_for,
)

from chat_grpc.v1 import chat_pb2, chat_pb2_grpc

ROOT = Path(__file__).resolve().parents[2]


async def write_until_killed(client: Recorder, prefix: str) -> None:
    """Write without a pause until the connection is gone."""
    number = 0
    with contextlib.suppress(aio.AioRpcError, asyncio.InvalidStateError):
        while True:
            number += 1
            await client.send(f"{prefix} {number}", request_id=f"{prefix}-{number}")


def enough(clients: list[Recorder], count: int) -> bool:
    """Return True if more than `count` messages of these clients were acknowledged."""
    return sum(len(client.of("sent")) for client in clients) > count


@pytest.mark.timeout(180)
async def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """After a kill under load the log has each acknowledged message exactly once."""
    chance = random.Random(3)
    sent: dict[str, int] = {}
    tokens: dict[str, str] = {}
    for round_ in range(3):
        with serving("--data", str(tmp_path)) as process:
            clients = [Recorder(process.port, name=f"w{round_}-{n}") for n in range(50)]
            await asyncio.gather(*(client.hello() for client in clients))
            writing = [
                asyncio.create_task(write_until_killed(client, f"w{round_}-{n}"))
                for n, client in enumerate(clients)
            ]
            await eventually(functools.partial(enough, clients, 200), 20)
            await asyncio.sleep(chance.uniform(0.05, 0.5))  # the kill comes at a random time
            process.signal(signal.SIGKILL)
            await asyncio.gather(*writing)
            for n, client in enumerate(clients):
                tokens[f"w{round_}-{n}"] = client.welcome.token
                sent |= {s.request_id: s.sequence for s in client.of("sent")}
                await client.__aexit__()
    assert len(sent) > 500
    with contextlib.closing(sqlite3.connect(store_of(tmp_path))) as store:
        rows = store.execute("SELECT request_id, sequence, body FROM log WHERE kind = 0").fetchall()
    stored = {request_id: sequence for request_id, sequence, _ in rows}
    assert len(stored) == len(rows), "a request is stored twice"
    assert {key: stored.get(key) for key in sent} == sent
    for request_id, _, body in rows:
        event = chat_pb2.ConnectResponse.FromString(body).events[0]
        assert event.message.text == request_id.replace("-", " ").replace("w", "w", 1)[
            : len(request_id)
        ].replace(" ", "-", 1)
    with serving("--data", str(tmp_path)) as process, contextlib.ExitStack():
        name, request_id = "w0-0", next(key for key in sent if key.startswith("w0-0-"))
        async with Recorder(process.port, token=tokens[name]) as back:
            text = f"{name} {request_id.rsplit('-', 1)[1]}"
            again = await back.sent(text, request_id=request_id)
            assert (again.sequence, again.duplicate) == (sent[request_id], True)


async def come_and_go(port: int, style: int) -> None:
    """Connect and disconnect in one of several ways."""
    async with channel_to(port) as channel:
        stub = chat_pb2_grpc.ChatServiceStub(channel)
        for each in range(50):
            call = stub.Connect()
            if (style + each) % 3:
                hello = chat_pb2.Hello(name=f"c{style}-{each}", agent="x")
                await call.write(chat_pb2.ConnectRequest(hello=hello))
                if (style + each) % 3 == 1:
                    await call.read()
            call.cancel()


@pytest.mark.timeout(300)
async def test_10000_connects_leak_nothing(tmp_path: Path) -> None:
    """Threads, descriptors and memory return to their level after 10,000 connects."""
    asyncio.get_running_loop().set_debug(False)  # debug mode takes most of the time otherwise
    with serving("--data", str(tmp_path)) as process:
        watched = psutil.Process(process.pid)
        await asyncio.gather(*(come_and_go(process.port, n) for n in range(10)))
        threads, files = watched.num_threads(), watched.num_fds()
        for start in range(10, 100, 10):
            await asyncio.gather(*(come_and_go(process.port, n) for n in range(start, start + 10)))
        half = watched.memory_info().rss
        for start in range(100, 200, 10):
            await asyncio.gather(*(come_and_go(process.port, n) for n in range(start, start + 10)))
        async with Recorder(process.port, name="after") as after:
            assert (await after.sent("still here")).sequence > 0
            answer = await after.stub.ListClients(chat_pb2.ListClientsRequest())
            assert answer.total_count == 1
        gc.collect()  # cancelled calls of this process keep their connections until then
        await eventually(lambda: watched.num_fds() <= files + 5)
        assert watched.num_threads() <= threads + 4
        # Names are held for two minutes, about 1 KiB each, and are most of this.
        assert watched.memory_info().rss - half < 5000 * 6 * 1024


def serve(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a server that is expected not to start."""
    return subprocess.run(
        [*COMMAND, "serve", *arguments],
        capture_output=True,
        text=True,
        timeout=20 * UNIT,
        env=os.environ | environment,
        check=False,
    )


def test_a_start_that_fails_prints_one_line(tmp_path: Path) -> None:
    """A port or folder in use, and a file as folder, give one line and status 2."""
    file = tmp_path / "file"
    file.write_text("not a folder")
    with serving("--data", str(tmp_path / "a")) as process:
        taken = f"127.0.0.1:{process.port}"
        cases = [
            (("--listen", taken, "--data", ":memory:"), "another program uses the port"),
            (("--listen", "127.0.0.1:0", "--data", str(tmp_path / "a")), "in use by another"),
            (("--listen", "127.0.0.1:0", "--data", str(file)), "not writable"),
        ]
        for arguments, words in cases:
            ended = serve(*arguments)
            assert ended.returncode == 2, ended.stderr
            assert words in ended.stderr
            assert ended.stderr.strip().count("\n") == 0, ended.stderr


def test_a_wrong_option_names_the_right_ones(tmp_path: Path) -> None:
    """The error for a wrong option lists the valid ones, wherever the option was set."""
    config = tmp_path / "chat.toml"
    config.write_text('listn = "127.0.0.1:1"\n')
    cases = [
        (serve("--listn", "x"), "--listen"),
        (serve("--config", str(config)), "listen, data"),
        (serve("--listen", "nonsense"), "HOST:PORT"),
        (serve("--log-level", "loud"), "debug, info"),
        (serve("--max-streams", "many"), "must be a whole number"),
        (serve("--max-streams", "7.5"), "must be a whole number, not '7.5'"),
        (serve("--listen", "127.0.0.1:65536"), "0 to 65535"),
        (serve(CHAT_GRPC_WRITERS="0"), "writers must be 1 to 1000, not 0"),
        (serve("--heartbeat", "nan"), "heartbeat must be 0.05 to 3600 seconds, not nan"),
        (serve("--config", str(tmp_path / "none.toml")), "cannot be read"),
    ]
    for ended, words in cases:
        assert ended.returncode == 2
        assert words in ended.stderr, ended.stderr
        assert "Traceback" not in ended.stderr


def test_options_come_from_a_file_and_the_environment(tmp_path: Path) -> None:
    """Options are read from a file and the environment, which takes precedence."""
    config = tmp_path / "chat.toml"
    config.write_text('data = ":memory:"\nnode = "from the file"\nlog-format = "json"\n')
    port = free_port()
    process = subprocess.Popen(
        [*COMMAND, "serve", "--config", str(config)],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"CHAT_GRPC_LISTEN": f"127.0.0.1:{port}", "CHAT_GRPC_NODE": "env"},
    )
    assert process.stderr is not None
    line = process.stderr.readline()
    process.terminate()
    process.communicate(timeout=10)
    assert f"listening on 127.0.0.1:{port}" in line
    assert '"node": "env"' in line


def test_help_names_every_option() -> None:
    """The help has the default and the variable of each option."""
    text = subprocess.run(
        [*COMMAND, "serve", "--help"], capture_output=True, text=True, check=True
    ).stdout
    for word in (
        "--listen",
        "--data",
        "--max-streams",
        "--heartbeat",
        "--config",
        "CHAT_GRPC_DRAIN",
    ):
        assert word in text


def grpcurl(*arguments: str) -> str:
    """Run grpcurl, which `make test` installs."""
    tool = ROOT / ".tools" / "bin" / "grpcurl"
    command = str(tool) if tool.exists() else shutil.which("grpcurl")
    assert command, "grpcurl is missing: run the tests with `make test`"
    return subprocess.run(
        [command, "-plaintext", *arguments], capture_output=True, text=True, check=True, timeout=30
    ).stdout


async def test_grpcurl_needs_no_proto_file() -> None:
    """With reflection grpcurl calls health, ListClients, SignIn and SendTo."""
    with serving("--data", ":memory:") as process:
        address = f"127.0.0.1:{process.port}"
        services = grpcurl(address, "list").split()
        assert {"chat_grpc.v1.ChatService", "chat_grpc.v1.AccountService"} <= set(services)
        assert "SERVING" in grpcurl(address, "grpc.health.v1.Health/Check")
        assert "rpc SendTo" in grpcurl(address, "describe", "chat_grpc.v1.ChatService")
        assert "rpc SendTo" in grpcurl(address, "describe", "chat_grpc.v1.ChatService.SendTo")
        async with Recorder(process.port, name="alice") as alice:
            listed = await asyncio.to_thread(
                grpcurl, address, "chat_grpc.v1.ChatService/ListClients"
            )
            assert '"name": "alice"' in listed
            answer = await asyncio.to_thread(
                grpcurl, "-d", '{"name": "carol"}', address, "chat_grpc.v1.AccountService/SignIn"
            )
            token = answer.split('"token": "')[1].split('"')[0]
            await asyncio.to_thread(
                grpcurl,
                "-H",
                f"authorization: Bearer {token}",
                "-d",
                '{"target": {"client_number": 1}, "text": "from grpcurl"}',
                address,
                "chat_grpc.v1.ChatService/SendTo",
            )
            await eventually(lambda: alice.texts == ["from grpcurl"])


def test_serving_processes_end() -> None:
    """The helper of these tests leaves no process running."""
    with serving("--data", ":memory:") as process:
        pid = process.pid
        assert LOBBY.room == "lobby"
    wait_for(lambda: not psutil.pid_exists(pid))
