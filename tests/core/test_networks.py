"""Addresses: which count together, and what a proxy may say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_grpc.core.networks import (
    NetworkMap,
    Networks,
    forwarded,
    network_of,
    network_to_ban,
)

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


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("192.0.2.7", "192.0.2.7/32"),
        (" 192.0.2.7/24 ", "192.0.2.0/24"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::1/128", "2001:db8::1/128"),
        ("::ffff:192.0.2.7", "192.0.2.7/32"),
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ("::/0", "::/0"),
    ],
)
def test_a_network_to_ban_has_one_spelling(text: str, network: str) -> None:
    """Host bits are dropped, a bare IPv6 address is its /64, and a mapped network is IPv4."""
    assert network_to_ban(text) == network


_ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str)
_NETWORKS = st.tuples(_ADDRESSES, st.integers(0, 32)).map(lambda pair: f"{pair[0]}/{pair[1]}")


@given(st.lists(_NETWORKS.map(network_to_ban), unique=True), _ADDRESSES, st.data())
def test_a_map_finds_the_networks_of_an_address(
    networks: list[str], address: str, data: st.DataObject
) -> None:
    """The map agrees with a search of all networks, after some are removed, too."""
    kept: NetworkMap[str] = NetworkMap()
    for network in networks:
        kept.put(network, network)
    removed = data.draw(st.sets(st.sampled_from(networks))) if networks else set()
    for network in removed:
        kept.remove(network)
        assert kept.get(network) is None
    found = {each for each in networks if each not in removed and address in Networks([each])}
    assert set(kept.containing(address)) == found
    assert kept.containing("unix") == []
