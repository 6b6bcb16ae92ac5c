"""The reason why no connection could be made, found by one more connection.

gRPC reports every failed connection alike, with a text for developers that depends on its version.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chat_grpc.client.errors import TlsUnusable
from chat_grpc.client.tls import Tls
from chat_grpc.spelling.addresses import Address

_WITHIN = 2.0
"""Seconds that finding the reason may take."""

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
"""The start of an HTTP/2 client: RFC 9113, section 3.4."""

_SETTINGS = 4
_HEADER = 9

# The numbers of X509_V_ERR in OpenSSL.
_NOT_YET_VALID, _EXPIRED = 9, 10
_OTHER_HOST = (62, 64)
_UNKNOWN_AUTHORITY = (2, 18, 19, 20, 21)


async def tls_problem(address: Address, tls: Tls | None) -> str:
    """Return a sentence if TLS is why a server cannot be reached; empty if it is not, or unclear.

    `tls` is None for a client without TLS.
    """
    try:
        async with asyncio.timeout(_WITHIN):
            return await (_problem_of_plain(address) if tls is None else _problem(address, tls))
    except (OSError, TlsUnusable):  # a `TimeoutError` is an `OSError`
        return ""


async def _problem_of_plain(address: Address) -> str:
    anything = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anything.check_hostname = False
    anything.verify_mode = ssl.CERT_NONE
    try:
        async with _connection(address, anything):
            pass
    except ssl.SSLError as error:
        if "ALERT" not in (error.reason or ""):
            return ""
    return (
        f"The server at {address.authority} speaks TLS, and this client does not; "
        f"write https://{address.authority}."
    )


async def _problem(address: Address, tls: Tls) -> str:
    where = address.authority
    try:
        async with _connection(address, tls.context()) as (reader, writer):
            # With TLS 1.3 the server checks the client's certificate after the client's handshake.
            if await _speaks_http2(reader, writer):
                return ""
            return _unwanted(where, tls, "")
    except ssl.SSLCertVerificationError as error:
        return _untrusted(where, tls, error)
    except ConnectionRefusedError:
        return ""
    except (ssl.SSLError, ConnectionError) as error:
        reason = (error.reason or "") if isinstance(error, ssl.SSLError) else ""
        if "ALERT" in reason and "VERSION" not in reason:
            return _unwanted(where, tls, reason)
    if await _is_plain(address):
        return (
            f"The server at {where} does not speak TLS, and this client does; write http://{where}."
        )
    shown = f": {reason.replace('_', ' ').lower()}" if reason else ""
    return f"The TLS handshake with {where} failed{shown}."


def _untrusted(where: str, tls: Tls, error: ssl.SSLCertVerificationError) -> str:
    """Return the sentence about a certificate of a server."""
    subject = f"The certificate of the server at {where}"
    if error.verify_code == _EXPIRED:
        return f"{subject} has expired; the server needs a new one."
    if error.verify_code == _NOT_YET_VALID:
        return f"{subject} is not valid yet; check the clock of this machine."
    if error.verify_code in _OTHER_HOST:
        return f"{subject} is for another host; use a name that is in the certificate."
    if error.verify_code not in _UNKNOWN_AUTHORITY:
        return f"{subject} is not trusted: {error.verify_message}."
    if tls.ca is not None:
        return f"{subject} is not from the authority in {tls.ca}; name its authority with tls-ca."
    return f"{subject} is from an unknown authority; name a file with it with tls-ca."


def _unwanted(where: str, tls: Tls, alert: str) -> str:
    """Return the sentence about a server that ends the connection because of the client."""
    if tls.cert is None:
        return (
            f"The server at {where} requires a client certificate; give one with tls-cert, and its "
            "key with tls-key."
        )
    if "EXPIRED" in alert:
        return f"The client certificate {tls.cert} has expired; it needs to be renewed."
    return (
        f"The server at {where} does not accept the client certificate {tls.cert}; use one from an "
        "authority that the server trusts."
    )


async def _is_plain(address: Address) -> bool:
    try:
        async with _connection(address, None) as (reader, writer):
            return await _speaks_http2(reader, writer)
    except OSError:
        return False


async def _speaks_http2(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Return whether a server answers HTTP/2 with its settings. Raises `OSError`."""
    writer.write(_PREFACE)
    header = await reader.read(_HEADER)
    return len(header) == _HEADER and header[3] == _SETTINGS


@asynccontextmanager
async def _connection(
    address: Address, context: ssl.SSLContext | None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Open a connection, by TLS with a context. Raises `OSError`; TLS errors are `ssl.SSLError`."""
    if context is not None:
        context.set_alpn_protocols(["h2"])
    reader, writer = await asyncio.open_connection(
        address.host, address.port, ssl=context, limit=2**10
    )
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
