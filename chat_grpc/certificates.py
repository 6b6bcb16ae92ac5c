"""An authority of one's own, and certificates from it: enough to try TLS on a few machines.

Its key is a file without a password, and nothing is ever revoked: not for production.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from chat_grpc.spelling.certificates import uri_of

_AUTHORITY_DAYS = 3650
_CLOCKS_DIFFER = timedelta(hours=1)


class CertificateError(Exception):
    """A certificate cannot be made; the text is one sentence."""


class Pair:
    """The files of a certificate and its key."""

    def __init__(self, folder: Path, name: str) -> None:
        self.certificate = folder / f"{name}.pem"
        self.key = folder / f"{name}-key.pem"

    @property
    def exists(self) -> bool:
        """True if one of the files is there."""
        return any(os.path.lexists(file) for file in (self.certificate, self.key))

    def check_free(self) -> None:
        """Raise `CertificateError` if one of the files is there."""
        for file in (self.certificate, self.key):
            if os.path.lexists(file):
                raise CertificateError(f"{file} exists; remove it, or use another --dir.")

    def write(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        """Write the files; the key is only for its owner. Raises `OSError`."""
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _create(self.key, secret, 0o600)
        try:
            _create(self.certificate, certificate.public_bytes(Encoding.PEM), 0o644)
        except BaseException:
            self.key.unlink()
            raise


class Authority:
    """Issues certificates. Its own certificate and key are in a folder."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self._certificate = certificate
        self._key = key

    @classmethod
    def make(cls, files: Pair) -> Authority:
        """Make an authority, and write it. Raises `OSError`."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "chat-grpc test authority")])
        usage = x509.KeyUsage(
            key_cert_sign=True,
            crl_sign=True,
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        builder = (
            _builder(name, key.public_key(), _AUTHORITY_DAYS)
            .issuer_name(name)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
        )
        certificate = builder.sign(key, hashes.SHA256())
        files.write(certificate, key)
        return cls(certificate, key)

    @classmethod
    def read(cls, files: Pair) -> Authority:
        """Read an authority. Raises `OSError`, or `CertificateError` if the files are no PEM."""
        try:
            certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
            key = load_pem_private_key(files.key.read_bytes(), None)
        except (ValueError, TypeError):  # TypeError: the key has a password
            key = None
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise CertificateError(
                f"{files.certificate} and {files.key} are no authority that this command made; "
                "use another --dir."
            )
        return cls(certificate, key)

    def issue_server(self, files: Pair, hosts: Iterable[str], days: int) -> None:
        """Issue the certificate of a server, and write it. Raises `OSError`."""
        names = list(map(_general_name, dict.fromkeys(hosts)))
        self._issue(files, names, ExtendedKeyUsageOID.SERVER_AUTH, days)

    def issue_client(self, files: Pair, user: str, days: int) -> None:
        """Issue the certificate of a user, and write it. Raises `OSError`."""
        name = x509.UniformResourceIdentifier(uri_of(user))
        self._issue(files, [name], ExtendedKeyUsageOID.CLIENT_AUTH, days)

    def _issue(
        self, files: Pair, names: list[x509.GeneralName], usage: x509.ObjectIdentifier, days: int
    ) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = (
            _builder(x509.Name([]), key.public_key(), days)
            .issuer_name(self._certificate.subject)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(issuer, critical=False)
            # Critical, because the subject is empty: RFC 5280, section 4.2.1.6.
            .add_extension(x509.SubjectAlternativeName(names), critical=True)
        )
        files.write(builder.sign(self._key, hashes.SHA256()), key)


def _builder(
    subject: x509.Name, key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _create(file: Path, content: bytes, mode: int) -> None:
    """Create a file. Raises `OSError`, also if it exists."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with _removed_on_error(file), os.fdopen(descriptor, "wb") as out:
        out.write(content)


@contextlib.contextmanager
def _removed_on_error(file: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        file.unlink()
        raise
