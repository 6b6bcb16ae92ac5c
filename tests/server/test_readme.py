"""The commands of the README work as pasted."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
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


def made_by(target: str) -> str:
    """Return the commands that `make TARGET` runs in a fresh clone."""
    return subprocess.run(
        ["make", "--dry-run", "--always-make", target],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def test_make_run_says_what_it_installs_and_needs_no_go() -> None:
    """Each step of `make run` has a line with its time; grpcurl is a step of `make tools` alone."""
    run_commands = made_by("run")
    assert "installing the server and its packages" in run_commands
    assert "go install" not in run_commands
    assert "group dev" not in run_commands
    tools = made_by("tools")
    assert "grpcurl" in tools
    assert "pip" not in tools


def test_a_step_of_make_has_one_line(tmp_path: Path) -> None:
    """A step prints what it does and its seconds; one that fails ends make with its message."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (step,) = re.findall(r"^step = (?:.*\\\n)*.*", makefile, re.MULTILINE)
    rules = "good:\n\t$(call step,doing good,true)\nbad:\n\t$(call step,doing bad,ls /none)\n"
    (tmp_path / "Makefile").write_text(f"{step}\n{rules}", encoding="utf-8")
    # The tests may be started by make, whose variables make this one a part of it.
    environment = {name: each for name, each in os.environ.items() if not name.startswith("MAKE")}
    good, bad = (
        subprocess.run(
            ["make", name],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        for name in ("good", "bad")
    )
    assert re.fullmatch(r"make: doing good \.\.\. \d s\n", good.stdout), good.stderr
    assert (good.returncode, bool(bad.returncode)) == (0, True)
    assert bad.stdout == "make: doing bad ... "
    assert re.search(r"/none.*\nfailed\n", bad.stderr)
