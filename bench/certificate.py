"""The certificate of the peers that serve TLS."""

from __future__ import annotations

from pathlib import Path

import trustme

AUTHORITY, CERTIFICATE, KEY = "authority.pem", "certificate.pem", "key.pem"


def issue(folder: Path) -> None:
    """Write an authority's certificate, and a certificate for 127.0.0.1 with its key."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(str(folder / AUTHORITY))
    for number, part in enumerate(issued.cert_chain_pems):
        part.write_to_path(str(folder / CERTIFICATE), append=number > 0)
    issued.private_key_pem.write_to_path(str(folder / KEY))
