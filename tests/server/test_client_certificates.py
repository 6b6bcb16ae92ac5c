"""Mutual TLS: a client certificate is the account that it names."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from certificates import Certificates
from grpc import StatusCode
from server.accounts import PASSWORD, calls_to, operator, with_accounts
from support import Recorder, eventually

from chat_grpc.client import ChatClient, Refused, Tls, TlsFailed
from chat_grpc.client.backoff import Backoff
from chat_grpc.client.channel import endpoint, open_channel
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2


@pytest.fixture
async def mutual(certificates: Certificates, tmp_path: Path) -> AsyncIterator[Server]:
    """A server that requires certificates, with accounts and guests."""
    names = ("root", "alice", "bob")
    async with with_accounts(tmp_path, *names, guests="on", **certificates.mutual) as server:
        yield server


def recorder(server: Server, tls: Tls, **hello: Any) -> Recorder:
    """Return a client on the bare contract."""
    return Recorder(open_channel(endpoint(f"127.0.0.1:{server.port}", tls)), **hello)


async def token_of(server: Server, tls: Tls, name: str) -> str:
    """Sign in with the password, over a connection with a certificate."""
    async with calls_to(server, tls=tls) as calls:
        return (await calls.sign_in(name, PASSWORD)).token


async def test_a_certificate_is_the_account(mutual: Server, certificates: Certificates) -> None:
    """Streams and calls need no token, are those of the account, and get no token."""
    async with recorder(mutual, certificates.of("alice")) as alice:
        assert (alice.welcome.client.name, alice.welcome.token) == ("alice", "")
        assert (await alice.sent("hello")).sequence > 0
        async with calls_to(mutual, tls=certificates.of("bob")) as calls:
            await calls.send_to("psst", alice.welcome.client.number)
            await eventually(lambda: alice.texts == ["psst"])
            assert alice.of("message")[0].author.name == "bob"


async def test_the_name_is_compared_like_any_name(
    mutual: Server, certificates: Certificates
) -> None:
    """A certificate for `ALICE` is the account `alice`; the name in `hello` does not matter."""
    async with recorder(mutual, certificates.of("ALICE"), name="carol") as alice:
        assert alice.welcome.client.name == "alice"


async def test_an_admin_by_certificate(mutual: Server, certificates: Certificates) -> None:
    """The roles are those of the account."""
    async with calls_to(mutual, tls=certificates.of("root")) as calls:
        assert {each.name for each in await calls.users().all()} == {"root", "alice", "bob"}
    async with calls_to(mutual, tls=certificates.of("alice")) as calls:
        with pytest.raises(Refused) as raised:
            await calls.users().all()
        assert raised.value.reason == "NOT_ALLOWED"


async def test_an_unknown_account(mutual: Server, certificates: Certificates) -> None:
    """A name without an account is refused for streams and calls, with a stable reason."""
    tls = certificates.of("mallory")
    async with calls_to(mutual, tls=tls) as calls:
        with pytest.raises(Refused, match="names mallory, and this server has no account") as one:
            await calls.rooms()
    with pytest.raises(Refused) as two:
        async with ChatClient.connect(f"127.0.0.1:{mutual.port}", name="mallory", tls=tls):
            pass
    for error in (one.value, two.value):
        assert (error.code, error.reason) == (StatusCode.UNAUTHENTICATED, "CERTIFICATE_UNKNOWN")


async def test_a_token_of_another_user(mutual: Server, certificates: Certificates) -> None:
    """A token of another user is refused in metadata and in `hello`; the user's own is not."""
    tls = certificates.of("alice")
    other, own = await token_of(mutual, tls, "bob"), await token_of(mutual, tls, "alice")
    async with calls_to(mutual, other, tls) as calls:
        with pytest.raises(Refused, match=r"that of alice, and the token that of bob") as raised:
            await calls.rooms()
    assert (raised.value.code, raised.value.reason) == (
        StatusCode.UNAUTHENTICATED,
        "CERTIFICATE_MISMATCH",
    )
    stream = recorder(mutual, tls, token=other)
    await stream.hello(read=False)
    assert await stream.end_reason() == "CERTIFICATE_MISMATCH"
    await stream.__aexit__()
    async with recorder(mutual, tls, token=own) as alice, calls_to(mutual, own, tls) as calls:
        assert alice.welcome.client.name == "alice"
        await calls.sign_out()
        assert await alice.end_reason() == "TOKEN_REVOKED"


async def test_a_certificate_without_a_user(mutual: Server, certificates: Certificates) -> None:
    """It only admits the connection: the user is that of the token, or a guest."""
    tls = certificates.nameless()
    async with recorder(mutual, tls, name="guest-1") as guest:
        assert guest.welcome.client.name == "guest-1"
    async with calls_to(mutual, tls=tls) as calls:
        with pytest.raises(Refused) as raised:
            await calls.rooms()
        assert raised.value.reason == "NOT_SIGNED_IN"
    async with calls_to(mutual, await token_of(mutual, tls, "bob"), tls) as calls:
        await calls.rooms()


@pytest.mark.parametrize(
    "names", [(b"chat:alice", b"chat:bob"), (b"chat:",), (b"chat:%ff",), (b"chat:" + b"x" * 100,)]
)
async def test_a_name_that_is_not_clear(
    mutual: Server, certificates: Certificates, names: tuple[bytes, ...]
) -> None:
    """Two names, an empty one, one that is not UTF-8 and a long one are refused."""
    async with calls_to(mutual, tls=certificates.named(*names)) as calls:
        with pytest.raises(Refused) as raised:
            await calls.rooms()
    assert raised.value.reason == "CERTIFICATE_UNKNOWN"


