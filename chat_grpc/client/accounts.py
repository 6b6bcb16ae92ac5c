"""The methods about accounts, tokens, and their administration."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from chat_grpc.client.caller import Caller
from chat_grpc.client.errors import ChatError, Refused, Unreachable
from chat_grpc.client.requests import unicode_only
from chat_grpc.client.unary import Pages
from chat_grpc.v1 import account_pb2, admin_pb2

_A_PAGE = 100

_MIN_POLL = 0.1
"""Minimum seconds between two polls of a sign-in."""


class AccountCalls:
    """The methods of `AccountService`, and those of `AdminService` about accounts.

    Each raises `Refused` or `Unreachable`; the reasons below are those of `Refused`. None is
    retried after it may have reached the server.
    """

    token: str
    _caller: Caller

    async def sign_in(self, name: str, password: str = "") -> account_pb2.SignInResponse:
        """Sign in: without a password as a new guest. Later calls are made as this user.

        `BAD_CREDENTIALS`; `NAME_TAKEN` for a guest; `RATE_LIMITED` after too many failures.
        """
        with unicode_only():
            request = account_pb2.SignInRequest(name=name, password=password)
        answer: account_pb2.SignInResponse = await self._caller.account("SignIn", request)
        self.token = answer.token
        return answer

    async def sign_in_options(self) -> account_pb2.GetSignInOptionsResponse:
        """Return the ways to sign in and to register; needs no token."""
        answer: account_pb2.GetSignInOptionsResponse = await self._caller.account(
            "GetSignInOptions", account_pb2.GetSignInOptionsRequest()
        )
        return answer

    async def sign_in_with_id_token(self, id_token: str) -> account_pb2.SignInResponse:
        """Sign in with an ID token of the server's issuer, which is valid for one sign-in.

        Later calls are made as this user. `BAD_CREDENTIALS`, `NOT_ALLOWED`, `NAME_INVALID`,
        `ISSUER_UNAVAILABLE`.
        """
        with unicode_only():
            request = account_pb2.SignInRequest(id_token=id_token)
        answer: account_pb2.SignInResponse = await self._caller.account("SignIn", request)
        self.token = answer.token
        return answer

    async def start_device_sign_in(self) -> account_pb2.StartDeviceSignInResponse:
        """Begin a sign-in at the server's issuer; the user enters the code of the answer there.

        `NOT_ALLOWED` if the server has no issuer, `ISSUER_UNAVAILABLE`, `RATE_LIMITED`.
        """
        answer: account_pb2.StartDeviceSignInResponse = await self._caller.account(
            "StartDeviceSignIn", account_pb2.StartDeviceSignInRequest()
        )
        return answer

    async def finish_device_sign_in(
        self, begun: account_pb2.StartDeviceSignInResponse
    ) -> account_pb2.SignInResponse:
        """Wait until the user has entered the code. Later calls are made as this user.

        `SIGN_IN_EXPIRED`, `SIGN_IN_DENIED`, and the reasons of `sign_in_with_id_token`. While the
        issuer or the server does not answer, it waits, until the code has expired.
        """
        end = time.monotonic() + begun.lifetime.ToMilliseconds() / 1000
        wait = begun.interval.ToMilliseconds() / 1000
        request = account_pb2.PollDeviceSignInRequest(sign_in_id=begun.sign_in_id)
        while True:
            await asyncio.sleep(wait)
            try:
                answer = await self._caller.account("PollDeviceSignIn", request)
            except ChatError as error:
                if not _is_passing(error) or time.monotonic() > end:
                    raise
                wait = max(wait, error.retry_after or 0.0)
                continue
            if answer.HasField("sign_in"):
                signed_in: account_pb2.SignInResponse = answer.sign_in
                self.token = signed_in.token
                return signed_in
            wait = max(_MIN_POLL, answer.interval.ToMilliseconds() / 1000)

    async def register(
        self, name: str, password: str, invite_code: str = ""
    ) -> account_pb2.RegisterResponse:
        """Create an account. With the token of a guest the guest becomes the account.

        `NAME_TAKEN`, `NAME_INVALID`, `FIELD_INVALID` for the password, `INVITE_INVALID`,
        `NOT_ALLOWED` if only an admin creates accounts.
        """
        with unicode_only():
            request = account_pb2.RegisterRequest(
                name=name, password=password, invite_code=invite_code
            )
        answer: account_pb2.RegisterResponse = await self._caller.account("Register", request)
        return answer

    async def sign_out(self) -> None:
        """Revoke the token; its streams end. Later calls are made without a token."""
        await self._caller.account("SignOut", account_pb2.SignOutRequest())
        self.token = ""

    async def change_password(self, old_password: str, new_password: str) -> None:
        """Change the password, and revoke all other tokens. `BAD_CREDENTIALS`, `FIELD_INVALID`."""
        with unicode_only():
            request = account_pb2.ChangePasswordRequest(
                old_password=old_password, new_password=new_password
            )
        await self._caller.account("ChangePassword", request)

    async def create_bot_token(self, label: str) -> account_pb2.CreateBotTokenResponse:
        """Create a token for a program that acts as the caller. It does not expire."""
        with unicode_only():
            request = account_pb2.CreateBotTokenRequest(label=label)
        answer: account_pb2.CreateBotTokenResponse = await self._caller.account(
            "CreateBotToken", request
        )
        return answer

    def tokens(self, *, limit: int | None = None) -> Pages[account_pb2.TokenInfo]:
        """Iterate over the caller's tokens, the newest first. At most `limit`; None for all."""
        ask = partial(self._caller.account, "ListTokens")
        return Pages(ask, account_pb2.ListTokensRequest(), "tokens", _A_PAGE, limit)

    async def revoke_token(self, token_id: str) -> None:
        """Revoke one of the caller's tokens; its streams end. `TOKEN_NOT_FOUND`."""
        with unicode_only():
            request = account_pb2.RevokeTokenRequest(token_id=token_id)
        await self._caller.account("RevokeToken", request)

    async def export_data(self) -> AsyncGenerator[str, None]:
        """Iterate over all that the server keeps of the caller, each a JSON object on a line.

        The last record is `{"record":"end",…}`; without it the export is not complete.
        """
        responses = self._caller.account_stream("ExportData", account_pb2.ExportDataRequest())
        async with aclosing(responses):
            async for response in responses:
                for record in response.records:
                    yield record

    async def delete_account(self, password: str = "", *, messages: bool = False) -> None:
        """Delete the caller's account; a guest needs no password. Later calls have no token.

        `messages` deletes all messages, too. `BAD_CREDENTIALS`.
        """
        with unicode_only():
            request = account_pb2.DeleteAccountRequest(password=password, delete_messages=messages)
        await self._caller.account("DeleteAccount", request)
        self.token = ""

    # ------------------------------------------------------------- administration

    async def create_user(self, name: str, password: str, *, admin: bool = False) -> int:
        """Create an account; return its number. Needs the admin role, like the methods below."""
        with unicode_only():
            request = admin_pb2.CreateUserRequest(name=name, password=password, admin=admin)
        answer: admin_pb2.CreateUserResponse = await self._caller.admin("CreateUser", request)
        return answer.number

    def users(self, *, limit: int | None = None, containing: str = "") -> Pages[admin_pb2.UserInfo]:
        """Iterate over the accounts, by number. At most `limit`; None for all.

        `containing` selects those with a text in the name, or with this number.
        """
        ask = partial(self._caller.admin, "ListUsers")
        with unicode_only():
            request = admin_pb2.ListUsersRequest(filter=containing)
        return Pages(ask, request, "users", _A_PAGE, limit)

    async def remove_user(self, name: str) -> None:
        """Remove an account, and revoke its tokens. `USER_NOT_FOUND`."""
        with unicode_only():
            request = admin_pb2.RemoveUserRequest(name=name)
        await self._caller.admin("RemoveUser", request)

    async def set_user_password(self, name: str, password: str) -> None:
        """Set the password of an account, and revoke its tokens. `USER_NOT_FOUND`."""
        with unicode_only():
            request = admin_pb2.SetUserPasswordRequest(name=name, password=password)
        await self._caller.admin("SetUserPassword", request)

    async def set_user_admin(self, name: str, *, admin: bool) -> None:
        """Give an account the admin role, or take it away. `USER_NOT_FOUND`."""
        with unicode_only():
            request = admin_pb2.SetUserAdminRequest(name=name, admin=admin)
        await self._caller.admin("SetUserAdmin", request)

    async def create_invite(
        self, *, uses: int = 1, seconds: int = 7 * 86400
    ) -> admin_pb2.CreateInviteResponse:
        """Create an invite code for `uses` accounts, valid for `seconds`."""
        request = admin_pb2.CreateInviteRequest(uses=uses)
        request.lifetime.FromSeconds(seconds)
        answer: admin_pb2.CreateInviteResponse = await self._caller.admin("CreateInvite", request)
        return answer

    def invites(self, *, limit: int | None = None) -> Pages[admin_pb2.Invite]:
        """Iterate over the invite codes, the newest first. At most `limit`; None for all."""
        ask = partial(self._caller.admin, "ListInvites")
        return Pages(ask, admin_pb2.ListInvitesRequest(), "invites", _A_PAGE, limit)

    async def revoke_invite(self, invite_id: str) -> None:
        """Revoke an invite code. `INVITE_NOT_FOUND`."""
        with unicode_only():
            request = admin_pb2.RevokeInviteRequest(invite_id=invite_id)
        await self._caller.admin("RevokeInvite", request)


def _is_passing(error: ChatError) -> bool:
    """Return whether a sign-in that began may still succeed."""
    if isinstance(error, Refused):
        return error.reason in ("ISSUER_UNAVAILABLE", "RATE_LIMITED")
    return isinstance(error, Unreachable)
