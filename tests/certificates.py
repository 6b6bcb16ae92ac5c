"""Certificates of an authority that exists only in a test."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)


class Certificates:
    """An authority, and the certificate that it issued for this machine."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        issued = authority.issue_cert("127.0.0.1", "localhost")
        self.authority = authority.cert_pem.bytes()
        """The authority's certificate in PEM, for clients."""
        self.certificate = folder / "certificate.pem"
        self.key = folder / "key.pem"
        for number, part in enumerate(issued.cert_chain_pems):
            part.write_to_path(str(self.certificate), append=number > 0)
        issued.private_key_pem.write_to_path(str(self.key))

    @property
    def options(self) -> dict[str, str]:
        """The options of a server that uses them."""
        return {"tls_cert": str(self.certificate), "tls_key": str(self.key)}

    @property
    def flags(self) -> list[str]:
        """The same for a command line."""
        return ["--tls-cert", str(self.certificate), "--tls-key", str(self.key)]

    def encrypted_key(self, file: Path) -> Path:
        """Write the key with a password."""
        key = load_pem_private_key(self.key.read_bytes(), None)
        encryption = BestAvailableEncryption(b"secret")
        file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
        return file

    def client(self) -> ssl.SSLContext:
        """Return the TLS of a client that trusts the authority and offers `h2`."""
        context = ssl.create_default_context(cadata=self.authority.decode())
        context.set_alpn_protocols(["h2"])
        return context
