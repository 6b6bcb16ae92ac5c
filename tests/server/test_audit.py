"""The audit log: the actions of admins, with author, address, subject and time."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from server.accounts import OTHER, PASSWORD, calls_to, operator, token_of, with_accounts
from support import Recorder, store_of

from chat_grpc.client import Refused
from chat_grpc.journal.check import check


async def test_actions_are_recorded_with_their_change(tmp_path: Path) -> None:
    """Each change of an admin is in the audit log, newest first, without its secrets."""
    async with (
        with_accounts(tmp_path, "root", "alice") as server,
        calls_to(server, await token_of(server, "root")) as root,
    ):
        await root.set_user_admin("alice", admin=True)
        await root.set_user_admin("alice", admin=False)
        await root.set_user_password("alice", OTHER)
        made = await root.create_invite(uses=5, seconds=3600)
        await root.revoke_invite(made.invite.invite_id)
        await root.remove_user("alice")
        found = await root.audit_events().all()
        assert all(abs(each.time.seconds - time.time()) < 60 for each in found)
        assert OTHER not in str(found)
        assert made.invite_code not in str(found)
        invite = f"invite {made.invite.invite_id}"
        assert [(e.author, e.address, e.method, e.subject, e.detail) for e in found] == [
            ("root", "127.0.0.1", "RemoveUser", "alice", ""),
            ("root", "127.0.0.1", "RevokeInvite", invite, ""),
            ("root", "127.0.0.1", "CreateInvite", invite, "uses=5 lifetime=3600s"),
            ("root", "127.0.0.1", "SetUserPassword", "alice", ""),
            ("root", "127.0.0.1", "SetUserAdmin", "alice", "admin=false"),
            ("root", "127.0.0.1", "SetUserAdmin", "alice", "admin=true"),
            ("local", "local", "CreateUser", "alice", "admin=false"),
            ("local", "local", "CreateUser", "root", "admin=true"),
        ]
        assert await root.audit_events(limit=3).all() == found[:3]
    async with (
        with_accounts(tmp_path) as server,
        calls_to(server, await token_of(server, "root")) as root,
    ):
        assert await root.audit_events().all() == found
    assert check(store_of(tmp_path)) == []


async def test_the_audit_log_is_filtered(tmp_path: Path) -> None:
    """A text selects actions by their values, and methods by their names; pages keep the filter."""
    async with (
        with_accounts(tmp_path, "root", "alice", "bob") as server,
        calls_to(server, await token_of(server, "root")) as root,
    ):
        await root.kick("alice", "spam 100%")
        await root.kick("bob", "rude")
        await root.set_user_admin("alice", admin=True)

        async def found(**options: Any) -> list[tuple[str, str]]:
            return [(e.method, e.subject) for e in await root.audit_events(**options).all()]

        assert await found(containing="ALICE") == [
            ("SetUserAdmin", "alice"),
            ("Kick", "alice (2)"),
            ("CreateUser", "alice"),
        ]
        assert await found(containing="100%") == [("Kick", "alice (2)")]
        assert await found(containing="Kick") == []
        assert await found(methods=("Kick",)) == [("Kick", "bob (3)"), ("Kick", "alice (2)")]
        assert await found(methods=("Kick", "SetUserAdmin"), containing="alice", limit=1) == [
            ("SetUserAdmin", "alice")
        ]
        assert len(await found(containing="local", methods=("CreateUser",))) == 3
        for wrong in ({"containing": "x" * 101}, {"methods": ["Kick"] * 51}):
            with pytest.raises(Refused) as error:
                await found(**wrong)
            assert error.value.reason == "FIELD_INVALID"


async def test_accounts_are_filtered(tmp_path: Path) -> None:
    """A text selects accounts by their name without case, or by their number."""
    async with (
        with_accounts(tmp_path, "root", "Ärger", "bob") as server,
        calls_to(server, await token_of(server, "root")) as root,
        Recorder(server, name="bob", token=await token_of(server, "bob")),
    ):
        assert [u.name for u in await root.users(containing="äRG").all()] == ["Ärger"]
        [bob] = await root.users(containing="bob").all()
        assert bob.connected
        assert [u.name for u in await root.users(containing=f"#{bob.number}").all()] == ["bob"]
        assert [u.connected for u in await root.users(containing="r").all()] == [False, False]
        with pytest.raises(Refused):
            await root.users(containing="x" * 101).all()


async def test_only_admins_read_the_audit_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Another caller is refused, counted and logged; a refused change is not in the audit log."""
    async with (
        with_accounts(tmp_path, "alice") as server,
        calls_to(server, await token_of(server, "alice")) as alice,
        operator(tmp_path) as local,
    ):
        with pytest.raises(Refused, match="admin role"):
            await alice.audit_events().all()
        with pytest.raises(Refused, match="admin role"):
            await alice.set_user_admin("alice", admin=True)
        with pytest.raises(Refused, match="no account bob"):
            await local.remove_user("bob")
        with pytest.raises(Refused, match="belongs to an account"):
            await local.create_user("alice", PASSWORD)
        assert [each.method for each in await local.audit_events().all()] == ["CreateUser"]
        assert server.status().refused_admin_calls == 2
        [warning] = [r for r in caplog.records if "call for admins" in r.message]
        assert warning.getMessage().endswith("user 1, address 127.0.0.1")
