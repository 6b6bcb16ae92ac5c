"""Clients that TLS keeps out: `UNAVAILABLE` on the wire, and one sentence from the SDK."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest
from certificates import YESTERDAY, Certificates
from support import UNIT, running

from chat_grpc.client import ChatCalls, ChatClient, NoServer, Tls, TlsFailed, TlsUnusable
from chat_grpc.client.channel import endpoint, open_channel
from chat_grpc.v1 import chat_pb2, chat_pb2_grpc

CASES = {
    "plain client": "speaks TLS, and this client does not; write https://",
    "plain server": "does not speak TLS, and this client does; write http://",
    "unknown authority": "is not from the authority in",
    "expired": "has expired; the server needs a new one",
    "another host": "is for another host",
    "no client certificate": "requires a client certificate; give one with tls-cert",
    "foreign client certificate": "does not accept the client certificate",
    "expired client certificate": "the client certificate",
}


def sides(
    case: str, certificates: Certificates, other: Certificates
) -> tuple[dict[str, Any], Tls | None]:
    """Return the options of the server and the TLS of the client."""
    options: dict[str, Any] = certificates.options
    tls: Tls | None = certificates.trusting
    match case:
        case "plain client":
            tls = None
        case "plain server":
            options = {}
        case "unknown authority":
            tls = other.trusting
        case "expired":
            certificates.issue(not_after=YESTERDAY)
        case "another host":
            certificates.issue("chat.example")
        case "no client certificate":
            options = certificates.mutual
        case "foreign client certificate":
            options = certificates.mutual
            foreign = other.of("alice")
            tls = Tls(ca=certificates.ca, cert=foreign.cert, key=foreign.key)
        case "expired client certificate":
            options = certificates.mutual
            tls = certificates.nameless(not_after=YESTERDAY)
    return options, tls


@pytest.mark.parametrize(("case", "words"), CASES.items(), ids=CASES.keys())
async def test_one_sentence_says_why(
    case: str, words: str, certificates: Certificates, tmp_path: Path
) -> None:
    """A call is `UNAVAILABLE`; the SDK's calls and its stream say why, and do not try again."""
    options, tls = sides(case, certificates, Certificates(tmp_path))
    async with running(**options) as server:
        address = f"127.0.0.1:{server.port}"
        channel = open_channel(endpoint(address, tls))
        stub = chat_pb2_grpc.ChatServiceStub(channel)
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await stub.ListClients(chat_pb2.ListClientsRequest(), timeout=10 * UNIT)
        assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
        await channel.close()
        with pytest.raises(TlsFailed) as called:
            async with ChatCalls(address, tls=tls, wait=True) as calls:
                await calls.clients()
        with pytest.raises(TlsFailed) as connected:
            async with ChatClient.connect(address, name="alice", tls=tls, wait=True):
                pass
    for error in (called, connected):
        sentence = str(error.value)
        assert words in sentence.lower() or words in sentence
        assert str(server.port) in sentence or str(tls and tls.cert) in sentence
        assert "\n" not in sentence
        assert sentence.endswith(".")


async def test_another_program_at_the_port() -> None:
    """A server that speaks neither HTTP/2 nor TLS is no server, whichever client asks."""

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    listener = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with listener:
        with pytest.raises(NoServer) as plain:
            async with ChatCalls(f"127.0.0.1:{port}") as calls:
                await calls.clients()
        assert not isinstance(plain.value, TlsFailed)
        with pytest.raises(TlsFailed, match="The TLS handshake with"):
            async with ChatCalls(f"https://127.0.0.1:{port}") as calls:
                await calls.clients()


async def test_no_server_is_no_error_of_tls(certificates: Certificates) -> None:
    """A port on which nothing listens gets the same sentence as without TLS."""
    async with running(**certificates.options) as server:
        port = server.port
    with pytest.raises(NoServer, match=f"No server answers at grpcs://127.0.0.1:{port}") as raised:
        async with ChatCalls(f"https://127.0.0.1:{port}") as calls:
            await calls.clients()
    assert not isinstance(raised.value, TlsFailed)


async def test_files_that_cannot_be_used(certificates: Certificates, tmp_path: Path) -> None:
    """A file of the client that is missing, no PEM, encrypted or of another key is named."""
    key, text = certificates.of("alice").key, tmp_path / "text.pem"
    text.write_text("not PEM")
    cert = certificates.of("bob").cert
    encrypted = certificates.encrypted_key(tmp_path / "secret.pem")
    cases = [
        (Tls(ca=tmp_path / "none.pem"), "none.pem cannot be read: No such file"),
        (Tls(ca=text), "text.pem has no certificate in PEM"),
        (Tls(cert=cert, key=tmp_path / "none.pem"), "none.pem cannot be read"),
        (Tls(cert=cert, key=key), "is not the key of the certificate"),
        (Tls(cert=text, key=key), "are not a certificate and a key in PEM"),
        (Tls(cert=certificates.certificate, key=encrypted), "secret.pem is encrypted"),
    ]
    for tls, words in cases:
        with pytest.raises(TlsUnusable, match=words):
            async with ChatCalls("localhost:1", tls=tls) as calls:
                await calls.clients()
        with pytest.raises(TlsUnusable, match=words):
            async with ChatClient.connect("localhost:1", name="alice", tls=tls, wait=True):
                pass


def test_a_certificate_without_its_key() -> None:
    """One of the two files of a client is not enough."""
    with pytest.raises(ValueError, match="belong together"):
        Tls(cert="alice.pem")
