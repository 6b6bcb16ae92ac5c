"""Accounts as the newest delivered entry left them: names and admins."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from chat_grpc.core.account_changes import DELETED, REGISTERED, REMOVED, SIGNED_IN, AccountChanged
from chat_grpc.core.user import User


class Accounts:
    """The names of all accounts, and the admins. Belongs to the event loop."""

    def __init__(self, known: Iterable[tuple[User, bool]] = ()) -> None:
        """`known` are the accounts at the head of the log, each with whether it is an admin."""
        self._owners: dict[str, int] = {}
        self._admins: set[int] = set()
        self.on_change: Callable[[AccountChanged], None] = lambda _: None
        """Called after each change, before its caller gets the answer."""
        for user, admin in known:
            self._owners[user.key] = user.number
            if admin:
                self._admins.add(user.number)

    def owner(self, key: str) -> int:
        """Return the number of the user to whose account a name belongs; 0 for none."""
        return self._owners.get(key, 0)

    def is_admin(self, number: int) -> bool:
        """Return whether a user has the admin role."""
        return number in self._admins

    @property
    def admin_count(self) -> int:
        """The number of admins."""
        return len(self._admins)

    def apply(self, changed: AccountChanged) -> None:
        """Apply a change that was stored."""
        if (user := changed.user) is not None:
            if changed.what in (REGISTERED, SIGNED_IN):
                self._owners[user.key] = user.number
            elif changed.what == REMOVED:
                self._owners.pop(user.key, None)
            elif changed.what == DELETED:
                for key in [key for key, owner in self._owners.items() if owner == user.number]:
                    del self._owners[key]
            if changed.admin:
                self._admins.add(user.number)
            else:
                self._admins.discard(user.number)
        self.on_change(changed)
