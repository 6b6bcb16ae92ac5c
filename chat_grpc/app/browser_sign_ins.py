"""Sign-ins at the issuer in a browser: the authorization code flow with PKCE (RFC 7636).

The page calls `StartBrowserSignIn`, keeps `binding` for this tab, and sends the browser to `url`.
The issuer sends it back to the page, which calls `FinishBrowserSignIn` with the query and
`binding`.

The rules of RFC 9700: each sign-in has a `state`, a nonce and a code verifier of its own, which the
server keeps and uses once (sections 2.1.1, 4.7); the code is bound to the browser that began, so
that nobody can sign a victim in to another account (4.7); the redirect names the issuer (4.4); the
redirect URI is one of the configuration (4.1).
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from chat_grpc.app.identity import digest_of
from chat_grpc.app.issuer_users import IssuerUsers
from chat_grpc.app.pending import Pending
from chat_grpc.core.caller import Caller
from chat_grpc.core.errors import BadCredentials, NotAllowed, SignInDenied
from chat_grpc.v1 import account_pb2

LIFETIME = 600.0
"""Seconds in which the user must sign in at the issuer."""


@dataclass(frozen=True, slots=True)
class _Browser:
    redirect_uri: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    binding: bytes = field(repr=False)
    """The SHA-256 of the secret that only the browser has that began."""


class BrowserSignIns:
    """The methods of sign-ins in a browser. Belongs to the event loop."""

    def __init__(
        self, clock: Callable[[], float], users: IssuerUsers, pages: Callable[[], Collection[str]]
    ) -> None:
        """`clock` returns monotonic seconds, `pages` the addresses of this server's page."""
        self._users = users
        self._pages = pages
        self._begun: Pending[_Browser] = Pending(clock)

    async def start(
        self, request: account_pb2.StartBrowserSignInRequest, caller: Caller
    ) -> account_pb2.StartBrowserSignInResponse:
        """Begin a sign-in, and return the page of the issuer."""
        state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        verifier, binding = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        redirect_uri = request.redirect_uri
        with self._users.asking(caller.peer) as issuer:
            if redirect_uri not in self._pages():
                raise NotAllowed(
                    f"{redirect_uri[:200]!r} is not the address of this server's page; a proxy's "
                    "address must be named by --web-origin."
                )
            self._users.throttle.begin_at_issuer(caller.peer)
            url = await issuer.authorization_url(
                redirect_uri, state=state, nonce=nonce, verifier=verifier
            )
        browser = _Browser(redirect_uri, nonce, verifier, digest_of(binding))
        self._begun.add(state, browser, caller.peer, LIFETIME)
        return account_pb2.StartBrowserSignInResponse(url=url, binding=binding)

    async def finish(
        self, request: account_pb2.FinishBrowserSignInRequest, caller: Caller
    ) -> account_pb2.FinishBrowserSignInResponse:
        """Complete a sign-in with the query of the redirect. A state is used once."""
        browser = self._begun.pop(request.state)
        if not hmac.compare_digest(browser.binding, digest_of(request.binding)):
            raise BadCredentials("Another browser began this sign-in; begin again.")
        with self._users.asking(caller.peer) as issuer:
            await issuer.check_response(request.issuer)
            if request.error or not request.code:
                raise SignInDenied("The sign-in was refused at the issuer.")
            id_token = await issuer.exchange(
                request.code, redirect_uri=browser.redirect_uri, verifier=browser.verifier
            )
        signed_in = await self._users.by_id_token(id_token, caller, browser.nonce)
        return account_pb2.FinishBrowserSignInResponse(sign_in=signed_in)
