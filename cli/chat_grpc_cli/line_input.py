"""The input line and its completion."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack, nullcontext, suppress

from prompt_toolkit import PromptSession
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.data_structures import Size
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import History
from prompt_toolkit.input import Input, create_input
from prompt_toolkit.key_binding import KeyBindings, merge_key_bindings
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.styles import BaseStyle

from chat_grpc_cli.columns import Fragments, clip
from chat_grpc_cli.commands import asks_secrets, is_message
from chat_grpc_cli.completion import Known, opens_menu, suggest
from chat_grpc_cli.drafts import Drafts
from chat_grpc_cli.emojis import names_like
from chat_grpc_cli.events import ROLES
from chat_grpc_cli.line_keys import line_keys
from chat_grpc_cli.registry import UsageError, named, offered_to
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.shown import one_line
from chat_grpc_cli.view import View

_TYPING_EVERY = 3.0

_ESCAPE_WITHIN = 0.05
"""Seconds within which the terminal sends the rest of a key that begins with ESC."""

_NEXT_KEY_WITHIN = 0.3
"""Seconds for which Esc waits for a second key: Esc and Enter are Alt-Enter."""

_MIN_MENU = 16
"""Minimum columns of a word in the menu of completions; half the window is for the notes."""

_MAX_INDENT = 12
"""Maximum columns before the second and later lines of a message that is typed."""


class LineInput(Completer):
    """Reads lines. Belongs to the event loop."""

    def __init__(
        self,
        view: View,
        style: BaseStyle,
        *,
        entered: Callable[[str], None],
        typing: Callable[[], None],
        toolbar: Callable[[], Fragments],
        above: Callable[[], Fragments],
        resized: Callable[[], None],
        clear: Callable[[], None],
        history: History,
        depth: ColorDepth | None,
    ) -> None:
        """`entered` gets each line. `typing` is called every 3 seconds while a message is typed.

        `above` returns the lines above the input line, each with its newline. `resized` is called
        when the window has another size, and when a stopped client goes on. `clear` empties the
        window. `depth` is the number of colors; None for that of the terminal.
        """
        self._view = view
        self._entered = entered
        self._typing = typing
        self._typed_at = 0.0
        self._secrets: asyncio.Queue[str] | None = None
        """The lines that were entered for a command that asks for secrets; None for any other.

        From the moment at which such a command is entered no line is a message, however fast the
        next one follows.
        """
        self._asking = ""
        self._question = ""
        self._above = above
        self._lines_above: Fragments = []
        """The lines above in the present drawing: the prompt is asked for several times in each."""
        self.is_free = Condition(lambda: self._secrets is None)
        """True unless the line is for a secret."""
        self._drafts = Drafts(view)
        self._resized = resized
        self._stops: Callable[[], None] | None = None
        self._size: Size | None = None
        source = create_input()
        self._cooked = source.cooked_mode
        self._modes = ExitStack()
        keys = line_keys(
            self, self.is_free, cancel=self._cancel_secret, suspend=self._suspend, clear=clear
        )
        self._session: PromptSession[str] = PromptSession(
            self._prompt,
            completer=self,
            complete_while_typing=Condition(self._opens_menu),
            erase_when_done=True,
            is_password=~self.is_free,
            bottom_toolbar=lambda: FormattedText(toolbar()),
            key_bindings=keys,
            style=style,
            input=_quiet(source),
            history=history,
            color_depth=depth,
            prompt_continuation=_continuation,
        )
        self.output = self._session.app.output
        self._follow_session()

    def _follow_session(self) -> None:
        """Be called for each drawing, each change of the text, and each line."""
        app = self._session.app
        app.ttimeoutlen, app.timeoutlen = _ESCAPE_WITHIN, _NEXT_KEY_WITHIN
        app.before_render += self._before_render
        app.after_render += self._rendered
        app.renderer.cpr_not_supported_callback = self._no_cursor_position
        buffer = self._session.default_buffer
        buffer.accept_handler = self._accept
        buffer.on_text_changed += self._typed

    async def run(self) -> None:
        """Read lines until the user leaves.

        One prompt reads all lines: between two prompts the terminal would echo typed keys.
        """
        if sys.platform != "win32":
            asyncio.get_running_loop().add_signal_handler(signal.SIGCONT, self._continued)
        with self._modes, suppress(EOFError):
            await self._session.prompt_async()

    def watch(
        self, *, drawn: Callable[[], None], pressed: Callable[[], None], stops: Callable[[], None]
    ) -> None:
        """Call `drawn` after each drawing, `pressed` after each key, `stops` before each stop."""
        app = self._session.app
        app.after_render += lambda _: drawn()
        app.key_processor.after_key_press += lambda _: pressed()
        self._stops = stops

    def add_keys(self, keys: KeyBindings) -> None:
        """Add keys, which take precedence over those so far."""
        before = self._session.key_bindings
        self._session.key_bindings = merge_key_bindings([before, keys] if before else [keys])

    @property
    def conversation(self) -> str:
        """The conversation of the line: that of the last jump, even if it is still being shown."""
        return self._drafts.conversation

    def jump(self, conversation: str) -> None:
        """Go to a conversation; a text that was not entered stays in the one that it was for."""
        buffer = self._session.default_buffer
        line = f"/go {conversation}"
        text = self._drafts.jump(line, buffer.text, conversation)
        buffer.reset(Document(text))
        self._entered(line)

    @property
    def text(self) -> str:
        """The text that is typed."""
        return self._session.default_buffer.text

    def put(self, text: str, cursor: int) -> None:
        """Replace the text. One that the new text does not contain can be recalled."""
        buffer = self._session.default_buffer
        if buffer.text not in text:
            buffer.append_to_history()
        buffer.reset(Document(text, cursor))

    async def ask_secret(self, question: str) -> str:
        """Ask for a secret in the line: it is not shown, and not kept in the history.

        Only for a command with `Command.asks`. Raises `UsageError` if the user cancels it with
        Ctrl-C, or enters nothing.
        """
        assert self._secrets is not None
        self._question = question
        self.redraw()
        secret = await self._secrets.get()
        if not secret:
            raise UsageError("Nothing was entered. Nothing was changed.")
        return secret

    def _cancel_secret(self) -> None:
        """Answer a question for a secret with nothing."""
        if self._secrets is not None:
            self._secrets.put_nowait("")

    def _suspend(self) -> None:
        """Stop the process group, as Ctrl-Z does in a shell. Call it without an input line."""
        if sys.platform != "win32":
            if self._stops is not None:
                self._stops()
            with self._cooked():
                os.kill(0, signal.SIGTSTP)

    def _continued(self) -> None:
        """Go on after a stop: the shell may have left the terminal in its own mode."""
        self._modes.enter_context(self._session.input.raw_mode())
        self._resized()

    def _rendered(self, _: object) -> None:
        """Notice a window of another size: the terminal has moved the lines in an unknown way."""
        size = self.output.get_size()
        if self._size is not None and size != self._size:
            self._resized()
        self._size = size

    def _no_cursor_position(self) -> None:
        """Show the toolbar on a terminal that does not report the position of its cursor.

        The library hides it until the number of rows below the cursor is known; one is enough.
        """
        setattr(self.output, "get_rows_below_cursor_position", lambda: 1)  # noqa: B010
        self.redraw()

    def ran(self, line: str) -> None:
        """Note that a line was run: after a command that asks, the next line is no secret.

        Drops secrets that are left. A line that was entered before the command changes nothing.
        After a line that changed the conversation, shows the draft of that one.
        """
        buffer, hidden = self._session.default_buffer, self._secrets is not None
        text = self._drafts.ran(line, "" if hidden else buffer.text)
        if not hidden and text != buffer.text:
            buffer.reset(Document(text))
        if line != self._asking:
            return
        self._asking = ""
        self._secrets = None
        self._question = ""
        self.redraw()

    def redraw(self) -> None:
        """Schedule a redraw of the line and the toolbar."""
        self._session.app.invalidate()

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Complete commands, their arguments, names and rooms."""
        if self._secrets is not None:
            return
        columns = max(self.output.get_size().columns // 2, _MIN_MENU)
        for each in suggest(document.text_before_cursor, self._known()):
            yield Completion(
                each.text,
                start_position=-each.replaces,
                display=one_line(each.shown or each.text.strip(), columns),
                display_meta=each.note,
            )

    def _known(self) -> Known:
        view = self._view
        last = view.shown.back(1, view.current, own=True)
        label = view.people.label
        offered = offered_to(view)
        people = {label(number): f"no. {number}" for number in view.people.here}
        away = {view.title(key)[1:]: "away" for key in view.unread.keys if key.startswith("@")}
        every = dict(named(offered))
        return Known(
            commands={
                name: c.summary if name == c.name else f"The same as /{c.name}."
                for name, c in every.items()
                if len(name) > 2 or name == c.name
            },
            takes={name: c.takes for name, c in every.items()},
            names=away | people,
            rooms={room.name: one_line(room.topic, 40) for room in view.rooms.values()},
            roles=[*ROLES, "none"],
            own=last.text if last is not None else "",
            emoji=names_like,
        )

    def _opens_menu(self) -> bool:
        return opens_menu(self._session.default_buffer.document.text_before_cursor)

    def _accept(self, buffer: Buffer) -> bool:
        self._typed_at = 0.0
        text = buffer.text
        if self._secrets is None:
            if asks_secrets(text, self._view):
                self._secrets, self._asking = asyncio.Queue(), text
            self._entered(text)
            return False
        # Emptied now, so that the line is not added to the history.
        buffer.reset()
        self._secrets.put_nowait(text)
        return False

    def _typed(self, buffer: Buffer) -> None:
        if self._secrets is not None:
            return
        now = time.monotonic()
        if is_message(buffer.text) and now - self._typed_at >= _TYPING_EVERY:
            self._typed_at = now
            self._typing()

    def _before_render(self, _: object) -> None:
        self._lines_above = self._above()

    def _prompt(self) -> FormattedText:
        if self._secrets is not None:
            return FormattedText([("bold", self._question), ("", ": ")])
        most = max(self.output.get_size().columns // 2, 1)
        title = clip(safe(self._view.title(self._view.current)), most)
        return FormattedText([*self._lines_above, ("bold", title), ("", "> ")])


def _continuation(width: int, _: int, wrapped: int) -> str:
    """Indent a line that the user began; a line that was too long goes on at the left."""
    return "" if wrapped else " " * min(width, _MAX_INDENT)


def discard_typed() -> None:
    """Drop unread input, so that the shell does not run it as commands."""
    if sys.platform != "win32":
        import termios

        termios.tcflush(sys.stdin, termios.TCIFLUSH)


def _quiet(source: Input) -> Input:
    """Keep the terminal from echoing typed keys while lines are printed."""
    setattr(source, "cooked_mode", nullcontext)  # noqa: B010 - a method of the instance
    return source
