"""The checks of `Host` and `Origin`: no page of another site may use the server.

A page of another site can send requests with the cookies of its visitor. By DNS rebinding it can
give the server's address a name of its own. A browser tells both: `Host` is the name in its
address bar, and `Origin` the site of the page that sends a POST or opens a WebSocket.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Final

from chat_grpc.spelling.origins import InvalidOrigin, normal_origin
from chat_grpc.transport.web.messages import Request

_AUTHORITY: Final = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?")


class Guard:
    """Decides whether a request comes from a page of this server, or from no page at all."""

    def __init__(self, origins: Iterable[str] = ()) -> None:
        """`origins` are those at which proxies serve the page, in the spelling of browsers."""
        self._origins = frozenset(origins)
        self._hosts = frozenset(each.partition("://")[2] for each in self._origins)

    def refusal_of_host(self, request: Request) -> str:
        """Return why the `Host` of a request is refused; empty if it is not.

        By TLS each name is accepted: a page of another site has no certificate for its name here.
        """
        host = request.header(b"host").lower()
        match = _AUTHORITY.fullmatch(host)
        if match is None or request.count(b"host") != 1:
            return "The request needs one header Host with a name or an address."
        if request.secured or host in self._hosts or _is_local(match[1]):
            return ""
        return (
            f"This server does not answer to the name {host}; start it with "
            f"--web-origin https://{host} if a proxy serves the chat at that address."
        )

    def refusal_of_origin(self, request: Request) -> str:
        """Return why the `Origin` of a request is refused; empty if it is not, or has none."""
        origin = request.header(b"origin")
        site = request.header(b"sec-fetch-site")
        if not origin:
            if site not in ("", "same-origin", "none"):
                return "The request comes from a page of another site."
            return ""
        return "" if self._is_own(origin, request) else f"Pages of {origin[:100]} may not do this."

    def from_own_page(self, request: Request) -> bool:
        """Return whether a page of this server sent a request, which has passed both checks."""
        return bool(request.header(b"origin"))

    def _is_own(self, origin: str, request: Request) -> bool:
        if request.count(b"origin") != 1:
            return False
        try:
            shown = normal_origin(origin)
        except InvalidOrigin:  # also `null`, which a sandboxed frame of any site sends
            return False
        scheme = "https" if request.secured else "http"
        return shown in self._origins or shown == normal_origin(
            f"{scheme}://{request.header(b'host')}"
        )


def _is_local(host: str) -> bool:
    """Return whether a host cannot be the name of another site: an address, or localhost."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
