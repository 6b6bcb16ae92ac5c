"""The spellings of reactions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import emoji

from chat_grpc.core.emojis import MAX_EMOJI_BYTES, canonical, spellings

_TABLE = Path(__file__).parents[2] / "web" / "src" / "emoji" / "table.ts"
_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"


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


def _offered() -> Iterator[str]:
    """Yield each emoji of the page's picker, in each skin tone.

    `web/scripts/emoji.mjs` describes the table.
    """
    table = _TABLE.read_text().partition("`")[2].replace("\\", "")
    for signed in (line.split("\t")[0] for line in table.splitlines() if "\t" in line):
        sign = signed[-1] if len(signed) > 1 and signed[-1] in "*+" else ""
        text = signed.removesuffix(sign)
        yield text
        for tone in _TONES if sign else "":
            rest = text[1:].removeprefix("\ufe0f")
            yield f"{text[0]}{tone}{rest}{tone if sign == '+' else ''}"


def test_the_page_offers_emoji_in_the_spelling_that_is_stored() -> None:
    """The server accepts each emoji of the page's picker, and keeps its spelling."""
    offered = list(_offered())
    assert len(offered) > 3000
    assert [text for text in offered if canonical(text) != text] == []
