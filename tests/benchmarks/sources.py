"""How fast each source is added, per megabyte, against CloudTrail on the same machine in the same run.

    python tests/benchmarks/sources.py [--size 24] [--only okta] [--bench ../shared/bench]

Each source gets a file of JSON lines of that many megabytes, made of the largest samples of its tests and, where they are
at hand, of the published ones: what a real record weighs is what counts, and fragments weigh nothing. Every record gets
an id and a time of its own, as far as its source writes them; equal lines would be searched for copies. CloudTrail's records
come from ``make_cloudtrail.py``, written as lines too. To reach: half of CloudTrail's megabytes a second.
"""

from __future__ import annotations

import argparse
import copy
import gzip
import json
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.run import ADD, WORKBENCH  # noqa: E402
from tests.sources import harvest  # noqa: E402
from workbench.sources.protocol import Context  # noqa: E402
from workbench.sources.registry import Readers  # noqa: E402

LARGEST = 5
"""Samples of each source that are repeated."""


def samples() -> dict[str, list[dict[str, object]]]:
    """Return the largest samples of every source that are events, by source."""
    readers = Readers()
    found: dict[str, list[dict[str, object]]] = {}
    for document in harvest.documents():
        claims = readers.claims(document)
        if len(claims) == 1 and claims[0].reader.read(document, Context()).event is not None:
            found.setdefault(claims[0].reader.source, []).append(document)
    return {
        source: sorted(documents, key=lambda each: len(json.dumps(each, default=str)))[-LARGEST:]
        for source, documents in found.items()
    }


ID, TIME = "\ufffdid\ufffd", "\ufffdtime\ufffd"
"""Stand in a sample where each record has a value of its own."""


def write_lines(path: Path, documents: list[dict[str, object]], size: int) -> int:
    """Write records until a file has a size; each has an id and a time of its own. Return how many."""
    readers = Readers()
    forms = []
    for document in documents:
        event = readers.claims(document)[0].reader.read(document, Context()).event
        assert event is not None
        sample = copy.deepcopy(document)
        ids = (event.native_id, event.request_id, event.shared_id)
        native_id = next((found for each in ids if (found := marked(sample, each, ID)) is not None), None)
        moment = marked(sample, event.time.raw, TIME)
        for value, mark in ((native_id and str(native_id), ID), (event.time.raw, TIME)):
            while marked(sample, value, mark) is not None:
                pass  # some write it twice
        forms.append((json.dumps(sample, separators=(",", ":"), ensure_ascii=False), native_id, moment))
    written = count = 0
    with path.open("w", encoding="utf-8", errors="backslashreplace") as file:
        while written < size:
            text, native_id, moment = forms[count % len(forms)]
            count += 1
            text = text.replace(f'"{ID}"', own_id(native_id, count)).replace(
                f'"{TIME}"', own_time(moment, count)
            )
            written += file.write(f"{text}\n")
    return count


def marked(node: object, value: str | None, mark: str) -> object:
    """Put a mark in the place of the first text or number inside a document that reads as a value, and return what was there."""
    if value is None or not isinstance(node, dict | list):
        return None
    members = list(node.items() if isinstance(node, dict) else enumerate(node))
    for key, each in members:
        if type(each) in (str, int) and str(each) == value:
            node[key] = mark
            return each
    for _, each in members:
        found = marked(each, value, mark)
        if found is not None:
            return found
    return None


def own_id(like: object, count: int) -> str:
    """Return an id as JSON: a number where it was one, else a UUID."""
    return str(10**9 + count) if isinstance(like, int) else f'"{uuid.UUID(int=count << 80 | 0x4 << 76)}"'


def own_time(like: object, count: int) -> str:
    """Return a time as JSON in the same form: at another second of the day, or that many units later."""
    if isinstance(like, int):
        return str(like + count)
    text = str(like)
    if text[13:19:3] == "::":
        clock = f"{count // 3600 % 24:02}:{count // 60 % 60:02}:{count % 60:02}"
        text = text[:11] + clock + text[19:]
    return json.dumps(str(int(text) + count) if text.isdecimal() else text)


def write_cloudtrail(path: Path, bench: Path, folder: Path, size: int) -> int:
    """Write CloudTrail records as lines, made by the maker of big inputs."""
    subprocess.run(
        [sys.executable, bench / "make_cloudtrail.py", folder, "--events", "30000"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    written = count = 0
    with path.open("w") as file:
        for log in sorted(folder.rglob("*.json.gz")):
            for record in json.loads(gzip.decompress(log.read_bytes()))["Records"]:
                if written < size:
                    written += file.write(json.dumps(record, separators=(",", ":")) + "\n")
                    count += 1
    return count


def measured(logs: Path, folder: Path) -> float:
    """Add a file to a new case and return the wall seconds."""
    case = folder / "bench.case"
    case.unlink(missing_ok=True)
    subprocess.run([*WORKBENCH, "new", case, "--title", "b"], check=True, capture_output=True, cwd=ROOT)
    began = time.perf_counter()
    subprocess.run([*ADD, case, logs], check=True, capture_output=True, cwd=ROOT)
    return time.perf_counter() - began


def main() -> None:
    """Measure all sources and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=24, help="megabytes of each source")
    parser.add_argument("--only", default="", help="sources whose name holds this")
    parser.add_argument("--bench", type=Path, default=ROOT.parent / "shared" / "bench")
    options = parser.parse_args()
    size = options.size * 1_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        logs = folder / "records.jsonl"
        count = write_cloudtrail(logs, options.bench, folder / "made", size)
        base = logs.stat().st_size / 1e6 / measured(logs, folder)
        print("| source | bytes a record | MB/s | events/s | of CloudTrail's MB/s |\n|---|---|---|---|---|")
        weight = logs.stat().st_size / count
        print(f"| aws.cloudtrail | {weight:,.0f} | {base:.1f} | {base * 1e6 / weight:,.0f} | 1 |", flush=True)
        for source, documents in sorted(samples().items()):
            if options.only not in source or source == "aws.cloudtrail":
                continue
            count = write_lines(logs, documents, size)
            megabytes = logs.stat().st_size / 1e6
            pace = megabytes / measured(logs, folder)
            weight = megabytes * 1e6 / count
            print(
                f"| {source} | {weight:,.0f} | {pace:.1f} | {pace * 1e6 / weight:,.0f} | {pace / base:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
