"""Measure this server beside others: `make bench`, or `python bench/run.py --help`."""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import certificate
import fair
from chart import chart
from ours import OURS, SMOKE
from scenarios import SCENARIOS, THREADS, TLS, WEB, Scenario
from servers import BIN, HERE, PEERS, Peer
from stores import Made
from table import summary, tables

OUT = HERE / "out"

GENERATED_WITHIN = 180.0
"""The time limit of the generator for one scenario, in seconds."""

Results = dict[str, dict[str, list[dict[str, Any]]]]


def build() -> None:
    """Build the generator and the Go peer."""
    go = shutil.which("go")
    if go is None:
        sys.exit("bench: Go is not installed; install it to build the load generator")
    BIN.mkdir(exist_ok=True)
    for folder, name in ((HERE / "loadgen", "loadgen"), (HERE / "peers/usual_go", "usual_go")):
        subprocess.run([go, "build", "-o", str(BIN / name), "."], cwd=folder, check=True)


CENTRIFUGO = "github.com/centrifugal/centrifugo/v6@v6.9.1"


def install(programs: Collection[str]) -> None:
    """Install the programs of other projects that peers need, unless they are there."""
    if "centrifugo" in programs and not (BIN / "centrifugo").exists():
        environment = {**os.environ, "GOBIN": str(BIN)}
        subprocess.run(["go", "install", CENTRIFUGO], env=environment, check=True)
    folder = HERE / "peers" / "usual_socketio"
    if "socketio" in programs and not (folder / "node_modules").exists():
        if shutil.which("npm") is None:
            sys.exit("bench: npm is not installed; install Node.js to run the Socket.IO server")
        options = ("--ignore-scripts", "--no-audit", "--no-fund")
        subprocess.run(["npm", "ci", *options], cwd=folder, check=True)


