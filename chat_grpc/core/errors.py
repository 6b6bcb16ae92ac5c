"""Errors: one class for each reason for which a request is refused or a stream ends.

Each class has its `google.rpc.Code` and its stable reason, as the contract lists them at
`RequestError.reason`. Only `chat_grpc.app.status` turns an error into a status or a `rejected`
event.
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


def printable(text: str) -> str:
    """Return a text for a sentence: as it is, or escaped if not all of it prints."""
    return text if text.isprintable() else repr(text)


class ChatError(Exception):
    """An error that is reported to the caller.

    `message` is a sentence for people; it must not contain anything that the caller may not know.
    `metadata` has the values in the message. `retry_after` is in seconds, and is set only if a
    later attempt can succeed.
    """

    code: ClassVar[int]
    reason: ClassVar[str]
    most_metadata: ClassVar[int] = 64
    """Characters that are kept of a value of `metadata`."""

    def __init__(
        self,
        message: str,
        *,
        metadata: dict[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        # The text may quote the caller. It is shortened, because trailers have a maximum size.
        self.message = _shortened(message, 300)
        super().__init__(self.message)
        most = self.most_metadata
        self.metadata = {key: _shortened(value, most) for key, value in (metadata or {}).items()}
        self.retry_after = retry_after


class HelloRequired(ChatError):
    """The first request of a stream is not `hello`."""

    code = FAILED_PRECONDITION
    reason = "HELLO_REQUIRED"


class FirstRequestLate(HelloRequired):
    """The first request of a call did not arrive in time."""

    code = DEADLINE_EXCEEDED


class NotSignedIn(ChatError):
    """The call needs a token and has none."""

    code = UNAUTHENTICATED
    reason = "NOT_SIGNED_IN"


class BadCredentials(ChatError):
    """The token, or the name and the password, are wrong."""

    code = UNAUTHENTICATED
    reason = "BAD_CREDENTIALS"


class TokenExpired(ChatError):
    """The token is no longer valid."""

    code = UNAUTHENTICATED
    reason = "TOKEN_EXPIRED"


class TokenRevoked(ChatError):
    """The token was revoked: by its user, by a new password, or by an admin."""

    code = UNAUTHENTICATED
    reason = "TOKEN_REVOKED"


class CertificateUnknown(ChatError):
    """The client's certificate names no account."""

    code = UNAUTHENTICATED
    reason = "CERTIFICATE_UNKNOWN"


def certificate_unknown(name: str) -> CertificateUnknown:
    """Return the error for a certificate that names a user without an account."""
    shown = printable(name)
    return CertificateUnknown(
        f"The client certificate names {shown}, and this server has no account of that name.",
        metadata={"user": name},
    )


def account_ended() -> CertificateUnknown:
    """Return the error for the streams of a certificate whose account has ended."""
    return CertificateUnknown("The account that the client certificate names has ended.")


class CertificateMismatch(ChatError):
    """The token belongs to another user than the one that the client's certificate names."""

    code = UNAUTHENTICATED
    reason = "CERTIFICATE_MISMATCH"


class NameInvalid(ChatError):
    """The name breaks the rules for names."""

    code = INVALID_ARGUMENT
    reason = "NAME_INVALID"


class NameTaken(ChatError):
    """The name belongs to another user or room."""

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


def client_not_found(number: int) -> ClientNotFound:
    """Return the error for a number that no user has, or none who can be reached."""
    return ClientNotFound(f"There is no client {number}.", metadata={"client_number": str(number)})


class UserNotFound(ChatError):
    """No user has this name."""

    code = NOT_FOUND
    reason = "USER_NOT_FOUND"


class UserChanged(ChatError):
    """The name belongs to another user than the one in the caller's conversation."""

    code = FAILED_PRECONDITION
    reason = "USER_CHANGED"


def user_changed(name: str, number: int, previous: int) -> UserChanged:
    """Return the error for a name that has passed from the user `previous` to the user `number`."""
    return UserChanged(
        f"{name} is now user {number}; your conversation is with user {previous}."
        f" Send to one of these numbers.",
        metadata={
            "user": name,
            "client_number": str(number),
            "previous_number": str(previous),
        },
    )


class RoomNotFound(ChatError):
    """The room does not exist, or the caller may not know that it does."""

    code = NOT_FOUND
    reason = "ROOM_NOT_FOUND"


class NotAMember(ChatError):
    """The caller must be a member of the room."""

    code = PERMISSION_DENIED
    reason = "NOT_A_MEMBER"


