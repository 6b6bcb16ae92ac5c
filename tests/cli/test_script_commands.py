"""The writing commands for scripts: send, reply, edit, delete, react, and those of rooms."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cli.terminal import run, write
from support import Process, free_port


@pytest.fixture(scope="module")
def process(shared_process: Process) -> Process:
    """One server for all tests."""
    return shared_process


def objects(process: Process, *arguments: str, given: str | None = None) -> list[dict[str, Any]]:
    """Run a command that must succeed; return the objects that it prints."""
    ended = run(process, *arguments, "--json", given=given)
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


def quiet(process: Process, *arguments: str) -> None:
    """Run a command that must succeed and print nothing."""
    ended = run(process, *arguments)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def refused(process: Process | int, status: int, *arguments: str) -> str:
    """Run a command that must end with a status and one sentence; return the sentence."""
    ended = run(process, *arguments)
    assert ended.returncode == status, (ended.args, ended.stderr)
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    return ended.stderr


def history(process: Process, name: str, to: str) -> dict[str, dict[str, Any]]:
    """Return the messages of a conversation by their sequences."""
    found = objects(process, "history", "--name", name, "--to", to)
    return {each["sequence"]: each for each in found}


def test_words_are_one_message(process: Process) -> None:
    """`send hi there` joins its words; the answer names the stored message."""
    [sent] = objects(process, "send", "--name", "amy", "hi", "there")
    assert set(sent) == {"requestId", "sequence"}
    assert history(process, "amy", "#lobby")[sent["sequence"]]["message"]["text"] == "hi there"


def test_a_request_id_is_stored_once(process: Process) -> None:
    """A repeated command under its request id changes nothing; another text is refused."""
    words = ["send", "--name", "ben", "--request-id", "job 7", "done"]
    [first], [second] = objects(process, *words), objects(process, *words)
    assert first == {"requestId": "job 7", "sequence": first["sequence"]}
    assert second == first | {"duplicate": True}
    assert "request_id" in refused(process, 3, *words, "again")


def test_lines_have_request_ids(process: Process) -> None:
    """The lines of a repeated input are stored once each, and new lines are added."""
    words = ["send", "--name", "cas", "--request-id", "log", "-"]
    first = objects(process, *words, given="one\n\ntwo\n")
    second = objects(process, *words, given="one\n\ntwo\nthree\n")
    assert [each["requestId"] for each in second] == ["log-1", "log-3", "log-4"]
    assert [each.get("duplicate", False) for each in second] == [True, True, False]
    assert [each["sequence"] for each in second[:2]] == [each["sequence"] for each in first]


@pytest.mark.parametrize(
    "words",
    [
        ["send", "--request-id", "", "x"],
        ["send", "--request-id", "x" * 65, "x"],
        ["send", "--request-id", "x" * 51, "-"],
        ["send", "--request-id", "ü", "x"],
        ["send", "--reply-to", "-1", "x"],
        ["send"],
        ["reply", "5"],
        ["reply", "0", "x"],
        ["reply", "x", "x"],
        ["edit", "5", ""],
        ["edit", "9" * 19, "x"],
        ["delete", "x"],
        ["react", "5", "nosuch"],
        ["role", "lobby", "ben", "king"],
        ["delete-room", "ops"],
        ["create", "a room"],
        ["invite", "ops"],
    ],
    ids=" ".join,
)
def test_wrong_usage(process: Process, words: list[str]) -> None:
    """Wrong arguments end with status 2, and change nothing."""
    refused(process, 2, *words, "--name", "ulf")


def test_replies(process: Process) -> None:
    """`reply` goes to the conversation of the message, in any kind of conversation."""
    write(process, "eve", "here I am")
    write(process, "dan", "hello, eve", "--to", "eve")
    objects(process, "create", "--name", "dan", "replies")
    for target in ("#lobby", "#replies", "eve"):
        [sent] = objects(process, "send", "--name", "dan", "--to", target, "a question")
        quiet(process, "join", "--name", "eve", "replies")
        [answer] = objects(process, "reply", "--name", "eve", sent["sequence"], "my", "answer")
        found = history(process, "dan", target)[answer["sequence"]]["message"]
        assert (found["text"], found["replyTo"]) == ("my answer", sent["sequence"])
    assert "99999" in refused(process, 4, "reply", "--name", "eve", "99999", "x")


def test_a_reply_elsewhere(process: Process) -> None:
    """`--reply-to` of `send` and `--to` of `reply` name the conversation of the answer."""
    [sent] = objects(process, "send", "--name", "dov", "a question")
    write(process, "eli", "here I am")
    for words in (["send", "--reply-to", sent["sequence"]], ["reply", sent["sequence"]]):
        [answer] = objects(process, *words, "--name", "dov", "--to", "eli", "between us")
        found = history(process, "eli", "dov")[answer["sequence"]]["message"]
        assert found["replyTo"] == sent["sequence"]


def test_changes_of_a_message(process: Process) -> None:
    """`edit`, `react` and `delete` change a message, silently or with a Sent as JSON."""
    [sent] = objects(process, "send", "--name", "fay", "first")
    sequence = sent["sequence"]
    edit = ["edit", "--name", "fay", "--request-id", "e1", sequence, "second", "text"]
    [first], [second] = objects(process, *edit), objects(process, *edit)
    assert second == first | {"duplicate": True}
    quiet(process, "react", "--name", "fay", sequence, "thumbs_up")
    quiet(process, "react", "--name", "gil", sequence, "🎉")
    found = history(process, "fay", "#lobby")[sequence]
    assert found["message"]["text"] == "second text"
    assert {each["emoji"] for each in found["reactions"]} == {"👍", "🎉"}
    quiet(process, "react", "--name", "fay", "--remove", sequence, "thumbs_up")
    [left] = history(process, "fay", "#lobby")[sequence]["reactions"]
    assert left["emoji"] == "🎉"
    refused(process, 3, "edit", "--name", "gil", sequence, "mine")
    refused(process, 3, "delete", "--name", "gil", sequence)
    quiet(process, "delete", "--name", "fay", sequence)
    assert history(process, "fay", "#lobby")[sequence]["deleted"]
    for words in (["edit", "99999", "x"], ["delete", "99999"], ["react", "99999", "tada"]):
        refused(process, 4, *words, "--name", "fay")


def test_a_room_from_a_script(process: Process) -> None:
    """A script can create a room, invite, set roles and the topic, list members, and delete it."""
    write(process, "hal", "here I am")
    write(process, "ivy", "here I am")
    made = objects(process, "create", "--name", "kim", "--private", "plans", "of", "next", "week")
    [room] = made
    assert (room["name"], room["topic"], room["inviteOnly"]) == ("plans", "of next week", True)
    refused(process, 3, "create", "--name", "kim", "plans")
    refused(process, 4, "join", "--name", "hal", "plans")
    quiet(process, "invite", "--name", "kim", "#plans", "hal", "@ivy")
    refused(process, 4, "invite", "--name", "kim", "plans", "nobody")
    [joined] = objects(process, "join", "--name", "hal", "plans")
    assert joined["myRole"] == "ROOM_ROLE_MEMBER"
    quiet(process, "role", "--name", "kim", "plans", "hal", "Moderator")
    found = objects(process, "members", "--name", "hal", "plans")
    roles = {each["user"]["name"]: each["role"] for each in found}
    assert roles == {"kim": "ROOM_ROLE_OWNER", "hal": "ROOM_ROLE_MODERATOR"}
    assert "hal (you)  moderator" in run(process, "members", "--name", "hal", "plans").stdout
    quiet(process, "topic", "--name", "hal", "plans", "this", "week")
    assert run(process, "topic", "--name", "kim", "#plans").stdout == "this week\n"
    quiet(process, "role", "--name", "kim", "plans", "hal", "none")
    refused(process, 4, "members", "--name", "hal", "plans")
    refused(process, 4, "topic", "--name", "hal", "plans")
    refused(process, 3, "leave", "--name", "kim", "plans")
    quiet(process, "delete-room", "--name", "kim", "--yes", "plans")
    refused(process, 4, "members", "--name", "kim", "plans")


def test_a_name_that_is_a_room(process: Process) -> None:
    """Reading commands find a room without `#`; `send` names the room, and sends nothing."""
    objects(process, "create", "--name", "lea", "kitchen")
    write(process, "lea", "the soup is ready", "--to", "#kitchen")
    for words in (["history"], ["search", "soup"], ["tail", "--since", "0", "--until-now"]):
        shown = run(process, *words, "--name", "lea", "--to", "Kitchen")
        assert shown.stdout.splitlines()[-1].endswith("lea │ the soup is ready"), shown
        error = refused(process, 4, *words, "--name", "lea", "--to", "cellar")
        assert error == (
            "chat-grpc: There is no user and no room cellar; `chat-grpc rooms` lists the rooms.\n"
        )
        refused(process, 4, *words, "--name", "lea", "--to", "@kitchen")
    error = refused(process, 4, "send", "--name", "lea", "--to", "kitchen", "a secret")
    assert error == "chat-grpc: There is no user kitchen; the room is --to '#kitchen'.\n"
    assert len(history(process, "lea", "kitchen")) == 1


def test_the_name_of_a_user_and_a_room(process: Process) -> None:
    """A plain name is the user's if there is one; `#` names the room."""
    write(process, "mia", "here I am")
    write(process, "ned", "to the person", "--to", "mia")
    objects(process, "create", "--name", "ned", "mia")
    write(process, "ned", "to the room", "--to", "#mia")
    for word, text in (("mia", "to the person"), ("#mia", "to the room")):
        assert [m["message"]["text"] for m in history(process, "ned", word).values()] == [text]


