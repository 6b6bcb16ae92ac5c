"""The spellings of reactions."""

from __future__ import annotations

import emoji

from chat_grpc.core.emojis import MAX_EMOJI_BYTES, canonical, spellings


def test_every_emoji_has_one_spelling() -> None:
    """All spellings in the Unicode data lead to a fully-qualified one within the size limit."""
    components = 0
    for text, facts in emoji.EMOJI_DATA.items():
        if facts["status"] == emoji.STATUS["component"]:
            components += 1
            assert canonical(text) == ""
            continue
        spelled = canonical(text)
        assert emoji.EMOJI_DATA[spelled]["status"] == emoji.STATUS["fully_qualified"]
        assert canonical(spelled) == spelled
        assert len(spelled.encode()) <= MAX_EMOJI_BYTES
    assert 0 < components < 20


def test_the_spellings_of_older_stores_are_known() -> None:
    """Each spelling that was accepted before is among those that are looked up."""
    for text in emoji.EMOJI_DATA:
        assert text in spellings(canonical(text) or text)


def test_the_contract_names_the_limit() -> None:
    """The comment of `React.emoji` states the length of the longest emoji."""
    assert MAX_EMOJI_BYTES == 35


def test_other_texts_are_no_emoji() -> None:
    """Text around an emoji, two emoji, and a variation selector alone are refused."""
    for text in ("", "a", "1", "👍👍", "👍 ", "\ufe0f", "\U0001f1e9"):
        assert canonical(text) == ""