class MemberNotFound(ChatError):
    """The user in the request is not a member of the room."""

    code = NOT_FOUND
    reason = "NOT_A_MEMBER"


class NotAllowed(ChatError):
    """The caller's role is too low."""

    code = PERMISSION_DENIED
    reason = "NOT_ALLOWED"


class BlockedByUser(ChatError):
    """The user whom the request concerns blocked the caller."""

    code = PERMISSION_DENIED
    reason = "BLOCKED"


class UserBlocked(ChatError):
    """The caller blocked the user whom the request concerns."""

    code = FAILED_PRECONDITION
    reason = "BLOCKED"


class InviteInvalid(ChatError):
    """The invite code is missing, wrong, used up, expired or revoked."""

    code = PERMISSION_DENIED
    reason = "INVITE_INVALID"


class InviteNotFound(ChatError):
    """There is no invite code with this id."""

    code = NOT_FOUND
    reason = "INVITE_NOT_FOUND"


class TokenNotFound(ChatError):
    """The caller has no token with this id."""

    code = NOT_FOUND
    reason = "TOKEN_NOT_FOUND"


class IssuerUnavailable(ChatError):
    """The OpenID Connect issuer does not answer, or not as one does."""

    code = UNAVAILABLE
    reason = "ISSUER_UNAVAILABLE"


class SignInExpired(ChatError):
    """The sign-in was not completed in time, was completed already, or never began."""

    code = FAILED_PRECONDITION
    reason = "SIGN_IN_EXPIRED"


class SignInDenied(ChatError):
    """The user, or the issuer, refused the sign-in."""

    code = PERMISSION_DENIED
    reason = "SIGN_IN_DENIED"


class WrongKindOfUser(ChatError):
    """The request is for accounts only, or for guests only."""

    code = FAILED_PRECONDITION
    reason = "NOT_ALLOWED"


class TooManyTries(ChatError):
    """Too many failed tries to sign in, for a name or from an address."""

    code = RESOURCE_EXHAUSTED
    reason = "RATE_LIMITED"


class TooManyTokens(ChatError):
    """The user has the maximum number of bot tokens, or the server of invite codes."""

    code = RESOURCE_EXHAUSTED
    reason = "RATE_LIMITED"


class BlockListFull(ChatError):
    """The user blocked the maximum number of users."""

    code = RESOURCE_EXHAUSTED
    reason = "RATE_LIMITED"


class Banned(ChatError):
    """The user, or the network of the call, is banned. `metadata` has the reason and the end."""

    code = PERMISSION_DENIED
    reason = "BANNED"
    most_metadata = 250


class Muted(ChatError):
    """The user may not write for a while, in a room or everywhere."""

    code = PERMISSION_DENIED
    reason = "MUTED"
    most_metadata = 250


class Kicked(ChatError):
    """An admin ended the streams of the user, who may connect again."""

    code = ABORTED
    reason = "KICKED"
    most_metadata = 250


class BanNotFound(ChatError):
    """There is no ban with this id."""

    code = NOT_FOUND
    reason = "BAN_NOT_FOUND"


class AgainstYourself(ChatError):
    """An admin or a moderator would kick, ban or mute themselves."""

    code = FAILED_PRECONDITION
    reason = "NOT_ALLOWED"


class TooManyBans(ChatError):
    """The server has the maximum number of bans, or a room of mutes."""

    code = RESOURCE_EXHAUSTED
    reason = "RATE_LIMITED"


class LobbyStays(ChatError):
    """Nobody can leave the lobby."""

    code = FAILED_PRECONDITION
    reason = "NOT_ALLOWED"


class LastOwner(ChatError):
    """A room keeps at least one owner."""

    code = FAILED_PRECONDITION
    reason = "LAST_OWNER"


class TooManyRooms(ChatError):
    """The user owns the maximum number of rooms."""

    code = RESOURCE_EXHAUSTED
    reason = "TOO_MANY_ROOMS"


class MessageNotFound(ChatError):
    """The message does not exist, or the caller may not know that it does."""

    code = NOT_FOUND
    reason = "MESSAGE_NOT_FOUND"


def message_not_found(sequence: int, field: str = "target_sequence") -> MessageNotFound:
    """Return the error for a message that is missing, deleted, or hidden from the caller.

    `field` is the field of the request that named it.
    """
    return MessageNotFound(f"There is no message {sequence}.", metadata={field: str(sequence)})


