"""`AdminService`: accounts and invite codes."""

from __future__ import annotations

import secrets
from functools import partial

from chat_grpc.app.account import id_of, plain_code
from chat_grpc.app.account_changes import AccountChanges
from chat_grpc.app.identity import digest_of
from chat_grpc.app.pages import filter_text, page_of
from chat_grpc.app.passwords import Payer, check_password
from chat_grpc.core import limits
from chat_grpc.core.account_changes import (
    CreateInvite,
    RemoveAccount,
    RevokeInvite,
    SetAdmin,
    SetPassword,
)
from chat_grpc.core.caller import Caller
from chat_grpc.core.errors import FieldInvalid, InviteNotFound, UserNotFound, printable
from chat_grpc.core.hub import Hub
from chat_grpc.core.stream import FOREVER
from chat_grpc.core.user import User
from chat_grpc.journal import Journal
from chat_grpc.journal.account_reads import InviteCode, PastAction
from chat_grpc.spelling.names import folded, number_in
from chat_grpc.v1 import admin_pb2

_USERS, _INVITES, _AUDIT = "users", "invites", "audit"

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""The characters of an invite code: none that is easily taken for another."""
_CODE_LENGTH = 20
"""31 characters to choose from, 20 times: 99 random bits."""

_DEFAULT_LIFETIME = 7 * 86400
_MAX_LIFETIME = 365 * 86400
_MAX_USES = 10_000


class AdminMethods:
    """The administration of accounts. Belongs to the event loop."""

    def __init__(self, hub: Hub, journal: Journal, changes: AccountChanges) -> None:
        self._hub = hub
        self._accounts = journal.accounts
        self._changes = changes

    # ------------------------------------------------------------- accounts

    async def create_user(
        self, request: admin_pb2.CreateUserRequest, caller: Caller
    ) -> admin_pb2.CreateUserResponse:
        """Create an account."""
        user = await self._changes.register(
            request.name, request.password, caller, admin=request.admin, by_admin=True
        )
        return admin_pb2.CreateUserResponse(number=user.number)

    async def list_users(
        self, request: admin_pb2.ListUsersRequest, _: Caller
    ) -> admin_pb2.ListUsersResponse:
        """List the accounts, by ascending number."""
        text = filter_text(request.filter)
        read = partial(self._accounts.users, containing=folded(text), number=number_in(text))
        page, token = await page_of(_USERS, request, read, lambda listed: listed.number)
        connected = self._hub.clients.is_connected
        response = admin_pb2.ListUsersResponse(next_page_token=token)
        for each in page:
            response.users.add(
                number=each.number,
                name=each.name,
                admin=each.admin,
                connected=connected(each.number),
            )
        return response

    async def remove_user(
        self, request: admin_pb2.RemoveUserRequest, caller: Caller
    ) -> admin_pb2.RemoveUserResponse:
        """Remove an account."""
        user = await self._user(request.name)
        await self._changes.administer(caller, RemoveAccount(user.number))
        return admin_pb2.RemoveUserResponse()

    async def set_user_password(
        self, request: admin_pb2.SetUserPasswordRequest, caller: Caller
    ) -> admin_pb2.SetUserPasswordResponse:
        """Set the password of an account, and end all tokens of the user."""
        user = await self._user(request.name)
        prepared = check_password(request.password, user.name)
        hashed = await self._changes.passwords.hash(prepared, Payer.of(caller))
        await self._changes.administer(caller, SetPassword(user.number, hashed, by_admin=True))
        return admin_pb2.SetUserPasswordResponse()

    async def set_user_admin(
        self, request: admin_pb2.SetUserAdminRequest, caller: Caller
    ) -> admin_pb2.SetUserAdminResponse:
        """Give an account the admin role, or take it away."""
        user = await self._user(request.name)
        await self._changes.administer(caller, SetAdmin(user.number, request.admin))
        return admin_pb2.SetUserAdminResponse()

    async def _user(self, name: str) -> User:
        """Find the user of an account. Raises `UserNotFound`."""
        account = await self._accounts.by_key(folded(name[: 4 * limits.MAX_NAME_LENGTH]))
        if account is None:
            shown = printable(name)
            raise UserNotFound(f"There is no account {shown}.", metadata={"user": name})
        return account.user

    # ------------------------------------------------------------- invite codes

    async def create_invite(
        self, request: admin_pb2.CreateInviteRequest, caller: Caller
    ) -> admin_pb2.CreateInviteResponse:
        """Create an invite code."""
        uses = request.uses or 1
        if not 1 <= uses <= _MAX_USES:
            raise FieldInvalid(f"uses must be 1 to {_MAX_USES}, or 0 for 1.")
        lifetime = _DEFAULT_LIFETIME
        if request.HasField("lifetime"):
            lifetime = request.lifetime.seconds
        if not 1 <= lifetime <= _MAX_LIFETIME:
            raise FieldInvalid("lifetime must be 1 second to 365 days.")
        code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
        now = int(self._hub.clock.seconds())
        made = CreateInvite(digest_of(plain_code(code)), uses, now + lifetime)
        settled = await self._changes.administer(caller, made)
        shown = "-".join(code[at : at + 5] for at in range(0, _CODE_LENGTH, 5))
        invite = InviteCode(settled.outcome.sequence, caller.name, now, now + lifetime, uses, 0)
        return admin_pb2.CreateInviteResponse(invite_code=shown, invite=invite_message(invite))

    async def list_invites(
        self, request: admin_pb2.ListInvitesRequest, _: Caller
    ) -> admin_pb2.ListInvitesResponse:
        """List the invite codes, the newest first."""
        page, token = await page_of(
            _INVITES,
            request,
            self._accounts.invites,
            lambda invite: invite.invite_id,
            first=FOREVER,
        )
        return admin_pb2.ListInvitesResponse(
            invites=map(invite_message, page), next_page_token=token
        )

    async def revoke_invite(
        self, request: admin_pb2.RevokeInviteRequest, caller: Caller
    ) -> admin_pb2.RevokeInviteResponse:
        """Revoke an invite code."""
        invite = id_of(request.invite_id)
        if not invite:
            raise InviteNotFound(
                "There is no invite code with this id.",
                metadata={"invite_id": request.invite_id},
            )
        await self._changes.administer(caller, RevokeInvite(invite))
        return admin_pb2.RevokeInviteResponse()

    # ------------------------------------------------------------- the audit log

    async def list_audit_events(
        self, request: admin_pb2.ListAuditEventsRequest, _: Caller
    ) -> admin_pb2.ListAuditEventsResponse:
        """List the actions of admins, the newest first."""
        if len(request.methods) > limits.MAX_FILTER_METHODS:
            raise FieldInvalid(f"methods has at most {limits.MAX_FILTER_METHODS} names.")
        read = partial(
            self._accounts.actions,
            containing=filter_text(request.filter),
            methods=tuple(request.methods),
        )
        page, token = await page_of(
            _AUDIT, request, read, lambda action: action.sequence, first=FOREVER
        )
        return admin_pb2.ListAuditEventsResponse(
            events=map(_event_message, page), next_page_token=token
        )


def _event_message(found: PastAction) -> admin_pb2.AuditEvent:
    action = found.action
    message = admin_pb2.AuditEvent(
        author=found.author or "local",
        method=action.method,
        subject=action.subject,
        reason=action.reason,
        address=action.address,
        detail=action.detail,
    )
    message.time.FromSeconds(found.time)
    return message


def invite_message(invite: InviteCode) -> admin_pb2.Invite:
    """Describe an invite code."""
    message = admin_pb2.Invite(
        invite_id=str(invite.invite_id), author=invite.author, uses=invite.uses, used=invite.used
    )
    message.create_time.FromSeconds(invite.create_time)
    message.expire_time.FromSeconds(invite.expire_time)
    return message
