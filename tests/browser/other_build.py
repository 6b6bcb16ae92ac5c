"""Run the server with the files of another build: `python other_build.py FOLDER serve …`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from chat_grpc.__main__ import main
from chat_grpc.transport.web import files

MARK = "document.documentElement.dataset.build = 'next';"


def make_next(folder: Path) -> None:
    """Copy the page to a folder, with another main script that marks the page."""
    shutil.copytree(files.FOLDER, folder)
    for compressed in (*folder.glob("*.br"), *folder.glob("*.gz")):
        compressed.unlink()
    [script] = folder.glob("main-????????.js")
    renamed = folder / "main-NEXTNEXT.js"
    renamed.write_text(script.read_text("utf-8") + MARK, "utf-8")
    script.unlink()
    for file in (*folder.glob("*.html"), *folder.glob("*.js")):
        text = file.read_text("utf-8")
        file.write_text(text.replace(script.name, renamed.name), "utf-8")


if __name__ == "__main__":
    files.Files.__init__.__defaults__ = (Path(sys.argv.pop(1)),)
    main()
