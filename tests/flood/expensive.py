"""The most expensive request that the API allows, for each method and each request of a stream.

`python -m flood.expensive PORT` carries out the attack that a line of its input describes, until
the next line; an empty line only ends it. After each line it writes how the calls of the attack
ended. It does not wait for `retry_after`: the limits have to hold against those who insist. It has
a low priority: its own work takes little time from the server and from the good clients.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field

from flood.calls import Calls, FloodedStream, Request, connect
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from chat_grpc.app.methods import SERVICES, STANDARD
from chat_grpc.v1 import account_pb2, admin_pb2, chat_pb2

CONNECTIONS, IN_FLIGHT = 2, 50
"""Connections of an attack, and the calls of each at a time."""

PATIENCE = 5.0
"""Seconds to wait for the first outcome of an attack."""

GUEST, ACCOUNT, WRITER, NOBODY = "guest", "account", "writer", ""
"""The callers of attacks. The guest has a room; the writer wrote all messages that are stored."""

PASSWORD = "correct horse battery"
LOBBY = chat_pb2.Target(room="lobby")
WORDS = "".join(f"w{number:x} " for number in range(4000))[: 16 * 1024 - 16]
"""Nearly 16 KiB of different words: each is a row of the word index."""


@dataclass
class Order:
    """An attack to carry out."""

    name: str
    address: str
    """The address of the attacker."""
    room: str = ""
    """A room of the guest."""
    log_id: str = ""
    tokens: dict[str, str] = field(default_factory=dict)
    """The tokens of the callers."""

    def encoded(self) -> str:
        """Return the line of this order."""
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class Attack:
    """Calls of one method, as fast as they are answered."""

    make: Callable[[int, Order], Message]
    """Returns the request with a number."""
    caller: str = GUEST
    ends: bool = True
    """False leaves the calls open."""


def account_of(room: str) -> str:
    """Return the name of the account of an attacker with a room."""
    return f"{room}-a"


def _room(made: Callable[..., Message], **fields: object) -> Attack:
    """Return an attack on the guest's own room."""
    return Attack(lambda _, order: made(room=order.room, **fields))


