"""The names in certificates of clients, whatever bytes an authority has signed."""

from __future__ import annotations

import contextlib
import ssl
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from certificates import Certificates
from hypothesis import given
from hypothesis import strategies as st

from chat_grpc.client import Tls
from chat_grpc.spelling.certificates import InvalidUserUri
from chat_grpc.transport.client_certificates import uris_of


def der_of(tls: Tls) -> bytes:
    """Return the first certificate of a client, in DER."""
    text = Path(str(tls.cert)).read_text()
    return ssl.PEM_cert_to_DER_cert(text[text.index("-----BEGIN CERTIFICATE") :])


@pytest.fixture(scope="module")
def der() -> bytes:
    """A certificate with two URIs."""
    with TemporaryDirectory() as folder:
        return der_of(Certificates(Path(folder)).named(b"chat:alice", b"x:y"))


def test_the_uris(certificates: Certificates, der: bytes) -> None:
    """All URIs are returned, also with a NUL; a certificate may have none."""
    assert uris_of(der) == ("chat:alice", "x:y")
    assert uris_of(der_of(certificates.named(b"chat:bob\0"))) == ("chat:bob\0",)
    assert uris_of(der_of(certificates.nameless())) == ()


def test_names_that_cannot_be_read(certificates: Certificates) -> None:
    """Bytes beyond ASCII are an error, and no name."""
    with pytest.raises(InvalidUserUri):
        uris_of(der_of(certificates.named(b"chat:\xff", b"chat:bob")))


# A serial number below 1; a later version of the library refuses it.
@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@given(st.data())
def test_changed_bytes(der: bytes, data: st.DataObject) -> None:
    """A certificate with some bytes changed has URIs, or is `InvalidUserUri`."""
    changed = bytearray(der)
    for at in data.draw(st.lists(st.integers(0, len(der) - 1), min_size=1, max_size=4)):
        changed[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(InvalidUserUri):
        assert all(isinstance(uri, str) for uri in uris_of(bytes(changed)))
