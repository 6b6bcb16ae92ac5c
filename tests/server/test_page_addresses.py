"""The URLs of the page."""

from __future__ import annotations

from typing import Any

import pytest

from chat_grpc.config import OFF, Config

PROXIED = {"web_origin": ("https://chat.example.org", "https://other.example.org")}
OPEN = {"web_listen": "0.0.0.0:8080", "insecure": True}


@pytest.mark.parametrize(
    ("options", "known", "told"),
    [
        (
            {"web_listen": "127.0.0.1:0"},
            {"http://127.0.0.1:5000/", "http://localhost:5000/"},
            "http://127.0.0.1:5000/",
        ),
        (
            PROXIED | {"web_listen": "[::1]:0", "web_path": "/chat"},
            {
                *(f"https://{name}.example.org/chat/" for name in ("chat", "other")),
                *(f"http://{host}:5000/chat/" for host in ("[::1]", "localhost", "127.0.0.1")),
            },
            "https://chat.example.org/chat/",
        ),
        (OPEN, {"http://0.0.0.0:5000/"}, "port 5000 of this host"),
        (
            {"web_listen": "chat.example.org:0", "tls_cert": "c", "tls_key": "k"},
            {"https://chat.example.org:5000/"},
            "https://chat.example.org:5000/",
        ),
    ],
)
def test_the_urls_of_a_server(options: dict[str, Any], known: set[str], told: str) -> None:
    """A browser may come by each known URL; one is told to others, or the port."""
    addresses = Config(**options).page_addresses
    assert addresses.known(5000) == known
    assert addresses.told(5000) == told


def test_without_browsers_only_the_proxies_are_known() -> None:
    """A server that does not serve browsers has only the URLs that its options name."""
    assert Config(web_listen=OFF).page_addresses.known(0) == frozenset()
    found = Config(web_listen=OFF, web_origin=PROXIED["web_origin"][:1]).page_addresses.known(0)
    assert found == {"https://chat.example.org/"}
