"""What a terminal receives when every text of a case is hostile."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# What the toolkit itself sends: CSI sequences, private modes, the kitty keyboard protocol, two window reports.
_OWN = re.compile(
    rb"\x1b(?:\[[0-9;:<=>?]*[ -/]*[@-~]|[78=>]|P[^\x1b]*\x1b\\|\]\d+;[^\x07\x1b]*(?:\x07|\x1b\\)|\([0AB])"
)


DOWN, PAGE_DOWN, ESCAPE, ENTER = b"\x1b[B", b"\x1b[6~", b"\x1b", b"\r"
KEYS = [
    DOWN,
    b"\x1b[A",
    ENTER,
    DOWN,
    ENTER,
    PAGE_DOWN,
    PAGE_DOWN,
    b"q",
    b"e",
    PAGE_DOWN,
    b"q",
    b"y",
    b"/x",
    ESCAPE,
]
KEYS += [b"A", ESCAPE, b"t", b"+", b"?", ESCAPE, b"g", ESCAPE, b"\x10", ESCAPE, b"q", b"q", b"q"]


def raw_bytes_of(command: list[str], size: tuple[int, int], keys: list[bytes], seconds: float = 60) -> bytes:
    """Run a command in a terminal of its own, type keys whenever it is quiet, and return all that it sends."""
    pid, master = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", PYTHONPATH=str(ROOT), PYTHONUTF8="1")
        os.chdir(ROOT)
        os.execv(command[0], command)
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    received, waiting = bytearray(), list(keys)
    deadline = time.monotonic() + seconds
    try:
        while True:
            assert time.monotonic() < deadline, "the application did not leave"
            if select.select([master], [], [], 0.2)[0]:
                try:
                    received += os.read(master, 1 << 16)
                except OSError:  # the other end is closed: the application has left
                    return bytes(received)
            elif b"incident workbench" in received:
                # On a busy machine a key may meet another screen than the one it was meant for: Ctrl+Q leaves from any.
                with contextlib.suppress(OSError):
                    os.write(master, waiting.pop(0) if waiting else b"\x11")
    finally:
        os.close(master)
        os.waitpid(pid, 0)


@pytest.mark.parametrize("size", [(160, 50), (80, 24)])
def test_a_terminal_receives_no_control_from_a_record_or_a_name(
    size: tuple[int, int], tmp_path: Path
) -> None:
    received = raw_bytes_of([sys.executable, "-m", "tests.tui.hostile_app", str(tmp_path)], size, KEYS)
    assert b"HOSTILE" in received
    assert "␛[31mHOSTILE".encode() in received or "HOSTILE␛[2J".encode() in received
    assert b"]52;c;SE9TVElMRQ" not in _controls(received)
    assert b"\x1b[2J\x9b" not in received
    own_titles = [part for part in re.findall(rb"\x1b\][^\x07\x1b]*", received) if b"HOSTILE" in part]
    assert own_titles == []
    rest = _OWN.sub(b"", received).decode("utf-8")
    bad = {f"U+{ord(c):04X}" for c in rest if (ord(c) < 0x20 and c not in "\r\n") or 0x7F <= ord(c) < 0xA0}
    bad |= {f"U+{ord(c):04X}" for c in rest if ord(c) in (0x200B, 0x202E, 0x2066, 0xE000, 0xE0041)}
    assert bad == set()


def _controls(received: bytes) -> bytes:
    """Everything between an escape and the end of its sequence."""
    return b"".join(_OWN.findall(received))
