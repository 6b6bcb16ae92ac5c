"""Changes of accounts: what `AccountService` and `AdminService` have in common."""

from __future__ import annotations

from chat_grpc.app.answer import Answer, Settled
from chat_grpc.app.passwords import Passwords, Payer, check_password
from chat_grpc.core.account_changes import AccountRequest, RecordAction, Register
from chat_grpc.core.audit import Action
from chat_grpc.core.caller import Caller
from chat_grpc.core.errors import NameTaken
from chat_grpc.core.hub import Hub
from chat_grpc.core.names import check_name
from chat_grpc.core.user import User
from chat_grpc.journal import Journal
from chat_grpc.journal.account_reads import lifetime
from chat_grpc.v1 import account_pb2


class AccountChanges:
    """Gives changes of accounts to the log, and waits for them. Belongs to the event loop."""

    def __init__(self, hub: Hub, journal: Journal, passwords: Passwords) -> None:
        self._hub = hub
        self._journal = journal
        self.passwords = passwords

    async def carry_out(
        self, author: int, request: AccountRequest, action: Action | None = None
    ) -> Settled:
        """Change the accounts; `author` is a user's number, or 0. Raises what the log decides.

        The entry records `action` in the audit log.
        """
        await self._journal.drained(author)
        answer = Answer()
        self._hub.intake.change_account(answer, author, request, action)
        return await answer.settled()

    async def administer(self, caller: Caller, request: AccountRequest) -> Settled:
        """Carry out a change of an admin, and record the call with it in the audit log."""
        return await self.carry_out(caller.number, request, caller.action)

    async def record(self, caller: Caller) -> None:
        """Record the call of an admin that changes nothing in the log."""
        await self.administer(caller, RecordAction())

    def signed_in(self, user: User, token: str) -> account_pb2.SignInResponse:
        """Return the answer to a sign-in."""
        response = account_pb2.SignInResponse(token=token, number=user.number, name=user.name)
        now = int(self._hub.clock.seconds())
        response.expire_time.FromSeconds(now + lifetime(guest=user.guest))
        return response

    async def register(
        self,
        name: str,
        password: str,
        caller: Caller,
        *,
        invite: bytes = b"",
        admin: bool = False,
        by_admin: bool = False,
    ) -> User:
        """Create an account, or turn a guest who calls into one.

        `invite` is the digest of an invite code to use up. Raises `NameInvalid`, `NameTaken`,
        `FieldInvalid`, or what the log decides.
        """
        shown, key = check_name(name)
        # Checked before the costly hash, and decided by the log.
        if self._hub.accounts.owner(key):
            raise NameTaken(
                f"The name {shown} belongs to an account; choose another.",
                metadata={"name": shown},
            )
        prepared = check_password(password, shown)
        hashed = await self.passwords.hash(prepared, Payer.of(caller))
        request = Register(
            shown,
            key,
            hashed,
            guest=0 if by_admin else caller.number,
            invite=invite,
            admin=admin,
            by_admin=by_admin,
        )
        settled = await self.administer(caller, request)
        changed = settled.outcome.account
        assert changed is not None
        assert changed.user is not None
        return changed.user
