"""The device flow, and the code flow with PKCE, against a real issuer."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from oidc.local_issuer import REDIRECT_URI, LocalIssuer
from server.accounts import calls_to
from support import Recorder, eventually, running

from chat_grpc.app import pending
from chat_grpc.app.browser_sign_ins import LIFETIME, BrowserSignIns
from chat_grpc.app.pending import Pending
from chat_grpc.client import ChatCalls, Refused
from chat_grpc.core.caller import Caller
from chat_grpc.core.errors import BadCredentials, SignInDenied, SignInExpired, TooManyTries
from chat_grpc.oidc import provider
from chat_grpc.server import Server
from chat_grpc.v1 import account_pb2

CALLER = Caller("192.0.2.1", "test")


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


@pytest.fixture
def browsers(server: Server) -> BrowserSignIns:
    """The sign-ins of browsers at the server."""
    return server._app.browser_sign_ins


def parts_of(told: dict[str, str]) -> dict[str, str]:
    """Return the arguments of `BrowserSignIns.finish` that a redirect has."""
    return {"state": told["state"], "code": told["code"], "issuer": told["iss"]}


async def test_a_browser_signs_in(browsers: BrowserSignIns, issuer: LocalIssuer) -> None:
    """The request has a state, a nonce and an S256 challenge; the secret verifier stays here."""
    begun = await browsers.start(REDIRECT_URI, CALLER)
    asked = {name: value for name, [value] in parse_qs(urlsplit(begun.url).query).items()}
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == REDIRECT_URI
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    browser = next(iter(browsers._begun._begun.values()))[0]
    digest = hashlib.sha256(browser.verifier.encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
    assert browser.verifier not in begun.url
    assert begun.binding not in begun.url
    told = issuer.visit(begun.url, "alice")
    answer = await browsers.finish(CALLER, **parts_of(told), binding=begun.binding)
    assert answer.name == "alice"
    assert answer.token


async def test_two_sign_ins_are_not_mixed(browsers: BrowserSignIns, issuer: LocalIssuer) -> None:
    """A code of one sign-in does not complete another one: the verifier and the nonce differ."""
    mine = await browsers.start(REDIRECT_URI, CALLER)
    other = await browsers.start(REDIRECT_URI, CALLER)
    assert (
        parse_qs(urlsplit(mine.url).query)["state"] != parse_qs(urlsplit(other.url).query)["state"]
    )
    stolen, told = issuer.visit(other.url, "bob"), issuer.visit(mine.url, "alice")
    parts = parts_of(told) | {"code": stolen["code"]}
    with pytest.raises(BadCredentials):
        await browsers.finish(CALLER, **parts, binding=mine.binding)


@pytest.mark.parametrize("wrong", ["binding", "state", "issuer", "no issuer", "code", "refused"])
async def test_a_wrong_redirect(browsers: BrowserSignIns, issuer: LocalIssuer, wrong: str) -> None:
    """Each part is checked, and a state is used up by a wrong one."""
    begun = await browsers.start(REDIRECT_URI, CALLER)
    told = issuer.visit(begun.url, "alice")
    right = parts_of(told) | {"binding": begun.binding}
    errors: dict[str, tuple[dict[str, str], type[Exception]]] = {
        "binding": ({"binding": "that of another browser"}, BadCredentials),
        "state": ({"state": "x" * 43}, SignInExpired),
        "issuer": ({"issuer": "https://evil.example"}, BadCredentials),
        "no issuer": ({"issuer": ""}, BadCredentials),
        "code": ({"code": "x"}, BadCredentials),
        "refused": ({"error": "access_denied"}, SignInDenied),
    }
    change, expected = errors[wrong]
    with pytest.raises(expected):
        await browsers.finish(CALLER, **right | change)
    if wrong != "state":
        with pytest.raises(SignInExpired):
            await browsers.finish(CALLER, **right)


async def test_the_nonce_of_another_sign_in(
    browsers: BrowserSignIns, issuer: LocalIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An ID token that was made for another sign-in is refused."""
    begun = await browsers.start(REDIRECT_URI, CALLER)
    told = issuer.visit(begun.url, "alice")

    async def injected(*_: Any, **__: Any) -> str:
        return issuer.sign("bob", nonce="of another sign-in")

    monkeypatch.setattr(provider.Provider, "exchange", injected)
    with pytest.raises(BadCredentials, match="nonce"):
        await browsers.finish(CALLER, **parts_of(told), binding=begun.binding)


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
