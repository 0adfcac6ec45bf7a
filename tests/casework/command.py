"""The command line as tests use it: inside this process where that is enough, as a process of its own where it is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from click.testing import CliRunner

from workbench.cli import main

COMMAND = (sys.executable, "-m", "workbench")
ROOT = Path(__file__).resolve().parents[2]


class Said(NamedTuple):
    """What a command answered."""

    status: int
    out: bytes
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The JSON lines on stdout."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def object(self) -> dict[str, Any]:
        """The single JSON object on stdout."""
        (found,) = self.lines
        return found


def workbench(*arguments: object) -> Said:
    """Run a command in this process; an exception that is no exit is raised, since a person would see a traceback."""
    result = CliRunner().invoke(
        main, [str(argument) for argument in arguments], env={"WORKBENCH_EXAMINER": "Tester"}
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, result.stdout_bytes, result.stderr)


def start(*arguments: object, **options: Any) -> subprocess.Popen[bytes]:
    """Start a command as the leader of a session of its own, with its output kept."""
    environment = {**os.environ, "WORKBENCH_EXAMINER": "Tester", **options.pop("environment", {})}
    options = {
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "start_new_session": True,
        "cwd": ROOT,
    } | options
    command = [*COMMAND, *(os.fsencode(str(argument)) for argument in arguments)]
    return subprocess.Popen(command, env=environment, **options)


def run(*arguments: object, **options: Any) -> Said:
    """Run a command as a process of its own and wait for it."""
    with start(*arguments, **options) as process:
        out, err = process.communicate(timeout=120)
    return Said(process.returncode, out or b"", (err or b"").decode(errors="surrogateescape"))
