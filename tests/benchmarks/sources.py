"""How fast each source is added, per megabyte, against CloudTrail on the same machine in the same run.

    python tests/benchmarks/sources.py [--size 24] [--only okta] [--bench ../shared/bench]

Each source gets a file of JSON lines of that many megabytes, made of the largest samples of its tests and, where they are
at hand, of the published ones: what a real record weighs is what counts, and fragments weigh nothing. Every record gets
an id of its own. CloudTrail's records come from ``make_cloudtrail.py``, written as lines too. To reach: half of
CloudTrail's megabytes a second.
"""

from __future__ import annotations

import argparse
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


def write_lines(path: Path, documents: list[dict[str, object]], size: int) -> int:
    """Write records until a file has a size; each has an id of its own. Return how many."""
    reader = Readers()
    texts = []
    for document in documents:
        claim = reader.claims(document)[0]
        event = claim.reader.read(document, Context()).event
        text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
        texts.append((text, event.native_id if event is not None else None))
    written = count = 0
    with path.open("w", encoding="utf-8", errors="backslashreplace") as file:
        while written < size:
            text, native_id = texts[count % len(texts)]
            count += 1
            if native_id and len(native_id) > 3:
                text = text.replace(native_id, str(uuid.UUID(int=count << 64 | 0x4 << 76)))
            written += file.write(text + "\n")
    return count


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
