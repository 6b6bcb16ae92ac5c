"""The device flow, and the code flow with PKCE, against a real issuer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from oidc.local_issuer import REDIRECT_URI, LocalIssuer
from server.accounts import calls_to
from support import Recorder, eventually, running

from chat_grpc.app import pending
from chat_grpc.app.browser_sign_ins import LIFETIME
from chat_grpc.app.pending import Pending
from chat_grpc.client import ChatCalls, Refused
from chat_grpc.core.errors import SignInExpired, TooManyTries
from chat_grpc.oidc import provider
from chat_grpc.server import Server
from chat_grpc.v1 import account_pb2


@pytest.fixture
async def server(issuer: LocalIssuer, tmp_path: Path) -> AsyncIterator[Server]:
    """A server with the issuer."""
    async with running(**issuer.options(tmp_path)) as started:
        yield started


# ------------------------------------------------------------------ the device flow


async def poll(calls: ChatCalls, begun: account_pb2.StartDeviceSignInResponse) -> Any:
    """Ask once for the state of a sign-in."""
    request = account_pb2.PollDeviceSignInRequest(sign_in_id=begun.sign_in_id)
    return await calls._caller.account("PollDeviceSignIn", request)


def polls(issuer: LocalIssuer) -> int:
    """Return the number of requests to the token endpoint."""
    return issuer.calls("/token")


async def test_a_user_enters_the_code(server: Server, issuer: LocalIssuer) -> None:
    """The client that began gets the token, once."""
    async with calls_to(server) as calls:
        begun = await calls.start_device_sign_in()
        assert begun.verification_uri == f"{issuer.url}/device"
        assert begun.user_code in begun.verification_uri_complete
        finishing = asyncio.create_task(calls.finish_device_sign_in(begun))
        await eventually(lambda: polls(issuer) > 0)
        issuer.enter(begun.user_code, "alice")
        answer = await finishing
        assert (answer.name, calls.token) == ("alice", answer.token)
        async with Recorder(server, token=answer.token) as stream:
            assert not stream.welcome.client.guest
        with pytest.raises(Refused) as error:
            await poll(calls, begun)
        assert error.value.reason == "SIGN_IN_EXPIRED"


async def test_an_issuer_with_other_statuses(server: Server, issuer: LocalIssuer) -> None:
    """The error code of the body counts, whatever the status: Google answers 428 while it waits."""
    issuer.behave(broken={"pending": "428"})
    async with calls_to(server) as calls:
        begun = await calls.start_device_sign_in()
        finishing = asyncio.create_task(calls.finish_device_sign_in(begun))
        await eventually(lambda: polls(issuer) > 0)
        assert not finishing.done()
        issuer.enter(begun.user_code, "alice")
        assert (await finishing).name == "alice"


async def test_a_user_refuses(server: Server, issuer: LocalIssuer) -> None:
    """The client is told, and the sign-in ends."""
    async with calls_to(server) as calls:
        begun = await calls.start_device_sign_in()
        issuer.enter(begun.user_code, "alice", allow=False)
        with pytest.raises(Refused) as error:
            await calls.finish_device_sign_in(begun)
        assert error.value.reason == "SIGN_IN_DENIED"


async def test_the_issuer_is_asked_at_its_interval(server: Server, issuer: LocalIssuer) -> None:
    """However often a client asks; `slow_down` makes the interval 5 seconds longer."""
    issuer.behave(slow_downs=1)
    async with calls_to(server) as calls:
        begun = await calls.start_device_sign_in()
        for _ in range(10):
            answer = await poll(calls, begun)
            assert not answer.HasField("sign_in")
            assert 0 < answer.interval.ToMilliseconds() <= 1000
        assert polls(issuer) == 0

        async def asked() -> bool:
            answers = await asyncio.gather(*(poll(calls, begun) for _ in range(5)))
            return bool(max(answer.interval.seconds for answer in answers) >= 5)

        await eventually(asked)
        assert polls(issuer) == 1


async def test_an_unknown_sign_in(server: Server) -> None:
    """It has the error of an expired one."""
    async with calls_to(server) as calls:
        with pytest.raises(Refused) as error:
            await poll(calls, account_pb2.StartDeviceSignInResponse(sign_in_id="x" * 43))
        assert error.value.reason == "SIGN_IN_EXPIRED"


async def test_a_client_waits_while_the_issuer_is_broken(
    server: Server, issuer: LocalIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sign-in that began is completed once the issuer works again."""
    monkeypatch.setattr("chat_grpc.oidc.requests.RETRY_AFTER", 0.1)
    async with calls_to(server) as calls:
        begun = await calls.start_device_sign_in()
        issuer.behave(broken={"/token": "500"})
        finishing = asyncio.create_task(calls.finish_device_sign_in(begun))
        await eventually(lambda: polls(issuer) > 0)
        issuer.behave(broken={})
        issuer.enter(begun.user_code, "alice")
        assert (await finishing).name == "alice"


