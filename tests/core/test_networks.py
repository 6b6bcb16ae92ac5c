"""Addresses: which count together, and what a proxy may say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_grpc.core.networks import Networks, forwarded, network_of

PROXIES = Networks(["10.0.0.0/8", "2001:db8:ffff::/48", "unix"])


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix", "unix"),
        ("", ""),
    ],
)
def test_an_address_counts_as_its_network(address: str, network: str) -> None:
    """IPv6 counts by 64 bits; an IPv4-mapped address is the IPv4 address."""
    assert network_of(address) == network


def test_networks_contain_addresses() -> None:
    """A set of networks contains the addresses of each, mapped or not, and Unix sockets."""
    assert "10.1.2.3" in PROXIES
    assert "::ffff:10.1.2.3" in PROXIES
    assert "2001:db8:ffff::1" in PROXIES
    assert "unix" in PROXIES
    assert "192.0.2.1" not in PROXIES
    assert "nonsense" not in PROXIES
    assert "unix" not in Networks(["10.0.0.1"])


def test_a_wrong_network_is_named() -> None:
    """The error has the text that is no network, and examples."""
    with pytest.raises(ValueError, match=r"'10\.0\.0\.0/99' is not a network; write for example"):
        Networks(["10.0.0.0/99"])


@pytest.mark.parametrize(
    ("peer", "values", "caller"),
    [
        ("192.0.2.9", ["198.51.100.1"], "192.0.2.9"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["127.0.0.1, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["203.0.113.1", "198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("10.0.0.1", ["[2001:db8::7]:4711"], "2001:db8::7"),
        ("10.0.0.1", ["::ffff:198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1, nonsense"], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("unix", ["198.51.100.1"], "198.51.100.1"),
    ],
)
def test_the_caller_is_the_last_hop_that_is_not_trusted(
    peer: str, values: list[str], caller: str
) -> None:
    """What stands before the last untrusted hop may be forged, and does not count."""
    assert forwarded(peer, values, PROXIES) == caller


@given(st.lists(st.text(max_size=40), max_size=5))
def test_no_header_fails(values: list[str]) -> None:
    """Whatever a header says, the result is the peer or an address."""
    assert forwarded("192.0.2.9", values, PROXIES) == "192.0.2.9"
    assert network_of(forwarded("10.0.0.1", values, PROXIES))
