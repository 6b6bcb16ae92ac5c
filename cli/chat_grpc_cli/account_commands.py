"""The commands for the user's account and block list."""

from __future__ import annotations

from chat_grpc.client import Refused
from chat_grpc.spelling.invites import code_in
from chat_grpc_cli.addressees import addressee
from chat_grpc_cli.registry import Screen, UsageError, command
from chat_grpc_cli.sanitize import safe


@command("block", "NAME", "name")
async def block(screen: Screen, argument: str) -> None:
    """Block a user.

    Neither of you can write to the other, and the user can no longer mention or invite you. The
    user's messages in rooms are hidden here.

    /block bob
    /block bob#3    if several users have had the name
    """
    user = await screen.chat.block(_user(screen, argument, "block"))
    screen.view.blocked.add(user.number)
    screen.tell(safe(f"You blocked {user.name}. /unblock {user.name} ends it."))


@command("unblock", "NAME", "name")
async def unblock(screen: Screen, argument: str) -> None:
    """Unblock a user."""
    user = await screen.chat.unblock(_user(screen, argument, "unblock"))
    screen.view.blocked.discard(user.number)
    screen.tell(safe(f"You unblocked {user.name}."))


@command("blocked", reads=True)
async def blocked(screen: Screen, _: str) -> None:
    """Show the users whom you blocked."""
    found = await screen.chat.blocked()
    screen.view.blocked = {user.number for user in found}
    label = screen.view.people.label
    names = ", ".join(safe(label(user.number, user.name)) for user in found)
    screen.tell(f"You blocked {names}." if found else "You blocked nobody.")


@command("register", "[CODE|LINK]", asks=True)
async def register(screen: Screen, argument: str) -> None:
    """Make your name an account.

    Asks for a password. You keep your number, your rooms and your messages, and stay connected. A
    server may want an invite code, or the link that has it.

    /register
    /register xk2m9-…
    """
    name = screen.chat.me.name
    password = await _new_password(screen)
    async with screen.calls() as calls:
        try:
            made = await calls.register(name, password, code_in(argument))
        except Refused as error:
            if error.reason != "INVITE_INVALID" or argument:
                raise
            raise UsageError(
                "This server wants an invite code: /register CODE, or /register LINK."
            ) from None
    screen.tell(safe(f"The name {made.name} is yours now; your number is still {made.number}."))


@command("password", asks=True)
async def password(screen: Screen, _: str) -> None:
    """Change the password of your account.

    All your other tokens are revoked.
    """
    old = await screen.ask_secret("Old password")
    new = await _new_password(screen)
    async with screen.calls() as calls:
        await calls.change_password(old, new)
    screen.tell("The password is changed.")


async def _new_password(screen: Screen) -> str:
    """Ask twice for a new password. Raises `UsageError` if the two differ."""
    first = await screen.ask_secret("New password")
    if await screen.ask_secret("Repeat it") != first:
        raise UsageError("The two passwords differ. Nothing was changed.")
    return first


def _user(screen: Screen, argument: str, name: str) -> int | str:
    """Return the user that a word names. Raises `UsageError`."""
    if not argument or " " in argument or argument.startswith("#"):
        raise UsageError(f"Give a name: /{name} bob.")
    to = addressee(argument, screen.view.people)
    assert to is not None
    return to