UNARY: dict[str, Attack] = {
    "ChatService.ListClients": Attack(lambda _, __: chat_pb2.ListClientsRequest(page_size=1000)),
    "ChatService.SendTo": Attack(
        lambda n, _: chat_pb2.SendToRequest(target=LOBBY, text=f"{WORDS}{n}")
    ),
    "ChatService.ListMessages": Attack(
        lambda _, __: chat_pb2.ListMessagesRequest(target=LOBBY, page_size=300)
    ),
    "ChatService.SearchMessages": Attack(
        lambda n, _: chat_pb2.SearchMessagesRequest(query=f"share many words none{n}")
    ),
    "ChatService.ListConversations": Attack(
        lambda _, __: chat_pb2.ListConversationsRequest(page_size=1000)
    ),
    "ChatService.ListRooms": Attack(lambda _, __: chat_pb2.ListRoomsRequest(page_size=1000)),
    "ChatService.CreateRoom": Attack(
        lambda n, order: chat_pb2.CreateRoomRequest(name=f"{order.room}-{n}", topic="t" * 250)
    ),
    "ChatService.JoinRoom": _room(chat_pb2.JoinRoomRequest),
    "ChatService.LeaveRoom": _room(chat_pb2.LeaveRoomRequest),
    "ChatService.InviteToRoom": Attack(
        lambda n, order: chat_pb2.InviteToRoomRequest(room=order.room, user=f"good{n % 50}")
    ),
    "ChatService.UpdateRoom": Attack(
        lambda n, order: chat_pb2.UpdateRoomRequest(room=order.room, topic=f"{n}".rjust(250, "t"))
    ),
    "ChatService.DeleteRoom": _room(chat_pb2.DeleteRoomRequest),
    "ChatService.ListRoomMembers": _room(chat_pb2.ListRoomMembersRequest, page_size=1000),
    "ChatService.SetRoomRole": _room(
        chat_pb2.SetRoomRoleRequest, user="good1", role=chat_pb2.ROOM_ROLE_READER
    ),
    "ChatService.BlockUser": Attack(
        lambda n, _: chat_pb2.BlockUserRequest(client_number=n % 50 + 1)
    ),
    "ChatService.UnblockUser": Attack(
        lambda n, _: chat_pb2.UnblockUserRequest(client_number=n % 50 + 1)
    ),
    "ChatService.ListBlocked": Attack(lambda _, __: chat_pb2.ListBlockedRequest(page_size=1000)),
    "AccountService.Register": Attack(
        lambda n, order: account_pb2.RegisterRequest(name=f"{order.room}-{n}", password=PASSWORD),
        NOBODY,
    ),
    "AccountService.SignIn": Attack(
        lambda _, order: account_pb2.SignInRequest(name=account_of(order.room), password=PASSWORD),
        NOBODY,
    ),
    "AccountService.GetSignInOptions": Attack(
        lambda _, __: account_pb2.GetSignInOptionsRequest(), NOBODY
    ),
    "AccountService.StartDeviceSignIn": Attack(
        lambda _, __: account_pb2.StartDeviceSignInRequest(), NOBODY
    ),
    "AccountService.PollDeviceSignIn": Attack(
        lambda n, _: account_pb2.PollDeviceSignInRequest(sign_in_id=f"{n}" * 500), NOBODY
    ),
    "AccountService.StartBrowserSignIn": Attack(
        lambda _, __: account_pb2.StartBrowserSignInRequest(), NOBODY
    ),
    "AccountService.FinishBrowserSignIn": Attack(
        lambda _, __: account_pb2.FinishBrowserSignInRequest(), NOBODY
    ),
    "AccountService.SignOut": Attack(lambda _, __: account_pb2.SignOutRequest()),
    "AccountService.ChangePassword": Attack(
        lambda n, _: account_pb2.ChangePasswordRequest(
            old_password=PASSWORD, new_password=f"{PASSWORD} {n}"
        ),
        ACCOUNT,
    ),
    "AccountService.CreateBotToken": Attack(
        lambda n, _: account_pb2.CreateBotTokenRequest(label=f"{n}".rjust(64, "t")), ACCOUNT
    ),
    "AccountService.ListTokens": Attack(
        lambda _, __: account_pb2.ListTokensRequest(page_size=1000), ACCOUNT
    ),
    "AccountService.RevokeToken": Attack(
        lambda n, _: account_pb2.RevokeTokenRequest(token_id=str(10**9 + n)), ACCOUNT
    ),
    "AccountService.ExportData": Attack(lambda _, __: account_pb2.ExportDataRequest()),
    "AccountService.DeleteAccount": Attack(
        lambda _, __: account_pb2.DeleteAccountRequest(delete_messages=True), WRITER
    ),
    "AdminService.ListMutes": _room(admin_pb2.ListMutesRequest, page_size=1000),
    "Health.Check": Attack(lambda _, __: health_pb2.HealthCheckRequest(service="x" * 500), NOBODY),
}
"""The attacks by unary methods, and by those with a stream of responses."""

OPEN: dict[str, Attack] = {
    "ChatService.Connect": Attack(
        lambda _, order: chat_pb2.ConnectRequest(hello=chat_pb2.Hello(log_id=order.log_id)),
        ends=False,
    ),
    "Health.Watch": Attack(lambda _, __: health_pb2.HealthCheckRequest(), NOBODY, ends=False),
    "ServerReflection.ServerReflectionInfo": Attack(
        lambda _, __: reflection_pb2.ServerReflectionRequest(
            file_containing_symbol="chat_grpc.v1.ChatService"
        ),
        NOBODY,
        ends=False,
    ),
}
"""The attacks by streams. Each of `Connect` gets the whole log."""

