"""Accounts at a server: registering, names, modes, secrets, and kills."""

from __future__ import annotations

import asyncio
import hashlib
import signal
from pathlib import Path

import pytest
from grpc import aio
from server.accounts import OTHER, PASSWORD, calls_to, operator, token_of, with_accounts
from server.people import Person
from support import Recorder, eventually, on_store, reason_of, running, serving, store_of

from chat_grpc.app.throttle import NAME
from chat_grpc.client import ChatCalls, ChatError, Refused
from chat_grpc.journal.check import check
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2


async def refusal(server: Server, name: str) -> str:
    """Say hello as a guest who must be refused; return the reason."""
    stream = Recorder(server, name=name)
    with pytest.raises(aio.AioRpcError) as error:
        await stream.hello()
    await stream.__aexit__()
    return reason_of(error.value)


async def test_a_guest_becomes_an_account_and_keeps_everything(tmp_path: Path) -> None:
    """The number, the rooms, the history and the open stream stay."""
    async with (
        running(data=str(tmp_path), accounts="open") as server,
        Person(server, name="Alice") as alice,
        Person(server, name="bob") as bob,
    ):
        await alice.do("CreateRoom", name="den")
        await alice.sent("before")
        async with calls_to(server, alice.token) as calls:
            made = await calls.register("Alice", PASSWORD)
            assert (made.number, made.name) == (alice.number, "Alice")
            again = await calls.sign_in("alice", PASSWORD)
            assert [room.my_role for room in await calls.rooms() if room.name == "den"] == [
                chat_pb2.ROOM_ROLE_OWNER
            ]
        await alice.sent("after")
        await eventually(lambda: "after" in bob.texts)
        assert [m.author.number for m in bob.of("message")] == [alice.number] * 2
        listed = {c.name: c.guest for c in (await bob.do("ListClients")).clients}
        assert listed == {"Alice": False, "bob": True}
        async with Recorder(server, token=again.token) as other:
            assert other.welcome.client.number == alice.number
            assert not other.welcome.token
    async with (
        running(data=str(tmp_path)) as server,
        calls_to(server, await token_of(server, "ALICE")) as calls,
    ):
        assert [m.message.text for m in await calls.history().all()] == ["after", "before"]
    assert check(store_of(tmp_path)) == []


async def test_an_accounts_name_is_never_given_to_a_guest(tmp_path: Path) -> None:
    """Not while the account is away, not after a restart, and not to a guest who had it before."""
    async with running(data=str(tmp_path)) as server:
        old = await token_of(server, "alice", "")
        async with operator(tmp_path) as local:
            assert await local.create_user("Alice", PASSWORD) == 2
        assert await refusal(server, "ALICE") == "NAME_TAKEN"
    async with running(data=str(tmp_path)) as server:
        assert await refusal(server, "alice") == "NAME_TAKEN"
        async with Recorder(server, token=old) as guest:
            assert guest.welcome.client.name == "alice-1"
        token = await token_of(server, "alice")
        async with Recorder(server, token=token) as account:
            assert account.welcome.client.name == "Alice"


async def test_a_guests_name_becomes_the_accounts_once_the_guest_is_gone(tmp_path: Path) -> None:
    """Until then the account has a suffix; afterwards the guest has one."""
    async with with_accounts(tmp_path) as server:
        async with Recorder(server, name="alice") as guest, operator(tmp_path) as local:
            await local.create_user("alice", PASSWORD)
            token = await token_of(server, "alice")
            async with Recorder(server, token=token) as account:
                assert account.welcome.client.name == "alice-2"
                await account.send("to the guest", chat_pb2.Target(user="alice"))
                await eventually(lambda: guest.texts == ["to the guest"])
        await eventually(lambda: not server.stream_count)
        server._hub.clients.extend(-1000)
        server._hub.presence.extend(-1000)
        await eventually(lambda: "alice" not in server.status().held_names)
        async with (
            Recorder(server, token=token) as account,
            Recorder(server, token=guest.welcome.token) as back,
        ):
            assert account.welcome.client.name == "alice"
            assert back.welcome.client.name == "alice-1"


