"""The actions of admins, as the audit log keeps them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """An action of an admin. The entry of the log that carries it out records it."""

    method: str
    """The method of `AdminService`, for example `Kick`."""
    address: str
    """The address of the admin; `local` on the server's own machine."""
    subject: str = ""
    """The user, network, room or message that it concerns."""
    detail: str = ""
    """The other values of the request, for example `uses=5`."""
    reason: str = ""
    """The reason that the admin gave."""

    def told(self) -> dict[str, str]:
        """Return the values for the body of the entry, without the empty ones."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in values.items() if value}
