"""The local issuer, as the tests use it."""

from __future__ import annotations

import json
import os
import re
import ssl
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from certificates import Certificates
from support import free_port

from chat_grpc.oidc.settings import IssuerSettings

CLIENT_ID, SECRET, REDIRECT_URI = "chat", "the client secret", "https://chat.example/"
_TESTS = Path(__file__).parent.parent


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_BROWSER = urllib.request.build_opener(_NoRedirects)


class LocalIssuer:
    """An issuer in a process of its own, with the controls of a test."""

    def __init__(self, port: int = 0, certificates: Certificates | None = None) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._tls: ssl.SSLContext | None = None
        files: list[str] = []
        if certificates is not None:
            self.url = f"https://localhost:{self.port}"
            self._tls = ssl.create_default_context(cadata=certificates.authority.decode())
            files = [str(certificates.certificate), str(certificates.key)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "oidc.issuer_process", str(self.port), *files],
            cwd=_TESTS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # Authlib refuses http otherwise; this issuer is on loopback.
            env=os.environ | {"AUTHLIB_INSECURE_TRANSPORT": "1"},
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == f"{self.port}\n"

    def stop(self) -> None:
        """End the process."""
        self._process.communicate()

    def _control(self, name: str, **asked: Any) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self.url}/test/{name}",
            json.dumps(asked).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10, context=self._tls) as response:
            found: dict[str, Any] = json.load(response)
            return found

    def reset(self) -> None:
        """Forget everything but the first key."""
        self._control("reset")

    def rotate(self, *, keep: bool = True, kind: str = "RSA") -> None:
        """Sign with a new key; `keep` still publishes the older ones."""
        self._control("rotate", keep=keep, kind=kind)

    def add_user(self, user: str, **claims: Any) -> None:
        """Add a user, with the subject `sub-USER` and the name USER by default."""
        claims = {"sub": f"sub-{user}", "preferred_username": user} | claims
        self._control("user", user=user, claims=claims)

    def behave(self, **behaviour: Any) -> None:
        """Change the behavior; see `State` of the process."""
        self._control("behave", **behaviour)

    def sign(self, user: str = "", header: dict[str, Any] | None = None, /, **claims: Any) -> str:
        """Return an ID token of a user; None removes a claim."""
        found = self._control("sign", user=user, claims=claims, header=header or {})
        return str(found["token"])

    def calls(self, path: str) -> int:
        """Return the number of requests to a path."""
        return int(self._control("count")["calls"].get(path, 0))

    def visit(self, url: str, user: str) -> dict[str, str]:
        """Open an authorization URL as a browser does; return the parameters of the redirect."""
        location = _redirect(f"{url}&login_hint={user}")
        assert location.startswith(REDIRECT_URI)
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))

    def enter(self, user_code: str, user: str, *, allow: bool = True) -> None:
        """Enter a user code as a user, who allows or refuses the sign-in."""
        form = {"user_code": user_code, "user": user, "allow": "1" if allow else "0"}
        _redirect(f"{self.url}/device", urllib.parse.urlencode(form).encode())

    def options(self, folder: Path, **more: Any) -> dict[str, Any]:
        """Return the options of a server that has this issuer."""
        file = folder / "client-secret"
        file.write_text(f"{SECRET}\n")
        options = {
            "oidc_issuer": self.url,
            "oidc_client_id": CLIENT_ID,
            "web_origin": (REDIRECT_URI.rstrip("/"),),
        }
        return options | {"oidc_client_secret_file": str(file)} | more

    def settings(self, **more: Any) -> IssuerSettings:
        """Return the settings of a client of this issuer."""
        return IssuerSettings(self.url, CLIENT_ID, SECRET, **more)


def _redirect(url: str, data: bytes | None = None) -> str:
    """Make a request that is answered with a redirect; return its location."""
    with pytest.raises(urllib.error.HTTPError) as response:
        _BROWSER.open(url, data, timeout=10)
    response.value.close()
    return str(response.value.headers["location"])


@contextmanager
def local_issuer(port: int = 0, certificates: Certificates | None = None) -> Iterator[LocalIssuer]:
    """Run an issuer, by TLS if certificates are given."""
    issuer = LocalIssuer(port, certificates)
    try:
        yield issuer
    finally:
        issuer.stop()


def flags(options: dict[str, Any]) -> list[str]:
    """Return options as a command line has them."""
    return [
        part
        for name, value in options.items()
        for each in (value if isinstance(value, tuple) else (value,))
        for part in (f"--{name.replace('_', '-')}", each)
    ]


def user_code_in(text: str) -> str:
    """Return the user code in what a client shows."""
    found = re.search(r"\b[A-Z]{4}-[A-Z]{4}\b", text)
    return found.group() if found else ""
