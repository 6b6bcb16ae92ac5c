"""Users: their requests so far, and their calls beside the streams."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from dataclasses import dataclass
from itertools import count
from typing import Any, Protocol

import grpc
from grpc import aio
from support import UNIT, channel_to, reason_of
from torture.records import (
    DELETED,
    EDITED,
    MESSAGE,
    REACTION,
    READ_MARKER,
    Answer,
    Ask,
    BlockAsked,
    CallAnswered,
    Complaint,
    Departed,
    Ended,
    History,
    Item,
    Listed,
    Refusal,
    RoomAsked,
    Unknown,
    short,
)
from torture.wire import item_of, target_of

from chat_grpc.v1 import account_pb2, account_pb2_grpc, chat_pb2, chat_pb2_grpc

CALL_WITHIN = 10.0 * UNIT
"""The deadline of a call, in seconds."""

# A call that ends with one of these was not carried out.
DEFINITE = frozenset(
    [
        "INVALID_ARGUMENT",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "FAILED_PRECONDITION",
        "RESOURCE_EXHAUSTED",
    ]
)


@dataclass(frozen=True, slots=True)
class Made:
    """A request, which can be written any number of times."""

    request_id: str
    what: str
    place: str = ""
    text: str = ""
    target: int = 0

    def encoded(self) -> chat_pb2.ConnectRequest:
        """Return the request as a message of the contract."""
        if self.what == MESSAGE:
            return chat_pb2.ConnectRequest(send=self.send())
        if self.what == EDITED:
            edit = chat_pb2.Edit(
                target_sequence=self.target, text=self.text, request_id=self.request_id
            )
            return chat_pb2.ConnectRequest(edit=edit)
        if self.what == DELETED:
            delete = chat_pb2.DeleteMessage(target_sequence=self.target, request_id=self.request_id)
            return chat_pb2.ConnectRequest(delete_message=delete)
        if self.what == REACTION:
            react = chat_pb2.React(
                target_sequence=self.target,
                emoji=self.text.removeprefix("-"),
                remove=self.text[0] == "-",
                request_id=self.request_id,
            )
            return chat_pb2.ConnectRequest(react=react)
        if self.what == READ_MARKER:
            mark = chat_pb2.MarkRead(target=target_of(self.place), sequence=self.target)
            return chat_pb2.ConnectRequest(mark_read=mark)
        typing = chat_pb2.SetTyping(target=target_of(self.place))
        return chat_pb2.ConnectRequest(set_typing=typing)

    def send(self) -> chat_pb2.Send:
        """Return the contract's `Send`."""
        return chat_pb2.Send(
            target=target_of(self.place),
            text=self.text,
            request_id=self.request_id,
            reply_to=self.target,
        )

    def note(self, history: History, stream: str, user: int) -> None:
        """Record that the request is about to be written."""
        if self.what != "typing":
            text = short(self.text)
            history.add(
                Ask, stream, user, self.request_id, self.what, self.place, text, self.target
            )


class Client(Protocol):
    """A device of a user, on the bare contract or on the SDK."""

    name: str

    @property
    def connected(self) -> bool:
        """Tell whether requests can be written now."""

    def ask(self, made: Made) -> None:
        """Write a request, now or after the next reconnect."""


