"""The URLs of the web page: on this machine, and at the proxies of the operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chat_grpc.spelling.addresses import Address
from chat_grpc.spelling.origins import origin_of


@dataclass(frozen=True, slots=True)
class PageAddresses:
    """The URLs of the page of one server.

    A method takes the port that is listened on, because the system may have picked it.
    """

    listen: Address | None
    """The address that is listened on for browsers; None if they are not served."""
    origins: Sequence[str]
    """The origins at which proxies serve the page, as browsers send them."""
    path: str
    """The prefix of all paths; empty without one."""
    secured: bool
    """True if the server itself serves TLS."""

    def own(self, port: int) -> str:
        """Return the URL by the host and the port that are listened on."""
        return self._by_host(self.listen.host if self.listen else "", port)

    def known(self, port: int) -> frozenset[str]:
        """Return the URLs that a browser may have, as far as they are known.

        `port` is 0 if browsers are not served.
        """
        found = {f"{origin}{self.path}/" for origin in self.origins}
        if port:
            found.add(self.own(port))
            if self.listen is not None and self.listen.loopback:
                found.update(self._by_host(host, port) for host in ("localhost", "127.0.0.1"))
        return frozenset(found)

    def told(self, port: int) -> str:
        """Return the URL to tell others, or the port if the server has no single address."""
        if self.origins:
            return f"{self.origins[0]}{self.path}/"
        if self.listen is not None and self.listen.host in ("0.0.0.0", "::"):  # noqa: S104
            return f"port {port} of this host"
        return self.own(port)

    def _by_host(self, host: str, port: int) -> str:
        return f"{origin_of(host, port, secured=self.secured)}{self.path}/"
