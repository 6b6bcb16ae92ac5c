"""Why a request is refused, or a stream ends: one class for each reason of the contract.

Each class carries its `google.rpc.Code` number and its stable reason, as they are listed at
`RequestError.reason`. `chat_grpc.app.status` is the only place that turns one into a
gRPC status or a `rejected` event.
"""

from __future__ import annotations

from typing import ClassVar

# The numbers of google.rpc.Code, which are those of gRPC's status codes.
INVALID_ARGUMENT = 3
DEADLINE_EXCEEDED = 4
NOT_FOUND = 5
ALREADY_EXISTS = 6
PERMISSION_DENIED = 7
RESOURCE_EXHAUSTED = 8
FAILED_PRECONDITION = 9
ABORTED = 10
UNIMPLEMENTED = 12
INTERNAL = 13
UNAVAILABLE = 14
UNAUTHENTICATED = 16


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 2] + "…."


class ChatError(Exception):
    """A refusal that the caller is told.

    `message` is a sentence for people; it must hold nothing that the caller may not know.
    `metadata` holds the values that it speaks of. `retry_after` is in seconds, and set only
    where trying again later can help.
    """

    code: ClassVar[int]
    reason: ClassVar[str]

    def __init__(
        self,
        message: str,
        *,
        metadata: dict[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        # What the caller wrote is quoted, but not at any length: trailers have a limit of size.
        self.message = _shortened(message, 300)
        super().__init__(self.message)
        self.metadata = {key: _shortened(value, 64) for key, value in (metadata or {}).items()}
        self.retry_after = retry_after


class HelloRequired(ChatError):
    """The first request of a stream is not `hello`."""

    code = FAILED_PRECONDITION
    reason = "HELLO_REQUIRED"


class FirstRequestLate(HelloRequired):
    """The first request of a call did not come in time."""

    code = DEADLINE_EXCEEDED


class NotSignedIn(ChatError):
    """The call needs a token and has none."""

    code = UNAUTHENTICATED
    reason = "NOT_SIGNED_IN"


class BadCredentials(ChatError):
    """The token, or the name and password, are not good."""

    code = UNAUTHENTICATED
    reason = "BAD_CREDENTIALS"


class TokenExpired(ChatError):
    """The token was good once."""

    code = UNAUTHENTICATED
    reason = "TOKEN_EXPIRED"


class NameInvalid(ChatError):
    """A name that nobody can have."""

    code = INVALID_ARGUMENT
    reason = "NAME_INVALID"


class NameTaken(ChatError):
    """The name belongs to somebody else."""

    code = ALREADY_EXISTS
    reason = "NAME_TAKEN"


class Replaced(ChatError):
    """The same device opened another stream."""

    code = ABORTED
    reason = "REPLACED"


class ClientNotFound(ChatError):
    """No user has this number."""

    code = NOT_FOUND
    reason = "CLIENT_NOT_FOUND"


class UserNotFound(ChatError):
    """No user has this name."""

    code = NOT_FOUND
    reason = "USER_NOT_FOUND"


class RoomNotFound(ChatError):
    """There is no such room, or the caller may not know of it."""

    code = NOT_FOUND
    reason = "ROOM_NOT_FOUND"


class NotAMember(ChatError):
    """Only members of the room may do this."""

    code = PERMISSION_DENIED
    reason = "NOT_A_MEMBER"


class MemberNotFound(ChatError):
    """The user of whom a request speaks is no member of the room."""

    code = NOT_FOUND
    reason = "NOT_A_MEMBER"


class NotAllowed(ChatError):
    """The caller's role is not enough."""

    code = PERMISSION_DENIED
    reason = "NOT_ALLOWED"


class LobbyStays(ChatError):
    """Everyone is in the lobby, and nobody leaves it."""

    code = FAILED_PRECONDITION
    reason = "NOT_ALLOWED"


class LastOwner(ChatError):
    """A room keeps at least one owner."""

    code = FAILED_PRECONDITION
    reason = "LAST_OWNER"


class MessageNotFound(ChatError):
    """There is no such message, or the caller may not know of it."""

    code = NOT_FOUND
    reason = "MESSAGE_NOT_FOUND"


def message_not_found(sequence: int, field: str = "target_sequence") -> MessageNotFound:
    """Makes the refusal for a message that is not there, is deleted, or may not be known of.

    `field` is the request's field that named it.
    """
    return MessageNotFound(f"There is no message {sequence}.", metadata={field: str(sequence)})


class TextEmpty(ChatError):
    """A message without text."""

    code = INVALID_ARGUMENT
    reason = "TEXT_EMPTY"


class TextTooLong(ChatError):
    """A text over `Limits.max_text_bytes`."""

    code = INVALID_ARGUMENT
    reason = "TEXT_TOO_LONG"


class TextInvalid(ChatError):
    """A text with a character that no text may have."""

    code = INVALID_ARGUMENT
    reason = "TEXT_INVALID"


class RequestIdReused(ChatError):
    """The request id was used before, with other content."""

    code = ALREADY_EXISTS
    reason = "REQUEST_ID_REUSED"


class RequestIdInvalid(ChatError):
    """The request id is missing, too long, or not ASCII."""

    code = INVALID_ARGUMENT
    reason = "REQUEST_ID_INVALID"


class FieldInvalid(ChatError):
    """A field is missing or out of its range, or the bytes are no such message at all."""

    code = INVALID_ARGUMENT
    reason = "FIELD_INVALID"


class PageTokenInvalid(ChatError):
    """The page token is not one that this server gave."""

    code = INVALID_ARGUMENT
    reason = "PAGE_TOKEN_INVALID"


class NotServed(ChatError):
    """The contract has it, this server does not serve it."""

    code = UNIMPLEMENTED
    reason = "NOT_ALLOWED"


class FellBehind(ChatError):
    """The stream takes less than is sent to it, over its outbox's limit."""

    code = RESOURCE_EXHAUSTED
    reason = "RATE_LIMITED"


class ServerFull(ChatError):
    """The server has as many streams as it admits."""

    code = RESOURCE_EXHAUSTED
    reason = "SERVER_FULL"


class TooManyStreams(ChatError):
    """The user has the maximum number of streams open."""

    code = RESOURCE_EXHAUSTED
    reason = "RATE_LIMITED"


class StorageFull(ChatError):
    """The disk is full: reading goes on, writing does not."""

    code = RESOURCE_EXHAUSTED
    reason = "STORAGE_FULL"


class StorageFailed(ChatError):
    """The store failed: nothing more is acknowledged."""

    code = UNAVAILABLE
    reason = "STORAGE_FAILED"


class StorageBusy(ChatError):
    """Another process has the store locked; soon it is free again."""

    code = UNAVAILABLE
    reason = "STORAGE_FAILED"


class Draining(ChatError):
    """The server is going away."""

    code = UNAVAILABLE
    reason = "DRAINING"
