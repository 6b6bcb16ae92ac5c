"""Certificates of an authority that exists only in a test."""

from __future__ import annotations

import datetime as dt
import ssl
from pathlib import Path
from typing import Any

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtensionOID

from chat_grpc.certificates import Authority, Pair
from chat_grpc.client import Tls

YESTERDAY = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)


class Certificates:
    """An authority, and the certificate that it issued for this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._issued = 0
        self._trustme = trustme.CA()
        self.authority = self._trustme.cert_pem.bytes()
        """The authority's certificate in PEM, for clients."""
        self.ca = folder / "ca.pem"
        """Its file."""
        self.ca.write_bytes(self.authority)
        files = Pair(folder, "clients")
        self._issuer = Authority.make(files)
        self.client_authorities = folder / "client-authorities.pem"
        """The file of the authorities of clients."""
        self.client_authorities.write_bytes(self.authority + files.certificate.read_bytes())
        self.certificate = folder / "certificate.pem"
        self.key = folder / "key.pem"
        self.issue()

    def issue(self, *hosts: str, not_after: dt.datetime | None = None) -> bytes:
        """Issue another certificate for the server, and return it in PEM."""
        issued = self._trustme.issue_cert(*hosts or ("127.0.0.1", "localhost"), not_after=not_after)
        certificate = b"".join(part.bytes() for part in issued.cert_chain_pems)
        self.certificate.write_bytes(certificate)
        self.key.write_bytes(issued.private_key_pem.bytes())
        return certificate

    def client(self) -> ssl.SSLContext:
        """Return the TLS of a client that trusts the authority and offers `h2`."""
        context = ssl.create_default_context(cadata=self.authority.decode())
        context.set_alpn_protocols(["h2"])
        return context

    @property
    def trusting(self) -> Tls:
        """The TLS of a client of the SDK that trusts the authority."""
        return Tls(ca=self.ca)

    def of(self, user: str) -> Tls:
        """Return the same with the certificate of a user."""
        files = Pair(self._folder, f"client-{user}")
        if not files.exists:
            self._issuer.issue_client(files, user, 1)
        return Tls(ca=self.ca, cert=files.certificate, key=files.key)

    def named(self, *names: bytes) -> Tls:
        """Return the same with a certificate that has these bytes as URIs."""
        self._issued += 1
        encoded = b"".join(b"\x86" + bytes([len(name)]) + name for name in names)
        extension = b"\x30" + bytes([len(encoded)]) + encoded
        files = Pair(self._folder, f"named-{self._issued}")
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = load_pem_private_key(self._trustme.private_key_pem.bytes(), None)
        assert isinstance(issuer, ec.EllipticCurvePrivateKey)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(x509.load_pem_x509_certificate(self.authority).subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(YESTERDAY)
            .not_valid_after(YESTERDAY + dt.timedelta(days=2))
            .add_extension(
                x509.UnrecognizedExtension(ExtensionOID.SUBJECT_ALTERNATIVE_NAME, extension),
                critical=True,
            )
        )
        files.write(builder.sign(issuer, hashes.SHA256()), key)
        return Tls(ca=self.ca, cert=files.certificate, key=files.key)

    def nameless(self, not_after: dt.datetime | None = None) -> Tls:
        """Return the same with a certificate that names no user."""
        issued = self._trustme.issue_cert("client.example", not_after=not_after)
        file = self._folder / "nameless.pem"
        file.write_bytes(issued.private_key_and_cert_chain_pem.bytes())
        return Tls(ca=self.ca, cert=file, key=file)

    @property
    def options(self) -> dict[str, str]:
        """The options of a server that uses them."""
        return {"tls_cert": str(self.certificate), "tls_key": str(self.key)}

    @property
    def mutual(self) -> dict[str, Any]:
        """The same for a server that requires certificates of its clients."""
        return self.options | {"tls_client_ca": str(self.client_authorities)}

    @property
    def flags(self) -> list[str]:
        """The options for a command line."""
        return ["--tls-cert", str(self.certificate), "--tls-key", str(self.key)]

    def encrypted_key(self, file: Path) -> Path:
        """Write the key with a password."""
        key = load_pem_private_key(self.key.read_bytes(), None)
        encryption = BestAvailableEncryption(b"secret")
        file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
        return file