class TextEmpty(ChatError):
    """The text is empty."""

    code = INVALID_ARGUMENT
    reason = "TEXT_EMPTY"


class TextTooLong(ChatError):
    """The text is larger than `Limits.max_text_bytes`."""

    code = INVALID_ARGUMENT
    reason = "TEXT_TOO_LONG"


class TextInvalid(ChatError):
    """The text contains a character that no text may have."""

    code = INVALID_ARGUMENT
    reason = "TEXT_INVALID"


class RequestIdReused(ChatError):
    """The request id was used before, for another request."""

    code = ALREADY_EXISTS
    reason = "REQUEST_ID_REUSED"


class RequestTooLarge(ChatError):
    """A request over HTTP has more bytes than the limit, so it was not read."""

    code = RESOURCE_EXHAUSTED
    reason = "REQUEST_TOO_LARGE"


class RequestIdInvalid(ChatError):
    """The request id is missing, too long, or not ASCII."""

    code = INVALID_ARGUMENT
    reason = "REQUEST_ID_INVALID"


class FieldInvalid(ChatError):
    """A field is missing or out of range, or the request is malformed."""

    code = INVALID_ARGUMENT
    reason = "FIELD_INVALID"


class PageTokenInvalid(ChatError):
    """The page token does not belong to this request."""

    code = INVALID_ARGUMENT
    reason = "PAGE_TOKEN_INVALID"


class NotServed(ChatError):
    """The method is in the contract, but this server does not implement it."""

    code = UNIMPLEMENTED
    reason = "NOT_ALLOWED"


class ServiceUnknown(ChatError):
    """The service of a health check does not exist."""

    code = NOT_FOUND
    reason = "FIELD_INVALID"


class FellBehind(ChatError):
    """The peer does not read, or reads too slowly."""

    code = RESOURCE_EXHAUSTED
    reason = "RATE_LIMITED"


class RateLimited(ChatError):
    """The user or the address is over a rate. `metadata` has the option in `limit`.

    Nothing was carried out: the same request may be sent again after `retry_after`.
    """

    code = RESOURCE_EXHAUSTED
    reason = "RATE_LIMITED"


class RoomFull(ChatError):
    """The room has the maximum number of members, or of open invitations."""

    code = RESOURCE_EXHAUSTED
    reason = "RATE_LIMITED"


class TooManyReactions(ChatError):
    """The message has the maximum number of different reactions."""

    code = RESOURCE_EXHAUSTED
    reason = "RATE_LIMITED"


class TooManyQueries(ChatError):
    """The user has the maximum number of queries running."""

    code = RESOURCE_EXHAUSTED
    reason = "RATE_LIMITED"


class QueryTooCostly(ChatError):
    """A query ran longer than its time limit."""

    code = RESOURCE_EXHAUSTED
    reason = "QUERY_TOO_COSTLY"


class IndexNotReady(ChatError):
    """The word index lags, and did not reach the head of the log in time."""

    code = UNAVAILABLE
    reason = "INDEX_NOT_READY"


class ServerFull(ChatError):
    """The server has its maximum number of streams open."""

    code = RESOURCE_EXHAUSTED
    reason = "SERVER_FULL"


class TooManyStreams(ChatError):
    """The user has the maximum number of streams open."""

    code = RESOURCE_EXHAUSTED
    reason = "RATE_LIMITED"


class BackupRunning(ChatError):
    """Another backup is being made or read."""

    code = RESOURCE_EXHAUSTED
    reason = "BACKUP_RUNNING"


class NoStoredFile(ChatError):
    """The store is in memory, so there is no file to copy."""

    code = FAILED_PRECONDITION
    reason = "NOT_ALLOWED"


class StorageFull(ChatError):
    """The disk is full: reads work, writes are refused."""

    code = RESOURCE_EXHAUSTED
    reason = "STORAGE_FULL"


class StorageFailed(ChatError):
    """The store failed: no request is acknowledged any longer."""

    code = UNAVAILABLE
    reason = "STORAGE_FAILED"


class StorageBusy(ChatError):
    """Another process has locked the store for a while."""

    code = UNAVAILABLE
    reason = "STORAGE_FAILED"


class Draining(ChatError):
    """The server is stopping."""

    code = UNAVAILABLE
    reason = "DRAINING"


class WriteFailed(ChatError):
    """The transport of a stream refused a response."""

    code = UNAVAILABLE
    reason = "WRITE_FAILED"