async def test_registering_in_each_mode(tmp_path: Path) -> None:
    """`open` needs nothing, `invite` a code, and with `closed` only an admin creates accounts."""
    async with running(data=str(tmp_path), accounts="open") as server, calls_to(server) as calls:
        assert (await calls.register("anna", PASSWORD)).number == 1
        with pytest.raises(Refused) as error:
            await calls.register("ANNA", PASSWORD)
        assert error.value.reason == "NAME_TAKEN"
    async with running(data=str(tmp_path)) as server, calls_to(server) as calls:
        async with operator(tmp_path) as local:
            code = (await local.create_invite()).invite_code
        for wrong in ("", "abcde-abcde-abcde-abcde"):
            with pytest.raises(Refused) as error:
                await calls.register("bert", PASSWORD, wrong)
            assert error.value.reason == "INVITE_INVALID"
        await calls.register("bert", PASSWORD, code.upper().replace("-", " "))
        with pytest.raises(Refused) as error:
            await calls.register("cleo", PASSWORD, code)
        assert error.value.reason == "INVITE_INVALID"
    async with running(data=str(tmp_path), accounts="closed") as server, calls_to(server) as calls:
        with pytest.raises(Refused) as error:
            await calls.register("dora", PASSWORD)
        assert error.value.reason == "NOT_ALLOWED"
    assert check(store_of(tmp_path)) == []


async def test_without_guests_only_accounts_are_admitted(tmp_path: Path) -> None:
    """No new guest, no guest of before, and no list of clients without a token."""
    async with with_accounts(tmp_path, "alice") as server:
        old = await token_of(server, "gwen", "")
    async with running(data=str(tmp_path), guests="off", accounts="open") as server:
        assert await refusal(server, "hans") == "NOT_ALLOWED"
        returning = Recorder(server, token=old)
        with pytest.raises(aio.AioRpcError) as error:
            await returning.hello()
        assert reason_of(error.value) == "NOT_ALLOWED"
        await returning.__aexit__()
        async with calls_to(server) as calls:
            for refused, reason in (
                (calls.sign_in("hans"), "NOT_ALLOWED"),
                (calls.clients(), "NOT_SIGNED_IN"),
            ):
                with pytest.raises(Refused) as refusing:
                    await refused
                assert refusing.value.reason == reason
        async with calls_to(server, await token_of(server, "alice")) as calls:
            assert await calls.clients() == []
        # A guest of before can become an account.
        async with calls_to(server, old) as calls:
            await calls.register("gwen", PASSWORD)
            assert await calls.clients() == []


async def test_signing_in_fails_alike_for_unknown_names(tmp_path: Path) -> None:
    """The error is the same, and so is the one after too many tries."""
    async with with_accounts(tmp_path, "alice") as server, calls_to(server) as calls:
        told = []
        for name in ("alice", "nobody"):
            seen = []
            for _ in range(NAME.burst + 1):
                with pytest.raises(Refused) as error:
                    await calls.sign_in(name, "wrong password")
                seen.append((error.value.code, error.value.reason, str(error.value)))
            assert error.value.reason == "RATE_LIMITED"
            assert (error.value.retry_after or 0) > 30
            told.append(seen)
        assert told[0] == told[1]


async def test_failed_tries_do_not_touch_open_sessions(tmp_path: Path) -> None:
    """While a name is throttled, its streams and calls go on."""
    async with (
        with_accounts(tmp_path, "alice") as server,
        Recorder(server, token=await token_of(server, "alice")) as alice,
        calls_to(server) as calls,
    ):
        for _ in range(30):
            with pytest.raises(Refused):
                await calls.sign_in("alice", "wrong password")
        assert (await alice.sent("hello")).sequence


async def test_an_outdated_hash_is_replaced_at_the_next_sign_in(tmp_path: Path) -> None:
    """A hash with other parameters still signs in, and has today's parameters then."""
    from argon2 import PasswordHasher

    async with with_accounts(tmp_path, "alice") as server:
        weak = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
        await on_store(server, "UPDATE accounts SET password = ?", weak)
        # At the same time: each of them finds the old hash.
        first, *_ = await asyncio.gather(*(token_of(server, "alice") for _ in range(3)))
        alices = "SELECT password FROM accounts JOIN users ON user = number WHERE key = 'alice'"
        [(password,)] = await on_store(server, alices)
        assert "m=19456,t=2,p=1" in password
        await token_of(server, "alice")
        async with calls_to(server, first) as calls:
            assert len(await calls.tokens().all()) == 4


