"""`AccountService`: accounts, sign-ins and tokens."""

from __future__ import annotations

import logging
from functools import partial

from chat_grpc.app.account_changes import AccountChanges
from chat_grpc.app.account_eraser import AccountEraser
from chat_grpc.app.account_settings import AccountSettings
from chat_grpc.app.identity import Identity, digest_of, new_token
from chat_grpc.app.issuer_users import IssuerUsers
from chat_grpc.app.pages import page_of
from chat_grpc.app.passwords import Payer, check_password
from chat_grpc.app.throttle import Attempt, Throttle
from chat_grpc.core import limits
from chat_grpc.core.account_changes import (
    AddToken,
    DeleteAccount,
    EndToken,
    SetPassword,
    invite_invalid,
)
from chat_grpc.core.caller import Caller
from chat_grpc.core.errors import (
    BadCredentials,
    FieldInvalid,
    InviteInvalid,
    NotAllowed,
    RateLimited,
    TokenNotFound,
    TooManyTries,
    WrongKindOfUser,
)
from chat_grpc.core.hub import Hub
from chat_grpc.core.stream import FOREVER
from chat_grpc.journal import Journal
from chat_grpc.journal.account_reads import Account, lifetime
from chat_grpc.spelling.names import folded
from chat_grpc.v1 import account_pb2

_LOG = logging.getLogger("chat_grpc.app")
_TOKENS = "tokens"
_MODES = {
    "open": account_pb2.REGISTRATION_MODE_OPEN,
    "invite": account_pb2.REGISTRATION_MODE_INVITE,
    "closed": account_pb2.REGISTRATION_MODE_CLOSED,
}


