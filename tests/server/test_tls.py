"""A server with `--tls-cert` and `--tls-key`, on both transports."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from certificates import Certificates
from grpc import StatusCode, aio
from server.test_open_files import with_files
from support import (
    COMMAND,
    NO_PAGE,
    UNIT,
    Recorder,
    channel_to,
    eventually,
    free_port,
    running,
    serving,
)

from chat_grpc.client import ChatClient
from chat_grpc.client.backoff import Backoff
from chat_grpc.option_values import ConfigError
from chat_grpc.v1 import chat_pb2, chat_pb2_grpc


async def test_a_stream_and_calls_by_tls(certificates: Certificates) -> None:
    """Clients that trust the authority chat; each has a connection of its own."""
    async with running(**certificates.options) as server, contextlib.AsyncExitStack() as all_:
        clients = [
            await all_.enter_async_context(
                Recorder(channel_to(server, certificates.authority), name=name)
            )
            for name in ("alice", "bob")
        ]
        alice, bob = clients
        assert (await alice.sent("hello")).sequence > 0
        await eventually(lambda: bob.texts == ["hello"])
        listed = await alice.stub.ListClients(chat_pb2.ListClientsRequest())
        assert [client.name for client in listed.clients] == ["alice", "bob"]


async def test_other_clients_are_not_served(certificates: Certificates, tmp_path: Path) -> None:
    """Plain text, and an authority that did not issue the certificate, fail with UNAVAILABLE."""
    async with running(**certificates.options) as server:
        for authority in (None, Certificates(tmp_path).authority):
            channel = channel_to(server, authority)
            with pytest.raises(aio.AioRpcError) as raised:
                await chat_pb2_grpc.ChatServiceStub(channel).ListClients(
                    chat_pb2.ListClientsRequest(), timeout=10 * UNIT
                )
            assert raised.value.code() is StatusCode.UNAVAILABLE
            await channel.close()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
async def test_the_lowest_version_is_tls_1_2(certificates: Certificates) -> None:
    """A client with at most TLS 1.1 cannot connect; one with TLS 1.2 is offered `h2`."""
    async with running(**certificates.options) as server:
        old = certificates.client()
        old.set_ciphers("ALL:@SECLEVEL=0")  # otherwise the client itself would refuse TLS 1.1
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((ssl.SSLError, ConnectionError)):  # grpcio sends no alert
            await asyncio.open_connection("127.0.0.1", server.port, ssl=old)
        context = certificates.client()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        _, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=context)
        assert writer.get_extra_info("ssl_object").selected_alpn_protocol() == "h2"
        writer.transport.abort()


async def test_a_certificate_that_cannot_be_used_opens_nothing(
    certificates: Certificates, tmp_path: Path
) -> None:
    """The server refuses to start, and creates no store."""
    options = certificates.options | {"tls_key": str(tmp_path / "none.pem")}
    with pytest.raises(ConfigError, match=r"none\.pem cannot be read"):
        async with running(data=str(tmp_path / "data"), **options):
            pass
    assert not (tmp_path / "data").exists()


def test_the_start_names_tls(certificates: Certificates, tmp_path: Path, transport: str) -> None:
    """Options of TLS come from the environment and the file; the log line says `with TLS`."""
    config = tmp_path / "chat.toml"
    config.write_text(f'tls-cert = "{certificates.certificate}"\ndata = ":memory:"\n')
    process = subprocess.Popen(
        [*COMMAND, "serve", *NO_PAGE, "--config", str(config), "--transport", transport],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ
        | {"CHAT_GRPC_LISTEN": "0.0.0.0:0", "CHAT_GRPC_TLS_KEY": str(certificates.key)}
        | {"CHAT_GRPC_GUESTS": "on"},
    )
    assert process.stderr is not None
    first, second = process.stderr.readline(), process.stderr.readline()
    process.terminate()
    process.communicate(timeout=10 * UNIT)
    assert process.returncode == 0
    assert "listening on 0.0.0.0:" in first
    assert "with TLS" in first
    assert "open to the network, and guests" in second


def test_wrong_options_are_sentences(certificates: Certificates, tmp_path: Path) -> None:
    """A missing option and a file that cannot be used end with status 2 and one sentence."""
    certificate, key = certificates.flags[:2], certificates.flags[2:]
    encrypted = certificates.encrypted_key(tmp_path / "secret.pem")
    cases = [
        (certificate, "tls-cert needs tls-key"),
        (key, "tls-key needs tls-cert"),
        (["--tls-client-ca", str(certificates.ca)], "tls-client-ca needs tls-cert"),
        ([*certificates.flags, "--tls-client-ca", str(key[1])], "has no certificate in PEM"),
        ([*certificate, "--tls-key", str(tmp_path / "none.pem")], "none.pem cannot be read"),
        ([*certificate, "--tls-key", str(encrypted)], "secret.pem is encrypted"),
    ]
    for arguments, words in cases:
        ended = subprocess.run(
            [*COMMAND, "serve", "--listen", "127.0.0.1:0", "--data", ":memory:", *arguments],
            capture_output=True,
            text=True,
            timeout=20 * UNIT,
            check=False,
        )
        assert ended.returncode == 2, ended.stderr
        assert words in ended.stderr
        assert "Traceback" not in ended.stderr


@contextlib.asynccontextmanager
async def tunnel(port: int, certificates: Certificates) -> AsyncIterator[int]:
    """Carry plain-text connections to a port by TLS, as `stunnel` does; yield the port to use."""
    tasks: set[asyncio.Task[None]] = set()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
        writer.close()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        out = None
        try:
            back, out = await asyncio.open_connection("127.0.0.1", port, ssl=certificates.client())
            await asyncio.gather(forward(reader, out), forward(back, writer))
        except (OSError, asyncio.CancelledError):
            pass  # the server is down, or the test is over
        finally:
            for each in (writer, out):
                if each is not None:
                    each.transport.abort()

    listener = await asyncio.start_server(carry, "127.0.0.1", 0)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_the_sdk_resumes_through_a_tunnel(certificates: Certificates, tmp_path: Path) -> None:
    """Clients of the SDK behind a tunnel chat, and resume after a restart of the server."""
    options = {"listen": f"127.0.0.1:{free_port()}", "data": str(tmp_path)} | certificates.options
    async with contextlib.AsyncExitStack() as all_:
        server = await all_.enter_async_context(running(**options))
        entrance = await all_.enter_async_context(tunnel(server.port, certificates))
        alice, bob = [
            await all_.enter_async_context(
                ChatClient.connect(f"127.0.0.1:{entrance}", name=name, backoff=Backoff(0.05, 0.2))
            )
            for name in ("alice", "bob")
        ]
        await alice.send("before")
        await server.stop(grace=0)
        async with running(**options):
            await alice.send("after")
            texts = []
            async for event in bob:
                if event.HasField("message"):
                    texts.append(event.message.text)
                    if texts[-1] == "after":
                        break
            assert texts == ["before", "after"]
            await alice.close()
            await bob.close()


async def test_a_storm_without_handshakes_takes_no_file_from_the_store(
    certificates: Certificates, tmp_path: Path
) -> None:
    """Connections that never begin a handshake count for the limit of connections."""
    arguments = ("--data", str(tmp_path), *certificates.flags)
    with serving(*arguments, command=with_files(200)) as process, contextlib.ExitStack() as storm:
        async with Recorder(
            channel_to(process.port, certificates.authority), name="alice"
        ) as alice:
            for _ in range(300):
                address = ("127.0.0.1", process.port)
                storm.enter_context(socket.create_connection(address, 5 * UNIT))
            assert (await alice.sent("storm")).sequence > 0
        assert "failed" not in process.log()
