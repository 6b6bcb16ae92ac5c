"""HTTP requests to the issuer, bounded in time and bytes."""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from chat_grpc.core.errors import IssuerUnavailable, printable
from chat_grpc.oidc.settings import IssuerSettings, WrongDocument

_LOG = logging.getLogger("chat_grpc.oidc")

WITHIN = 5.0
"""Maximum seconds of a request, from the name of the host to the last byte."""

MAX_BYTES = 1 << 20
"""Maximum bytes of a response."""

RETRY_AFTER = 10.0
"""Seconds after which callers may try again at an issuer that did not answer."""


class BoundedTransport(httpx2.AsyncBaseTransport):
    """Reads each response whole, and refuses one that is too large or compressed."""

    def __init__(self, transport: httpx2.AsyncBaseTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request. Raises `httpx2.ReadError` for a response over the limits."""
        # A small compressed response may be a large one.
        request.headers["accept-encoding"] = "identity"
        response = await self._transport.handle_async_request(request)
        try:
            if response.headers.get("content-encoding", "identity") != "identity":
                raise httpx2.ReadError("the response is compressed", request=request)
            body = bytearray()
            assert isinstance(response.stream, httpx2.AsyncByteStream)
            async for part in response.stream:
                body += part
                if len(body) > MAX_BYTES:
                    raise httpx2.ReadError(
                        f"the response has more than {MAX_BYTES} bytes", request=request
                    )
        finally:
            await response.aclose()
        headers = [
            (key, value)
            for key, value in response.headers.items()
            # Cookies would be sent with the requests of other users.
            if key not in ("transfer-encoding", "content-length", "set-cookie")
        ]
        return httpx2.Response(response.status_code, headers=headers, content=bytes(body))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()


class Requests:
    """Makes requests to the issuer. Belongs to the event loop.

    Redirects are not followed, and proxies and passwords of the environment are not used. Each
    method raises `IssuerUnavailable`; the log has the cause.
    """

    def __init__(self, settings: IssuerSettings, tls: ssl.SSLContext) -> None:
        """`tls` has the authorities that are trusted."""
        limits = httpx2.Limits(max_connections=16, keepalive_expiry=10.0)
        self._issuer = settings.issuer
        self._client = AsyncOAuth2Client(
            settings.client_id,
            settings.client_secret or None,
            scope=" ".join(settings.scopes),
            code_challenge_method="S256",
            transport=BoundedTransport(httpx2.AsyncHTTPTransport(verify=tls, limits=limits)),
            timeout=WITHIN,
            follow_redirects=False,
            trust_env=False,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def document(self, url: str) -> dict[str, Any]:
        """Return the JSON object at a URL."""
        async with self._asking(url):
            response = await self._client.request("GET", url, withhold_token=True)
            return await _object(response)

    async def post(self, url: str, method: str, data: Mapping[str, str]) -> dict[str, Any]:
        """Post a form as the client; return the JSON object. Raises `OAuthError`.

        `method` is the way in which the client authenticates.
        """
        async with self._asking(url):
            auth = self._client.client_auth(method)
            response = await self._client.post(url, data=dict(data), auth=auth)
            return await _object(response, errors=True)

    async def token(self, url: str, method: str, grant: str, **fields: str) -> dict[str, Any]:
        """Ask the token endpoint. Raises `OAuthError` with the issuer's error code."""
        return await self.post(url, method, {"grant_type": grant, **fields})

    def authorization_url(self, url: str, **fields: str) -> str:
        """Return the URL of an authorization request with PKCE; `fields` has `code_verifier`."""
        found: str = self._client.create_authorization_url(url, **fields)[0]
        return found

    @asynccontextmanager
    async def _asking(self, url: str) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(WITHIN):
                yield
        except TimeoutError:
            raise self.unavailable(url, f"no answer within {WITHIN:g} seconds") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            raise self.unavailable(url, str(error) or type(error).__name__) from None

    def unavailable(self, url: str, cause: str) -> IssuerUnavailable:
        """Return the error for an issuer that does not answer as one, and log the cause."""
        shown = printable(cause)
        _LOG.warning("the issuer cannot be used: %s: %s", url, shown)
        return IssuerUnavailable(
            f"The sign-in service {self._issuer} cannot be used at the moment; try again later.",
            metadata={"issuer": self._issuer},
            retry_after=RETRY_AFTER,
        )


async def _object(response: httpx2.Response, *, errors: bool = False) -> dict[str, Any]:
    """Return the JSON object of a response. Raises `WrongDocument`, or with `errors` `OAuthError`.

    An OAuth error has the status 400 or 401 (RFC 6749, section 5.2), at Google also 403 and 428.
    """
    if response.status_code != 200 and not (errors and response.is_client_error):
        raise WrongDocument(f"the status is {response.status_code}")
    # 1 MiB of JSON takes some milliseconds.
    found = await asyncio.to_thread(_parse, response.content)
    if errors and isinstance(error := found.get("error"), str):
        raise OAuthError(error, str(found.get("error_description", ""))[:200])
    if response.status_code != 200:
        raise WrongDocument(f"the status is {response.status_code}")
    return found


def _parse(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except RecursionError:
        raise WrongDocument("the JSON is nested too deeply") from None
    if not isinstance(found, dict):
        raise WrongDocument("the response is no JSON object")
    return found
