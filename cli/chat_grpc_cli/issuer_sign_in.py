"""Signing in at the server's OpenID Connect issuer: the user enters a code in a browser."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import click

from chat_grpc.client import Refused
from chat_grpc.v1 import account_pb2
from chat_grpc_cli.access import Access
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.standard_streams import print_line


async def host_of(access: Access) -> str:
    """Return the host of the server's issuer; empty if it has none."""
    async with access.calls() as calls:
        try:
            options = await calls.sign_in_options()
        except Refused:  # a server of an older version
            return ""
    return urlsplit(options.issuer.issuer).netloc


async def login(access: Access, *, told: bool = True) -> None:
    """Sign in, and store the token; `told` prints who is signed in."""
    async with access.calls() as calls:
        begun = await calls.start_device_sign_in()
        click.echo(instructions(begun), err=True)
        answer = await calls.finish_device_sign_in(begun)
    await asyncio.to_thread(access.keep_token, answer.token)
    if told:
        print_line(safe(f"You are {answer.name}, number {answer.number}."))


def instructions(begun: account_pb2.StartDeviceSignInResponse) -> str:
    """Return what the user must do."""
    minutes = max(1, begun.lifetime.seconds // 60)
    lines = [
        f"Open {safe(begun.verification_uri)} in a browser, on any device,",
        f"and enter the code  {safe(begun.user_code)}",
    ]
    if begun.verification_uri_complete:
        lines.append(f"or open {safe(begun.verification_uri_complete)}")
    unit = "minute" if minutes == 1 else "minutes"
    return "\n".join([*lines, f"The code is valid for {minutes} {unit}. Ctrl-C ends."])
