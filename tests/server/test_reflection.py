"""Reflection finds every symbol of the contract, on each transport."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from support import channel_to, running

from chat_grpc.config import TRANSPORTS
from chat_grpc.v1 import account_pb2, admin_pb2, chat_pb2

FILES: tuple[FileDescriptor, ...] = tuple(
    module.DESCRIPTOR for module in (account_pb2, admin_pb2, chat_pb2)
)


def symbols_of(file: FileDescriptor) -> Iterator[str]:
    """Yield the full name of everything that a file defines."""
    for service in file.services_by_name.values():
        yield service.full_name
        yield from (method.full_name for method in service.methods)
    for message in file.message_types_by_name.values():
        yield from symbols_in(message)
    for enum in file.enum_types_by_name.values():
        yield from values_of(enum)


def symbols_in(message: Descriptor) -> Iterator[str]:
    """Yield the full names of a message and everything in it."""
    yield message.full_name
    yield from (field.full_name for field in message.fields)
    yield from (oneof.full_name for oneof in message.oneofs)
    for enum in message.enum_types:
        yield from values_of(enum)
    for nested in message.nested_types:
        yield from symbols_in(nested)


def values_of(enum: EnumDescriptor) -> Iterator[str]:
    """Yield the full names of an enum and its values, which are beside it."""
    yield enum.full_name
    around = enum.full_name.rpartition(".")[0]
    yield from (f"{around}.{value.name}" for value in enum.values)


@pytest.fixture(params=TRANSPORTS)
async def reflection(
    request: pytest.FixtureRequest,
) -> AsyncIterator[reflection_pb2_grpc.ServerReflectionStub]:
    """The reflection service of a running server."""
    async with running(transport=request.param) as server, channel_to(server.port) as channel:
        yield reflection_pb2_grpc.ServerReflectionStub(channel)


async def answers(
    reflection: reflection_pb2_grpc.ServerReflectionStub, *symbols: str
) -> list[reflection_pb2.ServerReflectionResponse]:
    """Ask where symbols are defined, on one stream."""
    requests = [
        reflection_pb2.ServerReflectionRequest(file_containing_symbol=symbol) for symbol in symbols
    ]
    return [answer async for answer in reflection.ServerReflectionInfo(iter(requests))]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
async def test_every_symbol_is_found(
    file: FileDescriptor, reflection: reflection_pb2_grpc.ServerReflectionStub
) -> None:
    """Services, methods, messages, fields, oneofs, enums and their values are found."""
    symbols = list(symbols_of(file))
    assert len(symbols) > 100
    for symbol, answer in zip(symbols, await answers(reflection, *symbols), strict=True):
        found = answer.file_descriptor_response.file_descriptor_proto
        assert found, f"{symbol}: {answer.error_response}"
        assert FileDescriptorProto.FromString(found[0]).name == file.name, symbol


async def test_other_symbols_are_not_found(
    reflection: reflection_pb2_grpc.ServerReflectionStub,
) -> None:
    """A name that nothing has is `NOT_FOUND`, and the stream goes on."""
    wrong = ("chat_grpc.v1.ChatService.Nothing", "chat_grpc.v1", "nothing", "", ".")
    for answer in await answers(reflection, *wrong):
        assert answer.error_response.error_code == 5, answer
