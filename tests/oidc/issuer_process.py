"""An OpenID Connect issuer in a process of its own, made of Authlib's server and Flask.

It has the code flow with PKCE, the device flow, and keys that rotate. Below `/test/` are the
controls of the tests: they rotate the keys, sign tokens with any claims, and make the issuer
misbehave. Each visitor of the authorization endpoint signs in as the user of `login_hint`, or of
a form.
"""

from __future__ import annotations

import json
import logging
import secrets
import sys
import threading
import time
from dataclasses import dataclass, field
from html import escape
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc8628 import DeviceAuthorizationEndpoint, DeviceCodeGrant
from authlib.oidc.core import OpenIDCode
from authlib.oidc.core.grants.code import OpenIDToken
from flask import Flask, Response, jsonify, redirect, request
from joserfc.jwk import ECKey, Key, RSAKey
from joserfc.jws import serialize_compact
from werkzeug.serving import make_server

CLIENT_ID, SECRET, REDIRECT_URI = "chat", "the client secret", "https://chat.example/"
_DEVICE = DeviceCodeGrant.GRANT_TYPE


@dataclass
class State:
    """Everything that the issuer remembers, and how it behaves."""

    base: str = ""
    keys: list[Key] = field(default_factory=list)
    """The newest one signs; all of them are published."""
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    granted: dict[str, tuple[str, bool]] = field(default_factory=dict)
    """The user and whether the sign-in is allowed, by the user code."""
    slow: float = 0.0
    """Seconds that each answer takes."""
    broken: dict[str, str] = field(default_factory=dict)
    """By the path: `500`, `huge`, `redirect`, `garbage` or `gzip`. Also `metadata`: `issuer`, and
    `pending`: `428`."""
    calls: dict[str, int] = field(default_factory=dict)
    redirect_uri: str = REDIRECT_URI
    """The registered address of the page."""
    interval: int = 1
    slow_downs: int = 0
    """The number of polls that are answered with `slow_down`."""
    release: threading.Event = field(default_factory=threading.Event)


STATE = State()


class Client:
    """The chat server, as the only client."""

    def get_client_id(self) -> str:
        """Return the client id."""
        return CLIENT_ID

    def get_default_redirect_uri(self) -> str:
        """Return the redirect URI."""
        return REDIRECT_URI

    def get_allowed_scope(self, scope: str) -> str:
        """Return the scope."""
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Compare exactly (RFC 9700, section 2.1)."""
        return redirect_uri == STATE.redirect_uri

    def check_client_secret(self, client_secret: str) -> bool:
        """Return whether the secret is right."""
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Require the secret."""
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        """Allow the code flow only."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Allow both flows."""
        return grant_type in ("authorization_code", _DEVICE)


@dataclass
class Code:
    """An authorization code."""

    code: str
    user: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        """Return the redirect URI of the request."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """Return the scope of the request."""
        return self.scope

    def get_nonce(self) -> str:
        """Return the nonce of the request."""
        return self.nonce

    def get_auth_time(self) -> int:
        """Return the time of the sign-in."""
        return int(time.time())

    def get_acr(self) -> None:
        """Return no class of authentication."""

    def get_amr(self) -> None:
        """Return no methods of authentication."""


@dataclass
class Device:
    """A device code."""

    client_id: str
    scope: str
    user_code: str
    end: float

    def get_client_id(self) -> str:
        """Return the client."""
        return self.client_id

    def get_scope(self) -> str:
        """Return the scope."""
        return self.scope

    def get_user_code(self) -> str:
        """Return the code for the user."""
        return self.user_code

    def is_expired(self) -> bool:
        """Return whether the code has expired."""
        return time.time() > self.end


class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    """The code flow."""

    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]  # noqa: RUF012 - as Authlib has it

    def save_authorization_code(self, code: str, asked: Any) -> Code:
        """Remember a code."""
        data = asked.payload.data
        made = Code(
            code,
            asked.user,
            asked.payload.redirect_uri,
            asked.payload.scope,
            data.get("nonce", ""),
            data.get("code_challenge", ""),
            data.get("code_challenge_method", ""),
        )
        STATE.codes[code] = made
        return made

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        """Find a code."""
        return STATE.codes.get(code)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Forget a code, which is used once."""
        del STATE.codes[authorization_code.code]

    def authenticate_user(self, authorization_code: Code) -> str:
        """Return the user of a code."""
        return authorization_code.user


