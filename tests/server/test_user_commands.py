"""The command `user` on the server's own machine, and the accounts of the terminal client."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
from commands import done, run
from server.accounts import OTHER, PASSWORD
from support import COMMAND, UNIT, Process, serving, store_of, wait_for

from chat_grpc.journal.check import check
from chat_grpc.local_socket import SOCKET

pytestmark = pytest.mark.usefixtures("state")


@pytest.fixture(params=["running", "stopped"])
def data(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A data folder, with and without a running server. Its path is too long for a socket."""
    folder = tmp_path / ("long" * 30)
    if request.param == "stopped":
        yield str(folder)
    else:
        with serving("--data", str(folder)):
            yield str(folder)
    assert check(store_of(folder)) == []


def test_accounts_are_managed_with_and_without_a_server(data: str) -> None:
    """`user add|list|admin|password|remove` work alike whether the server runs or not."""
    secret = f"{PASSWORD}\n"
    assert "number 1" in done("user", "add", "--admin", "--data", data, "root", stdin=secret)
    assert "number 2" in done("user", "add", "--data", data, "alice", stdin=secret)
    assert done("user", "list", "--data", data).split("\n")[:3] == [
        "no.  name   role",
        "1    root   admin",
        "2    alice  -",
    ]
    given = done("user", "admin", "--data", data, "alice")
    assert given == "Gave alice the admin role.\n"
    assert "2    alice  admin" in done("user", "list", "--data", data)
    listed = done("user", "list", "--data", data, "--json").splitlines()
    assert json.loads(listed[1]) == {"number": 2, "name": "alice", "admin": True}
    taken = done("user", "admin", "--remove", "--data", data, "alice")
    assert taken == "Took the admin role from alice.\n"
    told = done("user", "password", "--data", data, "alice", stdin=f"{OTHER}\n")
    assert told == "Set the password of alice; all sessions ended.\n"
    assert done("user", "remove", "--data", data, "alice") == "Removed the account alice.\n"
    assert "alice" not in done("user", "list", "--data", data)
    again = run("user", "add", "--data", data, "ROOT", stdin=secret)
    assert (again.returncode, "belongs to an account" in again.stderr) == (3, True)
    short = run("user", "add", "--data", data, "bert", stdin="short\n")
    assert (short.returncode, "8 to 128 characters" in short.stderr) == (2, True)
    missing = run("user", "remove", "--data", data, "nobody")
    assert missing.returncode == 4


def test_invite_codes(data: str) -> None:
    """A code is printed once, listed without itself, and can be revoked."""
    code = done("user", "invite", "--uses", "2", "--data", data).strip()
    assert len(code.replace("-", "")) == 20
    listed = done("user", "invites", "--data", data)
    assert code not in listed
    [token_id] = [line.split()[0] for line in listed.splitlines()[1:]]
    assert "0 of 2" in listed
    as_json = json.loads(done("user", "invites", "--data", data, "--json"))
    assert (as_json["inviteId"], as_json["uses"]) == (token_id, 2)
    revoked = done("user", "revoke-invite", "--data", data, token_id)
    assert revoked == f"Revoked the invite code {token_id}.\n"
    assert len(done("user", "invites", "--data", data).splitlines()) == 1


def test_only_the_servers_user_can_open_the_socket(tmp_path: Path) -> None:
    """The socket has the mode 0600; one that a killed server left is replaced, and removed."""
    with serving("--data", str(tmp_path)) as process:
        socket = tmp_path / SOCKET
        assert stat.S_IMODE(socket.stat().st_mode) == 0o600
        assert stat.S_ISSOCK(socket.stat().st_mode)
        process.end()
    assert socket.exists()
    done("user", "add", "--data", str(tmp_path), "alice", stdin=f"{PASSWORD}\n")
    assert not socket.exists()
    with serving("--data", str(tmp_path)):
        assert "alice" in done("user", "list", "--data", str(tmp_path))


def test_the_first_start_says_how_to_make_an_admin(tmp_path: Path) -> None:
    """The hint is a command that works, and is gone once there is an admin."""
    with serving("--data", str(tmp_path)) as process:
        wait_for(lambda: "user add --admin" in process.log())
        done("user", "add", "--admin", "--data", str(tmp_path), "root", stdin=f"{PASSWORD}\n")
    with serving("--data", str(tmp_path)) as process:
        done("user", "list", "--data", str(tmp_path))
        assert "user add --admin" not in process.log()