async def test_beginnings_are_limited(server: Server, issuer: LocalIssuer) -> None:
    """An address may begin 10 sign-ins at once, then one each 6 seconds."""
    async with calls_to(server) as calls:
        for _ in range(10):
            await calls.start_device_sign_in()
        with pytest.raises(Refused) as error:
            await calls.start_device_sign_in()
        assert error.value.reason == "RATE_LIMITED"
        assert 0 < (error.value.retry_after or 0) <= 6
    assert issuer.calls("/device_authorization") == 10


async def test_a_wrong_secret(
    issuer: LocalIssuer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The operator finds the cause in the log, without the secret; the caller does not see it."""
    options = issuer.options(tmp_path)
    (tmp_path / "client-secret").write_text("a wrong secret")
    async with running(**options) as server, calls_to(server) as calls:
        with pytest.raises(Refused) as error:
            await calls.start_device_sign_in()
    assert error.value.reason == "ISSUER_UNAVAILABLE"
    assert "invalid_client" in caplog.text
    assert "invalid_client" not in str(error.value)
    assert "a wrong secret" not in caplog.text


# ------------------------------------------------------------------ the code flow


class Browsers:
    """Sign-ins of browsers at a server."""

    def __init__(self, caller: Any) -> None:
        self._caller = caller

    async def start(self, redirect_uri: str = REDIRECT_URI) -> Any:
        """Begin a sign-in."""
        request = account_pb2.StartBrowserSignInRequest(redirect_uri=redirect_uri)
        return await self._caller.account("StartBrowserSignIn", request)

    async def finish(self, **parts: str) -> account_pb2.SignInResponse:
        """Complete a sign-in."""
        request = account_pb2.FinishBrowserSignInRequest(**parts)
        answer = await self._caller.account("FinishBrowserSignIn", request)
        signed_in: account_pb2.SignInResponse = answer.sign_in
        return signed_in


@pytest.fixture
async def browsers(server: Server) -> AsyncIterator[Browsers]:
    """The sign-ins of browsers at the server."""
    async with calls_to(server) as calls:
        yield Browsers(calls._caller)


@contextlib.contextmanager
def refused(reason: str) -> Iterator[None]:
    """Expect a refusal with a reason."""
    with pytest.raises(Refused) as error:
        yield
    assert error.value.reason == reason


def parts_of(told: dict[str, str]) -> dict[str, str]:
    """Return the fields of `FinishBrowserSignInRequest` that a redirect has."""
    return {"state": told["state"], "code": told["code"], "issuer": told["iss"]}


async def test_a_browser_signs_in(browsers: Browsers, issuer: LocalIssuer) -> None:
    """The request has a state, a nonce and an S256 challenge; the issuer checks its verifier."""
    begun = await browsers.start()
    asked = {name: value for name, [value] in parse_qs(urlsplit(begun.url).query).items()}
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == REDIRECT_URI
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert begun.binding not in begun.url
    told = issuer.visit(begun.url, "alice")
    answer = await browsers.finish(**parts_of(told), binding=begun.binding)
    assert answer.name == "alice"
    assert answer.token


async def test_two_sign_ins_are_not_mixed(browsers: Browsers, issuer: LocalIssuer) -> None:
    """A code of one sign-in does not complete another one: the verifier and the nonce differ."""
    mine = await browsers.start()
    other = await browsers.start()
    assert (
        parse_qs(urlsplit(mine.url).query)["state"] != parse_qs(urlsplit(other.url).query)["state"]
    )
    stolen, told = issuer.visit(other.url, "bob"), issuer.visit(mine.url, "alice")
    parts = parts_of(told) | {"code": stolen["code"]}
    with refused("BAD_CREDENTIALS"):
        await browsers.finish(**parts, binding=mine.binding)


@pytest.mark.parametrize("wrong", ["binding", "state", "issuer", "no issuer", "code", "refused"])
async def test_a_wrong_redirect(browsers: Browsers, issuer: LocalIssuer, wrong: str) -> None:
    """Each part is checked, and a state is used up by a wrong one."""
    begun = await browsers.start()
    told = issuer.visit(begun.url, "alice")
    right = parts_of(told) | {"binding": begun.binding}
    errors: dict[str, tuple[dict[str, str], str]] = {
        "binding": ({"binding": "that of another browser"}, "BAD_CREDENTIALS"),
        "state": ({"state": "x" * 43}, "SIGN_IN_EXPIRED"),
        "issuer": ({"issuer": "https://evil.example"}, "BAD_CREDENTIALS"),
        "no issuer": ({"issuer": ""}, "BAD_CREDENTIALS"),
        "code": ({"code": "x"}, "BAD_CREDENTIALS"),
        "refused": ({"error": "access_denied"}, "SIGN_IN_DENIED"),
    }
    change, expected = errors[wrong]
    with refused(expected):
        await browsers.finish(**right | change)
    if wrong != "state":
        with refused("SIGN_IN_EXPIRED"):
            await browsers.finish(**right)


async def test_the_nonce_of_another_sign_in(
    browsers: Browsers, issuer: LocalIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An ID token that was made for another sign-in is refused."""
    begun = await browsers.start()
    told = issuer.visit(begun.url, "alice")

    async def injected(*_: Any, **__: Any) -> str:
        return issuer.sign("bob", nonce="of another sign-in")

    monkeypatch.setattr(provider.Provider, "exchange", injected)
    with refused("BAD_CREDENTIALS"):
        await browsers.finish(**parts_of(told), binding=begun.binding)


@pytest.mark.parametrize(
    "page", ["", "https://evil.example/", f"{REDIRECT_URI}other", "javascript:alert(1)"]
)
async def test_the_issuer_sends_browsers_to_the_page_only(browsers: Browsers, page: str) -> None:
    """An address that is not the page of this server is refused, before the issuer is asked."""
    with refused("NOT_ALLOWED"):
        await browsers.start(page)


async def test_the_page_on_this_machine_is_known(issuer: LocalIssuer, tmp_path: Path) -> None:
    """The address that the server listens on is one of its page, with the path."""
    options = issuer.options(tmp_path) | {"web_listen": "127.0.0.1:0", "web_path": "/chat"}
    async with running(**options) as server, calls_to(server) as calls:
        for host in ("127.0.0.1", "localhost"):
            page = f"http://{host}:{server.web_port}/chat/"
            assert "redirect_uri" in (await Browsers(calls._caller).start(page)).url


# ------------------------------------------------------------------ what has begun


def test_what_has_begun_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """In number, for each address and in all, and in time; an IPv6 address counts by its /64."""
    now = 0.0
    begun: Pending[int] = Pending(lambda: now)
    monkeypatch.setattr(pending, "_MAX", 30)
    for n in range(20):
        begun.add(f"a{n}", n, f"2001:db8::{n}", LIFETIME)
    with pytest.raises(TooManyTries):
        begun.add("a20", 20, "2001:db8::ffff", LIFETIME)
    for n in range(10):
        begun.add(f"b{n}", n, "192.0.2.1", LIFETIME)
    with pytest.raises(TooManyTries):
        begun.add("c", 0, "192.0.2.2", LIFETIME)
    assert begun.get("a3") == 3
    now = LIFETIME
    with pytest.raises(SignInExpired):
        begun.get("a3")
    begun.add("c", 7, "192.0.2.2", LIFETIME)
    assert len(begun._begun) == 1
    assert begun.pop("c") == 7
    with pytest.raises(SignInExpired):
        begun.pop("c")
