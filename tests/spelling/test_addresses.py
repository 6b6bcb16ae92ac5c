"""Addresses of servers: one parser, one canonical spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_grpc.spelling.addresses import Address, InvalidAddress, parse_address


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("localhost", "localhost:50051"),
        ("LocalHost:50051", "localhost:50051"),
        ("localhost:7", "localhost:7"),
        ("localhost:007", "localhost:7"),
        ("192.0.2.1", "192.0.2.1:50051"),
        ("::1", "[::1]:50051"),
        ("fe80::1:2", "[fe80::1:2]:50051"),
        ("[::1]", "[::1]:50051"),
        ("[::1]:7", "[::1]:7"),
        ("[0:0:0:0:0:0:0:1]:7", "[::1]:7"),
        ("[FE80::1%eth0]:7", "[fe80::1%eth0]:7"),
        ("unix:/run/chat", "unix:/run/chat"),
        ("unix:///run/chat", "unix:/run/chat"),
        ("unix:chat.sock", "unix:chat.sock"),
        ("http://chat.example:7/", "chat.example:7"),
        ("GRPC://chat.example", "chat.example:50051"),
        ("chat.example/", "chat.example:50051"),
        ("https://chat.example", "grpcs://chat.example:50051"),
        ("GRPCS://[::1]:7/", "grpcs://[::1]:7"),
        ("my_host", "my_host:50051"),
        ("bücher.example:7", "xn--bcher-kva.example:7"),
        ("localhost:65535", "localhost:65535"),
    ],
)
def test_spellings(text: str, canonical: str) -> None:
    """Each spelling has one canonical form, which is its own."""
    assert str(parse_address(text)) == canonical
    assert str(parse_address(canonical)) == canonical


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no host"),
        (":50051", "no host"),
        ("http://", "no host"),
        ("localhost:", "no port after the colon"),
        ("[::1]:", "no port after the colon"),
        ("localhost:0", "1 to 65535"),
        ("localhost:65536", "1 to 65535"),
        ("localhost:115587", "1 to 65535"),
        ("localhost:99999999999999999999", "1 to 65535"),
        ("localhost:-1", "1 to 65535"),
        ("localhost:http", "1 to 65535"),
        ("localhost:٧", "1 to 65535"),
        ("ftp://chat.example", "not a scheme"),
        ("dns:///chat.example:7", "not a scheme"),
        ("http://chat.example/path", "not a host"),
        ("chat.example/path", "not a host"),
        ("alice@chat.example", "user before the host"),
        ("chat example", "not a host"),
        ("chat..example", "not a host"),
        ("-chat", "not a host"),
        ("a" * 64, "not a host"),
        ("x." * 200 + "x", "not a host"),
        ("[localhost]:7", "not IPv6"),
        ("[::1", "not an address"),
        ("[::1]7", "not an address"),
        ("1:2:3", "not IPv6"),
        ("127.1", "four numbers"),
        ("256.0.0.1", "four numbers"),
        ("0x7f000001", "four numbers"),
        ("unix:", "no path"),
        ("http://unix:/run/chat", "1 to 65535"),
        ("host\0:7", "not a host"),
        ("\ud800", "not a host"),
    ],
)
def test_errors(text: str, why: str) -> None:
    """Each mistake gets one sentence that names it."""
    with pytest.raises(InvalidAddress, match=why) as caught:
        parse_address(text)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("text", ["chat.example", "https://chat.example", "grpcs://chat.example"])
def test_tls(text: str) -> None:
    """An address without a scheme can be given TLS; its spelling is another than without."""
    assert str(parse_address(text, tls=True)) == "grpcs://chat.example:50051"


@pytest.mark.parametrize("text", ["http://chat.example", "grpc://chat.example", "unix:/run/chat"])
def test_no_tls(text: str) -> None:
    """An address that says that it has no TLS cannot be given it."""
    with pytest.raises(InvalidAddress, match="no TLS"):
        parse_address(text, tls=True)


def test_a_password_in_an_address_is_not_repeated() -> None:
    """The error for `https://alice:secret@host` does not have the password."""
    with pytest.raises(InvalidAddress) as caught:
        parse_address("https://alice:secret@chat.example")
    assert "secret" not in str(caught.value)


LOOPBACK = [
    "localhost",
    "LOCALHOST.",
    "a.localhost",
    "127.8.9.1",
    "::1",
    "[::ffff:127.0.0.1]:7",
    "unix:x",
]


@pytest.mark.parametrize("text", LOOPBACK)
def test_loopback(text: str) -> None:
    """Loopback names, addresses and sockets are known as such."""
    assert parse_address(text).loopback
    assert parse_address(text).on_this_machine


@pytest.mark.parametrize("text", ["0.0.0.0", "::", "[::ffff:0.0.0.0]:7"])
def test_unspecified(text: str) -> None:
    """Connecting to the unspecified address reaches this machine; listening on it is public."""
    assert not parse_address(text).loopback
    assert parse_address(text).on_this_machine


@pytest.mark.parametrize("text", ["chat.example", "192.0.2.1", "localhost.example", "fe80::1"])
def test_not_loopback(text: str) -> None:
    """Other addresses are on the network."""
    assert not parse_address(text).loopback
    assert not parse_address(text).on_this_machine


def test_listening() -> None:
    """A server may require a port, and take 0 for a free one."""
    assert parse_address("127.0.0.1:0", default_port=None, lowest=0) == Address("127.0.0.1", 0)
    with pytest.raises(InvalidAddress, match="no port"):
        parse_address("127.0.0.1", default_port=None, lowest=0)


@given(st.text(max_size=40) | st.text("alocht0159.:[]/-%@", max_size=40))
def test_any_text(text: str) -> None:
    """Every text is an address with a canonical spelling, or `InvalidAddress`."""
    try:
        address = parse_address(text)
    except InvalidAddress:
        return
    assert parse_address(str(address)) == address
