"""The session of the page that sends a request: its token is in a cookie, and never told to it."""

from __future__ import annotations

from typing import Any, Final

from google.protobuf.message import Message
from google.rpc import code_pb2, status_pb2

from chat_grpc.app.duplex import Metadata
from chat_grpc.app.methods import Access, Method
from chat_grpc.app.session_cookies import HEADER, IN_COOKIE
from chat_grpc.transport.web.connect_protocol import metadata_of
from chat_grpc.transport.web.cookies import Cookies
from chat_grpc.transport.web.messages import Request
from chat_grpc.v1 import account_pb2

_TOKEN_IN: Final[dict[type[Message], str]] = {
    account_pb2.SignInResponse: "",
    account_pb2.PollDeviceSignInResponse: "sign_in",
    account_pb2.FinishBrowserSignInResponse: "sign_in",
}
"""The responses with a token of the caller, and the field in which they have it."""

_ENDS_SESSION: Final = ("AccountService.SignOut", "AccountService.DeleteAccount")

Cookie = tuple[str, str]


class Session:
    """The cookie of a request, and what its response does with it."""

    def __init__(self, request: Request, cookies: Cookies, method: Method, *, page: bool) -> None:
        """`page` is whether a page of this server sent the request.

        Only then does the cookie count: the browser also adds it to requests of other senders.
        """
        self._request = request
        self._cookies = cookies
        self._method = method
        bearer = request.header(b"authorization")
        token = cookies.token(request) if page and not bearer else ""
        asked = request.header(HEADER.encode()) == IN_COOKIE
        self._hides = bool(token) or (page and asked)
        """True if the page must not learn a token."""
        self._token = token

    @property
    def metadata(self) -> Metadata:
        """The metadata of the call: the headers of the request, and the token of the cookie."""
        found = [pair for pair in metadata_of(self._request.headers) if pair[0] != HEADER]
        if self._token:
            found.append(("authorization", f"Bearer {self._token}"))
        if self._hides:
            found.append((HEADER, IN_COOKIE))
        return found

    @property
    def renewal(self) -> list[Cookie]:
        """The header that makes the browser keep the cookie for longer."""
        return [self._cookies.keep(self._request, self._token)] if self._token else []

    def keep_token(self, response: bytes) -> tuple[bytes, list[Cookie]]:
        """Move the token of a response into a cookie; return the rest, and the cookie's header."""
        if self._token and self._method.name in _ENDS_SESSION:
            return response, [self._cookies.drop(self._request)]
        field = _TOKEN_IN.get(self._method.response)
        if field is None or not self._hides:
            return response, []
        parsed: Any = self._method.response.FromString(response)
        signed_in = getattr(parsed, field) if field else parsed
        token = signed_in.token
        if not token:
            return response, []
        signed_in.token = ""
        rest: bytes = parsed.SerializeToString()
        return rest, [self._cookies.keep(self._request, token)]

    def headers_of(self, status: status_pb2.Status) -> list[Cookie]:
        """Return the headers for a call that failed: a token that ended leaves the browser.

        The cookie of a sign-in with a wrong password stays: the call did not use it.
        """
        used = self._method.access is not Access.ANYONE
        if used and self._token and status.code == code_pb2.UNAUTHENTICATED:
            return [self._cookies.drop(self._request)]
        return []
