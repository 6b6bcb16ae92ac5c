"""The texts that were typed and not entered, by conversation. Pure."""

from __future__ import annotations

from chat_grpc_cli.conversation import folded, same
from chat_grpc_cli.view import View


class Drafts:
    """Keeps a draft for each conversation, so that a jump never sends it to another one."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._texts: dict[str, str] = {}
        self._jumps: list[str] = []
        """The lines of the jumps that have not run yet."""
        self._to = ""
        """The conversation of the last jump, until the line settles."""

    @property
    def conversation(self) -> str:
        """The conversation for which the line is typed."""
        return self._to or self._view.current

    def jump(self, line: str, typed: str, conversation: str) -> str:
        """Note a jump by a line that will run; return the draft of the conversation."""
        self._jumps.append(line)
        return self._change(typed, conversation)

    def ran(self, line: str, typed: str) -> str:
        """Note that a line ran; return the text that the input line has to show now.

        The line may have changed the conversation, or a jump may have failed.
        """
        if line in self._jumps:
            self._jumps.remove(line)
            if self._jumps:
                return typed
            text = self._change(typed, self._view.current)
            self._to = ""
            return text
        if self._jumps or typed:
            # A text that is typed ahead of a typed /go is for the new conversation.
            return typed
        return self._texts.pop(folded(self._view.current), "")

    def _change(self, typed: str, conversation: str) -> str:
        if same(self.conversation, conversation):
            return typed
        if typed.strip():
            self._texts[folded(self.conversation)] = typed
        self._to = conversation
        return self._texts.pop(folded(conversation), "")
