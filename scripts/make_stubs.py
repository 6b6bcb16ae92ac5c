"""Generate the stubs and the page's messages from `protos/`. With `--check`, compare instead."""

from __future__ import annotations

import filecmp
import sys
import tempfile
from importlib import resources
from pathlib import Path

from google.rpc import error_details_pb2
from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
STUBS = Path("chat_grpc/v1")
MESSAGES = Path("web/src/gen")


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
    _run(arguments)
    (out / MESSAGES).mkdir(parents=True, exist_ok=True)
    _run(
        [
            "protoc",
            f"-I{ROOT / 'protos'}",
            f"-I{well_known}",
            f"-I{Path(error_details_pb2.__file__).parents[2]}",
            f"--plugin=protoc-gen-es={ROOT / 'web/node_modules/.bin/protoc-gen-es'}",
            f"--es_out={out / MESSAGES}",
            "--es_opt=target=ts",
            *(str(path) for path in protos),
            "google/rpc/error_details.proto",
        ]
    )


def _run(arguments: list[str]) -> None:
    if protoc.main(arguments) != 0:
        sys.exit("protoc failed")


def differences(made: Path) -> list[str]:
    """Return the generated files that are missing, left over, or different from `protos/`."""
    ours, fresh = _generated(ROOT), _generated(made)
    _, changed, missing = filecmp.cmpfiles(made, ROOT, fresh, shallow=False)
    return sorted({*changed, *missing, *(ours - fresh)})


def _generated(root: Path) -> set[str]:
    paths = [*(root / STUBS).glob("*_pb2*"), *(root / MESSAGES).rglob("*.ts")]
    return {path.relative_to(root).as_posix() for path in paths}


def main() -> None:
    """Generate or compare the stubs."""
    if "--check" not in sys.argv:
        generate(ROOT)
        return
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        if names := differences(Path(folder)):
            sys.exit(f"Generated code differs from protos/: {', '.join(names)}; run `make protos`")


if __name__ == "__main__":
    main()