def free_port() -> int:
    """Return a port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Serving:
    """A peer that runs. Times are in seconds."""

    port: int
    pid: int
    start_s: float
    """Seconds from its start until it accepted a connection."""
    end_s: float = 0.0
    """Seconds from SIGTERM to the end of its process; `END_WITHIN` if it had to be killed."""


END_WITHIN = 60.0
"""Seconds after SIGTERM until a peer is killed."""


@contextmanager
def serving(peer: Peer, scenario: Scenario, data: Path, tls: Path) -> Iterator[Serving]:
    """Run a peer on a folder, with the options of a scenario, and the certificate in a folder."""
    port = free_port()
    OUT.mkdir(exist_ok=True)
    with (OUT / f"{peer.name}.log").open("ab") as log:
        command = [word.format(port=port, data=data, tls=tls) for word in peer.command]
        start = time.monotonic()
        process = subprocess.Popen(
            [*command, *scenario.server_options], stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        if scenario.descriptors:
            limit = (scenario.descriptors, scenario.descriptors)
            resource.prlimit(process.pid, resource.RLIMIT_NOFILE, limit)
        try:
            _wait_for(port, process, peer)
            served = Serving(port, process.pid, round(time.monotonic() - start, 3))
            time.sleep(0.3)
            yield served
            served.end_s = _end(process)
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> float:
    """End a peer in order, or kill it; return the seconds that this took."""
    start = time.monotonic()
    process.terminate()
    try:
        process.wait(END_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return round(time.monotonic() - start, 2)


def _wait_for(port: int, process: subprocess.Popen[bytes], peer: Peer) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    sys.exit(f"bench: {peer.name} did not start; see {OUT / peer.name}.log")


class Stores:
    """The stores of the scenarios; a store that all rounds use is written once."""

    def __init__(self, folder: Path, shorter: float) -> None:
        self.tls = folder / "tls"
        """The folder with the certificate of the peers that serve TLS."""
        self.tls.mkdir()
        certificate.issue(self.tls)
        self._folder = folder
        self._shorter = shorter
        self._kept: dict[str, Made | None] = {}

    @contextmanager
    def of(self, scenario: Scenario) -> Iterator[tuple[Path, Made | None]]:
        """Provide a folder with the store of a scenario, and the facts about it."""
        if scenario.keeps_store:
            folder = self._folder / scenario.name
            if scenario.name not in self._kept:
                self._kept[scenario.name] = scenario.store(folder, self._shorter)
            yield folder, self._kept[scenario.name]
            return
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            folder = Path(name)
            yield folder, scenario.store(folder, self._shorter)


def measure(peer: Peer, scenario: Scenario, shorter: float, stores: Stores) -> dict[str, Any]:
    """Run one scenario against one peer; return what the generator measured."""
    with stores.of(scenario) as (folder, made):
        acked = OUT / fair.ACKED
        acked.unlink(missing_ok=True)
        with serving(peer, scenario, folder, stores.tls) as server:
            result = _generate(
                [
                    *("--addr", f"127.0.0.1:{server.port}", "--server-pid", str(server.pid)),
                    *peer.load,
                    *(("--tls-ca", str(stores.tls / certificate.AUTHORITY)) if peer.tls else ()),
                    *scenario.arguments(shorter, made),
                    *(("--acked", str(acked)) if isinstance(scenario, fair.Load) else ()),
                ]
            )
        result["end_s"] = server.end_s
        if acked.exists() and (missing := fair.lost(folder / "chat.db", acked)):
            result["error"] = "; ".join(missing)
    result.get("calls", result)["start_s"] = server.start_s
    return result


def _generate(arguments: Sequence[str]) -> dict[str, Any]:
    """Run the generator; return what it measured."""
    command = [str(BIN / "loadgen"), *arguments]
    try:
        ended = subprocess.run(
            command, capture_output=True, text=True, timeout=GENERATED_WITHIN, check=False
        )
    except subprocess.TimeoutExpired:
        return {"error": f"the generator did not end within {GENERATED_WITHIN:.0f} s"}
    try:
        result: dict[str, Any] = json.loads(ended.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        return {"error": ended.stderr[-500:] or f"the generator ended with {ended.returncode}"}
    return result


def wrong(result: dict[str, Any]) -> list[str]:
    """Return the defects of a run: lost, doubled, or disordered messages."""
    found = [f"{result[key]} {key}" for key in ("dead", "dups", "disorder") if result.get(key)]
    found += [
        f"{phase}: {lost} messages did not reach everyone"
        for phase, measured in (result | result.get("slow", {})).items()
        if isinstance(measured, dict) and (lost := measured.get("incomplete_msgs"))
    ]
    if result.get("error"):
        found.append(str(result["error"]))
    return found


def run(
    scenarios: Sequence[Scenario], peers: Sequence[str], rounds: int, shorter: float
) -> Results:
    """Run all scenarios, interleaved: the peers of a scenario in turn, then the next round.

    `peers` are the names of those that are asked for; see `Scenario.peers_of`.
    """
    with tempfile.TemporaryDirectory() as folder:
        stores = Stores(Path(folder), shorter)
        return _run(scenarios, peers, rounds, shorter, stores)


def _run(
    scenarios: Sequence[Scenario],
    peers: Sequence[str],
    rounds: int,
    shorter: float,
    stores: Stores,
) -> Results:
    results: Results = {s.name: {} for s in scenarios}
    for round_ in range(rounds):
        for scenario in scenarios:
            measured = scenario.peers_of(peers)
            first = round_ % max(1, len(measured))
            for peer in measured[first:] + measured[:first]:
                result = measure(peer, scenario, shorter, stores)
                results[scenario.name].setdefault(peer.name, []).append(result)
                told = fair.summary(result) if "fair" in result else summary(result)
                print(f"round {round_ + 1}  {scenario.name:16} {peer.name:12} {told}")
                for complaint in wrong(result):
                    print(f"    {peer.name}: {complaint}")
                sys.stdout.flush()
    return results


KNOWN: dict[str, Sequence[Scenario]] = {
    **{
        s.name: [s]
        for s in (*SCENARIOS.values(), *OURS.values(), *THREADS, *TLS, *WEB, *fair.LOADS.values())
    },
    "fair": list(fair.LOADS.values()),
}
"""The names that `--only` takes."""


def chosen(names: Sequence[str]) -> list[Scenario]:
    """Return the scenarios of some names. Raises `KeyError` for an unknown one."""
    return [scenario for name in names for scenario in KNOWN[name]]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, help="3 by default, 1 for `fair`")
    parser.add_argument("--only", action="append", help="a scenario to run; may be repeated")
    parser.add_argument(
        "--peers",
        default="",
        help="comma-separated; measures these in each scenario that they can run, of "
        + ", ".join(PEERS),
    )
    parser.add_argument("--quick", action="store_true", help="one round of short phases")
    parser.add_argument(
        "--threads",
        action="store_true",
        help="measure only the tutorials' servers with threads and tasks",
    )
    parser.add_argument("--tls", action="store_true", help="measure only servers that use TLS")
    parser.add_argument("--web", action="store_true", help="measure only WebSockets, beside gRPC")
    parser.add_argument(
        "--smoke", action="store_true", help="a run of seconds, which fails on any error"
    )
    parser.add_argument("--svg", type=Path, help="write the chart to this file")
    return parser


def _scenarios(options: argparse.Namespace) -> list[Scenario]:
    """Return the scenarios that the arguments select. Raises `KeyError` for an unknown one."""
    if options.smoke:
        first = Scenario("smoke", "10 streams", 10, saturated=0.5, at_rest=0.5, direct=0.5)
        return [replace(first, peers=("ours", "ours-web", "go", "nats")), *SMOKE]
    if options.only:
        return chosen(options.only)
    if options.threads or options.tls or options.web:
        return [
            *(THREADS if options.threads else ()),
            *(TLS if options.tls else ()),
            *(WEB if options.web else ()),
        ]
    return [*SCENARIOS.values(), *OURS.values()]


def main() -> None:
    """Parse the arguments, measure, print and write the results."""
    parser = _parser()
    options = parser.parse_args()
    try:
        scenarios = _scenarios(options)
    except KeyError as error:
        parser.error(f"no scenario {error.args[0]}; there are: {', '.join(sorted(KNOWN))}")
    peers = options.peers.split(",") if options.peers else []
    if unknown := set(peers) - set(PEERS):
        parser.error(f"no peer {', '.join(unknown)}; there are: {', '.join(PEERS)}")
    build()
    install({peer.needs for s in scenarios for peer in s.peers_of(peers)})
    short = options.quick or options.smoke
    once = short or all(isinstance(scenario, fair.Load) for scenario in scenarios)
    rounds = options.rounds or (1 if once else 3)
    results = run(scenarios, peers, rounds, 0.4 if options.quick else 1.0)
    compared = [scenario for scenario in scenarios if not isinstance(scenario, fair.Load)]
    print("\n" + "\n\n".join(filter(None, (tables(compared, results), fair.table(results)))))
    OUT.mkdir(exist_ok=True)
    (OUT / "results.json").write_text(json.dumps(results, indent=1))
    print(f"\nAll results: {OUT / 'results.json'}")
    if options.svg:
        options.svg.write_text(chart(scenarios, results))
    ours = [runs for by in results.values() for name, runs in by.items() if PEERS[name].ours]
    bad = [complaint for runs in ours for result in runs for complaint in wrong(result)]
    if bad:
        sys.exit("bench: this server lost, doubled or disordered messages: " + "; ".join(bad))


if __name__ == "__main__":
    main()
