"""TLS of a client: the authorities that it trusts, and the certificate that it shows."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from pathlib import Path

import grpc

from chat_grpc.client.errors import TlsUnusable
from chat_grpc.spelling.certificates import InvalidUserUri, user_named_by

File = str | os.PathLike[str]

ROOTS_VARIABLE = "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"
"""Names a file with the authorities to trust; gRPC reads it."""

_OTHER_KEY = ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH")


@dataclass(frozen=True, slots=True)
class Tls:
    """The PEM files of a client. They are read for each connection, so they may be replaced.

    Raises `ValueError` if only one of `cert` and `key` is given.
    """

    ca: File | None = None
    """The authorities to trust. By default the public ones that gRPC knows, or those of the file
    that $GRPC_DEFAULT_SSL_ROOTS_FILE_PATH names."""
    cert: File | None = None
    """The client's certificate, for servers that require one. It may sign in; see docs/tls.md."""
    key: File | None = None
    """The private key of `cert`, without a password."""

    def __post_init__(self) -> None:
        if (self.cert is None) != (self.key is None):
            raise ValueError("tls-cert and tls-key belong together; give both.")

    def credentials(self) -> grpc.ChannelCredentials:
        """Return the credentials for one channel. Raises `TlsUnusable`."""
        authorities = key = certificates = None
        if self.ca is not None:
            authorities = _read(self.ca)
            _trust(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), self.ca)
        if self.cert is not None and self.key is not None:
            _show(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), self.cert, self.key)
            key, certificates = _read(self.key), _read(self.cert)
        return grpc.ssl_channel_credentials(authorities, key, certificates)

    def context(self) -> ssl.SSLContext:
        """Return the same for a socket. Raises `TlsUnusable`."""
        authorities = self.ca or os.environ.get(ROOTS_VARIABLE)
        if authorities is None:
            context = ssl.create_default_context()
        else:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            _trust(context, authorities)
        if self.cert is not None and self.key is not None:
            _show(context, self.cert, self.key)
        return context

    def user(self) -> str:
        """Return the user that `cert` names; empty if there is none. Raises `TlsUnusable`."""
        if self.cert is None:
            return ""
        # Imported late: it takes 50 ms, and most commands have no certificate.
        from cryptography import x509

        try:
            certificate = x509.load_pem_x509_certificate(_read(self.cert))
            names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
            return user_named_by(names.value.get_values_for_type(x509.UniformResourceIdentifier))
        except x509.ExtensionNotFound:
            return ""
        except InvalidUserUri as error:
            raise TlsUnusable(f"{self.cert}: {error}") from None
        except (ValueError, x509.UnsupportedGeneralNameType, x509.DuplicateExtension):
            raise TlsUnusable(f"{self.cert} has no certificate that can be read.") from None


def _read(file: File) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise TlsUnusable(f"{file} cannot be read: {error.strerror}.") from None


def _trust(context: ssl.SSLContext, file: File) -> None:
    try:
        context.load_verify_locations(cadata=_read(file).decode())
    except (ssl.SSLError, ValueError):
        raise TlsUnusable(f"{file} has no certificate in PEM.") from None


def _show(context: ssl.SSLContext, cert: File, key: File) -> None:
    def password() -> str:
        # Without this function OpenSSL would ask for the password on the terminal.
        raise TlsUnusable(f"{key} is encrypted; use a key without a password.")

    _read(cert), _read(key)  # OpenSSL does not say which file cannot be read
    try:
        context.load_cert_chain(cert, key, password)
    except ssl.SSLError as error:
        if error.reason in _OTHER_KEY:
            raise TlsUnusable(f"{key} is not the key of the certificate {cert}.") from None
        raise TlsUnusable(f"{cert} and {key} are not a certificate and a key in PEM.") from None
