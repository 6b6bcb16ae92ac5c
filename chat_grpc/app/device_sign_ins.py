"""Sign-ins at the issuer for programs without a browser (RFC 8628).

The server makes the requests to the issuer: clients need no HTTP and no secret, the device code and
the ID token never leave the server, and a client that reaches the server need not reach the issuer.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from chat_grpc.app.issuer import NotYet
from chat_grpc.app.issuer_users import IssuerUsers
from chat_grpc.app.pending import Pending
from chat_grpc.app.status import duration
from chat_grpc.core.caller import Caller
from chat_grpc.core.errors import SignInDenied, SignInExpired
from chat_grpc.v1 import account_pb2

_SLOWER = 5.0
"""Seconds that `slow_down` adds to the interval (section 3.5)."""


@dataclass(slots=True)
class _Device:
    code: str = field(repr=False)
    interval: float
    """Minimum seconds between two requests to the issuer."""
    next_time: float
    """The monotonic time of the next one."""
    asking: bool = False


class DeviceSignIns:
    """The methods of device sign-ins. Belongs to the event loop."""

    def __init__(self, clock: Callable[[], float], users: IssuerUsers) -> None:
        """`clock` returns monotonic seconds."""
        self._clock = clock
        self._users = users
        self._begun: Pending[_Device] = Pending(clock)

    async def start(
        self, _: account_pb2.StartDeviceSignInRequest, caller: Caller
    ) -> account_pb2.StartDeviceSignInResponse:
        """Begin a sign-in, and return the code for the user."""
        with self._users.asking(caller.peer) as issuer:
            self._users.throttle.begin_at_issuer(caller.peer)
            found = await issuer.start_device()
        sign_in_id = secrets.token_urlsafe(32)
        device = _Device(found.device_code, found.interval, self._clock() + found.interval)
        self._begun.add(sign_in_id, device, caller.peer, found.lifetime)
        return account_pb2.StartDeviceSignInResponse(
            sign_in_id=sign_in_id,
            user_code=found.user_code,
            verification_uri=found.verification_uri,
            verification_uri_complete=found.verification_uri_complete,
            lifetime=duration(found.lifetime),
            interval=duration(found.interval),
        )

    async def poll(
        self, request: account_pb2.PollDeviceSignInRequest, caller: Caller
    ) -> account_pb2.PollDeviceSignInResponse:
        """Return the token once the user has entered the code.

        The issuer is asked at its interval, however often this is called.
        """
        device = self._begun.get(request.sign_in_id)
        if device.asking or self._clock() < device.next_time:
            return self._not_yet(device)
        device.asking = True
        try:
            with self._users.asking(caller.peer) as issuer:
                found = await issuer.poll_device(device.code)
        except (SignInDenied, SignInExpired):
            self._begun.pop(request.sign_in_id)
            raise
        finally:
            device.asking = False
            device.next_time = self._clock() + device.interval
        if isinstance(found, NotYet):
            if found.slow_down:
                device.interval += _SLOWER
                device.next_time += _SLOWER
            return self._not_yet(device)
        self._begun.pop(request.sign_in_id)
        signed_in = await self._users.by_id_token(found, caller)
        return account_pb2.PollDeviceSignInResponse(sign_in=signed_in)

    def _not_yet(self, device: _Device) -> account_pb2.PollDeviceSignInResponse:
        wait = device.interval if device.asking else device.next_time - self._clock()
        return account_pb2.PollDeviceSignInResponse(interval=duration(max(wait, 0.1)))
