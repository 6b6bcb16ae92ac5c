"""The certificate and the key of a server, checked before they are used."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Cipher suites of TLS 1.2: those that RFC 9113, appendix A, does not prohibit and gRPC uses."""

Stamps = tuple[tuple[int, int, int] | None, ...]

_OTHER_KEY = ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH")


class IdentityError(Exception):
    """A certificate or its key cannot be used; the text is one line that names the file."""


@dataclass(frozen=True, slots=True)
class IdentityFiles:
    """The PEM files of a server's TLS."""

    certificate: Path
    """The server's certificate, and then those of its issuers."""
    key: Path
    """The private key, not encrypted."""
    authorities: Path | None = None
    """The certificates of the authorities of clients; None if clients need no certificate."""

    def stamps(self) -> Stamps:
        """Return values that differ after a file was changed or replaced. Blocks on the disk."""
        files = (self.certificate, self.key, self.authorities)
        return tuple(_stamp(file) for file in files if file is not None)


@dataclass(frozen=True, slots=True)
class Identity:
    """The certificate of a server, its private key, and the authorities of its clients."""

    certificates: bytes
    """PEM: the server's certificate, and then those of its issuers."""
    key: bytes
    """PEM, not encrypted."""
    authorities: bytes | None
    """PEM: the authorities of clients; None if clients need no certificate."""
    context: ssl.SSLContext
    """The same for asyncio: TLS 1.2 and later, with `h2` by ALPN."""
    web_context: ssl.SSLContext
    """The same with `http/1.1` by ALPN, for browsers."""
    expire_time: int
    """The time when the server's certificate expires, in seconds since 1970."""
    stamps: Stamps
    """`IdentityFiles.stamps` of the files that it comes from."""


def read_identity(files: IdentityFiles) -> Identity:
    """Read the PEM files, and check that they belong together. Raises `IdentityError`.

    Blocks on the disk.
    """
    stamps = files.stamps()
    certificates, secret = _read(files.certificate), _read(files.key)
    _check_certificates(files.certificate, certificates)
    authorities = None
    if files.authorities is not None:
        authorities = _read(files.authorities)
        # Only with client certificates, and not on the event loop: it takes 50 ms.
        import_module("chat_grpc.transport.client_certificates")
    context = _context(files, authorities, "h2")
    web_context = _context(files, authorities, "http/1.1")
    # OpenSSL reads the pair by itself: what it read must be what was read here.
    if files.stamps() != stamps:
        raise IdentityError(f"{files.certificate} or {files.key} is being replaced")
    expires = _expire_time(files.certificate, certificates)
    return Identity(certificates, secret, authorities, context, web_context, expires, stamps)


def _expire_time(file: Path, certificates: bytes) -> int:
    """Return the time when the first certificate expires. Raises `IdentityError`."""
    # Not on the event loop, and only with TLS: the import takes 50 ms.
    from cryptography import x509

    try:
        return int(x509.load_pem_x509_certificate(certificates).not_valid_after_utc.timestamp())
    except ValueError:
        raise IdentityError(f"{file}: the first certificate is malformed") from None


def uris_in(certificate: bytes) -> tuple[str, ...]:
    """Return the URIs among the alternative names of a client's certificate, in DER.

    Raises `InvalidUserUri` if the names cannot be read.
    """
    from chat_grpc.transport.client_certificates import uris_of

    return uris_of(certificate)


def _context(files: IdentityFiles, authorities: bytes | None, protocol: str) -> ssl.SSLContext:
    """Return the TLS of a server that offers one protocol by ALPN. Raises `IdentityError`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION  # RFC 9113, section 9.2.1
    context.set_ciphers(_CIPHERS)
    context.set_alpn_protocols([protocol])
    _load_pair(context, files)
    if files.authorities is not None and authorities is not None:
        _check_certificates(files.authorities, authorities, context)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _load_pair(context: ssl.SSLContext, files: IdentityFiles) -> None:
    certificate, key = files.certificate, files.key

    def password() -> str:
        # Without this function OpenSSL would ask for the password on the terminal.
        raise IdentityError(f"{key} is encrypted; the server needs a key without a password")

    try:
        context.load_cert_chain(certificate, key, password)
    except OSError as error:
        reason = error.reason if isinstance(error, ssl.SSLError) else error.strerror
        if reason in _OTHER_KEY:
            raise IdentityError(f"{key} is not the key of the certificate {certificate}") from None
        raise IdentityError(
            f"{key} has no private key in PEM that fits {certificate}: {_words(reason)}"
        ) from None


def _stamp(file: Path) -> tuple[int, int, int] | None:
    """Return a value that differs after a file was changed or replaced; None without a file."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(file: Path) -> bytes:
    try:
        # Both transports read the file, so it cannot be a pipe.
        if file.exists() and not file.is_file():
            raise IdentityError(f"{file} is not a regular file")
        return file.read_bytes()
    except OSError as error:
        raise IdentityError(f"{file} cannot be read: {error.strerror}") from None


def _check_certificates(file: Path, content: bytes, context: ssl.SSLContext | None = None) -> None:
    """Check that a file has certificates: OpenSSL does not say which of two files is wrong.

    A `context` trusts them from then on.
    """
    context = context or ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_verify_locations(cadata=content.decode())
    except (ssl.SSLError, ValueError):
        raise IdentityError(f"{file} has no certificate in PEM") from None


def _words(reason: str | None) -> str:
    return (reason or "unknown").replace("_", " ").lower()
