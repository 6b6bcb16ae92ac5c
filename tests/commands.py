"""Commands, run to their end as a user does."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping

from support import COMMAND, UNIT


def run(
    *arguments: str, stdin: str = "", environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command with its standard input, and with some more variables of the environment."""
    return subprocess.run(
        [*COMMAND, *arguments],
        check=False,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=30 * UNIT,
        env=os.environ | dict(environment or {}),
    )


def done(*arguments: str, stdin: str = "", environment: Mapping[str, str] | None = None) -> str:
    """Run a command that must succeed; return its output."""
    ended = run(*arguments, stdin=stdin, environment=environment)
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stderr
    return ended.stdout
