"""Generate `chat_grpc/v1/` from `protos/`. With `--check`, compare instead of writing."""

from __future__ import annotations

import filecmp
import sys
import tempfile
from importlib import resources
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
STUBS = Path("chat_grpc/v1")


def generate(out: Path) -> None:
    """Write the stubs and their types below `out`; exit if `protoc` fails."""
    protos = sorted((ROOT / "protos").rglob("*.proto"))
    well_known = resources.files("grpc_tools") / "_proto"
    plugins = Path(sys.executable).parent
    arguments = [
        "protoc",
        f"-I{ROOT / 'protos'}",
        f"-I{well_known}",
        f"--plugin=protoc-gen-mypy={plugins / 'protoc-gen-mypy'}",
        f"--plugin=protoc-gen-mypy_grpc={plugins / 'protoc-gen-mypy_grpc'}",
        f"--python_out={out}",
        f"--grpc_python_out={out}",
        f"--mypy_out=quiet:{out}",
        f"--mypy_grpc_out=quiet:{out}",
        *(str(path) for path in protos),
    ]
    if protoc.main(arguments) != 0:
        sys.exit("protoc failed")


def differences(made: Path) -> list[str]:
    """Return the stubs that are missing, left over, or different from `protos/`."""
    ours = {p.name for p in (ROOT / STUBS).glob("*_pb2*")}
    fresh = {p.name for p in (made / STUBS).glob("*_pb2*")}
    _, changed, missing = filecmp.cmpfiles(made / STUBS, ROOT / STUBS, fresh, shallow=False)
    return sorted({*changed, *missing, *(ours - fresh)})


def main() -> None:
    """Generate or compare the stubs."""
    if "--check" not in sys.argv:
        generate(ROOT)
        return
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        if names := differences(Path(folder)):
            sys.exit(f"{STUBS} differs from protos/: {', '.join(names)}; run `make protos`")


if __name__ == "__main__":
    main()
