"""Charges: what each method of the contract counts as, in the quotas of its caller."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from chat_grpc.core.caller import Caller
from chat_grpc.core.quotas import EXPORT_COST, INVITATION_COST, MUTES_COST, SEARCH_COST, Quotas

Charge = Callable[[Quotas, Caller, int], None]
"""Counts a call of a caller, with a request of some bytes. Raises `RateLimited`."""


def _query(cost: float, quotas: Quotas, caller: Caller, _: int) -> None:
    quotas.query(cost, caller.number, caller.peer)


def _write(cost: float, quotas: Quotas, caller: Caller, size: int) -> None:
    quotas.message(cost, size, caller.number, caller.peer)


def _create_room(quotas: Quotas, caller: Caller, size: int) -> None:
    # Refused attempts count, too: `NAME_TAKEN` confirms the name of a hidden room.
    quotas.room(caller.number, caller.peer)
    _write(1.0, quotas, caller, size)


def _connect(quotas: Quotas, caller: Caller, _: int) -> None:
    quotas.connect(caller.peer)


_ONE_QUERY = partial(_query, 1.0)
_ONE_WRITE = partial(_write, 1.0)

CHARGES: Mapping[str, Charge] = {
    "ChatService.Connect": _connect,
    "ChatService.SendTo": _ONE_WRITE,
    "ChatService.SearchMessages": partial(_query, SEARCH_COST),
    "ChatService.CreateRoom": _create_room,
    "AccountService.ExportData": partial(_query, EXPORT_COST),
    "AccountService.SignOut": _ONE_WRITE,
    "AccountService.ChangePassword": _ONE_WRITE,
    "AccountService.CreateBotToken": _ONE_WRITE,
    "AccountService.RevokeToken": _ONE_WRITE,
    "AccountService.DeleteAccount": _ONE_WRITE,
    "ChatService.JoinRoom": _ONE_WRITE,
    "ChatService.LeaveRoom": _ONE_WRITE,
    "ChatService.InviteToRoom": partial(_write, INVITATION_COST),
    "ChatService.UpdateRoom": _ONE_WRITE,
    "ChatService.DeleteRoom": _ONE_WRITE,
    "ChatService.SetRoomRole": _ONE_WRITE,
    "ChatService.BlockUser": _ONE_WRITE,
    "ChatService.UnblockUser": _ONE_WRITE,
    "AdminService.Mute": _ONE_WRITE,
    "AdminService.ListMutes": partial(_query, MUTES_COST),
}
"""The methods that count as something else than one query."""


def charge(quotas: Quotas, method: str, caller: Caller, size: int = 0) -> None:
    """Count a call of a method; `size` is that of its request in bytes. Raises `RateLimited`."""
    CHARGES.get(method, _ONE_QUERY)(quotas, caller, size)
