"""Torture the server for some time: `make torture SECONDS=1800 SEED=…`.

A long run consists of rounds, each with a server and a store of its own. The first round that finds
a violation ends the run; its seed repeats it, and its histories are kept.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

# gRPC logs each connection that is cut.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

from torture.checker import Violation
from torture.records import read_all, summary
from torture.round import check_folder, torture
from torture.steps import ABUSES, SERVER_FAULTS, Plan, plan_of

from chat_grpc.config import TRANSPORTS

ROUND = 120.0
"""Seconds of one round. A long run has many rounds, so that files and checks stay small."""


def main() -> int:
    """Run rounds until the time is over, or until one finds a violation."""
    parser = argparse.ArgumentParser(prog="torture", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="how long (default: 60)")
    parser.add_argument("--seed", default="", help="the seed of all decisions (default: random)")
    parser.add_argument("--keep", type=Path, help="a folder for the histories (default: temporary)")
    parser.add_argument("--planted", default="", help="a bug of planted_server.py")
    parser.add_argument(
        "--faults",
        help=f"the faults of the server to use, separated by commas: {','.join(SERVER_FAULTS)}",
    )
    parser.add_argument(
        "--kept", type=float, help="drop events after this many seconds; 0 for never"
    )
    parser.add_argument(
        "--abuser", action=argparse.BooleanOptionalAction, help="with or without an abusive guest"
    )
    parser.add_argument(
        "--transport",
        choices=TRANSPORTS,
        default=TRANSPORTS[0],
        help="the server's (default: %(default)s)",
    )
    parser.add_argument("--check", type=Path, help="only check the histories of this folder")
    options = parser.parse_args()
    if options.check:
        return told(check_folder(options.check), options.check)
    seed = options.seed or secrets.token_hex(4)
    folder = options.keep or Path(tempfile.mkdtemp(prefix="torture-"))
    end = time.monotonic() + options.seconds
    number = 0
    print(f"seed {seed}, transport {options.transport}, histories in {folder}", flush=True)
    while (left := end - time.monotonic()) > 0 or not number:
        number += 1
        # The first round of a seed is the same in a short run and in a long one.
        each = seed if number == 1 else f"{seed}.{number}"
        plan = changed(plan_of(each, max(1.0, min(left, ROUND))), options)
        began = time.monotonic()
        found = asyncio.run(torture(plan, each, folder / each, options.planted, options.transport))
        took = time.monotonic() - began
        print(f"round {number}, seed {each}: {took:.0f} s, {len(found)} violations", flush=True)
        print(f"  {summary(read_all(folder / each / 'history'))}", flush=True)
        if found:
            return told(found, folder / each)
        if options.keep is None:
            shutil.rmtree(folder / each)
    return 0


def changed(plan: Plan, options: argparse.Namespace) -> Plan:
    """Return the plan with the faults that the options choose."""
    if options.faults is not None:
        plan = plan.with_faults(*filter(None, options.faults.split(",")))
    if options.kept is not None:
        plan = replace(plan, keep=options.kept)
    if options.abuser is not None:
        plan = replace(plan, abuses=ABUSES if options.abuser else {})
    return plan


def told(found: list[Violation], folder: Path) -> int:
    """Print the violations and their folder; return the exit status."""
    if found:
        print(*found, f"histories: {folder}", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