async def test_a_name_that_is_not_ascii(
    mutual: Server, certificates: Certificates, caplog: pytest.LogCaptureFixture
) -> None:
    """Raw bytes in a name, which no authority should sign, refuse the client and no other."""
    async with recorder(mutual, certificates.of("alice")) as alice:
        for names in (
            (b"chat:\xff",),
            (b"chat:a\0lice",),
            (b"chat:bob\0",),
            (b"\xff", b"chat:bob"),
        ):
            async with calls_to(mutual, tls=certificates.named(*names)) as calls:
                with pytest.raises((Refused, TlsFailed)):
                    await calls.rooms()
        assert (await alice.sent("still here")).sequence > 0
    # An error in a callback of the loop would end the process.
    assert not [record for record in caplog.records if record.name == "asyncio"]


async def test_there_is_no_token_to_end(mutual: Server, certificates: Certificates) -> None:
    """Signing out without a token is refused; other calls of accounts work."""
    async with calls_to(mutual, tls=certificates.of("alice")) as calls:
        with pytest.raises(Refused, match="no token to end") as raised:
            await calls.sign_out()
        assert raised.value.reason == "TOKEN_NOT_FOUND"
        await calls.create_bot_token("bot")
        assert [each.label for each in await calls.tokens().all()] == ["bot"]


async def test_a_removed_account_ends_its_streams(
    mutual: Server, certificates: Certificates, tmp_path: Path
) -> None:
    """The open streams of the certificate end within a second; a resume is refused."""
    tls = certificates.of("alice")
    async with recorder(mutual, tls) as alice, recorder(mutual, certificates.of("bob")) as bob:
        async with operator(tmp_path) as local:
            await local.remove_user("alice")
        assert await alice.end_reason() == "CERTIFICATE_UNKNOWN"
        last = alice.welcome
        resumed = recorder(mutual, tls, log_id=last.log_id, resume_after=last.head_sequence)
        await resumed.hello(read=False)
        assert await resumed.end_reason() == "CERTIFICATE_UNKNOWN"
        await resumed.__aexit__()
        assert (await bob.sent("still here")).sequence > 0


async def test_a_hello_after_the_account_was_made_anew_is_refused(
    mutual: Server, certificates: Certificates, tmp_path: Path
) -> None:
    """A call that began as the removed account does not become a stream of it."""
    alice = recorder(mutual, certificates.of("alice"))
    alice.call = alice.stub.Connect()
    await eventually(lambda: mutual.status().silent_call_count == 1)
    async with operator(tmp_path) as local:
        await local.remove_user("alice")
        await local.create_user("alice", PASSWORD)
    await alice.write(hello=chat_pb2.Hello())
    assert await alice.end_reason() == "CERTIFICATE_UNKNOWN"
    await alice.__aexit__()
    async with recorder(mutual, certificates.of("alice")) as again:
        assert again.welcome.client.name == "alice"


async def test_a_ban_ends_the_streams_of_a_certificate(
    mutual: Server, certificates: Certificates
) -> None:
    """A kick ends the open stream, a ban also refuses later streams and calls."""
    tls, root = certificates.of("alice"), certificates.of("root")
    async with calls_to(mutual, tls=root) as admin, calls_to(mutual, tls=tls) as calls:
        async with recorder(mutual, tls) as alice:
            await admin.kick("alice")
            assert await alice.ended() is StatusCode.ABORTED
        async with recorder(mutual, tls) as alice:
            await admin.ban("alice")
            assert await alice.end_reason() == "BANNED"
        resumed = recorder(mutual, tls, log_id=alice.welcome.log_id)
        await resumed.hello(read=False)
        assert await resumed.end_reason() == "BANNED"
        await resumed.__aexit__()
        with pytest.raises(Refused) as raised:
            await calls.rooms()
        assert raised.value.reason == "BANNED"


async def test_a_new_password_does_not_end_the_streams_of_a_certificate(
    mutual: Server, certificates: Certificates, tmp_path: Path
) -> None:
    """A password ends tokens; the certificate is another credential."""
    async with recorder(mutual, certificates.of("alice")) as alice:
        async with operator(tmp_path) as local:
            await local.set_user_password("alice", "another good password")
        assert (await alice.sent("still here")).sequence > 0


async def test_the_sdk_resumes_with_its_certificate(
    certificates: Certificates, tmp_path: Path
) -> None:
    """After a restart of the server, the SDK resumes as the same account."""
    async with contextlib.AsyncExitStack() as all_:
        server = await all_.enter_async_context(
            with_accounts(tmp_path, "alice", "bob", **certificates.mutual)
        )
        address = f"127.0.0.1:{server.port}"
        alice, bob = [
            await all_.enter_async_context(
                ChatClient.connect(address, tls=certificates.of(name), backoff=Backoff(0.05, 0.2))
            )
            for name in ("alice", "bob")
        ]
        await alice.send("before")
        await server.stop(grace=0)
        again = with_accounts(tmp_path, listen=address, **certificates.mutual)
        await all_.enter_async_context(again)
        await alice.send("after")
        texts = []
        async for event in bob:
            if event.HasField("message"):
                texts.append((event.message.author.name, event.message.text))
                if texts[-1][1] == "after":
                    break
        assert texts == [("alice", "before"), ("alice", "after")]
        await alice.close()
        await bob.close()