async def test_tokens_are_listed_in_pages(tmp_path: Path) -> None:
    """The newest first, without revoked ones; a bot's token has a label and no expiry."""
    async with with_accounts(tmp_path, "alice") as server:
        async with calls_to(server, await token_of(server, "alice")) as calls:
            made = [await calls.create_bot_token(f"bot {n}") for n in range(5)]
            await calls.revoke_token(made[2].token_id)
            from chat_grpc.v1 import account_pb2

            seen, token = [], ""
            while True:
                request = account_pb2.ListTokensRequest(page_size=2, page_token=token)
                page = await calls._caller.account("ListTokens", request)
                assert len(page.tokens) <= 2
                seen += [each.label for each in page.tokens]
                if not (token := page.next_page_token):
                    break
            assert seen == ["bot 4", "bot 3", "bot 1", "bot 0", ""]
            bot = (await calls.tokens(limit=1).all())[0]
            assert not bot.HasField("expire_time")
        async with calls_to(server, made[0].token) as bot_calls:
            await bot_calls.send_to("from a bot")
            with pytest.raises(Refused, match="A bot token cannot create tokens"):
                await bot_calls.create_bot_token("another")
            with pytest.raises(Refused, match="A bot token cannot revoke other tokens"):
                await bot_calls.revoke_token(bot.token_id)
        async with calls_to(server, made[2].token) as revoked:
            with pytest.raises(Refused) as error:
                await revoked.send_to("x")
            assert error.value.reason == "TOKEN_REVOKED"


async def test_nobody_revokes_the_token_of_another_user(tmp_path: Path) -> None:
    """An id of another user's token is unknown."""
    async with (
        with_accounts(tmp_path, "alice", "bert") as server,
        calls_to(server, await token_of(server, "alice")) as alice,
    ):
        [mine] = await alice.tokens().all()
        async with calls_to(server, await token_of(server, "bert")) as bert:
            with pytest.raises(Refused) as error:
                await bert.revoke_token(mine.token_id)
            assert error.value.reason == "TOKEN_NOT_FOUND"
        assert len(await alice.tokens().all()) == 1


async def test_a_wrong_old_password_changes_nothing(tmp_path: Path) -> None:
    """The password and the tokens stay, and tries are limited."""
    async with with_accounts(tmp_path, "alice") as server:
        other = await token_of(server, "alice")
        async with calls_to(server, await token_of(server, "alice")) as calls:
            reasons = []
            for _ in range(12):
                with pytest.raises(Refused) as error:
                    await calls.change_password("wrong password", OTHER)
                reasons.append(error.value.reason)
            assert reasons == ["BAD_CREDENTIALS"] * 10 + ["RATE_LIMITED"] * 2
        async with calls_to(server, other) as calls:
            assert len(await calls.tokens().all()) == 2


def test_no_secret_is_logged_or_stored(tmp_path: Path) -> None:
    """Neither passwords nor tokens are in the log output or in the store."""
    secrets = [PASSWORD, OTHER, "wrong password"]

    async def use(port: int) -> None:
        async with ChatCalls(f"127.0.0.1:{port}") as calls:
            await calls.register("alice", PASSWORD)
            secrets.append((await calls.sign_in("alice", PASSWORD)).token)
            secrets.append((await calls.create_bot_token("bot")).token)
            with pytest.raises(Refused):
                await calls.sign_in("alice", "wrong password")
            await calls.change_password(PASSWORD, OTHER)

    arguments = ("--data", str(tmp_path), "--accounts", "open", "--log-level", "debug")
    with serving(*arguments) as process:
        asyncio.run(use(process.port))
        process.signal(signal.SIGTERM)
        process.wait()
        written = process.log().encode()
    written += b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert [secret for secret in secrets if secret.encode() in written] == []
    assert hashlib.sha256(secrets[-1].encode()).digest() in written


def test_a_kill_during_registrations_loses_no_account(tmp_path: Path) -> None:
    """Each account that was acknowledged can sign in after a kill, and the store is whole."""
    made: list[str] = []

    async def register(port: int, first: int) -> None:
        async with ChatCalls(f"127.0.0.1:{port}") as calls:
            for number in range(first, first + 1000):
                try:
                    await calls.register(f"user{number}", PASSWORD)
                except ChatError:
                    return
                made.append(f"user{number}")

    async def until_killed(port: int, kill: int, end: object) -> None:
        assert callable(end)
        works = [asyncio.create_task(register(port, 1000 * n + kill * 10_000)) for n in range(3)]
        await eventually(lambda: len(made) >= kill)
        end()
        await asyncio.gather(*works)

    for kill in (5, 15):
        with serving("--data", str(tmp_path), "--accounts", "open") as process:
            asyncio.run(until_killed(process.port, kill, lambda: process.signal(signal.SIGKILL)))
            process.wait()
    with serving("--data", str(tmp_path), "--accounts", "open") as process:

        async def sign_in() -> None:
            async with ChatCalls(f"127.0.0.1:{process.port}") as calls:
                for name in made:
                    assert (await calls.sign_in(name, PASSWORD)).name == name

        asyncio.run(sign_in())
    assert len(made) >= 15
    assert check(store_of(tmp_path)) == []
