"""New certificates while the server runs: no stream ends, and a wrong pair changes nothing."""

from __future__ import annotations

import asyncio
import logging
import signal
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from certificates import Certificates
from server.accounts import calls_to, with_accounts
from server.test_signals import PATCHED
from support import Recorder, channel_to, eventually, running, serving

from chat_grpc.client import NoServer, Tls, TlsFailed
from chat_grpc.server import Server
from chat_grpc.transport import rotation


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the files 20 times a second."""
    monkeypatch.setattr(rotation, "LOOK_EVERY", 0.05)


async def offered(port: int) -> bytes:
    """Return the certificate that a new connection gets."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    try:
        found: bytes = writer.get_extra_info("ssl_object").getpeercert(True)
        return found
    finally:
        writer.transport.abort()


async def is_offered(port: int, certificate: bytes) -> None:
    """Wait until new connections get a certificate."""
    der = ssl.PEM_cert_to_DER_cert(certificate.decode())

    async def found() -> bool:
        return await offered(port) == der

    await eventually(found)


def recorder(server: Server | int, certificates: Certificates, name: str) -> Recorder:
    """Return a client that trusts the authority."""
    return Recorder(channel_to(server, certificates.authority), name=name)


async def test_rotation_under_load(certificates: Certificates) -> None:
    """Ten new certificates while clients write: no stream ends, and no message is lost."""
    async with (
        running(**certificates.options) as server,
        recorder(server, certificates, "alice") as alice,
        recorder(server, certificates, "bob") as bob,
    ):
        done = asyncio.Event()

        async def write() -> int:
            count = 0
            while not done.is_set():
                assert (await alice.sent(f"{count}")).sequence > 0
                count += 1
            return count

        writing = asyncio.create_task(write())
        for number in range(10):
            await is_offered(server.port, certificates.issue("127.0.0.1", f"host-{number}"))
            async with recorder(server, certificates, f"new-{number}") as new:
                assert (await new.sent("hello")).sequence > 0
        done.set()
        count = await writing
        assert count > 10
        await eventually(lambda: len(bob.texts) == count + 10)
        assert [text for text in bob.texts if text != "hello"] == list(map(str, range(count)))


async def test_a_wrong_pair_keeps_the_old_one(
    certificates: Certificates, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A pair that cannot be used is logged once as a warning with the reason."""
    caplog.set_level(logging.INFO, "chat_grpc.transport")
    old, key = certificates.certificate.read_bytes(), certificates.key.read_bytes()

    def warnings() -> list[str]:
        return [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]

    async with (
        running(**certificates.options) as server,
        recorder(server, certificates, "alice") as alice,
    ):
        certificates.key.write_bytes(Certificates(tmp_path).key.read_bytes())
        await eventually(lambda: len(warnings()) == 1)
        assert "the old certificate stays in use" in warnings()[0]
        assert f"{certificates.key} is not the key of the certificate" in warnings()[0]
        certificates.certificate.write_text("not PEM")
        await eventually(lambda: len(warnings()) == 2)
        assert f"{certificates.certificate} has no certificate in PEM" in warnings()[1]
        certificates.certificate.unlink()
        await eventually(lambda: len(warnings()) == 3)
        assert f"{certificates.certificate} cannot be read: No such file" in warnings()[2]
        await is_offered(server.port, old)
        # The old pair again, by renaming, as programs that renew certificates do.
        for file, content in ((certificates.certificate, old), (certificates.key, key)):
            written = tmp_path / "written"
            written.write_bytes(content)
            written.rename(file)
        await eventually(lambda: "new connections get" in caplog.text)
        new = certificates.issue()
        await is_offered(server.port, new)
        assert (await alice.sent("still here")).sequence > 0
        assert len(warnings()) == 3


async def test_the_authorities_of_clients_are_read_again(
    certificates: Certificates, tmp_path: Path
) -> None:
    """A client of another authority is admitted once the file has it; one that lacks it is not."""
    other = Certificates(tmp_path)
    tls = other.of("alice")
    tls = Tls(ca=certificates.ca, cert=tls.cert, key=tls.key)
    data = tmp_path / "data"
    async with with_accounts(data, "alice", **certificates.mutual) as server:
        with pytest.raises(TlsFailed):
            async with calls_to(server, tls=tls) as calls:
                await calls.rooms()
        certificates.client_authorities.write_bytes(other.client_authorities.read_bytes())

        async def admitted() -> bool:
            try:
                async with calls_to(server, tls=tls) as calls:
                    await calls.rooms()
            except NoServer:  # no `TlsFailed` if the server changed before the client asked why
                return False
            return True

        await eventually(admitted)
        with pytest.raises(TlsFailed):
            async with calls_to(server, tls=certificates.of("alice")) as calls:
                await calls.rooms()


async def test_sighup_reads_the_files(certificates: Certificates, transport: str) -> None:
    """SIGHUP reads the files at once; a pair that cannot be used changes nothing."""
    patch = "from chat_grpc.transport import rotation; rotation.LOOK_EVERY = 999"
    arguments = ("--data", ":memory:", "--transport", transport, *certificates.flags)
    with serving(*arguments, command=[*PATCHED, patch]) as process:
        async with recorder(process.port, certificates, "alice") as alice:
            new = certificates.issue()
            process.signal(signal.SIGHUP)
            await is_offered(process.port, new)
            certificates.key.write_text("not PEM")
            process.signal(signal.SIGHUP)
            await eventually(lambda: "the old certificate stays in use" in process.log())
            assert "the certificate is read again" in process.log()
            assert "has no private key in PEM" in process.log()
            await is_offered(process.port, new)
            assert (await alice.sent("still here")).sequence > 0


async def test_a_certificate_that_expires_soon_is_warned_about(
    certificates: Certificates, caplog: pytest.LogCaptureFixture
) -> None:
    """The log warns at the start and after a rotation, and the status has the time."""

    def warnings() -> list[str]:
        return [r.getMessage() for r in caplog.records if "renew it" in r.getMessage()]

    soon = datetime.now(UTC) + timedelta(days=5, minutes=1)
    certificates.issue(not_after=soon)
    async with running(**certificates.options) as server:
        assert server.certificate_expire_time == int(soon.timestamp())
        [warned] = warnings()
        assert f"expires in 5 days, at {soon:%Y-%m-%d %H:%M} UTC" in warned
        late = datetime.now(UTC) + timedelta(days=90)
        await is_offered(server.port, certificates.issue(not_after=late))
        await eventually(lambda: server.certificate_expire_time == int(late.timestamp()))
        assert len(warnings()) == 1


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (-1, "expired at"),
        (0, "expired at"),
        (3600, "expires in less than a day, at"),
        (86400, "expires in 1 day, at"),
        (13.5 * 86400, "expires in 13 days, at"),
    ],
)
def test_the_words_of_an_expiry(left: float, words: str) -> None:
    """The words say how much time is left, and the cure."""
    told = rotation.expiry_words(1_800_000_000, 1_800_000_000 - left)
    assert told.startswith(words)
    assert told.endswith("renew it")
