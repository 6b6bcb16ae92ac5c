"""Invalid requests get a status of the contract, and the server continues."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import grpc
import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from grpc import aio
from support import REASONS, UNIT, Recorder, channel_to, eventually, reason_of

from chat_grpc.app.methods import SERVICES
from chat_grpc.server import Server
from chat_grpc.v1 import account_pb2, account_pb2_grpc, chat_pb2

METHODS = [method for service in SERVICES for method in service.methods]
CASES = 1000
ALLOWED = {
    grpc.StatusCode.OK,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.UNIMPLEMENTED,
}
STRINGS = ["", "alice", "bob", "lobby", "x" * 40, "\u202e", "a\0b", "🙂", "99", "ä" * 9000]
NUMBERS = [*range(20), -1, 2**31 - 1, -(2**31)]


def fill(message: Message, chance: random.Random, depth: int = 0) -> None:
    """Set random fields to valid and invalid values."""
    chosen = {oneof.name: chance.choice(oneof.fields) for oneof in message.DESCRIPTOR.oneofs}
    for field in message.DESCRIPTOR.fields:
        oneof = field.containing_oneof
        if oneof is not None and chosen[oneof.name] is not field:
            continue
        if chance.random() < (0.4 if oneof is None else 0.1) or depth > 3:
            continue
        if field.message_type is not None:
            if not field.is_repeated:
                getattr(message, field.name).SetInParent()
                fill(getattr(message, field.name), chance, depth + 1)
        elif not field.is_repeated:
            setattr(message, field.name, value(field, chance))


def value(field: Any, chance: random.Random) -> Any:
    """Return a value of a field's type."""
    if field.name == "request_id" and chance.random() < 0.8:
        return f"r{chance.random()}"
    if field.name == "emoji" and chance.random() < 0.8:
        return "🙂"
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        text = chance.choice(STRINGS)
        return text.encode() if field.type == FieldDescriptor.TYPE_BYTES else text
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return chance.random() < 0.5
    if field.cpp_type == FieldDescriptor.CPPTYPE_ENUM:
        return chance.choice([0, 1, 2, 3, 4, 9])
    if field.cpp_type == FieldDescriptor.CPPTYPE_DOUBLE:
        return chance.choice([0.0, -1.0, float("nan"), float("inf")])
    return chance.choice(NUMBERS)


async def furnish(witness: Recorder, *others: Recorder) -> None:
    """Create the rooms, with members, and the messages that the random values name."""
    for person in (witness, *others):
        metadata = (("authorization", f"Bearer {person.welcome.token}"),)
        for name in ("alice", "bob"):
            if person is witness:
                made = chat_pb2.CreateRoomRequest(name=name)
                await witness.stub.CreateRoom(made, metadata=metadata)
            else:
                join = chat_pb2.JoinRoomRequest(room=name)
                await person.stub.JoinRoom(join, metadata=metadata)
    for person in (witness, *others):
        for room in ("alice", "bob", "lobby"):
            await person.sent("x", chat_pb2.Target(room=room))


def request(method: MethodDescriptor, chance: random.Random) -> bytes:
    """Return a request: well formed, truncated, changed, or random bytes."""
    if chance.random() < 0.25:
        return chance.randbytes(chance.randint(0, 200))
    message = message_factory.GetMessageClass(method.input_type)()
    fill(message, chance)
    encoded = bytearray(message.SerializeToString())
    if encoded and chance.random() < 0.4:
        for _ in range(chance.randint(1, 5)):
            encoded[chance.randrange(len(encoded))] = chance.randrange(256)
    if chance.random() < 0.1:
        encoded = encoded[: chance.randint(0, len(encoded))]
    return bytes(encoded)


async def unary_case(method: Any, raw: bytes, metadata: Any) -> tuple[grpc.StatusCode, str]:
    """Make one call; return its status and reason."""
    try:
        await method(raw, metadata=metadata, timeout=20 * UNIT)
    except aio.AioRpcError as error:
        return error.code(), reason_of(error)
    return grpc.StatusCode.OK, ""


