"""The keys with which the issuer signs ID tokens."""

from __future__ import annotations

import logging
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key

from chat_grpc.oidc.settings import WrongDocument

_LOG = logging.getLogger("chat_grpc.oidc")

MAX_KEYS = 100
"""Maximum number of keys of an issuer."""

KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
"""The type of the key for the first two letters of an algorithm."""

ALGORITHMS = frozenset(
    [
        *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
        *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
    ]
)
"""The algorithms that are accepted: signatures by a private key.

`none` and HMAC are not among them: with HMAC the key that checks a signature also makes one.
"""


class Keys:
    """The public keys of an issuer (RFC 7517)."""

    def __init__(self, document: dict[str, Any]) -> None:
        """Take a key set; a key that cannot be used is left out (section 5).

        This may take some milliseconds. Raises `WrongDocument`.
        """
        found = document.get("keys")
        if not isinstance(found, list) or not found:
            raise WrongDocument("the key set has no keys")
        if len(found) > MAX_KEYS:
            raise WrongDocument(f"the key set has {len(found)} keys, more than {MAX_KEYS}")
        self._keys = [key for each in found if (key := _imported(each)) is not None]

    def find(self, key_id: str | None, algorithm: str) -> Key | None:
        """Return the key with an id that makes signatures of an algorithm.

        A token without an id has the only key of its kind, if there is one.
        """
        kind = KEY_TYPES[algorithm[:2]]
        fit = [
            key
            for key in self._keys
            if key.key_type == kind
            and key.get("use") in (None, "sig")
            and key.get("alg") in (None, algorithm)
            and (key_id is None or key.get("kid") == key_id)
        ]
        return fit[0] if fit and (key_id is not None or len(fit) == 1) else None


def _imported(each: Any) -> Key | None:
    if not isinstance(each, dict) or each.get("kty") not in KEY_TYPES.values():
        return None
    try:
        return import_key(each)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        _LOG.info("a key of the issuer cannot be used: %s", error)
        return None
