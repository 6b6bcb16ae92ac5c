"""The refusal of a client that speaks HTTP/1.1, which says what is here."""

from __future__ import annotations

from typing import Final

_METHODS = (b"GET ", b"POST", b"HEAD", b"PUT ", b"OPTI", b"DELE", b"PATC", b"CONN", b"TRAC")


def begins_http1(data: bytes) -> bool:
    """Return whether the first bytes of a connection are those of HTTP/1.1."""
    return data.startswith(_METHODS)


def not_http2(web: str = "") -> bytes:
    """Return the response to a request of HTTP/1.1. `web` is where the page is, if it is served."""
    text = "This is a gRPC server; it needs HTTP/2.\r\n"
    if web:
        text += f"The chat for browsers is at {web}\r\n"
    return (
        "HTTP/1.1 505 HTTP Version Not Supported\r\n"
        "content-type: text/plain; charset=utf-8\r\nconnection: close\r\n"
        f"content-length: {len(text.encode())}\r\n\r\n{text}"
    ).encode()


NOT_HTTP2: Final = not_http2()
"""The response without a page."""
