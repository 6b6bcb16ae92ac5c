"""Which handler serves which method of the contract."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

import grpc
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor

from chat_grpc.core.errors import NotServed
from chat_grpc.service.account import AccountMethods
from chat_grpc.service.chat import ChatMethods
from chat_grpc.service.connect import Connect
from chat_grpc.service.guard import Context
from chat_grpc.service.history import HistoryMethods
from chat_grpc.service.identity import Identity
from chat_grpc.service.rooms import RoomMethods
from chat_grpc.v1 import account_pb2, admin_pb2, chat_pb2

SERVICES: tuple[ServiceDescriptor, ...] = (
    chat_pb2.DESCRIPTOR.services_by_name["ChatService"],
    account_pb2.DESCRIPTOR.services_by_name["AccountService"],
    admin_pb2.DESCRIPTOR.services_by_name["AdminService"],
)

# `Connect` says who it is by its hello; guests may look who is there before they come.
_NO_TOKEN = frozenset({"Connect", "ListClients"})
_NEED_TOKEN = frozenset(
    f"/{SERVICES[0].full_name}/{method.name}"
    for method in SERVICES[0].methods
    if method.name not in _NO_TOKEN
)
# Who asks for a token may hold one that is good no more.
_TOKEN_IGNORED = frozenset(f"/{SERVICES[1].full_name}/{name}" for name in ("SignIn", "Register"))


def handlers(
    connect: Connect,
    chat: ChatMethods,
    history: HistoryMethods,
    rooms: RoomMethods,
    account: AccountMethods,
) -> list[grpc.GenericRpcHandler]:
    """Gives a handler for every method of the contract; one not served yet says so."""
    served: dict[str, Callable[..., Any]] = {
        "Connect": connect.connect,
        "ListClients": chat.list_clients,
        "SendTo": chat.send_to,
        "ListMessages": history.list_messages,
        "SearchMessages": history.search_messages,
        "ListConversations": history.list_conversations,
        "ListRooms": rooms.list_rooms,
        "CreateRoom": rooms.create,
        "JoinRoom": rooms.join,
        "LeaveRoom": rooms.leave,
        "InviteToRoom": rooms.invite,
        "UpdateRoom": rooms.update,
        "ListRoomMembers": rooms.list_members,
        "SetRoomRole": rooms.set_role,
        "SignIn": account.sign_in,
    }
    return [
        grpc.method_handlers_generic_handler(
            service.full_name,
            {method.name: _handler(method, served.get(method.name)) for method in service.methods},
        )
        for service in SERVICES
    ]


def _handler(
    method: MethodDescriptor, serve: Callable[..., Any] | None
) -> grpc.RpcMethodHandler[Any, Any]:
    if method.name == "Connect" and serve is not None:
        # Bytes in and bytes out: the hub's frames are what goes onto the wire.
        return grpc.stream_stream_rpc_method_handler(serve)
    request = message_factory.GetMessageClass(method.input_type)
    response = message_factory.GetMessageClass(method.output_type)
    return grpc.unary_unary_rpc_method_handler(
        serve or _not_served(method),
        request_deserializer=request.FromString,
        response_serializer=response.SerializeToString,
    )


def _not_served(method: MethodDescriptor) -> Callable[[object, Context], Awaitable[NoReturn]]:
    async def refuse(_: object, __: Context) -> NoReturn:
        raise NotServed(f"This server does not serve {method.name} yet.")

    return refuse


def authorizer(identity: Identity) -> Callable[[str, Context], Awaitable[None]]:
    """Gives the check that is made before a method's first request is read."""

    async def authorize(method: str, context: Context) -> None:
        metadata = context.invocation_metadata() or ()
        if method in _NEED_TOKEN:
            await identity.required(metadata)
        elif method not in _TOKEN_IGNORED and (token := identity.token_of(metadata)):
            await identity.user_of(token)

    return authorize
