"""The examples of docs/scripts.md run as they are written."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from chat_grpc_cli.event_variables import variables
from chat_grpc_cli.exit_status import MEANINGS
from cli.terminal import run, write
from peers.tools import installed
from support import UNIT, Process, serving, wait_for

from chat_grpc.v1 import chat_pb2

PAGE = (Path(__file__).parents[2] / "docs" / "scripts.md").read_text(encoding="utf-8")

EXAMPLES = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)

MAKE = """#!/bin/sh
echo "cc -c chat.c"
echo "ld chat.o"
"""
"""Stands for a build."""

MAIL = """#!/bin/sh
cat > mail
"""
"""Stands for a program that sends mail."""


@dataclass
class World:
    """A server with the users and rooms of the examples, and a folder with their programs."""

    process: Process
    folder: Path

    def environment(self) -> dict[str, str]:
        """Return the environment of a user who runs the examples."""
        path = f"{self.folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        server = {"CHAT_GRPC_SERVER": f"127.0.0.1:{self.process.port}", "CHAT_GRPC_NAME": "carol"}
        return os.environ | server | {"PATH": path}

    def run(self, text: str) -> str:
        """Run an example, each line of which must succeed; return its output."""
        ended = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", text],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=60 * UNIT,
            check=False,
        )
        assert (ended.returncode, ended.stderr) == (0, ""), (text, ended.stderr)
        return ended.stdout

    @contextmanager
    def running(self, text: str) -> Iterator[None]:
        """Run an example that does not end until the end of the block."""
        words = ["bash", "-c", text]
        with subprocess.Popen(
            words, cwd=self.folder, env=self.environment(), start_new_session=True
        ) as started:
            try:
                yield
            finally:
                os.killpg(started.pid, signal.SIGTERM)

    def texts(self, name: str, to: str) -> list[str]:
        """Return the texts of a conversation."""
        shown = run(self.process, "history", "--name", name, "--to", to, "--json").stdout
        return [json.loads(line)["message"].get("text", "") for line in shown.splitlines()]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Start a server for the examples."""
    monkeypatch.setenv("CHAT_GRPC_STATE", str(tmp_path / "state"))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "jq").symlink_to(installed("bin/jq"))
    for name, text in (("make", MAKE), ("mail", MAIL)):
        (tmp_path / "bin" / name).write_text(text)
        (tmp_path / "bin" / name).chmod(0o755)
    with serving("--data", ":memory:") as process:
        made = World(process, tmp_path)
        for name in ("alice", "bob"):
            write(process, name, "here I am")
        for name, room in (("build", "builds"), ("carol", "ops")):
            assert run(process, "create", "--name", name, room).returncode == 0
        yield made


def example(beginning: str) -> str:
    """Return the only example with a text."""
    [found] = [text for text in EXAMPLES if beginning in text]
    return str(found)


def sequence_of(world: World, name: str) -> str:
    """Send a message; return its sequence."""
    sent = run(world.process, "send", "--name", name, "--json", "a message")
    return str(json.loads(sent.stdout)["sequence"])


def test_examples_that_end(world: World) -> None:
    """The commands of the examples end with status 0, and print no error."""
    first = world.run(example("--since 1h --until-now"))
    assert "build 17 failed" in first
    assert "cc -c chat.c" in world.texts("bob", "#lobby")
    other, own = sequence_of(world, "bob"), sequence_of(world, "carol")
    messages = example("chat-grpc reply 17").replace(" 17", f" {other}").replace(" 18", f" {own}")
    world.run(messages)
    assert "I look at it" in world.texts("bob", "#lobby")
    assert world.texts("bob", "carol") == ["hello, bob", "hello, number 2"]
    repeated = example("until chat-grpc send")
    for _ in range(2):
        world.run(repeated)
    assert sum("backup of" in text for text in world.texts("bob", "#lobby")) == 1
    world.run(example("chat-grpc create --name build builds").replace("builds", "nightly"))
    world.run(example("chat-grpc edit --name build"))
    assert "build done" in world.texts("bob", "#lobby")
    digest = example("mail -s")
    world.run(digest)
    write(world.process, "bob", "news")
    world.run(digest)
    assert "news" in (world.folder / "mail").read_text()


def test_the_archive(world: World) -> None:
    """The archive has each message once, also those from while it did not run."""
    archive, file = example("messages.txt"), world.folder / "messages.txt"

    def kept(text: str) -> bool:
        return file.exists() and text in file.read_text()

    for number in range(2):
        write(world.process, "bob", f"away {number}")
        with world.running(archive):
            wait_for(partial(kept, f"away {number}"), 20)
            write(world.process, "bob", f"live {number}")
            wait_for(partial(kept, f"live {number}"), 20)
    texts = [line.split("\t")[2] for line in file.read_text().splitlines()]
    said = [text for text in texts if text != "here I am"]
    assert said == ["away 0", "live 0", "away 1", "live 1"]


def test_the_bot(world: World) -> None:
    """The bot of the page answers a mention and a direct message, also after a restart."""
    (world.folder / "bot.sh").write_text(example("#!/bin/sh\ncase"))
    start, place = example("chmod +x bot.sh"), world.folder / "watchbot.place"
    with world.running(start):
        wait_for(place.exists, 20)
        write(world.process, "bob", "what about the disk?")
        write(world.process, "bob", "@watchbot help")
        wait_for(lambda: "I know: disk" in world.texts("bob", "#lobby"), 20)
        write(world.process, "bob", "disk?", "--to", "watchbot")
        wait_for(lambda: "Filesystem" in world.texts("bob", "watchbot")[-1], 20)
    write(world.process, "bob", "help", "--to", "watchbot")
    with world.running(start):
        wait_for(lambda: world.texts("bob", "watchbot")[-1] == "I know: disk", 20)
    assert not [text for text in world.texts("bob", "#lobby") if "Filesystem" in text]


def test_every_example_is_run() -> None:
    """No example of the page is left out above."""
    known = (
        *("--since 1h --until-now", "reply 17", "until chat-grpc", "create --name build"),
        *("edit --name build", "mail -s", "messages.txt", "#!/bin/sh\ncase", "chmod +x"),
    )
    left = [text for text in EXAMPLES if not any(each in text for each in known)]
    assert left == []


def fields_of(name: str) -> set[str]:
    """Return the JSON names of the fields of a message, and of the messages in it."""
    fields = chat_pb2.DESCRIPTOR.message_types_by_name[name].fields
    inner = {f.json_name for each in fields if each.message_type for f in each.message_type.fields}
    return {each.json_name for each in fields} | inner


def test_the_documented_fields_exist() -> None:
    """The table of JSON has the names of the contract, as protobuf's JSON form spells them."""
    table = PAGE.partition("\n## JSON\n")[2].partition("\n- ")[0].splitlines()[6:]
    rows = [row.split("|") for row in table if row]
    assert len(rows) == 7
    for row in rows:
        [message] = re.findall(r"`(\w+)`", row[2])
        assert set(re.findall(r"`(\w+)`", row[3])) <= fields_of(message)


def test_every_variable_is_documented() -> None:
    """The page names each variable that the command of `tail --exec` gets."""
    for name in variables(chat_pb2.Event(), 1):
        assert f"`{name}`" in PAGE


def test_every_exit_status_is_documented() -> None:
    """The table of exit statuses has each status of the commands."""
    table = PAGE.partition("## Exit statuses")[2]
    for status in MEANINGS:
        assert re.search(rf"^\|[^|]*\b{status}\b", table, re.MULTILINE), status
