"""The requests of a stream: messages, changes to them, read markers and typing."""

from __future__ import annotations

from abc import abstractmethod

from chat_grpc.client.arguments import MessageRef, To, conversation_of, recipient
from chat_grpc.client.client_state import ClientState
from chat_grpc.client.errors import UserChanged
from chat_grpc.client.requests import (
    Request,
    check_size,
    make_delete,
    make_edit,
    make_react,
    make_send,
    of_log,
    other_log,
    sequence_of,
    target,
)
from chat_grpc.client.unary import Unary
from chat_grpc.v1 import chat_pb2


class StreamRequests(ClientState, Unary):
    """The methods of `ChatClient` that write to its stream."""

    async def send(
        self,
        text: str,
        to: To = None,
        *,
        reply_to: MessageRef = 0,
        request_id: str | None = None,
    ) -> chat_pb2.Sent:
        """Send a message; return when it is stored.

        `to` is a number, a name, `#room`, `@number`, an `Author`, a `Client`, a `Room`, or None for
        everyone. `reply_to` is a message, by its sequence or its event. Messages are stored in the
        order of the calls. Raises `Refused` (`UserChanged` if somebody else has the
        name of a conversation), `Closed`, or `Unreachable` if no answer came for a day. A cancelled
        call may have sent the message, or may still send it; to find out, call again with the same
        `request_id` and `to`.
        """
        self._check()
        to = recipient(to)
        users, unanswered = self._session.users, self._session.outgoing.unanswered
        if request_id is None:
            to = users.write_to(to)
        elif request_id not in unanswered.request_ids and isinstance(to, str):
            # Not the number: a retry after a restart may not know it.
            users.check(to)
        try:
            return await self._ask(make_send(text, to, reply_to, request_id))
        except UserChanged as error:
            users.changed(error)
            raise

    async def reply(
        self, event: chat_pb2.Event, text: str, *, request_id: str | None = None
    ) -> chat_pb2.Sent:
        """Answer the message of an event in its conversation; otherwise like `send`.

        `ValueError` for an event without a message.
        """
        to = conversation_of(event, self.me.number)
        return await self.send(text, to, reply_to=event, request_id=request_id)

    async def edit(
        self, sequence: MessageRef, text: str, *, request_id: str | None = None
    ) -> chat_pb2.Sent:
        """Replace the text of one of the user's own messages; otherwise like `send`.

        The message is named by its sequence, or by an event about it.
        """
        return await self._ask(make_edit(sequence, text, request_id))

    async def delete(self, sequence: MessageRef, *, request_id: str | None = None) -> chat_pb2.Sent:
        """Delete one of the user's own messages, or any as a moderator; otherwise like `send`."""
        return await self._ask(make_delete(sequence, request_id))

    async def react(
        self,
        sequence: MessageRef,
        emoji: str,
        *,
        remove: bool = False,
        request_id: str | None = None,
    ) -> chat_pb2.Sent:
        """Add a reaction to a message, or with `remove` remove it; otherwise like `send`."""
        return await self._ask(make_react(sequence, emoji, request_id, remove=remove))

    async def mark_read(self, sequence: MessageRef, to: To = None) -> None:
        """Move the user's read marker of a conversation to a sequence; it never moves back.

        `to` is as in `send`. Returns at once: the server does not answer, but sends `read_marker`
        to all streams of the user, including this one. The newest marker of each conversation is
        sent again after a lost connection. Raises `Closed`, or the error that ended the stream.
        """
        self._check()
        mark = chat_pb2.MarkRead(target=self._target(to), sequence=sequence_of(sequence))
        if not self._inbox.in_old_log:
            self._session.outgoing.mark(mark)

    async def typing(self, to: To = None) -> None:
        """Tell the others that the user is typing; dropped if the stream is not ready for it."""
        self._check()
        self._session.outgoing.pass_on(chat_pb2.SetTyping(target=self._target(to)))

    async def clients(self, room: str = "") -> list[chat_pb2.Client]:
        """List the connected clients, as in `ChatCalls`."""
        found = await super().clients(room)
        for client in found:
            self._session.users.saw(client.name, client.number)
        return found

    def _target(self, to: To) -> chat_pb2.Target:
        to = recipient(to)
        if isinstance(to, str) and not to.startswith("#"):
            return target(self._session.users.number_of(to) or to)
        return target(to)

    def _check_name(self, user: str) -> None:
        self._session.users.check(user)

    @abstractmethod
    def _check(self) -> None:
        """Raise `RuntimeError` if the client is not connected, or belongs to another loop."""

    async def _ask(self, request: Request) -> chat_pb2.Sent:
        self._check()
        check_size(request, self.limits)
        # The sequence belongs to the log whose events the program is still taking.
        if of_log(request) and self._inbox.in_old_log:
            raise other_log()
        return await self._session.outgoing.ask(request)
