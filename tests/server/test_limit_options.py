"""The options of the limits: in the table of options, in the help, and in the documentation."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from chat_grpc.config import RATES, Config
from chat_grpc.config_sources import load
from chat_grpc.core.quotas import Quota
from chat_grpc.option_values import ConfigError

PAGE = Path(__file__).parents[2] / "docs" / "limits.md"


def with_option(name: str, value: Any) -> Config:
    """Return the options of a server with one of them set."""
    return load({name: value}, file=None, environment={})


def test_every_limit_has_an_option_and_a_row_in_the_documentation() -> None:
    """Each limit has an option of its name, with its default, and the page has both."""
    pattern = r"^\| `--([a-z-]+)` \| ([0-9.]+)(?: \*)? \|"
    rows = dict(re.findall(pattern, PAGE.read_text(), re.MULTILINE))
    for field in dataclasses.fields(Quota):
        flag = field.name.replace("_", "-")
        assert getattr(Config(listen="192.0.2.1:1").quota, field.name) == field.default
        if field.name != "message_burst":
            assert float(rows.pop(flag)) == field.default
    assert rows == {}
    assert f"`--message-burst`, {Quota().message_burst}" in PAGE.read_text()


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Quota)])
def test_zero_lifts_a_limit_and_less_is_refused(name: str) -> None:
    """0 is allowed, except for the burst, which belongs to a rate; a negative number is not."""
    if name == "message_burst":
        with pytest.raises(ConfigError, match="message-burst must be 1 to"):
            with_option(name, 0)
    else:
        assert getattr(with_option(name, 0).quota, name) == 0
    with pytest.raises(ConfigError, match=f"{name.replace('_', '-')} must be"):
        with_option(name, -1)


@pytest.mark.parametrize(
    ("flags", "environment", "file"),
    [
        ({"trusted_proxy": ("10.0.0.0/8", "unix")}, {}, ""),
        ({}, {"CHAT_GRPC_TRUSTED_PROXY": "10.0.0.0/8, unix"}, ""),
        ({"trusted_proxy": ()}, {}, 'trusted-proxy = ["10.0.0.0/8", "unix"]'),
    ],
)
def test_networks_come_from_flags_the_environment_and_a_file(
    flags: dict[str, Any], environment: dict[str, str], file: str, tmp_path: Path
) -> None:
    """A list is repeated as a flag, separated by commas in the environment, an array in a file."""
    path = tmp_path / "chat.toml"
    path.write_text(file)
    config = load(flags, file=path, environment=environment)
    assert "10.1.2.3" in config.trusted_proxies
    assert "unix" in config.trusted_proxies
    assert "192.0.2.1" not in config.trusted_proxies


def test_rates_of_users_are_not_limited_while_only_this_machine_can_connect() -> None:
    """On loopback the rates of a user are limited only by options that are given."""
    local = Config().quota
    assert {getattr(local, name) for name in RATES} == {0}
    assert local.streams_per_user == Quota().streams_per_user
    assert with_option("messages_per_second", 7).quota.messages_per_second == 7
    assert Config(listen="192.0.2.1:1", messages_per_second=0).quota.messages_per_second == 0


def test_loopback_is_unlimited_unless_networks_are_named() -> None:
    """`--unlimited` takes the place of the default; `none` names no network."""
    assert {"127.0.0.1", "::1", "unix"} == {
        each
        for each in ("127.0.0.1", "::1", "unix", "192.0.2.1")
        if each in Config().unlimited_networks
    }
    assert "127.0.0.1" not in Config(unlimited=("none",)).unlimited_networks
    assert "192.0.2.7" in Config(unlimited=("192.0.2.0/24",)).unlimited_networks


@pytest.mark.parametrize("value", [("10.0.0.0/99",), ("example.org",)])
def test_a_wrong_network_is_refused(value: tuple[str, ...]) -> None:
    """The error has the option and the text that is no network."""
    for name in ("trusted_proxy", "unlimited"):
        with pytest.raises(ConfigError, match=f"{name.replace('_', '-')}: '{value[0]}' is not a"):
            with_option(name, value)


def test_a_list_of_numbers_is_refused() -> None:
    """An option that is a list takes texts."""
    with pytest.raises(ConfigError, match="trusted-proxy must be a list of texts"):
        load({"trusted_proxy": [1]}, file=None, environment={})
