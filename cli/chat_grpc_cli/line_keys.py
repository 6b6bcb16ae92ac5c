"""The keys of the input line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import (
    CompleteEvent,
    Completer,
    Completion,
    get_common_complete_suffix,
)
from prompt_toolkit.filters import (
    Condition,
    Filter,
    has_completions,
    has_selection,
    is_searching,
)
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.utils import suspend_to_background_supported


def line_keys(
    completer: Completer,
    free: Filter,
    *,
    cancel: Callable[[], None],
    suspend: Callable[[], None],
    clear: Callable[[], None],
) -> KeyBindings:
    """Return the keys. `free` is false while the line is for a secret, which `cancel` cancels.

    `suspend` runs without an input line.
    """
    keys = KeyBindings()

    @keys.add("c-c", filter=~is_searching)
    @keys.add("escape", filter=~free)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.reset()
        cancel()

    @keys.add("escape", filter=has_completions & free)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.cancel_completion()

    @keys.add("escape", filter=has_selection & ~has_completions & free)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.exit_selection()

    @keys.add("escape", "enter", filter=~is_searching & free)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @keys.add("c-l")
    def _(_: KeyPressEvent) -> None:
        clear()

    @keys.add("c-z", filter=Condition(suspend_to_background_supported))
    def _(_: KeyPressEvent) -> None:
        run_in_terminal(suspend)

    @keys.add("tab")
    def _(event: KeyPressEvent) -> None:
        _complete(event.current_buffer, completer)

    return keys


def _complete(buffer: Buffer, completer: Completer) -> None:
    """Complete the word, or take the next completion of the open menu."""
    if buffer.complete_state is not None:
        buffer.complete_next()
        return
    asked = CompleteEvent(completion_requested=True)
    found = list(completer.get_completions(buffer.document, asked))
    if len(found) == 1:
        # Applied at once, because Tab may be typed before the menu opens.
        buffer.apply_completion(found[0])
    elif get_common_complete_suffix(buffer.document, found) or _are_commands(found):
        buffer.start_completion(insert_common_part=True)
    else:
        buffer.start_completion(select_first=True)


def _are_commands(found: Sequence[Completion]) -> bool:
    """Return True for commands. None is chosen for the user: Enter would run it."""
    return any(each.text.startswith("/") for each in found)
