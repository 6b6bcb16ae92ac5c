"""Users: the people and programs that tokens identify."""

from __future__ import annotations

from dataclasses import dataclass, field

from chat_grpc.core.events import author_bytes, to_user


@dataclass(frozen=True, slots=True)
class User:
    """The user that a token identifies."""

    number: int
    """1, 2, 3, …; never given to another user."""
    name: str
    key: str
    """The form of the name that comparisons use."""
    guest: bool = True
    author: bytes = field(init=False, repr=False, compare=False)
    """The user as an encoded `Author`."""
    addressee: bytes = field(init=False, repr=False, compare=False)
    """The user as an encoded `Message.user` field, with its tag."""

    def __post_init__(self) -> None:
        author = author_bytes(self.number, self.name)
        object.__setattr__(self, "author", author)
        object.__setattr__(self, "addressee", to_user(author))
