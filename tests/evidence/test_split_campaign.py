"""Contents of hundreds of megabytes, read in a process of their own whose peak memory is measured."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.campaign

READ = """
import resource, sys
from workbench.evidence.pieces import Record
from workbench.evidence.split import Splitter

def repeated(head, body, count, tail):
    yield head
    block = body * max(1, (1 << 20) // len(body))
    for _ in range(count // max(1, (1 << 20) // len(body))):
        yield block
    yield tail

event = b'{"eventVersion":"1.08","eventName":"GetObject","requestParameters":{"key":"' + b"k" * 1100 + b'"}}'
MB = 1 << 20
contents = {
    "Records": lambda: repeated(b'{"Records":[' + event, b"," + event, 300 * MB // len(event), b"]}"),
    "array": lambda: repeated(b"[" + event, b",\\n" + event, 300 * MB // len(event), b"]"),
    "value": lambda: repeated(b'{"value":[' + event, b"," + event, 300 * MB // len(event), b"]}"),
    "concatenated": lambda: repeated(event, event, 300 * MB // len(event), b""),
    "string": lambda: repeated(b'{"a":"', b"x" * MB, 300, b'"}'),
    "lone string": lambda: repeated(b'"', b"x" * MB, 300, b'"'),
    "line": lambda: repeated(event + b"\\n" + b'{"a":"', b"x" * MB, 100, b'"}\\n' + event),
    "numbers": lambda: repeated(b"[1", b",1", 8 * MB, b"]"),
    "openers": lambda: repeated(b"", b"[", 40 * MB, b""),
    "tiny lines": lambda: repeated(b"{}\\n{}", b"\\n{}", 10 * MB, b""),
    "blank lines": lambda: repeated(b"{}\\n{}", b"\\n", 300 * MB, b""),
    "white space": lambda: repeated(b"", b" " * MB, 300, b""),
    "zeros": lambda: repeated(b"", bytes(MB), 300, b""),
    "text": lambda: repeated(b"text ", b"x" * MB, 300, b"\\nend"),
    "no closing quote": lambda: repeated(b"a,b,c,d\\n1,2,3,4\\n1,", b'"x,y\\n', 10 * MB, b""),
    "utf-16": lambda: repeated(b"\\xff\\xfe[\\0", (event + b",").decode().encode("utf-16-le"), 60000, b"{\\0}\\0]\\0"),
    "broken": lambda: repeated(b"[" + event, b",{" + event, 30 * MB // len(event), b"]"),
    "nothing but beginnings": lambda: repeated(b'[{"a":1}', b',{"a":', 3 * MB, b""),
}
splitter = Splitter(contents[sys.argv[1]]())
records = rejected = 0
for piece in splitter:
    if type(piece) is Record:
        records += 1
    else:
        rejected += 1
assert splitter.account.balances
print(records, rejected, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""

MEGABYTES = 300


@pytest.mark.parametrize(
    "content",
    ["Records", "array", "value", "concatenated", "string", "lone string", "line", "numbers", "openers", "tiny lines",
     "blank lines", "white space", "zeros", "text", "no closing quote", "utf-16", "broken", "nothing but beginnings"],
)  # fmt: skip
def test_memory_stays_small_whatever_the_content(content: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", READ, content], capture_output=True, text=True, check=True, timeout=600
    )
    records, rejected, peak = map(int, done.stdout.split())
    assert records + rejected > 0 or content == "white space"
    assert peak < MEGABYTES
