"""The configuration file of the terminal client."""

from __future__ import annotations

import tomllib
from dataclasses import fields, replace
from pathlib import Path

import pytest
from chat_grpc_cli.settings import Settings, SettingsUnusable, load_settings
from cli.terminal import Terminal
from support import Process

_ALL = """
bell = false
title = false
highlight = ["deploy", " printer "]
colors = "light"
name-colors = { Alice = "#FF8700" }
list = "off"
history_lines = 0
"""


def test_every_setting_is_read(tmp_path: Path) -> None:
    """Each key of the file sets a field; the keys may have dashes, and names have any case."""
    file = tmp_path / "client.toml"
    file.write_text(_ALL)
    assert load_settings(file) == Settings(
        bell=False,
        title=False,
        highlight=("deploy", "printer"),
        colors="light",
        name_colors={"alice": "#ff8700"},
        list="off",
        history_lines=0,
    )


@pytest.mark.usefixtures("state")
def test_the_users_file_is_optional(tmp_path: Path) -> None:
    """Without a file the defaults apply; the user's file is read if it exists."""
    assert load_settings() == Settings()
    file = tmp_path / "config" / "chat-grpc" / "client.toml"
    file.parent.mkdir(parents=True)
    file.write_text("bell = false\n")
    assert load_settings() == Settings(bell=False)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('bell = "yes"', "bell is 'yes'; use true or false, without quotes."),
        ("title = 1", "title is 1; use true or false, without quotes."),
        ("bel = true", "bel is no setting; did you mean bell?"),
        ("zzz = true", "zzz is no setting; the settings are bell, title,"),
        ('colors = "blue"', "colors is 'blue'; use one of auto, dark, light, none."),
        ("list = true", "list is true; use one of auto, on, off."),
        ('highlight = "deploy"', "highlight is 'deploy'; use a list of words"),
        ('highlight = [""]', "highlight is ['']; use a list of words"),
        ("name_colors = { bob = 7 }", "name_colors is {'bob': 7}; use a table of names and colors"),
        ("history_lines = 10001", "history_lines is 10001; use a whole number from 0 to 10000."),
        ("history_lines = true", "history_lines is true; use a whole number"),
        ("bell = ", "is not TOML: Invalid value"),
    ],
)
def test_an_error_names_the_file_the_key_and_the_rule(
    tmp_path: Path, text: str, sentence: str
) -> None:
    """A wrong key or value gives one sentence with the file, the key, the value and the rule."""
    file = tmp_path / "client.toml"
    file.write_text(text)
    with pytest.raises(SettingsUnusable) as raised:
        load_settings(file)
    assert str(raised.value).startswith(str(file))
    assert sentence in str(raised.value)


def test_the_manual_has_every_setting(tmp_path: Path) -> None:
    """The example of the manual is valid, names each setting, and has the defaults."""
    manual = (Path(__file__).parents[2] / "docs" / "terminal.md").read_text(encoding="utf-8")
    example = manual.split("```toml\n")[1].split("```")[0]
    file = tmp_path / "client.toml"
    file.write_text(example)
    assert tomllib.loads(example).keys() == {each.name for each in fields(Settings)}
    examples = {"highlight": ("deploy", "printer"), "name_colors": {"alice": "#ff8700"}}
    assert load_settings(file) == replace(Settings(), **examples)  # type: ignore[arg-type]


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    """A file that --config names, and that does not exist, is an error."""
    with pytest.raises(SettingsUnusable, match="nowhere cannot be read: No such file"):
        load_settings(tmp_path / "nowhere")


@pytest.mark.usefixtures("state")
def test_connect_ends_with_the_sentence(process: Process, tmp_path: Path) -> None:
    """`connect --config` with a wrong value ends with status 2 and the sentence."""
    file = tmp_path / "my.toml"
    file.write_text("bell = 'yes'\n")
    command = ("connect", "--name", "alice", "--config", str(file))
    alice = Terminal(process.port, "alice", command=command, columns=200)
    assert alice.status() == 2
    assert any(f"chat-grpc: {file}: bell is 'yes'; use true" in line for line in alice.lines())
