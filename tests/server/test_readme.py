"""The commands of the README work as pasted."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from peers.tools import installed, run
from support import COMMAND, Recorder, eventually, serving

ROOT = Path(__file__).parents[2]

MESSAGES = ["hello", "hello, everyone", "hello from grpcurl", "hi"]
"""The messages that the session sends to alice, or to everyone."""


def session() -> list[str]:
    """Return the commands of the section "A session"; one may have several lines."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.split("## A session")[1].split("\n## ")[0]
    commands: list[str] = []
    for line in section.splitlines():
        if line.startswith("    $ "):
            commands.append(line[6:])
        elif commands and _continues(commands[-1]):
            commands[-1] += f"\n{line}"
    return commands


def _continues(command: str) -> bool:
    return command.endswith(("\\", "|")) or command.count("(") > command.count(")")


def pasted(command: str, port: int) -> str:
    """Return a command for a server on another port; what never ends gets a limit of time."""
    own = shlex.join(COMMAND)
    for written, here in (
        ("localhost:50051", f"localhost:{port}"),
        (".venv/bin/chat-grpc tail", f"timeout 5 {own} tail"),
        (".venv/bin/chat-grpc", own),
        (".tools/bin/grpcurl", shlex.quote(str(installed("bin/grpcurl")))),
    ):
        command = command.replace(written, here)
    return command


def test_the_session_is_read() -> None:
    """The section has commands of each kind, and none is cut."""
    commands = session()
    assert len(commands) >= 10
    assert sum("grpcurl" in command for command in commands) >= 5
    assert not any(_continues(command) for command in commands)


@pytest.mark.usefixtures("state")
@pytest.mark.timeout(180)
async def test_the_session_works_as_pasted() -> None:
    """In a terminal where alice is connected, each command does what the text around it says."""
    with serving("--data", ":memory:") as process:
        async with Recorder(process.port, name="alice") as alice:
            commands = [each for each in session() if not re.match(r"make|\S+ connect", each)]
            script = ["set -o pipefail", f"export CHAT_GRPC_SERVER=localhost:{process.port}"]
            script += [f"{pasted(each, process.port)}\necho == $?" for each in commands]
            status, output = await run("bash", "-c", "\n".join(script), within=120)
            assert status == 0
            await eventually(lambda: alice.texts == MESSAGES)
    statuses = re.findall(r"^== (\d+)$", output, re.MULTILINE)
    for command, ended in zip(commands, statuses, strict=True):
        endless = " tail " in command or "-max-time" in command
        assert (ended != "0") == endless, f"{command}\n{output}"
    for shown in ("is a method:\nrpc SendTo", '"name": "alice"', "recipient_stream_count"):
        assert shown in output
    assert "DeadlineExceeded" in output
    assert output.count('"text": "hello, everyone"') == 1