def test_a_password_is_asked_for_without_echo(tmp_path: Path) -> None:
    """At a terminal the password is asked for twice, and never shown."""
    arguments = [*COMMAND[1:], "user", "add", "--data", str(tmp_path), "alice"]
    child = pexpect.spawn(COMMAND[0], arguments, timeout=20 * UNIT, encoding="utf-8")
    shown = ""
    for question in ("Password: ", "Repeat for confirmation: "):
        child.expect_exact(question)
        shown += child.before or ""
        child.sendline(PASSWORD)
    child.expect(pexpect.EOF)
    shown += child.before or ""
    child.close()
    assert child.exitstatus == 0
    assert "number 1" in shown
    assert PASSWORD not in shown


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    """A server at which everybody may register."""
    with serving("--data", str(tmp_path / "data"), "--accounts", "open") as started:
        yield started


def client(process: Process, *arguments: str, stdin: str = "") -> str:
    """Run a client command as alice, which must succeed."""
    server = ("--server", f"127.0.0.1:{process.port}", "--name", "alice")
    return done(*arguments, *server, stdin=stdin)


def test_a_guest_registers_and_manages_tokens(process: Process) -> None:
    """`register` keeps the guest's token; `account` lists, creates and revokes tokens."""
    client(process, "send", "as a guest")
    assert client(process, "register", stdin=f"{PASSWORD}\n") == "You are alice, number 1.\n"
    client(process, "send", "as an account")
    assert len(client(process, "account", "tokens").splitlines()) == 2
    bot = client(process, "account", "bot-token", "a bot").strip()
    assert len(bot) == 43
    listed = client(process, "account", "tokens")
    assert bot not in listed
    line = listed.splitlines()[1].split("  ")
    assert (line[1].strip(), line[-1]) == ("a bot", "never")
    client(process, "account", "revoke", line[0])
    assert "a bot" not in client(process, "account", "tokens")
    assert client(process, "account", "tokens", "--json").count("tokenId") == 1


def test_logging_in_and_out(process: Process) -> None:
    """`logout` revokes the token, `login` gets a new one, `account password` keeps it."""
    client(process, "register", stdin=f"{PASSWORD}\n")
    client(process, "logout")
    server = ("--server", f"127.0.0.1:{process.port}", "--name", "alice")
    refused = run("send", "x", *server)
    assert (refused.returncode, "sign in with its password" in refused.stderr) == (3, True)
    wrong = run("login", *server, stdin="wrong password\n")
    assert (wrong.returncode, wrong.stderr.count("password is wrong")) == (3, 1)
    assert client(process, "login", stdin=f"{PASSWORD}\n") == "You are alice, number 1.\n"
    client(process, "account", "password", stdin=f"{PASSWORD}\n{OTHER}\n")
    client(process, "send", "with the same token")
    client(process, "login", stdin=f"{OTHER}\n")


