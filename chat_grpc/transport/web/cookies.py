"""The session of a browser: its token, in a cookie that no script reads."""

from __future__ import annotations

import re
from typing import Final

from chat_grpc.core.limits import ACCOUNT_LIFETIME
from chat_grpc.transport.web.messages import Request

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")


class Cookies:
    """Reads and makes the cookie of a server under a path."""

    def __init__(self, path: str) -> None:
        """`path` is the prefix of the page, for example `/chat`; empty for the root."""
        self._path = path or "/"

    def token(self, request: Request) -> str:
        """Return the token in the cookie of a request; empty without one."""
        name = self._name(request)
        for part in request.header(b"cookie").replace(",", ";").split(";"):
            key, _, value = part.strip().partition("=")
            if key == name and _TOKEN.fullmatch(value):
                return value
        return ""

    def keep(self, request: Request, token: str) -> tuple[str, str]:
        """Return the header that makes a browser keep a token, as long as one can be valid."""
        return self._header(request, token, int(ACCOUNT_LIFETIME))

    def drop(self, request: Request) -> tuple[str, str]:
        """Return the header that makes a browser forget its token."""
        return self._header(request, "", 0)

    def _header(self, request: Request, token: str, age: int) -> tuple[str, str]:
        value = f"{self._name(request)}={token}; Path={self._path}; Max-Age={age}"
        secure = "; Secure" if _encrypted(request) else ""
        return "set-cookie", f"{value}; HttpOnly; SameSite=Strict{secure}"

    def _name(self, request: Request) -> str:
        """Return the name of the cookie.

        Browsers send a cookie to all ports of a host, so the name has the port: two servers on one
        machine do not sign each other's users out. With the prefix browsers accept it only by TLS,
        so a page without TLS on the same name cannot replace it.
        """
        _, _, port = request.header(b"host").rpartition(":")
        suffix = f"-{port}" if port.isdigit() else ""
        if not _encrypted(request):
            return f"chat-grpc{suffix}"
        return f"__{'Host' if self._path == '/' else 'Secure'}-chat-grpc{suffix}"


def _encrypted(request: Request) -> bool:
    """Return whether the browser uses TLS, to the server or to a proxy: its page says so."""
    return request.secured or request.header(b"origin").startswith("https://")