def test_tail_of_a_conversation(process: Process) -> None:
    """`tail --to` prints the messages, edits, deletions, reactions and changes of one room."""
    write(process, "pia", "here I am")
    objects(process, "create", "--name", "otto", "shed")
    sequences = {}
    for target in ("#lobby", "#shed", "pia"):
        [sent] = objects(process, "send", "--name", "otto", "--to", target, f"to {target}")
        sequences[target] = sent["sequence"]
        quiet(process, "react", "--name", "otto", sent["sequence"], "eyes")
        quiet(process, "edit", "--name", "otto", sent["sequence"], f"edited in {target}")
        quiet(process, "delete", "--name", "otto", sent["sequence"])
    begin = str(int(sequences["#lobby"]) - 2)
    for target, sequence in sequences.items():
        tail = ["tail", "--name", "otto", "--to", target, "--until-now", "--since"]
        first = {"#shed": ["roomChange"]}.get(target, [])
        expected = [*first, "message", "reaction", "edited", "deleted"]
        assert kinds(objects(process, *tail, begin)) == expected
        # Without the message itself, the server is asked for its conversation.
        assert kinds(objects(process, *tail, sequence)) == ["reaction", "edited", "deleted"]
    shown = run(process, "tail", "--name", "otto", "--to", "shed", "--until-now", "--since", begin)
    assert "#shed otto │" not in shown.stdout