async def stream_case(method: Any, raw: bytes, metadata: Any) -> tuple[grpc.StatusCode, str]:
    """Open a stream with random requests; cancel it if admitted; return status and reason."""
    call = method(metadata=metadata)
    try:
        await call.write(raw)
        response = await asyncio.wait_for(call.read(), 20 * UNIT)
    except aio.AioRpcError as error:
        return error.code(), reason_of(error)
    if response is not aio.EOF:
        call.cancel()
        return grpc.StatusCode.OK, ""
    ended = aio.AioRpcError(
        await call.code(),
        await call.initial_metadata(),
        await call.trailing_metadata(),
        await call.details(),
    )
    return ended.code(), reason_of(ended)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
async def test_random_requests_get_a_status_of_the_contract(
    method: MethodDescriptor, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """No random request gets UNKNOWN or INTERNAL, hangs, or leaves anything open."""
    # The debug mode of asyncio makes the calls take 10 s.
    asyncio.get_running_loop().set_debug(False)
    chance = random.Random(method.full_name)
    path = f"/{method.containing_service.full_name}/{method.name}"
    async with Recorder(server, name="witness") as witness, channel_to(server) as channel:
        caller = witness.welcome.token
        if method.name in ("SignOut", "DeleteAccount"):  # they would end the witness
            accounts = account_pb2_grpc.AccountServiceStub(channel)
            signed_in = await accounts.SignIn(account_pb2.SignInRequest(name="caller"))
            caller = signed_in.token
        token = (("authorization", f"Bearer {caller}"),)
        await furnish(witness)

        def case() -> Any:
            # Most calls have a token, because more code runs for admitted callers.
            metadata = token if chance.random() < 0.8 else None
            raw = request(method, chance)
            if method.name == "Connect":
                return stream_case(channel.stream_stream(path), raw, metadata)
            return unary_case(channel.unary_unary(path), raw, metadata)

        seen: set[tuple[grpc.StatusCode, str]] = set()
        # One export of a user runs at a time; the refusals of the others come late.
        cases = CASES // 10 if method.name == "ExportData" else CASES
        for _ in range(cases // 50):
            seen |= set(await asyncio.gather(*(case() for _ in range(50))))
        assert {code for code, _ in seen} <= ALLOWED | {grpc.StatusCode.ABORTED}, seen
        assert {reason for code, reason in seen if code is not grpc.StatusCode.OK} <= REASONS
        await eventually(lambda: server.stream_count == 1)
        assert (await witness.sent("still here")).sequence > 0
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_garbage_on_an_open_stream_is_rejected_one_by_one(server: Server) -> None:
    """Requests of every kind on one stream are answered, and the next message is stored."""
    connect = SERVICES[0].methods_by_name["Connect"]
    chance = random.Random(1)
    events: list[chat_pb2.Event] = []
    async with (
        Recorder(server, name="witness") as witness,
        Recorder(server, name="noise") as noise,
        channel_to(server) as channel,
    ):
        await furnish(witness, noise)
        call: Any = channel.stream_stream("/chat_grpc.v1.ChatService/Connect")()
        hello = chat_pb2.ConnectRequest(hello=chat_pb2.Hello(token=noise.welcome.token))
        await call.write(hello.SerializeToString())
        reader = asyncio.create_task(drain(call, events))
        for _ in range(2 * CASES):
            await call.write(request(connect, chance))
        await eventually(lambda: server.stream_count == 3)
        assert (await witness.sent("still here")).sequence > 0
        await eventually(lambda: any(event.message.text == "still here" for event in events))
        assert not call.done()
        call.cancel()
        await asyncio.gather(reader, return_exceptions=True)
        await eventually(lambda: server.stream_count == 2)
    kinds = {event.WhichOneof("event") for event in events}
    assert kinds >= {"sent", "rejected", "edited", "deleted", "reaction", "read_marker"}
    errors = [event.rejected.error for event in events if event.HasField("rejected")]
    assert {error.reason for error in errors} <= REASONS
    assert {error.code for error in errors} <= {code.value[0] for code in ALLOWED}
    reasons = {error.reason for error in errors}
    assert reasons >= {"NOT_ALLOWED", "ROOM_NOT_FOUND", "MESSAGE_NOT_FOUND", "FIELD_INVALID"}


async def drain(call: Any, events: list[chat_pb2.Event]) -> None:
    """Read a stream to its end."""
    while (raw := await call.read()) is not aio.EOF:
        events.extend(chat_pb2.ConnectResponse.FromString(raw).events)