class AccountMethods:
    """Accounts and their tokens. Belongs to the event loop.

    The log decides about changes; checks that do not depend on log order run here.
    """

    def __init__(
        self,
        hub: Hub,
        journal: Journal,
        identity: Identity,
        changes: AccountChanges,
        throttle: Throttle,
        settings: AccountSettings,
        eraser: AccountEraser,
        issuer_users: IssuerUsers,
    ) -> None:
        self._hub = hub
        self._accounts = journal.accounts
        self._identity = identity
        self._changes = changes
        self._passwords = changes.passwords
        self._throttle = throttle
        self._settings = settings
        self._eraser = eraser
        self._issuer_users = issuer_users

    def _now(self) -> int:
        return int(self._hub.clock.seconds())

    # ------------------------------------------------------------- accounts

    async def register(
        self, request: account_pb2.RegisterRequest, caller: Caller
    ) -> account_pb2.RegisterResponse:
        """Create an account, or turn the guest who calls into one."""
        if caller.identity is not None and not caller.identity.guest:
            raise WrongKindOfUser("You have an account already.")
        mode = self._settings.registration
        if mode == "closed":
            raise NotAllowed("Only an admin of this server creates accounts.")
        invite = b""
        if mode == "invite":
            code = plain_code(request.invite_code)
            if not code:
                raise InviteInvalid("Registering needs an invite code; ask an admin for one.")
            attempt = self._throttle.invite_code(caller.peer)
            invite = digest_of(code)
            if not await self._accounts.is_usable(invite, self._now()):
                raise invite_invalid()  # before the costly hash
            attempt.succeeded()
        user = await self._changes.register(request.name, request.password, caller, invite=invite)
        return account_pb2.RegisterResponse(number=user.number, name=user.name)

    async def sign_in(
        self, request: account_pb2.SignInRequest, caller: Caller
    ) -> account_pb2.SignInResponse:
        """Sign in to an account, or make a guest with a name that is free."""
        if request.id_token:
            return await self._issuer_users.by_id_token(request.id_token, caller)
        if not request.password:
            guest, token = await self._identity.new_guest(request.name, caller.peer, caller.agent)
            user = guest.user
        else:
            account = await self._checked(request.name, request.password, caller.peer)
            user = account.user
            token, digest = new_token()
            await self._changes.carry_out(
                user.number, AddToken(user.number, digest, password_event=account.event)
            )
        return self._changes.signed_in(user, token)

    async def get_sign_in_options(
        self, _: account_pb2.GetSignInOptionsRequest, __: Caller
    ) -> account_pb2.GetSignInOptionsResponse:
        """Return the ways to sign in and to register."""
        settings = self._settings
        mode = _MODES[settings.registration]
        options = account_pb2.GetSignInOptionsResponse(registration=mode, guests=settings.guests)
        if (issuer := self._issuer_users.info) is not None:
            options.issuer.issuer = issuer.issuer
            options.issuer.client_id = issuer.client_id
            options.issuer.scopes.extend(issuer.scopes)
        return options

    async def _checked(self, name: str, password: str, peer: str) -> Account:
        """Return the account of a name and a password. Raises `BadCredentials`, `TooManyTries`.

        Takes the same time whether the name is unknown or the password is wrong.
        """
        key = folded(name[: 4 * limits.MAX_NAME_LENGTH])
        attempt = self._throttle.sign_in(key, peer)
        account = await self._accounts.by_key(key)
        known = account.password if account is not None else ""
        right = await self._is_right(attempt, known, password, Payer(key, peer))
        if account is None or not right:
            raise BadCredentials("The name or the password is wrong.")
        attempt.succeeded()
        if self._passwords.outdated(account.password):
            account = await self._hash_again(account, password, peer)
        return account

    async def _is_right(self, attempt: Attempt, known: str, password: str, payer: Payer) -> bool:
        """Return whether a password is right. Raises `RateLimited`, `TooManyTries`.

        An attempt that a limit refuses before the check is not a failed one.
        """
        try:
            return await self._passwords.verify(known, password, payer)
        except (RateLimited, TooManyTries):
            attempt.take_back()
            raise

    async def _hash_again(self, account: Account, password: str, peer: str) -> Account:
        """Replace the hash of a password by one with today's parameters.

        Raises `BadCredentials` if the password was changed meanwhile.
        """
        user = account.user
        hashed = await self._passwords.hash_again(password, peer)
        request = SetPassword(user.number, hashed, account.event, same=True)
        try:
            settled = await self._changes.carry_out(user.number, request)
        except BadCredentials:
            # Another sign-in at the same time replaced it first.
            now = await self._accounts.by_number(user.number)
            payer = Payer(user.key, peer)
            if now is None or not await self._passwords.verify(now.password, password, payer):
                raise
            return now
        _LOG.info("the password of user %d is hashed with new parameters", user.number)
        return account._replace(password=hashed, event=settled.outcome.sequence)

    async def change_password(
        self, request: account_pb2.ChangePasswordRequest, caller: Caller
    ) -> account_pb2.ChangePasswordResponse:
        """Change the password, and end all other tokens of the caller."""
        number = caller.number
        new = check_password(request.new_password, caller.user.name)
        account = await self._accounts.by_number(number)
        event = await self._check_own(account, request.old_password, caller)
        hashed = await self._passwords.hash(new, Payer.of(caller))
        await self._changes.carry_out(
            number, SetPassword(number, hashed, event, keep=caller.token_digest)
        )
        return account_pb2.ChangePasswordResponse()

    async def _check_own(self, account: Account | None, password: str, caller: Caller) -> int:
        """Check the caller's own password; return the entry of the log that set it.

        Raises `BadCredentials`, `TooManyTries`, or `WrongKindOfUser` if it has none.
        """
        if account is not None and not account.password:
            raise WrongKindOfUser("Your account has no password: you sign in at the issuer.")
        attempt = self._throttle.old_password(caller.number, caller.peer)
        known = account.password if account is not None else ""
        right = await self._is_right(attempt, known, password, Payer.of(caller))
        if account is None or not right:
            raise BadCredentials("The password is wrong.")
        attempt.succeeded()
        return account.event

    async def delete_account(
        self, request: account_pb2.DeleteAccountRequest, caller: Caller
    ) -> account_pb2.DeleteAccountResponse:
        """Delete the caller's account; the rest is erased in the background."""
        account = await self._accounts.by_number(caller.number)
        event = 0
        if account is not None and account.password:
            event = await self._check_own(account, request.password, caller)
        await self._changes.carry_out(
            caller.number, DeleteAccount(caller.token_digest, event, request.delete_messages)
        )
        self._eraser.wake()
        return account_pb2.DeleteAccountResponse()

    # ------------------------------------------------------------- tokens

    async def sign_out(
        self, _: account_pb2.SignOutRequest, caller: Caller
    ) -> account_pb2.SignOutResponse:
        """End the caller's token."""
        if not caller.token_digest:
            raise TokenNotFound("You are signed in by a certificate; there is no token to end.")
        await self._changes.carry_out(
            caller.number, EndToken(caller.number, digest=caller.token_digest)
        )
        return account_pb2.SignOutResponse()

    async def create_bot_token(
        self, request: account_pb2.CreateBotTokenRequest, caller: Caller
    ) -> account_pb2.CreateBotTokenResponse:
        """Create a token that does not expire."""
        most = limits.MAX_LABEL_LENGTH
        if not 0 < len(request.label) <= most or not request.label.isprintable():
            raise FieldInvalid(f"label must have 1 to {most} printable characters.")
        token, digest = new_token()
        made = AddToken(
            caller.number, digest, label=request.label, bot=True, by=caller.token_digest
        )
        settled = await self._changes.carry_out(caller.number, made)
        return account_pb2.CreateBotTokenResponse(
            token=token, token_id=str(settled.outcome.sequence)
        )

    async def list_tokens(
        self, request: account_pb2.ListTokensRequest, caller: Caller
    ) -> account_pb2.ListTokensResponse:
        """List the caller's tokens, the newest first."""
        read = partial(self._accounts.tokens, caller.user, now=self._now())
        page, token = await page_of(
            f"{_TOKENS}:{caller.number}", request, read, lambda each: each.token_id, first=FOREVER
        )
        response = account_pb2.ListTokensResponse(next_page_token=token)
        valid = lifetime(guest=caller.user.guest)
        for each in page:
            told = response.tokens.add(token_id=str(each.token_id), label=each.label)
            told.create_time.FromSeconds(each.create_time)
            told.last_use_time.FromSeconds(each.use_time)
            if not each.bot:
                told.expire_time.FromSeconds(each.use_time + valid)
        return response

    async def revoke_token(
        self, request: account_pb2.RevokeTokenRequest, caller: Caller
    ) -> account_pb2.RevokeTokenResponse:
        """End one of the caller's tokens."""
        token_id = id_of(request.token_id)
        if not token_id:
            raise TokenNotFound(
                "You have no token with this id.", metadata={"token_id": request.token_id}
            )
        ended = EndToken(caller.number, token_id=token_id, by=caller.token_digest)
        await self._changes.carry_out(caller.number, ended)
        return account_pb2.RevokeTokenResponse()


def id_of(text: str) -> int:
    """Return the number of an id, 0 if it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def plain_code(code: str) -> str:
    """Return an invite code without its dashes, spaces and case."""
    return code.replace("-", "").replace(" ", "").lower()
