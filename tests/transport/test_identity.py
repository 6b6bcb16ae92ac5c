"""The certificate and key of a server, and the errors of files that cannot be used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from certificates import Certificates

from chat_grpc.transport.identity import IdentityError, IdentityFiles, read_identity


def test_files_that_cannot_be_used_are_named(certificates: Certificates, tmp_path: Path) -> None:
    """The error for a wrong file has one line with its name and the reason."""
    certificate, key = certificates.certificate, certificates.key
    other = Certificates(tmp_path)
    text = tmp_path / "text.pem"
    text.write_text("not PEM")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    missing = tmp_path / "missing.pem"
    cases = [
        (missing, key, f"{missing} cannot be read: No such file or directory"),
        (certificate, missing, f"{missing} cannot be read: No such file or directory"),
        (tmp_path, key, f"{tmp_path} is not a regular file"),
        (certificate, pipe, f"{pipe} is not a regular file"),
        (text, key, f"{text} has no certificate in PEM"),
        (key, certificate, f"{key} has no certificate in PEM"),
        (certificate, text, f"{text} has no private key in PEM"),
        (certificate, certificate, f"{certificate} has no private key in PEM"),
        (certificate, other.key, f"{other.key} is not the key of the certificate {certificate}"),
        (certificate, certificates.encrypted_key(tmp_path / "secret.pem"), "is encrypted"),
    ]
    for first, second, words in cases:
        with pytest.raises(IdentityError) as raised:
            read_identity(IdentityFiles(first, second))
        assert words in str(raised.value)
        assert "\n" not in str(raised.value)
