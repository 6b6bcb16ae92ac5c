"""The parser of requests: in any pieces, and within its sizes."""

from __future__ import annotations

import pytest

from chat_grpc.transport.web.limits import WebLimits
from chat_grpc.transport.web.messages import Request, Response
from chat_grpc.transport.web.request_parser import Refusal, RequestParser

POST = b"POST /a?b=c HTTP/1.1\r\nHost: localhost\r\nX-One: 1\r\nContent-Length: 2\r\n\r\n{}"


def parser() -> RequestParser:
    """Return a parser with small limits."""
    limits = WebLimits(max_head=200, max_body=10)
    return RequestParser(limits, lambda kind: Response(413, (("kind", kind),)), secured=False)


@pytest.mark.parametrize("size", [1, 2, 7, len(POST)])
def test_pieces_of_any_size_make_the_same_requests(size: int) -> None:
    """Each request is returned with its last byte, without what belongs to the one before."""
    this = parser()
    for _ in range(3):
        found = [this.feed(POST[at : at + size]) for at in range(0, len(POST), size)]
        assert found[:-1] == [None] * (len(found) - 1)
        request = found[-1]
        assert isinstance(request, Request)
        assert (request.method, request.path, request.body) == ("POST", "/a", b"{}")
        assert (request.header(b"x-one"), request.count(b"host")) == ("1", 1)
        assert this.keep_alive


def test_a_request_behind_another_one_ends_the_connection() -> None:
    """Only the first request of a piece is returned, and the connection is not kept."""
    this = parser()
    assert isinstance(this.feed(POST + POST), Request)
    assert not this.keep_alive


def test_a_client_may_wait_before_it_sends_the_body() -> None:
    """`Expect: 100-continue` is told once, and not for a body that will be refused."""
    head = POST.removesuffix(b"\r\n\r\n{}") + b"\r\nExpect: 100-Continue\r\n\r\n"
    this = parser()
    assert this.feed(head) is None
    assert [this.take_continue(), this.take_continue()] == [True, False]
    assert isinstance(this.feed(b"{}"), Request)
    this = parser()
    assert isinstance(this.feed(head.replace(b"Length: 2", b"Length: 11")), Refusal)
    assert not this.take_continue()


@pytest.mark.parametrize(
    ("sent", "limit", "status"),
    [
        (POST.replace(b"Length: 2", b"Length: 11"), "large_requests", 413),
        (POST.replace(b"X-One: 1", b"X-One: " + b"1" * 200), "large_requests", 431),
        (POST.replace(b"X-One: 1", b"X One: 1"), "protocol_errors", 400),
    ],
)
def test_a_refusal_names_its_limit(sent: bytes, limit: str, status: int) -> None:
    """A request that is malformed or too large is refused, and counted by its limit."""
    found = parser().feed(sent)
    assert isinstance(found, Refusal)
    assert (found.limit, found.response.status) == (limit, status)