def test_connect_asks_for_the_password_of_an_account(process: Process) -> None:
    """`connect --name` with the name of an account asks for its password, and stores the token."""
    client(process, "register", stdin=f"{PASSWORD}\n")
    client(process, "logout")
    arguments = [*COMMAND[1:], "connect", "--server", f"127.0.0.1:{process.port}"]
    child = pexpect.spawn(
        COMMAND[0],
        [*arguments, "--name", "alice"],
        timeout=20 * UNIT,
        encoding="utf-8",
        env=os.environ | {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
    )
    child.expect_exact("Password: ")
    child.sendline(PASSWORD)
    wait_for(lambda: "stream opened" in process.log(), 20)
    child.sendline("/quit")
    child.expect(pexpect.EOF)
    child.close()
    client(process, "send", "with the stored token")


@pytest.mark.parametrize("command", [("user", "list"), ("admin", "bans")])
def test_a_misspelled_folder_gets_no_store(tmp_path: Path, command: tuple[str, ...]) -> None:
    """Only commands that create an account or a code create a store; the others name the folder."""
    folder = tmp_path / "misspelled"
    refused = run(*command, "--data", str(folder))
    assert (refused.returncode, f"There is no store in {folder}" in refused.stderr) == (2, True)
    assert not folder.exists()


def test_the_local_server_has_no_address(tmp_path: Path) -> None:
    """`--server` and `--name` are refused beside `--data`, which would ignore them."""
    for option in (("--server", "chat.example"), ("--name", "root")):
        refused = run("admin", "bans", "--data", str(tmp_path), *option)
        assert (refused.returncode, f"{option[0]} is for" in refused.stderr) == (2, True)


def test_the_audit_log_names_the_operator(data: str) -> None:
    """`admin audit --data` prints what was done on the server's own machine."""
    done("user", "add", "--admin", "--data", data, "root", stdin=f"{PASSWORD}\n")
    [header, line] = done("admin", "audit", "--data", data).splitlines()
    assert header.split()[:3] == ["time", "author", "address"]
    assert line.split()[2:] == ["local", "local", "CreateUser", "root", "admin=true", "-"]
    as_json = done("admin", "audit", "--data", data, "--json")
    assert json.loads(as_json)["method"] == "CreateUser"


def test_an_admin_acts_from_anywhere(process: Process, tmp_path: Path) -> None:
    """`admin audit` uses the stored token of `login`; without one it says so."""
    server = ("--server", f"127.0.0.1:{process.port}", "--name", "alice")
    refused = run("admin", "audit", *server)
    assert (
        refused.returncode,
        f"chat-grpc login --server {server[1]} --name alice" in refused.stderr,
    ) == (3, True)
    client(process, "register", stdin=f"{PASSWORD}\n")
    refused = run("admin", "audit", *server)
    assert (refused.returncode, "admin role" in refused.stderr) == (3, True)
    done("user", "admin", "--data", str(tmp_path / "data"), "alice")
    assert "SetUserAdmin" in client(process, "admin", "audit")
    code = client(process, "admin", "invite", "create", "--uses", "3", "--days", "1").strip()
    link = client(process, "admin", "invite", "create", "--link", "https://chat.example.org")
    assert link.startswith("https://chat.example.org/#invite=")
    listed = client(process, "admin", "invite", "list")
    assert "0 of 3" in listed
    assert code not in listed
    for line in client(process, "admin", "invite", "list", "--json").splitlines():
        invite_id = json.loads(line)["inviteId"]
        told = client(process, "admin", "invite", "revoke", invite_id)
        assert told == f"Revoked the invite code {invite_id}.\n"
    assert len(client(process, "admin", "invite", "list").splitlines()) == 1
    assert "lifetime=1d" in client(process, "admin", "audit")


def test_the_owner_of_a_room_lists_its_mutes(process: Process) -> None:
    """A guest needs no admin role for the own room; members are refused, and so are all mutes."""
    at = ("--server", f"127.0.0.1:{process.port}", "--name")
    done("create", *at, "una", "quiet")
    done("join", *at, "vic", "quiet")
    done("admin", "mute", *at, "una", "--room", "quiet", "--for", "1h", "vic")
    mutes = ("admin", "mutes", *at)
    [_, listed] = done(*mutes, "una", "--room", "#quiet").splitlines()
    assert listed.split()[1:3] == ["#quiet", "una"]
    mute = json.loads(done(*mutes, "una", "--room", "quiet", "--json"))
    assert (mute["user"]["name"], mute["room"]) == ("vic", "quiet")
    for arguments, status, sentence in (
        (("vic", "--room", "quiet"), 3, "This needs the role moderator"),
        (("una",), 3, "This needs the admin role"),
        (("una", "--room", "cave"), 4, "There is no room cave"),
    ):
        refused = run(*mutes, *arguments)
        assert (refused.returncode, sentence in refused.stderr) == (status, True)


def test_moderation_on_the_servers_own_machine(data: str) -> None:
    """`admin ban|bans|unban|mute|mutes|unmute|kick --data` work whether the server runs or not."""
    for name in ("alice", "bob"):
        done("user", "add", "--data", data, name, stdin=f"{PASSWORD}\n")
    act = ("--data", data)
    made = done("admin", "ban", *act, "--for", "1h30m", "--reason", "too loud", "alice")
    assert made.splitlines()[1].split()[1:3] == ["alice#1", "local"]
    assert made.splitlines()[1].endswith("too loud")
    [network] = done("admin", "ban", *act, "--json", "2001:db8::1").splitlines()
    assert json.loads(network)["network"] == "2001:db8::/64"
    assert len(done("admin", "bans", *act).splitlines()) == 3
    assert done("admin", "unban", *act, "ALICE") == "Removed the ban of ALICE.\n"
    done("admin", "unban", *act, "2001:db8::/64")
    assert len(done("admin", "bans", *act).splitlines()) == 1
    assert done("admin", "mute", *act, "--for", "2h", "bob") == "Muted bob for 2h.\n"
    [_, muted] = done("admin", "mutes", *act).splitlines()
    assert muted.split()[:3] == ["bob#2", "everywhere", "local"]
    [as_json] = done("admin", "mutes", *act, "--json").splitlines()
    assert json.loads(as_json)["user"] == {"number": 2, "name": "bob"}
    assert len(done("admin", "mutes", *act, "--room", "lobby").splitlines()) == 1
    assert done("admin", "unmute", *act, "bob") == "Removed the mute of bob.\n"
    assert done("admin", "kick", *act, "bob") == "Kicked bob: 0 streams ended.\n"
    methods = [
        json.loads(line)["method"]
        for line in done("admin", "audit", *act, "--json").split("\n")[:-1]
    ]
    assert methods == [
        "Kick",
        "Mute",
        "Mute",
        "Unban",
        "Unban",
        "Ban",
        "Ban",
        "CreateUser",
        "CreateUser",
    ]
    for wrong, status in (
        (("ban", "nobody"), 4),
        (("unban", "7"), 4),
        (("mute", "--for", "x", "bob"), 2),
    ):
        assert run("admin", *wrong, *act).returncode == status
