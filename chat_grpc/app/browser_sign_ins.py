"""Sign-ins at the issuer in a browser: the authorization code flow with PKCE (RFC 7636).

A transport that serves a web page needs two routes. The first calls `start`, sets `binding` as a
cookie (`__Host-`, `HttpOnly`, `Secure`, `SameSite=Lax`), and redirects to `url`. The second, at the
redirect URI, calls `finish` with the parameters of the query and the cookie, and deletes it.

The rules of RFC 9700: each sign-in has a `state`, a nonce and a code verifier of its own, which the
server keeps and uses once (sections 2.1.1, 4.7); the code is bound to the browser that began, so
that nobody can sign a victim in to another account (4.7); the redirect names the issuer (4.4); the
redirect URI comes from the configuration, never from the request (4.1).
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from chat_grpc.app.identity import digest_of
from chat_grpc.app.issuer_users import IssuerUsers
from chat_grpc.app.pending import Pending
from chat_grpc.core.caller import Caller
from chat_grpc.core.errors import BadCredentials, SignInDenied
from chat_grpc.v1 import account_pb2

LIFETIME = 600.0
"""Seconds in which the user must sign in at the issuer."""


@dataclass(frozen=True, slots=True)
class BrowserStart:
    """A sign-in that began."""

    url: str = field(repr=False)
    """The page of the issuer to which the browser is sent."""
    binding: str = field(repr=False)
    """The secret that only this browser may have: the value of a cookie."""


@dataclass(frozen=True, slots=True)
class _Browser:
    redirect_uri: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    binding: bytes = field(repr=False)
    """The SHA-256 of `BrowserStart.binding`."""


class BrowserSignIns:
    """Begins sign-ins, and completes them. Belongs to the event loop."""

    def __init__(self, clock: Callable[[], float], users: IssuerUsers) -> None:
        """`clock` returns monotonic seconds."""
        self._users = users
        self._begun: Pending[_Browser] = Pending(clock)

    async def start(self, redirect_uri: str, caller: Caller) -> BrowserStart:
        """Begin a sign-in. `redirect_uri` is one that is registered at the issuer.

        Raises `WrongKindOfUser` if the server has no issuer, `IssuerUnavailable`, `TooManyTries`.
        """
        state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        verifier, binding = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        with self._users.asking(caller.peer) as issuer:
            self._users.throttle.begin_at_issuer(caller.peer)
            url = await issuer.authorization_url(
                redirect_uri, state=state, nonce=nonce, verifier=verifier
            )
        browser = _Browser(redirect_uri, nonce, verifier, digest_of(binding))
        self._begun.add(state, browser, caller.peer, LIFETIME)
        return BrowserStart(url, binding)

    async def finish(
        self,
        caller: Caller,
        *,
        state: str,
        binding: str,
        code: str = "",
        issuer: str = "",
        error: str = "",
    ) -> account_pb2.SignInResponse:
        """Complete a sign-in with the parameters of the redirect: `state`, `code`, `iss`, `error`.

        A state is used once, also if it fails. Raises `SignInExpired`, `SignInDenied`,
        `BadCredentials`, and what `IssuerUsers.by_id_token` raises.
        """
        browser = self._begun.pop(state)
        if not hmac.compare_digest(browser.binding, digest_of(binding)):
            raise BadCredentials("Another browser began this sign-in; begin again.")
        with self._users.asking(caller.peer) as asked:
            await asked.check_response(issuer)
            if error or not code:
                raise SignInDenied("The sign-in was refused at the issuer.")
            id_token = await asked.exchange(
                code, redirect_uri=browser.redirect_uri, verifier=browser.verifier
            )
        return await self._users.by_id_token(id_token, caller, browser.nonce)
