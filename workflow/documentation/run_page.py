"""Do what a page of the documentation says: write its files and run its commands.

    python workflow/documentation/run_page.py PAGE [OVERLAY...]

YAML blocks with a title are written to files of that name, and the lines of bash blocks
are run, in the order of the page. OVERLAYs are given to each Snakemake command as the
last ones, for smaller models. Run it in a copy of the repository, with `snakemake` on
the path.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

BLOCK = re.compile(
    r'^```(yaml|bash)(?: title="([^"]+)")?\n(.*?)^```', re.MULTILINE | re.DOTALL
)
OVERLAYS = re.compile(r"(--configfile(?: \S+\.yaml)+)")


def steps(text: str) -> Iterator[tuple[str, str]]:
    """Name and content of each file, and "" and text of each command, in order."""
    for kind, title, body in BLOCK.findall(text):
        if title:
            yield title, body
        elif kind == "bash":
            commands = body.replace("\\\n", " ").splitlines()
            yield from (("", line) for line in commands if line.strip())


def with_overlays(command: str, overlays: list[str]) -> str:
    """A Snakemake command with more overlays after its own."""
    return OVERLAYS.sub(rf"\1 {' '.join(overlays)}", command) if overlays else command


def run(text: str, overlays: list[str]) -> None:
    """Write the files of a page, and run its commands."""
    for name, content in steps(text):
        if name:
            Path(name).write_text(content)
        else:
            command = with_overlays(content, overlays)
            print(f"$ {command}", flush=True)
            subprocess.run(command, shell=True, check=True)


if __name__ == "__main__":
    run(Path(sys.argv[1]).read_text(), sys.argv[2:])
