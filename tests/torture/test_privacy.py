"""The checker looks at block lists, and at the messages of deleted accounts."""

from __future__ import annotations

from torture.checker import check
from torture.records import (
    DELETED,
    MESSAGE,
    BlockAsked,
    CallAnswered,
    Departed,
    Record,
    Refusal,
)
from torture.story import Story

ALICE, BOB, CAROL = "u1/0#1", "u2/0#1", "u3/0#1"


def block(story: Story, *, blocked: bool, lost: bool = False) -> None:
    """Let user 2 block user 1, or end that; the answer may get lost."""
    call = f"u2/call#{story.now}"
    story.records.append(BlockAsked(story.at(), call, 2, 1, blocked))
    if not lost:
        story.records.append(CallAnswered(story.at(), call))


def refuse(story: Story, stream: str, place: str) -> None:
    """Refuse a message because of a block."""
    request_id = story.ask(stream, MESSAGE, place, f"refused in {place}")
    story.records.append(Refusal(story.at(), stream, request_id, "BLOCKED"))


def begun() -> Story:
    """Return a story in which three users are connected."""
    story = Story()
    for stream in (ALICE, BOB, CAROL):
        story.open(stream)
    return story


def ended(story: Story) -> list[Record]:
    """Return the records of a story that ends now."""
    story.send(CAROL, "the last one")
    story.finish((ALICE, BOB), users=(1, 2, 3))
    return story.records


def broken(story: Story) -> set[str]:
    """Return the promises that are broken in a story that ends now."""
    return {violation.promise for violation in check(ended(story))}


def test_messages_before_and_after_a_block_are_stored() -> None:
    """A block refuses messages in both directions while it lasts, and no others."""
    story = begun()
    story.send(ALICE, "before", "@2")
    block(story, blocked=True)
    refuse(story, ALICE, "@2")
    refuse(story, BOB, "@1")
    story.send(ALICE, "in the lobby")
    block(story, blocked=False)
    story.send(BOB, "after", "@1")
    assert broken(story) == set()


def test_a_message_that_passes_a_block_is_found() -> None:
    """Neither side of a block writes to the other."""
    for stream, place in ((ALICE, "@2"), (BOB, "@1")):
        story = begun()
        block(story, blocked=True)
        story.send(stream, "through", place)
        assert broken(story) == {"I27"}


def test_a_refusal_without_a_block_is_found() -> None:
    """Before a block, after its end, and in a room nobody is refused for one."""
    for changes, place in (((), "@2"), ((True, False), "@2"), ((True,), "#lobby")):
        story = begun()
        for blocked in changes:
            block(story, blocked=blocked)
        refuse(story, ALICE, place)
        assert broken(story) == {"I27"}


def test_what_is_not_known_for_certain_is_allowed() -> None:
    """A call without an answer may have blocked, or ended a block, or not."""
    for first in (True, False):
        story = begun()
        block(story, blocked=True)
        if first:
            block(story, blocked=False)
        block(story, blocked=first, lost=True)
        story.send(ALICE, "perhaps", "@2")
        refuse(story, ALICE, "@2")
        assert broken(story) == set()


def test_a_read_marker_may_be_hidden_by_a_block() -> None:
    """In a conversation with a block, the other side may miss a marker; otherwise it may not."""
    for blocked in (True, False):
        story = begun()
        message = story.send(BOB, "read it", "@1")
        if blocked:
            block(story, blocked=True)
        story.mark(ALICE, "@2", message)
        assert broken(story) == (set() if blocked else {"I6", "I19"})


def test_the_messages_of_a_deleted_account_are_deleted() -> None:
    """A message that stays in the log is found."""
    for deleted in (True, False):
        story = begun()
        message = story.send(BOB, "something to hide")
        if deleted:
            story.change(BOB, DELETED, "", message)
        story.records.append(Departed(story.at(), 2, message))
        assert broken(story) == (set() if deleted else {"I28"})