ON_STREAM: dict[str, Callable[[int], chat_pb2.ConnectRequest]] = {
    "hello": lambda _: chat_pb2.ConnectRequest(hello=chat_pb2.Hello(name="again")),
    "send": lambda n: chat_pb2.ConnectRequest(
        send=chat_pb2.Send(target=LOBBY, text=f"{WORDS}{n}", request_id=f"s{n}")
    ),
    "edit": lambda n: chat_pb2.ConnectRequest(
        edit=chat_pb2.Edit(target_sequence=n + 1, text=WORDS, request_id=f"e{n}")
    ),
    "delete_message": lambda n: chat_pb2.ConnectRequest(
        delete_message=chat_pb2.DeleteMessage(target_sequence=n + 1, request_id=f"d{n}")
    ),
    "react": lambda n: chat_pb2.ConnectRequest(
        react=chat_pb2.React(target_sequence=n + 1, emoji="🎉", request_id=f"r{n}")
    ),
    "mark_read": lambda n: chat_pb2.ConnectRequest(
        mark_read=chat_pb2.MarkRead(target=LOBBY, sequence=n + 1)
    ),
    "set_typing": lambda _: chat_pb2.ConnectRequest(set_typing=chat_pb2.SetTyping(target=LOBBY)),
}
"""The requests of a stream, by name."""

ADMINS = "AdminService"
"""The attack that calls each method of admins in turn, which refuse a guest."""

ATTACKS = [ADMINS, *OPEN, *(f"on stream: {kind}" for kind in ON_STREAM), *UNARY]

_PATHS = {
    f"{service.name}.{method.name}": f"/{service.full_name}/{method.name}"
    for service in (*SERVICES, *STANDARD)
    for method in service.methods
}
_ADMIN_PATHS = [path for name, path in _PATHS.items() if name.startswith(ADMINS)]


def _requests(order: Order) -> Iterator[Request]:
    """Return the calls of an attack, without an end."""
    if order.name == ADMINS:
        refused = b"\x0a\xf0\x07" + b"x" * 1008
        for path in itertools.cycle(_ADMIN_PATHS):
            yield Request(path, refused, order.tokens[GUEST])
    attack, path = (UNARY | OPEN)[order.name], _PATHS[order.name]
    token = order.tokens.get(attack.caller, "")
    for number in itertools.count():
        message = attack.make(number, order).SerializeToString()
        yield Request(path, message, token, attack.ends)


class _Attacker:
    """Carries out one attack. Belongs to the event loop."""

    def __init__(self, port: int, order: Order) -> None:
        self._port = port
        self._order = order
        self._ended: list[Calls | FloodedStream] = []
        self._tasks = [asyncio.create_task(self._attack()) for _ in range(CONNECTIONS)]

    async def _attack(self) -> None:
        kind = self._order.name.removeprefix("on stream: ")
        while True:
            if kind in ON_STREAM:
                await self._flood(ON_STREAM[kind])
            else:
                await self._call()
            await asyncio.sleep(0.05)

    async def _call(self) -> None:
        """Make calls until the server ends the connection."""
        requests = _requests(self._order)
        calls = await connect(self._port, lambda: Calls(requests, IN_FLIGHT), self._order.address)
        self._ended.append(calls)
        while not calls.closed:
            await asyncio.sleep(0.01)

    async def _flood(self, make: Callable[[int], chat_pb2.ConnectRequest]) -> None:
        """Write requests until the server ends the stream."""
        token, numbers = self._order.tokens[GUEST], itertools.count()
        stream = await connect(self._port, lambda: FloodedStream(token), self._order.address)
        self._ended.append(stream)
        while not stream.closed and stream.end is None:
            if stream.takes_more:
                stream.write(*map(make, itertools.islice(numbers, 20)))
            await asyncio.sleep(0.002)
        stream.close()

    @property
    def _outcomes(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for each in self._ended:
            found.update(each.reasons)
        return found

    async def end(self) -> dict[str, int]:
        """End; return the number of calls and requests that ended, by reason.

        Wait a while for the first one, on a machine that is slow.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while not self._outcomes:
                    await asyncio.sleep(0.01)
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        for each in self._ended:
            each.close()
        return self._outcomes


async def main(port: int) -> None:
    """Carry out the attacks of the input."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    attacker: _Attacker | None = None
    while line := await reader.readline():
        found = await attacker.end() if attacker is not None else {}
        attacker = _Attacker(port, Order(**json.loads(line))) if line.strip() else None
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    os.nice(10)
    asyncio.run(main(int(sys.argv[1])))
