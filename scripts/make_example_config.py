"""Write `examples/chat-grpc.toml`: every option of the server, with its help and its default.

With `--check`, compare the file instead.
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
from pathlib import Path
from typing import Any

from chat_grpc.config import AUTO, OPTIONS, RATES
from chat_grpc.config_sources import ENVIRONMENT_PREFIX
from chat_grpc.core.quotas import Quota
from chat_grpc.option_values import flag_of

FILE = Path(__file__).resolve().parent.parent / "examples" / "chat-grpc.toml"

HEAD = f"""\
# All options of `chat-grpc serve`, with their defaults.
#
#     chat-grpc serve --config chat-grpc.toml
#
# A flag takes precedence over the environment ({ENVIRONMENT_PREFIX}LISTEN, ...),
# and the environment over this file. Change what you need, and delete the rest.
"""

WIDTH = 98
"""Characters of a line of comments."""


def example() -> str:
    """Return the text of the file."""
    return "\n".join([HEAD, *map(_entry, OPTIONS)])


def _entry(name: str) -> str:
    help_text = OPTIONS[name].metadata["help"]
    text = re.sub(r"--([a-z][a-z-]*)", _key, help_text)
    lines = textwrap.wrap(text, WIDTH, break_on_hyphens=False, break_long_words=False)
    default = OPTIONS[name].default
    if name in RATES and default == AUTO:
        # The default depends on other options, so that no value stands for it.
        setting = f"# {flag_of(name)} = {_toml(getattr(Quota(), name))}"
    else:
        setting = f"{flag_of(name)} = {_toml(default)}"
    return "\n".join([*(f"# {line}" for line in lines), setting, ""])


def _key(flag: re.Match[str]) -> str:
    """Return an option as the file names it; a flag that is no option stays."""
    return flag[1] if flag[1].replace("-", "_") in OPTIONS else flag[0]


def _toml(value: Any) -> str:
    """Return a default in TOML, which spells switches, numbers, texts and lists as JSON does."""
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        if FILE.read_text(encoding="utf-8") != example():
            sys.exit(f"{FILE.name} is not up to date: run make man")
        sys.exit()
    FILE.write_text(example(), encoding="utf-8")
