"""Run the targets of `targets.py` on mutated bytes: `make fuzz SECONDS=600`.

Each target runs in a process of its own, guided by coverage. Its corpus is kept in a folder and
grows from run to run. An input that finds a defect, or takes longer than a few seconds, is kept
there too; `--replay` runs it again.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2] / ".fuzz"
"""Where the corpus of each target is kept."""

HANGS_AFTER = 5
"""Seconds that one input may take."""

LONGEST = 8192
"""The maximum length of an input in bytes."""


def main() -> int:
    """Run each target for its share of the time; return 1 if one finds a defect."""
    parser = argparse.ArgumentParser(prog="fuzz", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=60, help="how long (default: 60)")
    parser.add_argument("--only", help="run one target")
    parser.add_argument("--replay", type=Path, help="run one input through the target of --only")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.replay:
        from fuzz.targets import TARGETS

        TARGETS[options.only](options.replay.read_bytes())
        return 0
    if options.here:
        fuzz(options.only, options.seconds)
        return 0
    from fuzz.seeds import seeds

    every = seeds()
    names = [options.only] if options.only else list(every)
    failed = 0
    for name in names:
        folder = FOLDER / name
        folder.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(every[name]):
            (folder / f"seed-{number}").write_bytes(seed)
        seconds = str(max(1, options.seconds // len(names)))
        print(f"{name}: {seconds} s, corpus in {folder}", flush=True)
        command = [sys.executable, "-m", "fuzz", "--here", "--only", name, "--seconds", seconds]
        failed |= subprocess.run(command, check=False).returncode != 0
    return int(failed)


def fuzz(name: str, seconds: int) -> None:
    """Mutate the corpus of a target for some seconds. Ends the process."""
    import atheris

    with atheris.instrument_imports(include=["chat_grpc.transport", "hpack"]):
        from fuzz.targets import TARGETS
    arguments = {
        "max_total_time": seconds,
        "timeout": HANGS_AFTER,
        "max_len": LONGEST,
        "artifact_prefix": f"{FOLDER}/{name}-",
        "print_final_stats": 1,
        "verbosity": 0,
    }
    atheris.Setup(
        [name, *(f"-{key}={value}" for key, value in arguments.items()), str(FOLDER / name)],
        TARGETS[name],
    )
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
