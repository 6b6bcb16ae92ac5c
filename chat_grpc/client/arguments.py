"""Arguments of programs: recipients, users and messages, as plain names and numbers."""

from __future__ import annotations

from chat_grpc.v1 import chat_pb2

To = int | str | chat_pb2.Author | chat_pb2.Client | chat_pb2.Room | None
"""A number, a name, `#room`, `@number`, a user or a room of the contract, or None for everyone."""

Recipient = int | str | None
"""A recipient as `recipient` returns it: a number, a name or a `#room`, or None for everyone."""

User = int | str | chat_pb2.Author | chat_pb2.Client
"""A user: a number, a name, `@number`, or an `Author` or `Client` of the contract."""

MessageRef = int | chat_pb2.Event | chat_pb2.StoredMessage | chat_pb2.Sent
"""A message: its sequence, an event about it, an item of `history`, or the result of `send`."""


def recipient(to: To) -> Recipient:
    """Return the number, the name, or the `#room` of a recipient; None for everyone.

    Raises `TypeError` for anything else.
    """
    match to:
        case None:
            return None
        case chat_pb2.Room():
            return f"#{to.name}"
        case str() if to.startswith("#"):
            return to
        case chat_pb2.Event():
            raise TypeError("to is an Event; to answer one, call reply(event, text).")
    return user_of(to, "to")


def user_of(user: User, argument: str = "user") -> int | str:
    """Return the number or the name of a user. Raises `TypeError`, which names the `argument`."""
    match user:
        case chat_pb2.Author() | chat_pb2.Client():
            return user.number
        case str():
            name = user.removeprefix("@")
            # No name has digits only.
            number = name != user and name.isascii() and name.isdigit() and len(name) < 11
            return int(name) if number else name
        case int() if not isinstance(user, bool):
            return user
    raise TypeError(
        f"{argument} is {_shown(user)}; pass a number, a name, '@number', an Author or a Client"
        f"{', a Room or #room' if argument == 'to' else ''}."
    )


def message_sequence(message: MessageRef, argument: str = "message") -> int:
    """Return the sequence of a message.

    Raises `TypeError` for a value that is no message, and `ValueError` for an event about none.
    """
    match message:
        case chat_pb2.Event():
            return _sequence_of_event(message)
        case chat_pb2.StoredMessage() | chat_pb2.Sent():
            return message.sequence
        case int() if not isinstance(message, bool):
            return message
    raise TypeError(
        f"{argument} is {_shown(message)}; pass the sequence of a message, which is an int, "
        "or its event."
    )


def _sequence_of_event(event: chat_pb2.Event) -> int:
    kind = event.WhichOneof("event")
    match kind:
        case "message":
            return event.sequence
        case "edited":
            return event.edited.target_sequence
        case "deleted":
            return event.deleted.target_sequence
        case "reaction":
            return event.reaction.target_sequence
    raise ValueError(f"The event is about no message: it is a {kind or 'new kind of event'}.")


def conversation_of(event: chat_pb2.Event, me: int) -> int | str:
    """Return the `#room`, or the number of the other side, in whose conversation a message is.

    `me` is the number of the caller. Raises `ValueError` for an event without a message, and
    `TypeError` for anything else.
    """
    if not isinstance(event, chat_pb2.Event):
        raise TypeError(f"reply answers an Event; got {_shown(event)}.")
    message = event.edited.message if event.HasField("edited") else event.message
    if message.room:
        return f"#{message.room}"
    if not message.author.number:
        kind = event.WhichOneof("event")
        raise ValueError(f"reply answers a message; the event is a {kind or 'new kind of event'}.")
    return message.user.number if message.author.number == me else message.author.number


def _shown(value: object) -> str:
    kind = type(value).__name__
    return f"the {kind} {value!r}" if isinstance(value, str | bool | float) else f"a {kind}"
