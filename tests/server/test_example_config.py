"""The example of a config file is complete, and changes nothing."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from chat_grpc.config import AUTO, OPTIONS, Config
from chat_grpc.config_sources import load
from chat_grpc.option_values import flag_of

ROOT = Path(__file__).parents[2]
FILE = ROOT / "examples" / "chat-grpc.toml"


def test_it_is_made_from_the_table() -> None:
    """The file is what `scripts/make_example_config.py` writes."""
    made = [sys.executable, str(ROOT / "scripts" / "make_example_config.py"), "--check"]
    assert subprocess.run(made, check=False).returncode == 0


def test_it_equals_the_defaults() -> None:
    """A server with the file has the options of a server without one."""
    assert load({}, file=FILE, environment={}) == Config()


def test_it_has_every_option() -> None:
    """Each option has its line; one whose default depends on others is a comment."""
    text = FILE.read_text(encoding="utf-8")
    settings = re.findall(r"^(?:# )?([a-z-]+) = ", text, re.MULTILINE)
    assert settings == [flag_of(name) for name in OPTIONS]
    commented = {flag_of(name) for name, each in OPTIONS.items() if each.default == AUTO}
    assert set(settings) - tomllib.loads(text).keys() == commented


def test_every_line_can_be_used(tmp_path: Path) -> None:
    """Without the comment signs, the lines that are comments are valid, too."""
    text = re.sub(r"^# ([a-z-]+ = )", r"\1", FILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    file = tmp_path / "chat-grpc.toml"
    file.write_text(text, encoding="utf-8")
    assert load({}, file=file, environment={}).messages_per_second > 0
