"""Users: the people and programs that tokens identify."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

from chat_grpc.core import limits
from chat_grpc.core.events import author_bytes, to_user

_DELETED = "deleted user"


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

    @property
    def deleted(self) -> bool:
        """True for a user who deleted the account. No other name has a space."""
        return self.key.startswith(f"{_DELETED} ")

    def suffixed(self, attempt: int) -> Self:
        """Return the user with another name, for the case that the own one is taken.

        `alice` becomes `alice-5`, or from the second attempt on `alice-5-2`; 5 is the number.
        """
        suffix = f"-{self.number}" if attempt == 1 else f"-{self.number}-{attempt}"
        length = limits.MAX_NAME_LENGTH - len(suffix)
        return replace(self, name=self.name[:length] + suffix, key=self.key[:length] + suffix)


def deleted_user(number: int) -> User:
    """Return a user whose account was deleted: the number, and a name that nobody can take."""
    return User(number, f"{_DELETED} {number}", f"{_DELETED} {number}")