def kinds(events: list[dict[str, Any]]) -> list[str]:
    """Return the kinds of the stored events."""
    stream = {"welcome", "caughtUp", "heartbeat"}
    return [kind for each in events for kind in each.keys() - {"sequence", "time"} - stream]


def test_tail_of_kinds_and_mentions(process: Process) -> None:
    """`--only` chooses kinds of events; `--mentions` chooses messages to the user."""
    write(process, "rob", "here I am")
    [sent] = objects(process, "send", "--name", "sam", "nothing for anyone")
    write(process, "sam", "hey @rob")
    write(process, "sam", "psst", "--to", "rob")
    quiet(process, "react", "--name", "sam", sent["sequence"], "eyes")
    tail = ["tail", "--name", "rob", "--until-now", "--since", str(int(sent["sequence"]) - 1)]
    assert kinds(objects(process, *tail)) == ["message", "message", "message", "reaction"]
    assert kinds(objects(process, *tail, "--only", "reaction")) == ["reaction"]
    found = objects(process, *tail, "--mentions")
    texts = [each["message"]["text"] for each in found if "message" in each]
    assert texts == ["hey @rob", "psst"]
    refused(process, 2, *tail, "--only", "nonsense")


@pytest.mark.usefixtures("state")
def test_no_server() -> None:
    """Each of the commands ends with status 5 if no server answers."""
    port = free_port()
    for words in (
        ["reply", "1", "x"],
        ["edit", "1", "x"],
        ["delete", "1"],
        ["react", "1", "tada"],
        ["create", "x"],
        ["topic", "x"],
        ["members", "x"],
        ["invite", "x", "y"],
        ["role", "x", "y", "owner"],
        ["delete-room", "--yes", "x"],
    ):
        refused(port, 5, *words, "--name", "tim")
