"""The reflection service of gRPC ("GRPC Server Reflection Protocol")."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import FileDescriptor
from google.rpc import code_pb2
from grpc_reflection.v1alpha.reflection_pb2 import (
    ServerReflectionRequest,
    ServerReflectionResponse,
)

from chat_grpc.app.duplex import Duplex
from chat_grpc.app.first_requests import FirstRequests
from chat_grpc.app.parsing import parse
from chat_grpc.app.side_streams import SideStreams
from chat_grpc.core.caller import Caller


class Reflection:
    """Serves the names of the services and the definitions of their messages."""

    def __init__(
        self, first_requests: FirstRequests, side_streams: SideStreams, services: Iterable[str]
    ) -> None:
        """`services` are the full names of the services that are listed."""
        self._first_requests = first_requests
        self._side_streams = side_streams
        self._services = sorted(services)
        self._pool = descriptor_pool.Default()

    async def serve(self, duplex: Duplex, caller: Caller) -> None:
        """Answer the requests of one call, one after the other."""
        with self._side_streams.admit(caller.peer):
            encoded: bytes | None = await self._first_requests.read(duplex)
            while encoded is not None:
                response = self._answer(parse(ServerReflectionRequest, encoded))
                await duplex.write(response.SerializeToString())
                encoded = await duplex.read()

    def _answer(self, request: ServerReflectionRequest) -> ServerReflectionResponse:
        response = ServerReflectionResponse(valid_host=request.host, original_request=request)
        try:
            self._fill(response, request)
        except KeyError:
            response.error_response.error_code = code_pb2.NOT_FOUND
            response.error_response.error_message = "The contract does not define it."
        return response

    def _fill(self, response: ServerReflectionResponse, request: ServerReflectionRequest) -> None:
        """Fill in the answer. Raises `KeyError` for a name that the contract does not define."""
        pool = self._pool
        match request.WhichOneof("message_request"):
            case "list_services":
                for name in self._services:
                    response.list_services_response.service.add(name=name)
            case "file_by_filename":
                _add_files(response, pool.FindFileByName(request.file_by_filename))
            case "file_containing_symbol":
                _add_files(response, _file_of(pool, request.file_containing_symbol))
            case "file_containing_extension":
                asked = request.file_containing_extension
                message = pool.FindMessageTypeByName(asked.containing_type)
                extension: Any = pool.FindExtensionByNumber(message, asked.extension_number)
                _add_files(response, extension.file)
            case "all_extension_numbers_of_type":
                name = request.all_extension_numbers_of_type
                message = pool.FindMessageTypeByName(name)
                response.all_extension_numbers_response.base_type_name = name
                numbers = sorted(each.number for each in pool.FindAllExtensions(message))
                response.all_extension_numbers_response.extension_number.extend(numbers)
            case _:
                response.error_response.error_code = code_pb2.INVALID_ARGUMENT
                response.error_response.error_message = "The request is empty."


def _file_of(pool: descriptor_pool.DescriptorPool, symbol: str) -> FileDescriptor:
    """Return the file that defines a symbol. Raises `KeyError`."""
    # Here the pool knows all kinds of symbols but two.
    try:
        return pool.FindFileContainingSymbol(symbol)
    except KeyError:
        pass
    try:
        return pool.FindMethodByName(symbol).containing_service.file
    except KeyError:
        return pool.FindOneofByName(symbol).containing_type.file


def _add_files(response: ServerReflectionResponse, file: FileDescriptor) -> None:
    """Add a file and every file that it imports, each once."""
    files = {file.name: file}
    todo = [file]
    while todo:
        for needed in todo.pop().dependencies:
            if needed.name not in files:
                files[needed.name] = needed
                todo.append(needed)
    encoded = [each.serialized_pb for each in files.values()]
    response.file_descriptor_response.file_descriptor_proto.extend(encoded)