class DeviceGrant(DeviceCodeGrant):  # type: ignore[misc]
    """The device flow."""

    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]  # noqa: RUF012 - as Authlib has it

    def query_device_credential(self, device_code: str) -> Device | None:
        """Find a device code."""
        return STATE.devices.get(device_code)

    def query_user_grant(self, user_code: str) -> tuple[str, bool] | None:
        """Return what the user decided."""
        return STATE.granted.get(user_code)

    def should_slow_down(self, credential: Device) -> bool:
        """Return True as often as a test wants."""
        STATE.slow_downs -= 1
        return STATE.slow_downs >= 0


class DeviceEndpoint(DeviceAuthorizationEndpoint):  # type: ignore[misc]
    """The device authorization endpoint."""

    @property
    def INTERVAL(self) -> int:  # noqa: N802 - as Authlib has it
        """Return the interval of polls in seconds."""
        return STATE.interval

    def get_verification_uri(self) -> str:
        """Return the page for the user."""
        return f"{STATE.base}/device"

    def save_device_credential(self, client_id: str, scope: str, data: dict[str, Any]) -> None:
        """Remember a device code."""
        end = time.time() + data["expires_in"]
        STATE.devices[data["device_code"]] = Device(client_id, scope, data["user_code"], end)


class _Tokens:
    """ID tokens, signed by the newest key."""

    def get_encode_header(self, client: Client) -> dict[str, str]:
        """Return the header."""
        return header()

    def get_client_algorithm(self, client: Client) -> str:
        """Return the algorithm."""
        return header()["alg"]

    def resolve_client_private_key(self, client: Client) -> Key:
        """Return the key."""
        return STATE.keys[-1]

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        """Return the claims about the issuer and the audience."""
        return standard()

    def get_compatible_claims(self, asked: Any) -> dict[str, Any]:
        """Return the claims about the issuer and the audience."""
        return standard()

    def generate_user_info(self, user: str, scope: str) -> dict[str, Any]:
        """Return the claims about a user."""
        return STATE.users[user]


class CodeTokens(_Tokens, OpenIDCode):  # type: ignore[misc]
    """ID tokens of the code flow."""

    def exists_nonce(self, nonce: str, asked: Any) -> bool:
        """Return whether a nonce was used."""
        return any(code.nonce == nonce for code in STATE.codes.values())


class DeviceTokens(_Tokens, OpenIDToken):  # type: ignore[misc]
    """ID tokens of the device flow."""


def standard() -> dict[str, Any]:
    """Return the claims that each ID token has."""
    now = int(time.time())
    times = {"iat": now, "exp": now + 300}
    return {"iss": STATE.base, "aud": CLIENT_ID, "jti": secrets.token_hex(8)} | times


def header() -> dict[str, str]:
    """Return the header for the newest key."""
    key = STATE.keys[-1]
    return {"alg": "ES256" if isinstance(key, ECKey) else "RS256", "kid": str(key.kid)}


def new_key(kind: str = "RSA") -> Key:
    """Return a key with an id."""
    if kind == "EC":
        return ECKey.generate_key("P-256", auto_kid=True)
    return RSAKey.generate_key(2048, auto_kid=True)


app = Flask("issuer")
server = AuthorizationServer(app, query_client=lambda _: Client(), save_token=lambda *_: None)
server.register_grant(CodeGrant, [CodeChallenge(required=True), CodeTokens(require_nonce=True)])
server.register_grant(DeviceGrant, [DeviceTokens()])
server.register_endpoint(DeviceEndpoint)


@app.before_request
def misbehave() -> Response | None:
    """Count a request, and answer it as a test wants."""
    path = request.path
    if path.startswith("/test/"):
        return None
    STATE.calls[path] = STATE.calls.get(path, 0) + 1
    if STATE.slow:
        STATE.release.wait(STATE.slow)
    match STATE.broken.get(path):
        case "500":
            return Response("broken", 500)
        case "huge":
            return Response(b'{"keys": "' + b"x" * (1 << 21) + b'"}', mimetype="application/json")
        case "garbage":
            return Response("[" * 100_000, mimetype="application/json")
        case "gzip":
            return Response(b"\x1f\x8b", headers={"content-encoding": "gzip"})
        case "redirect":
            return Response("", 302, {"location": f"{STATE.base}/elsewhere"})
    return None


