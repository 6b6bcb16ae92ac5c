r"""The names in the certificates of clients.

They are read from the certificate itself. gRPC's `auth_context` cuts a name at a NUL, so a
certificate for `chat:bob\0` would be one for `chat:bob`; Python's `getpeercert` fails for names
that are not UTF-8.
"""

from __future__ import annotations

from functools import lru_cache

from cryptography import x509

from chat_grpc.spelling.certificates import InvalidUserUri

_MALFORMED = (
    ValueError,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


@lru_cache(maxsize=1024)
def uris_of(certificate: bytes) -> tuple[str, ...]:
    """Return the URIs among the alternative names of a certificate in DER.

    Raises `InvalidUserUri` if the names cannot be read.
    """
    try:
        extensions = x509.load_der_x509_certificate(certificate).extensions
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    except _MALFORMED:
        raise InvalidUserUri("The names in the client certificate are malformed.") from None
    return tuple(names.get_values_for_type(x509.UniformResourceIdentifier))
