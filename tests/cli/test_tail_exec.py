"""`tail --exec`: a command for each event, as a bot."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cli.terminal import run, write
from support import COMMAND, UNIT, Process, free_port, serving, wait_for


@pytest.fixture(scope="module")
def process(shared_process: Process) -> Process:
    """One server for all tests."""
    return shared_process


RECORDS = f"""#!{sys.executable}
import json, os, sys
found = {{k[10:]: v for k, v in os.environ.items() if k.startswith("CHAT_GRPC_")}}
with open("records", "a") as out:
    print(json.dumps([sys.argv[1:], json.load(sys.stdin), found]), file=out)
"""


def script(folder: Path, text: str, name: str = "bot") -> Path:
    """Write a program that can be executed; `sh` runs it unless it names another interpreter."""
    path = folder / name
    path.write_text(text if text.startswith("#!") else f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def head(process: Process, name: str) -> str:
    """Sign a user in; return the sequence of the message that did it."""
    sent = run(process, "send", "--name", name, "--json", "here I am")
    return str(json.loads(sent.stdout)["sequence"])


def handle(
    process: Process, name: str, command: str, since: str, *options: str, folder: Path
) -> subprocess.CompletedProcess[str]:
    """Run a command for the events up to now."""
    words = [*COMMAND, "tail", "--server", f"127.0.0.1:{process.port}", "--name", name]
    return subprocess.run(
        [*words, "--since", since, "--until-now", "--exec", command, *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60 * UNIT,
        check=False,
    )


@contextmanager
def bot(
    process: Process, name: str, command: str, *options: str
) -> Iterator[subprocess.Popen[str]]:
    """Run a bot in the background until the end of the block."""
    words = [*COMMAND, "tail", "--server", f"127.0.0.1:{process.port}", "--name", name]
    started = subprocess.Popen(
        [*words, "--exec", command, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def answers(process: Process, name: str, to: str = "#lobby") -> list[tuple[str, str]]:
    """Return the replies of a user in a conversation: text, and sequence of the message."""
    shown = run(process, "history", "--name", name, "--to", to, "--json").stdout.splitlines()
    found = [json.loads(line)["message"] for line in shown]
    return [
        (m["text"], m["replyTo"]) for m in found if m["author"]["name"] == name and "replyTo" in m
    ]


HOSTILE = "$(touch pwned) `touch pwned`; touch pwned\n\"'\\ & | > pwned 🎉"


def test_the_event_is_data(process: Process, tmp_path: Path) -> None:
    """The command gets JSON and variables; a hostile text is run by nothing, and is unchanged."""
    begin = head(process, "ada")
    script(tmp_path, RECORDS)
    write(process, "bea", HOSTILE)
    write(process, "bea", "for @ada", "--to", "ada")
    ended = handle(process, "ada", "./bot 'one word' $HOME *", begin, folder=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert not (tmp_path / "pwned").exists()
    records = [json.loads(line) for line in (tmp_path / "records").read_text().splitlines()]
    arguments, event, variables = records[0]
    assert arguments == ["one word", "$HOME", "*"]
    assert event["message"]["text"] == variables["TEXT"] == HOSTILE
    assert variables["EVENT"] == "message"
    assert variables["AUTHOR"] == "bea"
    assert variables["AUTHOR_NUMBER"] == str(event["message"]["author"]["number"])
    assert variables["SEQUENCE"] == event["sequence"]
    assert variables["TIME"] == event["time"]
    assert variables["CONVERSATION"] == "#lobby"
    assert variables["MENTION"] == variables["EMOJI"] == ""
    assert (variables["NAME"], variables["SERVER"]) == ("ada", f"127.0.0.1:{process.port}")
    direct = records[1][2]
    assert direct["CONVERSATION"] == f"@{direct['AUTHOR_NUMBER']}"
    assert direct["MENTION"] == "1"


def test_other_kinds(process: Process, tmp_path: Path) -> None:
    """`--only` hands over other kinds of events, each with its variables."""
    begin = head(process, "cleo")
    script(tmp_path, RECORDS)
    sequence, other = head(process, "dora"), head(process, "dora")
    for words in (
        ["edit", sequence, "second"],
        ["react", sequence, "eyes"],
        ["delete", other],
        ["create", "cave"],
        ["invite", "cave", "cleo"],
    ):
        assert run(process, *words, "--name", "dora").returncode == 0
    only = [f"--only={kind}" for kind in ("edited", "reaction", "deleted", "room_change")]
    handle(process, "cleo", "./bot", begin, *only, folder=tmp_path)
    found = [json.loads(line)[2] for line in (tmp_path / "records").read_text().splitlines()]
    assert [(each["EVENT"], each["TARGET_SEQUENCE"], each["CHANGE"]) for each in found] == [
        ("edited", sequence, ""),
        ("reaction", sequence, "added"),
        ("deleted", other, ""),
        ("room_change", "", "invited"),
    ]
    assert (found[0]["TEXT"], found[1]["EMOJI"]) == ("second", "👀")
    assert found[3]["CONVERSATION"] == "#cave"


def test_answers(process: Process, tmp_path: Path) -> None:
    """`--answer` replies where the event happened; own messages and empty outputs are no answer."""
    begin = head(process, "echo")
    script(tmp_path, 'case $CHAT_GRPC_TEXT in quiet) ;; *) echo "$CHAT_GRPC_TEXT!"; echo ;; esac')
    run(process, "create", "--name", "finn", "hall")
    run(process, "join", "--name", "echo", "hall")
    for to in ("#lobby", "#hall", "echo"):
        write(process, "finn", "quiet", "--to", to)
        write(process, "finn", f"to {to}", "--to", to)
    ended = handle(process, "echo", "./bot", begin, "--answer", folder=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    for to, where in (("#lobby", "#lobby"), ("#hall", "#hall"), ("echo", "finn")):
        [(text, sequence)] = answers(process, "echo", where)
        assert text == f"to {to}!"
        [line] = [line for line in history(process, "finn", to) if line.endswith(f"│ to {to}")]
        assert line.split()[0] == sequence


def history(process: Process, name: str, to: str) -> list[str]:
    """Return the lines of a conversation."""
    return run(process, "history", "--name", name, "--to", to).stdout.splitlines()


def test_a_deleted_message(process: Process, tmp_path: Path) -> None:
    """A message that was deleted meanwhile runs nothing: it has no text any more."""
    begin = head(process, "flo")
    script(tmp_path, RECORDS)
    assert run(process, "delete", "--name", "gil", head(process, "gil")).returncode == 0
    write(process, "gil", "this one stays")
    handle(process, "flo", "./bot", begin, folder=tmp_path)
    [record] = (tmp_path / "records").read_text().splitlines()
    assert json.loads(record)[2]["TEXT"] == "this one stays"


def test_failures_are_reported(process: Process, tmp_path: Path) -> None:
    """A command that fails is reported, answers nothing, and does not end `tail`."""
    begin = head(process, "gus")
    script(
        tmp_path,
        "echo output; case $CHAT_GRPC_TEXT in bad) exit 3 ;; killed) kill -9 $$ ;;"
        " realtime) kill -40 $$ ;; slow) sleep 60 ;; gone) rm bot ;;"
        " long) head -c 20000 /dev/zero | tr '\\0' x ;; esac",
    )
    for text in ("bad", "killed", "realtime", "slow", "good", "long", "gone", "last"):
        write(process, "hugo", text)
    options = ("--answer", "--timeout", "1.5")
    ended = handle(process, "gus", "./bot", begin, *options, folder=tmp_path)
    assert ended.returncode == 0
    errors = [line.rpartition(" for event ")[0] or line for line in ended.stderr.splitlines()]
    assert errors[:4] == [
        "chat-grpc: ./bot ended with status 3",
        "chat-grpc: ./bot was ended by SIGKILL",
        "chat-grpc: ./bot was ended by signal 40",
        "chat-grpc: ./bot was ended after 1.5 seconds",
    ]
    assert "was not sent: The text has 20007 bytes" in errors[4]
    assert errors[5:] == ["chat-grpc: ./bot cannot be started: No such file or directory"]
    assert [text for text, _ in answers(process, "gus")] == ["output", "output"]


def test_what_a_command_leaves_behind(process: Process, tmp_path: Path) -> None:
    """A process that the command left, and that holds its output open, ends with the timeout."""
    begin = head(process, "gwen")
    write(process, "hedy", "go")
    script(tmp_path, "echo started; sleep 300 & echo $! > pid")
    options = ("--answer", "--timeout", "1.5")
    ended = handle(process, "gwen", "./bot", begin, *options, folder=tmp_path)
    assert ended.returncode == 0
    assert "was ended after 1.5 seconds" in ended.stderr
    wait_for(lambda: not alive(int((tmp_path / "pid").read_text())), 10)


def test_a_command_that_reads_nothing(process: Process, tmp_path: Path) -> None:
    """A command need not read its input, and its output is that of `tail` without `--answer`."""
    begin = head(process, "ines")
    write(process, "jo", "x" * 16000)
    script(tmp_path, "exec <&-; echo done")
    ended = handle(process, "ines", "./bot", begin, folder=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "done\n", "")


def test_the_command_acts_as_the_same_user(process: Process, tmp_path: Path) -> None:
    """`chat-grpc send` in the command needs no option: the environment has server and user."""
    begin = head(process, "kai")
    write(process, "lou", "ping", "--to", "kai")
    send = f'{COMMAND[0]} -m chat_grpc send --to "$CHAT_GRPC_CONVERSATION" pong'
    script(tmp_path, send)
    ended = handle(process, "kai", "./bot", begin, folder=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert history(process, "lou", "kai")[-1].endswith("kai → you │ pong")


def test_a_bot_survives_restarts(process: Process, tmp_path: Path) -> None:
    """With `--place` each message is answered once, also those from while the bot was killed."""
    path = script(tmp_path, 'echo "answer to $CHAT_GRPC_TEXT"')
    place = ("--answer", "--place", str(tmp_path / "place"))
    expected = []
    for round_ in range(3):
        with bot(process, "max", str(path), *place):
            text = f"round {round_}"
            wait_for(lambda: (tmp_path / "place").exists(), 20)
            write(process, "nina", text)
            expected.append(f"answer to {text}")
            wait_for(lambda: [a for a, _ in answers(process, "max")] == expected, 20)
        write(process, "nina", f"away {round_}")
        expected.append(f"answer to away {round_}")
    with bot(process, "max", str(path), *place):
        wait_for(lambda: [a for a, _ in answers(process, "max")] == expected, 20)


@pytest.mark.usefixtures("state")
def test_a_bot_survives_a_crash_of_the_server(tmp_path: Path) -> None:
    """The bot reconnects by itself, and answers each message once."""
    path = script(tmp_path, 'echo "answer to $CHAT_GRPC_TEXT"')
    options = (str(path), "--answer", "--place", str(tmp_path / "place"))
    data, port = ("--data", str(tmp_path / "data")), free_port()
    with serving(*data, port=port) as first, bot(first, "otis", *options):
        wait_for((tmp_path / "place").exists, 20)
        write(first, "nora", "before")
        wait_for(lambda: len(answers(first, "otis")) == 1, 20)
        first.signal(signal.SIGKILL)
        first.wait()
        with serving(*data, port=port) as second:
            write(second, "nora", "after")
            wait_for(lambda: len(answers(second, "otis")) == 2, 30)
            texts = [text for text, _ in answers(second, "otis")]
    assert texts == ["answer to before", "answer to after"]


def test_a_repeated_event_is_answered_once(process: Process, tmp_path: Path) -> None:
    """After a crash the command may run again, with another output; the first answer stays."""
    path = script(tmp_path, "echo run >> runs; wc -l < runs")
    options = ("--answer", "--place", str(tmp_path / "place"))
    begin = head(process, "olga")
    assert handle(process, "olga", str(path), begin, *options, folder=tmp_path).returncode == 0
    shutil.copy(tmp_path / "place", tmp_path / "before")
    write(process, "pete", "count")
    for _ in range(2):
        ended = handle(process, "olga", str(path), begin, *options, folder=tmp_path)
        assert (ended.returncode, ended.stderr) == (0, "")
        shutil.copy(tmp_path / "before", tmp_path / "place")
    assert (tmp_path / "runs").read_text().count("run") == 2
    assert [text.strip() for text, _ in answers(process, "olga")] == ["1"]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_the_end_of_tail_ends_the_command(
    process: Process, tmp_path: Path, stop: signal.Signals
) -> None:
    """A signal for `tail` also ends the command that runs, and what that has started."""
    path = script(
        tmp_path, f"sleep 300 & echo $! > {tmp_path}/pid.part; cd {tmp_path}; mv pid.part pid; wait"
    )
    name = f"quin-{stop}"
    with bot(process, name, str(path), "--place", str(tmp_path / "place")) as running:
        wait_for(lambda: (tmp_path / "place").exists(), 20)
        write(process, "ruth", "go")
        wait_for(lambda: (tmp_path / "pid").exists(), 20)
        running.send_signal(stop)
        assert running.wait(20 * UNIT) == 128 + stop
    child = int((tmp_path / "pid").read_text())
    wait_for(lambda: not alive(child), 10)


def alive(pid: int) -> bool:
    """Return True if a process runs; one that has ended, and is not collected, does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize(
    ("words", "cure"),
    [
        (["--exec", ""], "The command is empty"),
        (["--exec", "'unclosed"], "cannot be split into words"),
        (["--exec", "./nosuch"], "no program './nosuch'"),
        (["--exec", "true", "--json"], "always gets JSON"),
        (["--answer"], "--answer needs --exec"),
        (["--exec", "true", "--answer", "--only", "presence"], "not presence"),
        (["--exec", "true", "--timeout", "0"], "--timeout"),
    ],
    ids=" ".join,
)
def test_wrong_usage(words: list[str], cure: str) -> None:
    """Wrong options end with status 2 and the cure, before a server is asked."""
    ended = run(1, "tail", *words)
    assert ended.returncode == 2
    assert cure in " ".join(ended.stderr.split())