@app.get("/.well-known/openid-configuration")
def metadata() -> Any:
    """Return the metadata."""
    wrong = STATE.broken.get("metadata") == "issuer"
    return jsonify(
        issuer="https://evil.example" if wrong else STATE.base,
        authorization_endpoint=f"{STATE.base}/authorize",
        token_endpoint=f"{STATE.base}/token",
        jwks_uri=f"{STATE.base}/jwks",
        device_authorization_endpoint=f"{STATE.base}/device_authorization",
        id_token_signing_alg_values_supported=["RS256", "ES256", "HS256", "none"],
        response_types_supported=["code"],
        subject_types_supported=["public"],
        authorization_response_iss_parameter_supported=True,
    )


@app.get("/jwks")
def jwks() -> Any:
    """Return the public keys."""
    return jsonify(keys=[key.as_dict(private=False) for key in STATE.keys])


def _login_form() -> str:
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in request.args.items()
    )
    user = '<label>User <input name="login_hint"></label>'
    return f"<!doctype html><title>issuer</title><form>{hidden}{user}<button>Log in</button></form>"


@app.get("/authorize")
def authorize() -> Any:
    """Sign the visitor in at once, and send the browser back; without a hint, ask for the user."""
    user = request.args.get("login_hint", "")
    if not user:
        return _login_form()
    grant = server.get_consent_grant(end_user=user)
    response = server.create_authorization_response(grant=grant, grant_user=user)
    response.headers["location"] += f"&iss={STATE.base}"
    return response


@app.post("/token")
def token() -> Any:
    """Serve the token endpoint; a user who has not entered the code is a 428, as at Google."""
    response = server.create_token_response()
    if STATE.broken.get("pending") == "428" and b"authorization_pending" in response.data:
        response.status_code = 428
    return response


@app.post("/device_authorization")
def device_authorization() -> Any:
    """Serve the device authorization endpoint."""
    return server.create_endpoint_response(DeviceEndpoint.ENDPOINT_NAME)


@app.post("/device")
def device() -> Any:
    """Let a user enter a code."""
    STATE.granted[request.form["user_code"]] = (
        request.form["user"],
        request.form.get("allow", "1") == "1",
    )
    return redirect("/done")


@app.post("/test/<control>")
def control(control: str) -> Any:
    """Carry out a control of a test."""
    asked = request.get_json()
    if control == "reset":
        STATE.release.set()
        base, key = STATE.base, STATE.keys[0]
        vars(STATE).update(vars(State(base, [key])))
    elif control == "rotate":
        STATE.keys = [*(STATE.keys if asked.get("keep") else ()), new_key(asked.get("kind", "RSA"))]
    elif control == "user":
        STATE.users[asked["user"]] = asked["claims"]
    elif control == "behave":
        STATE.release.set()
        STATE.release = threading.Event()
        for name, value in asked.items():
            setattr(STATE, name, value)
    elif control == "sign":
        claims = standard() | STATE.users.get(asked.get("user", ""), {}) | asked.get("claims", {})
        claims = {name: value for name, value in claims.items() if value is not None}
        head = {"typ": "JWT"} | header() | asked.get("header", {})
        head = {name: value for name, value in head.items() if value is not None}
        # Escapes of JSON may be texts that are no Unicode.
        signed = serialize_compact(head, json.dumps(claims), STATE.keys[-1], [head["alg"]])
        return jsonify(token=signed)
    return jsonify(calls=STATE.calls)


def main() -> None:
    """Serve on a port, by TLS if a certificate and its key are given, until standard input ends."""
    port, *tls = sys.argv[1:]
    served = make_server(
        "localhost", int(port), app, threaded=True, ssl_context=(tls[0], tls[1]) if tls else None
    )
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    STATE.base = f"https://localhost:{port}" if tls else f"http://127.0.0.1:{port}"
    STATE.keys = [new_key()]
    threading.Thread(target=served.serve_forever, daemon=True).start()
    print(port, flush=True)
    sys.stdin.read()
    STATE.release.set()
    served.shutdown()


if __name__ == "__main__":
    main()
