"""The header of the PROXY protocol, versions 1 and 2: what is read, and what is refused."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_grpc.transport.http2.proxy_header import (
    MAX_1,
    MAX_2,
    Header,
    InvalidHeader,
    read_header,
)

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"


def binary(command: int, family: int, addresses: bytes, more: bytes = b"") -> bytes:
    """Return a header of version 2, with extensions."""
    body = addresses + more
    return SIGNATURE + bytes((0x20 | command, family)) + len(body).to_bytes(2, "big") + body


def addresses_of(source: str, destination: str) -> bytes:
    """Return two addresses with ports, as version 2 has them."""
    packed = (ip_address(source).packed, ip_address(destination).packed)
    return b"".join(packed) + b"\x30\x39\x01\xbb"


V4 = addresses_of("192.0.2.1", "198.51.100.7")
V6 = addresses_of("2001:db8::1", "2001:db8::2")


@pytest.mark.parametrize(
    ("header", "source"),
    [
        (b"PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n", "192.0.2.1"),
        (b"PROXY TCP6 2001:DB8:0:0::1 2001:db8::2 0 65535\r\n", "2001:db8::1"),
        (b"PROXY UNKNOWN\r\n", None),
        (b"PROXY UNKNOWN \xff anything\t\r\n", None),
        (binary(1, 0x11, V4), "192.0.2.1"),
        (binary(1, 0x21, V6), "2001:db8::1"),
        (binary(1, 0x11, V4, b"\x05\x00\x03abc"), "192.0.2.1"),
        (binary(1, 0x12, V4), None),
        (binary(1, 0x31, bytes(216)), None),
        (binary(1, 0x00, b""), None),
        (binary(1, 0x00, b"ignored"), None),
        (binary(0, 0x00, b""), None),
        (binary(0, 0x11, b"short"), None),
    ],
)
def test_a_header_has_the_address_of_the_client(header: bytes, source: str | None) -> None:
    """The bytes behind it belong to the client; LOCAL, UNKNOWN and UNSPEC name no address."""
    assert read_header(header + b"PRI *") == Header(len(header), source)


@pytest.mark.parametrize(
    "data",
    [
        b"PRI * HTTP/2.0\r\n",
        b"\x16\x03\x01",
        b"PROXX",
        b"PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.7 56324\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.7 56324 443 \r\n",
        b"PROXY TCP4  192.0.2.1 198.51.100.7 56324 443\r\n",
        b"PROXY TCP4 192.0.2.01 198.51.100.7 56324 443\r\n",
        b"PROXY TCP4 2001:db8::1 2001:db8::2 56324 443\r\n",
        b"PROXY TCP6 192.0.2.1 198.51.100.7 56324 443\r\n",
        b"PROXY TCP6 fe80::1%eth0 2001:db8::2 56324 443\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.7 65536 443\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.7 056 443\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.7 \xd9\xa1 443\r\n",
        b"PROXY UDP4 192.0.2.1 198.51.100.7 56324 443\r\n",
        b"PROXY UNKNOWN" + b" " * 100,
        SIGNATURE + b"\x11",
        SIGNATURE + b"\x22",
        SIGNATURE + b"\x21\x41",
        SIGNATURE + b"\x21\x13",
        binary(1, 0x11, V4[:-1]),
        binary(1, 0x21, V4),
        SIGNATURE + b"\x21\x11\xff\xff",
    ],
)
def test_anything_else_is_refused_at_once(data: bytes) -> None:
    """The error is a sentence, and nothing more has to arrive for it."""
    with pytest.raises(InvalidHeader, match=r"^The .*\.$"):
        read_header(data)


HEADERS = st.one_of(
    st.ip_addresses(v=4).map(lambda a: f"PROXY TCP4 {a} 192.0.2.9 1 2\r\n".encode()),
    st.ip_addresses(v=6).map(lambda a: f"PROXY TCP6 {a} 2001:db8::9 1 2\r\n".encode()),
    st.ip_addresses(v=4).map(lambda a: binary(1, 0x11, a.packed + V4[4:])),
    st.tuples(st.ip_addresses(v=6), st.binary(max_size=300)).map(
        lambda each: binary(1, 0x21, each[0].packed + V6[16:], each[1])
    ),
)


@given(HEADERS, st.binary(max_size=20))
def test_each_beginning_of_a_header_is_incomplete(header: bytes, rest: bytes) -> None:
    """A header may come byte by byte; it is read when it is complete, and never before."""
    assert [read_header(header[:size]) for size in range(len(header))] == [None] * len(header)
    found = read_header(header + rest)
    assert found is not None
    assert found.size == len(header)
    assert found.source is not None


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=200).map((SIGNATURE + b"!").__add__)))
def test_random_bytes_are_refused_or_incomplete(data: bytes) -> None:
    """Nothing but `InvalidHeader` is raised, and no more is asked for than a header may have."""
    try:
        found = read_header(data)
    except InvalidHeader:
        return
    if found is None:
        assert len(data) < (MAX_1 if data[:1] == b"P" else MAX_2)
    else:
        assert found.size <= len(data)
