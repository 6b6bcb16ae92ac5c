"""Telling: the calls that change something, as the console tells them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from google.protobuf.message import Message

from chat_grpc.core.activity import Activity
from chat_grpc.core.caller import Caller
from chat_grpc.v1 import account_pb2, chat_pb2

Values = dict[str, object]
Details = Callable[[Any, Any], Values | None]
"""Returns the values of a request and its response that are told; None tells nothing."""


def _nothing(_: Message, __: Message) -> Values:
    return {}


def _room(request: Any, _: Message) -> Values:
    return {"room": request.room}


def _new_room(request: chat_pb2.CreateRoomRequest, _: Message) -> Values:
    return {"room": request.name, "private": request.invite_only}


def _invitation(request: chat_pb2.InviteToRoomRequest, _: Message) -> Values:
    return {"room": request.room, "user": request.user}


def _role(request: chat_pb2.SetRoomRoleRequest, _: Message) -> Values:
    role = chat_pb2.RoomRole.Name(request.role).removeprefix("ROOM_ROLE_").lower()
    return {"room": request.room, "user": request.user, "role": role}


def _user(response: account_pb2.RegisterResponse | account_pb2.SignInResponse) -> Values:
    return {"name": response.name, "number": response.number}


def _registered(_: Message, response: account_pb2.RegisterResponse) -> Values:
    return _user(response)


def _signed_in(
    request: account_pb2.SignInRequest, response: account_pb2.SignInResponse
) -> Values | None:
    # A guest is told where the guest is made.
    return _user(response) if request.password or request.id_token else None


def _at_issuer(_: Message, response: Any) -> Values | None:
    # Without it, the user has not confirmed the sign-in yet.
    return _user(response.sign_in) if response.HasField("sign_in") else None


TOLD: Final[Mapping[str, tuple[str, Details]]] = {
    "ChatService.CreateRoom": ("room created", _new_room),
    "ChatService.JoinRoom": ("room joined", _room),
    "ChatService.LeaveRoom": ("room left", _room),
    "ChatService.InviteToRoom": ("invited to room", _invitation),
    "ChatService.UpdateRoom": ("room changed", _room),
    "ChatService.DeleteRoom": ("room deleted", _room),
    "ChatService.SetRoomRole": ("role in room changed", _role),
    "ChatService.BlockUser": ("user blocked", _nothing),
    "ChatService.UnblockUser": ("user unblocked", _nothing),
    "AccountService.Register": ("account registered", _registered),
    "AccountService.SignIn": ("signed in", _signed_in),
    "AccountService.PollDeviceSignIn": ("signed in", _at_issuer),
    "AccountService.FinishBrowserSignIn": ("signed in", _at_issuer),
    "AccountService.SignOut": ("signed out", _nothing),
    "AccountService.ChangePassword": ("password changed", _nothing),
    "AccountService.CreateBotToken": ("bot token created", _nothing),
    "AccountService.RevokeToken": ("token revoked", _nothing),
    "AccountService.DeleteAccount": ("account deleted", _nothing),
    "AccountService.ExportData": ("data exported", _nothing),
}
"""The words for each method that is not only for admins, and the values of a call.

Texts, tokens, passwords and block lists are not told.
"""


def tell(
    activity: Activity, method: str, request: Message, response: Message | None, caller: Caller
) -> None:
    """Note a call, if it changes something.

    The calls of admins are told with the values that the audit log has. `response` is None for a
    method that streams its responses, whose calls are told when they begin.
    """
    if (action := caller.action) is not None:
        words = "admin call"
        values: Values | None = {
            "method": action.method,
            "subject": action.subject,
            "detail": action.detail,
        }
    elif method in TOLD:
        words, details = TOLD[method]
        values = details(request, response)
    else:
        return
    if values is not None:
        origin = {"name": caller.name, "number": caller.number, "address": caller.peer}
        told = {key: value for key, value in (origin | values).items() if value}
        activity.note(words, **told)
