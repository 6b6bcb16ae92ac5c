"""The certificate and the key of a server, checked before it listens."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Cipher suites of TLS 1.2: those that RFC 9113, appendix A, does not prohibit and gRPC uses."""

_OTHER_KEY = ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH")


class IdentityError(Exception):
    """A certificate or its key cannot be used; the text is one line that names the file."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The certificate of a server, and its private key."""

    certificates: bytes
    """PEM: the server's certificate, and then those of its issuers."""
    key: bytes
    """PEM, not encrypted."""
    context: ssl.SSLContext
    """The same for asyncio: TLS 1.2 and later, with `h2` by ALPN."""


def read_identity(certificate: Path, key: Path) -> Identity:
    """Read the two PEM files, and check that they belong together. Raises `IdentityError`."""
    certificates, secret = _read(certificate), _read(key)
    _check_certificates(certificate, certificates)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION  # RFC 9113, section 9.2.1
    context.set_ciphers(_CIPHERS)
    context.set_alpn_protocols(["h2"])

    def password() -> str:
        # Without this function OpenSSL would ask for the password on the terminal.
        raise IdentityError(f"{key} is encrypted; the server needs a key without a password")

    try:
        context.load_cert_chain(certificate, key, password)
    except ssl.SSLError as error:
        if error.reason in _OTHER_KEY:
            raise IdentityError(f"{key} is not the key of the certificate {certificate}") from None
        raise IdentityError(
            f"{key} has no private key in PEM that fits {certificate}: {_reason(error)}"
        ) from None
    return Identity(certificates, secret, context)


def _read(file: Path) -> bytes:
    try:
        # Both transports read the file, so it cannot be a pipe.
        if file.exists() and not file.is_file():
            raise IdentityError(f"{file} is not a regular file")
        return file.read_bytes()
    except OSError as error:
        raise IdentityError(f"{file} cannot be read: {error.strerror}") from None


def _check_certificates(file: Path, content: bytes) -> None:
    """Check that a file has certificates: OpenSSL does not say which of two files is wrong."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_verify_locations(cadata=content.decode())
    except (ssl.SSLError, ValueError):
        raise IdentityError(f"{file} has no certificate in PEM") from None


def _reason(error: ssl.SSLError) -> str:
    return (error.reason or error.strerror or "unknown").replace("_", " ").lower()
