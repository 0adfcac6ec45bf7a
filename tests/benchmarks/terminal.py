"""A program on a pseudo-terminal: what a person would see of it, byte for byte."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from types import TracebackType
from typing import Self

_SEQUENCE = re.compile(
    rb"\x1b(?:\[[0-9:;<=>?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[()][0-9A-B]|[=>78cDEHMNOZ])"
)


class Terminal:
    """Runs a program on a terminal of its own; a context manager that ends it."""

    def __init__(
        self,
        command: list[str],
        *,
        columns: int = 80,
        rows: int = 24,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.output = bytearray()
        """Every byte the program wrote."""
        self._seen = 0
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        variables = {
            **os.environ,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            **(environment or {}),
        }
        self._process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=variables,
            start_new_session=True,
            close_fds=True,
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(3)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        os.close(self._master)

    def send(self, keys: bytes) -> None:
        """Type keys."""
        os.write(self._master, keys)

    def read(self, seconds: float) -> None:
        """Read what the program writes for some time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not self._read_once(left):
                return

    def forget(self) -> None:
        """Look only at what comes from now on."""
        self.read(0.05)
        self._seen = len(self.output)

    def wait_for(self, text: str, seconds: float = 30) -> None:
        """Wait until a text shows.

        Raises:
            TimeoutError: If it does not; the message holds what did.
        """
        end = time.monotonic() + seconds
        while text not in self.text():
            left = end - time.monotonic()
            if left <= 0 or not self._read_once(left):
                raise TimeoutError(f"{text!r} did not show; on the screen was: {self.text()[-3000:]}")

    def text(self) -> str:
        """Return what was written since the last :meth:`forget`, without control sequences."""
        return _SEQUENCE.sub(b"", bytes(self.output[self._seen :])).decode("utf-8", "replace")

    def _read_once(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self._master, 65536)
        except OSError:
            return False
        self.output += data
        return bool(data)
