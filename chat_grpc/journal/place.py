"""The position of the log at which a change of accounts is applied."""

from __future__ import annotations

import apsw

from chat_grpc.core import limits
from chat_grpc.core.account_changes import encode, token_revoked
from chat_grpc.core.audit import Action
from chat_grpc.core.clock import SECOND
from chat_grpc.core.entry import Command, Entry
from chat_grpc.core.errors import BadCredentials, ClientNotFound, NotAllowed, WrongKindOfUser
from chat_grpc.core.moderation import Ban
from chat_grpc.core.stream import LOBBY_CHANNEL
from chat_grpc.core.user import User
from chat_grpc.journal.database import row, rows, run
from chat_grpc.journal.rows import user_of

BAN = "SELECT sequence, coalesce(user, 0), coalesce(network, ''), expire_time, reason FROM bans"
"""The columns of a `Ban`."""


class Place:
    """The position of the log at which a request is applied."""

    def __init__(self, connection: apsw.Connection, entry: Entry, next_number: int) -> None:
        """`next_number` is that of the next new user."""
        self.connection = connection
        self.command: Command = entry.command
        self.sequence = entry.outcome.sequence
        self.next_number = next_number

    @property
    def seconds(self) -> int:
        """The time of the entry, in seconds since 1970."""
        return self.command.time // SECOND

    def user(self, number: int) -> User:
        """Return a user. Raises `ClientNotFound`."""
        found = row(
            self.connection,
            "SELECT number, name, key, guest FROM users WHERE number = ?",
            (number,),
        )
        if found is None:
            raise ClientNotFound(
                f"There is no client {number}.", metadata={"client_number": str(number)}
            )
        return user_of(found)

    def is_admin(self, number: int) -> bool:
        """Return whether a user is an admin."""
        found = row(self.connection, "SELECT admin FROM accounts WHERE user = ?", (number,))
        return found is not None and bool(found[0])

    def check_author(self) -> None:
        """Raise `NotAllowed` unless the author is an admin; 0 is the operator on the machine.

        Raises `Banned` if an earlier entry banned the admin.
        """
        if self.command.author and not self.is_admin(self.command.author):
            raise NotAllowed("This method needs the admin role.")
        self.check_ban(self.command.author)

    def check_token(self, digest: bytes) -> None:
        """Raise `TokenRevoked` if a token ended; an empty digest is not checked."""
        if digest and not self.valid_tokens("digest = ?", digest):
            raise token_revoked()

    def check_no_bot(self, digest: bytes, action: str) -> None:
        """Raise `NotAllowed` if a token is a bot's; `action` says what a bot may not do."""
        bot = row(self.connection, "SELECT bot FROM tokens WHERE digest = ?", (digest,))
        if bot is not None and bot[0]:
            raise NotAllowed(f"A bot token cannot {action}; sign in.")

    def valid_tokens(self, where: str, *values: int | bytes) -> list[bytes]:
        """Return the digests of tokens that have not ended, the oldest first."""
        found = rows(
            self.connection,
            f"SELECT digest FROM tokens WHERE {where} AND ended IS NULL ORDER BY sequence, digest",
            values,
        )
        return [digest for (digest,) in found]

    def end_tokens(self, digests: list[bytes]) -> tuple[bytes, ...]:
        """Note that tokens ended."""
        for digest in digests:
            run(
                self.connection,
                "UPDATE tokens SET ended = ? WHERE digest = ?",
                (self.sequence, digest),
            )
        return tuple(digests)

    def check_ban(self, user: int) -> None:
        """Raise `Banned` if a user is banned at the time of the entry."""
        found = row(self.connection, f"{BAN} WHERE user = ?", (user,))
        now = self.command.time / SECOND
        if found is not None and (ban := Ban(*found)).active(now):
            raise ban.error(now)

    def check_password(self, user: int, event: int) -> int:
        """Return the entry that set the user's password.

        Raises `WrongKindOfUser`, or `BadCredentials` if it is not `event`, unless that is 0.
        """
        found = row(self.connection, "SELECT event FROM accounts WHERE user = ?", (user,))
        if event and (found is None or found[0] != event):
            raise BadCredentials("The name or the password is wrong.")
        if found is None:
            raise WrongKindOfUser("This needs an account; register first.")
        return int(found[0])

    def add_account(self, user: User, *, password: str, admin: bool, new: bool) -> None:
        """Make a user an account; `new` is a user who was no guest before."""
        if new:
            run(
                self.connection,
                "INSERT INTO users (number, name, key, guest, online, seen_time)"
                " VALUES (?,?,?,0,0,?)",
                (user.number, user.name, user.key, self.seconds),
            )
            # Earlier messages do not count as unread.
            run(
                self.connection,
                "INSERT INTO read_markers (user, conversation, sequence) VALUES (?,?,?)",
                (user.number, LOBBY_CHANNEL, self.sequence),
            )
        else:
            run(
                self.connection,
                "UPDATE users SET name = ?, key = ?, guest = 0 WHERE number = ?",
                (user.name, user.key, user.number),
            )
        run(
            self.connection,
            "INSERT INTO accounts (user, password, event, admin) VALUES (?,?,?,?)",
            (user.number, password, self.sequence, admin),
        )

    def add_token(self, user: int, digest: bytes, label: str = "", *, bot: bool = False) -> None:
        """Give a user a token."""
        run(
            self.connection,
            "INSERT INTO tokens (digest, user, use_time, sequence, create_time, label, bot)"
            " VALUES (?,?,?,?,?,?,?)",
            (digest, user, self.seconds, self.sequence, self.seconds, label, bot),
        )

    def end_oldest_sessions(self, user: int) -> tuple[bytes, ...]:
        """End the oldest tokens of a user that are too many beside a new one."""
        mine = self.valid_tokens("user = ? AND NOT bot", user)
        return self.end_tokens(mine[: max(0, len(mine) + 1 - limits.MAX_TOKENS_PER_USER)])

    def record(self, action: Action) -> None:
        """Record an action of an admin in the audit log, and forget those that are too old."""
        run(
            self.connection,
            "INSERT INTO audit_events (sequence, time, author, action) VALUES (?,?,?,?)",
            (self.sequence, self.seconds, self.command.author, encode(action.told()).decode()),
        )
        oldest = self.seconds - int(limits.AUDIT_LIFETIME)
        run(self.connection, "DELETE FROM audit_events WHERE time < ?", (oldest,))