class Person:
    """A user. Belongs to the event loop."""

    def __init__(self, name: str, port: int, history: History) -> None:
        self.name = name
        self._port = port
        self.number = 0
        self.token = ""
        self.clients: list[Client] = []
        self.history = history
        self.stored: deque[tuple[int, Made]] = deque(maxlen=200)
        """Acknowledged messages of this user, with their sequences."""
        self.settled: deque[Made] = deque(maxlen=200)
        """Requests that were carried out."""
        self.newest = 0
        """The newest sequence that any client of this user has seen."""
        self._channel = channel_to(port)
        self._stub: Any = chat_pb2_grpc.ChatServiceStub(self._channel)
        self._blocking = asyncio.Lock()
        self._calls = count(1)
        self._ids = count(1)

    async def sign_in(self) -> None:
        """Sign in as a guest."""
        stub: Any = account_pb2_grpc.AccountServiceStub(self._channel)
        request = account_pb2.SignInRequest(name=self.name)
        answer = await stub.SignIn(request, timeout=CALL_WITHIN, wait_for_ready=True)
        self.number, self.token = answer.number, answer.token

    def ghost(self) -> Person:
        """Return another user, who is recorded here, and is not signed in."""
        name = f"ghost-{self.request_id()}".replace(".", "-")
        return Person(name, self._port, self.history)

    async def close(self) -> None:
        """End the connection."""
        await self._channel.close()

    def request_id(self) -> str:
        """Return a request id that this user has not used."""
        return f"{self.name}.{next(self._ids)}"

    def answered(self, made: Made, sequence: int) -> None:
        """Note that a request was carried out."""
        self.settled.append(made)
        if made.what == MESSAGE:
            self.stored.append((sequence, made))

    async def _call(self, method: str, request: Any, *, wait: bool = False) -> Any:
        """Make a call; with `wait` it waits for a connection.

        Otherwise it fails at once while gRPC waits before it connects again, which can be many
        seconds after the server has started.
        """
        metadata = (("authorization", f"Bearer {self.token}"),)
        return await getattr(self._stub, method)(
            request, timeout=CALL_WITHIN, metadata=metadata, wait_for_ready=wait
        )

    async def come_and_go(self) -> None:
        """Open a stream, and leave it once welcomed or refused."""
        call = self._stub.Connect(metadata=(("authorization", f"Bearer {self.token}"),))
        with contextlib.suppress(aio.AioRpcError, TimeoutError, asyncio.InvalidStateError):
            async with asyncio.timeout(1.0 * UNIT):
                await call.write(chat_pb2.ConnectRequest(hello=chat_pb2.Hello()))
                await call.read()
        call.cancel()

    async def hold_streams(self, number: int, seconds: float, *, hello: bool) -> None:
        """Hold `Connect` calls open for a while, and read nothing of them."""
        async with channel_to(self._port) as channel:
            stub: Any = chat_pb2_grpc.ChatServiceStub(channel)
            metadata = (("authorization", f"Bearer {self.token}"),)
            calls = [stub.Connect(metadata=metadata) for _ in range(number)]
            try:
                for call in calls if hello else ():
                    with contextlib.suppress(aio.AioRpcError, asyncio.InvalidStateError):
                        await call.write(chat_pb2.ConnectRequest(hello=chat_pb2.Hello()))
                await asyncio.sleep(seconds)
            finally:
                for call in calls:
                    call.cancel()

    async def search(self, within: float) -> None:
        """Search for a phrase of 2,700 words, and cancel after this many seconds."""
        request = chat_pb2.SearchMessagesRequest(query=f'"{"a " * 2700}"')
        metadata = (("authorization", f"Bearer {self.token}"),)
        with contextlib.suppress(aio.AioRpcError):
            await self._stub.SearchMessages(request, timeout=within, metadata=metadata)

    async def answers(self, within: float) -> bool:
        """Return True if the server answers a call within this many seconds."""
        metadata = (("authorization", f"Bearer {self.token}"),)
        try:
            await self._stub.ListClients(
                chat_pb2.ListClientsRequest(page_size=1), timeout=within, metadata=metadata
            )
        except aio.AioRpcError as error:
            return error.code() is not grpc.StatusCode.DEADLINE_EXCEEDED
        return True

    def _next_call(self) -> str:
        return f"{self.name}/call#{next(self._calls)}"

    def _failed(self, stream: str, error: aio.AioRpcError) -> str:
        status, reason = error.code().name, reason_of(error)
        self.history.add(Ended, stream, status, reason, own=False)
        return status

    async def send(self, made: Made) -> int:
        """Send a message by `SendTo`; return its sequence, or 0 if that is unknown."""
        stream = self._next_call()
        made.note(self.history, stream, self.number)
        message = made.send()
        request = chat_pb2.SendToRequest(
            target=message.target,
            text=message.text,
            request_id=message.request_id,
            reply_to=message.reply_to,
        )
        try:
            answer = await self._call("SendTo", request)
        except aio.AioRpcError as error:
            if self._failed(stream, error) in DEFINITE:
                self.history.add(Refusal, stream, made.request_id, reason_of(error))
            else:
                self.history.add(Unknown, stream, made.request_id)
            return 0
        self.history.add(Answer, stream, made.request_id, answer.sequence, answer.duplicate)
        self.answered(made, answer.sequence)
        return int(answer.sequence)

    async def change_room(
        self, what: str, room: str, subject: Person, method: str, /, **fields: Any
    ) -> None:
        """Call a room method; `what` names the change that it makes."""
        stream = self._next_call()
        self.history.add(RoomAsked, stream, self.number, what, f"#{room}", subject.number)
        request = getattr(chat_pb2, f"{method}Request")(**fields)
        await self._change(stream, method, request)

    async def _change(self, stream: str, method: str, request: Any) -> None:
        """Call a method that changes something, and record its end."""
        try:
            await self._call(method, request)
        except aio.AioRpcError as error:
            self._failed(stream, error)
        else:
            self.history.add(CallAnswered, stream)

    async def block(self, other: Person, *, blocked: bool) -> None:
        """Block another user, or end that. The calls come one after the other."""
        async with self._blocking:
            stream = self._next_call()
            self.history.add(BlockAsked, stream, self.number, other.number, blocked)
            method = "BlockUser" if blocked else "UnblockUser"
            request = getattr(chat_pb2, f"{method}Request")(client_number=other.number)
            await self._change(stream, method, request)

    async def come_and_depart(self, made: Made) -> None:
        """Sign in, send a message, and delete the account with it."""
        try:
            await self.sign_in()
        except aio.AioRpcError:
            return
        if sequence := await self.send(made):
            await self._depart(sequence)

    async def _depart(self, message: int) -> None:
        stream = self._next_call()
        Made(self.request_id(), DELETED, target=message).note(self.history, stream, self.number)
        stub: Any = account_pb2_grpc.AccountServiceStub(self._channel)
        request = account_pb2.DeleteAccountRequest(delete_messages=True)
        metadata = (("authorization", f"Bearer {self.token}"),)
        try:
            await stub.DeleteAccount(request, timeout=CALL_WITHIN, metadata=metadata)
        except aio.AioRpcError as error:
            self._failed(stream, error)
            return
        self.history.add(Departed, self.number, message)
        try:
            await self._call("ListRooms", chat_pb2.ListRoomsRequest())
        except aio.AioRpcError as error:
            if error.code().name in DEFINITE:
                text = f"{self.name} deleted the account, and is refused with {error.code().name}"
                self.history.add(Complaint, "I28", text)
        else:
            self.history.add(Complaint, "I28", f"{self.name} deleted the account, and is served")

    async def list(self, place: str, *, final: bool = False) -> str:
        """List the newest page of a conversation, or all of it at the end; return the status."""
        at = time.monotonic()
        request = chat_pb2.ListMessagesRequest(
            target=target_of(place), page_size=300 if final else 30
        )
        items: list[Item] = []
        status = "OK"
        try:
            while True:
                answer = await self._call("ListMessages", request, wait=final)
                items += map(item_of, answer.messages)
                request.page_token = answer.next_page_token
                if not final or not request.page_token:
                    break
        except aio.AioRpcError as error:
            status = error.code().name
        self.history.put(
            Listed(
                at,
                time.monotonic(),
                self.number,
                place,
                tuple(items) if status == "OK" else (),
                whole=status == "OK" and not request.page_token,
                status=status,
                final=final,
            )
        )
        return status
