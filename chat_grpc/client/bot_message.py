"""A message as the handlers of a bot get it."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

from chat_grpc.client.client import ChatClient
from chat_grpc.client.errors import Refused
from chat_grpc.spelling.names import same_name
from chat_grpc.v1 import chat_pb2

_LOG = logging.getLogger("chat_grpc.bot")

_MENTION = re.compile(r"\s*@([^\s#,:]+)(?:#\d+)?[,:]?(?:\s+|$)")
"""A mention at the start of a text, such as `@echo`, `@echo#7` or `@echo:`."""


@dataclass(slots=True, eq=False)
class Message:
    """A message that somebody else wrote, and the ways to answer it."""

    chat: ChatClient
    """The bot's client, for everything that this class does not have."""
    event: chat_pb2.Event
    """The event as the client gives it."""
    arguments: str = ""
    """The text after the command, or after the mention of the bot at its start."""
    _replies: int = 0

    @property
    def text(self) -> str:
        """The whole text."""
        return self.event.message.text

    @property
    def author(self) -> chat_pb2.Author:
        """The user who wrote it."""
        return self.event.message.author

    @property
    def room(self) -> str:
        """The name of the room; empty for a direct message."""
        return self.event.message.room

    @property
    def sequence(self) -> int:
        """The position of the message in the log."""
        return self.event.sequence

    @property
    def direct(self) -> bool:
        """True for a direct message to the bot."""
        return not self.room

    @property
    def mentions_me(self) -> bool:
        """True if the text mentions the bot."""
        return self.chat.me.number in self.event.message.mentioned_numbers

    @property
    def unaddressed(self) -> str:
        """The text without a mention of the bot at its start."""
        start = _MENTION.match(self.text)
        if start is None or not self.mentions_me or not same_name(start[1], self.chat.me.name):
            return self.text.strip()
        return self.text[start.end() :].strip()

    async def reply(self, text: str) -> chat_pb2.Sent | None:
        """Answer in the conversation of the message; return the stored answer.

        The n-th answer to a message is stored once: if the bot ended before it noted that it has
        handled the message, it answers it again, and the server recognizes the answer. Returns None
        if that answer had another text. Raises as `ChatClient.send`.
        """
        request_id = f"bot-{self.sequence}-{self._replies}"
        self._replies += 1
        try:
            return await self.chat.reply(self.event, text, request_id=request_id)
        except Refused as error:
            if error.reason != "REQUEST_ID_REUSED":
                raise
            _LOG.info("message %d was answered by an earlier run of the bot", self.sequence)
            return None

    async def react(self, emoji: str) -> chat_pb2.Sent:
        """Add a reaction to the message. Raises as `ChatClient.react`."""
        return await self.chat.react(self.event, emoji)
