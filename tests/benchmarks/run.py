"""The benchmark of the workbench: one command, one run, ratios against a plain loader on the same files.

    python tests/benchmarks/run.py [--events 300000] [--large 1000000] [--rounds 3] [--huge] [--keep FOLDER]

It needs the makers of big inputs (``make_cloudtrail.py`` and ``plain_loader.py``) in ``--bench``, by default
``../shared/bench`` beside the repository. It measures

* adding evidence against the plain loader, in turn, on the same gzip files: events a second and their ratio;
* the size of the case file against the plain loader's database;
* peak memory of ``add``: the sum over its processes, sampled;
* on a large case: deriving sessions and links, against the time of adding; first page from process start on a real
  pseudo-terminal, jump to the end, a page, a filter over an indexed field, and whether the table reads while ``add`` runs
  in another process;
* with ``--huge``: a 2 GB JSON file of one line.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Where it is set every process compiles all modules anew, 0.4 s each; on a responder's machine only the first one does.
sys.path.insert(0, str(ROOT))

from tests.benchmarks.terminal import Terminal  # noqa: E402
from workbench.casefile.reader import CaseReader  # noqa: E402
from workbench.casework.note import write_note  # noqa: E402
from workbench.casework.tag import TagWish, commit_tag  # noqa: E402
from workbench.model.claim import Grade  # noqa: E402
from workbench.search import parse  # noqa: E402

WORKBENCH = [sys.executable, "-m", "workbench"]
ADD = [
    sys.executable,
    "-c",
    "import sys, pathlib; from workbench.casework.add_evidence import add_evidence;"
    " add_evidence(pathlib.Path(sys.argv[1]), [pathlib.Path(sys.argv[2])], actor='benchmark')",
]
"""What ``workbench add`` does before it derives sessions and links, which are timed apart: a whole process."""


def row(what: str, value: str, goal: str = "") -> None:
    """Print one line of the result: what was measured, the value, what is to be reached."""
    print(f"| {what:44} | {value:>38} | {goal:16} |", flush=True)


def run(*command: str | Path) -> float:
    """Run a command and return its wall seconds."""
    began = time.perf_counter()
    subprocess.run(
        [str(part) for part in command],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
    )
    return time.perf_counter() - began


def descendants(pid: int) -> list[int]:
    """Return a process and all its children, on Linux."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += descendants(int(child))
    return found


def memory_of(pid: int) -> int:
    """Return the proportional set size of a process tree in bytes: shared pages count once."""
    total = 0
    for process in descendants(pid):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total


def run_watched(*command: str | Path) -> tuple[float, int, str]:
    """Run a command; return its wall seconds, the peak memory of its process tree, and what it said on stderr."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    peak = 0

    def watch() -> None:
        nonlocal peak
        while process.poll() is None:
            with contextlib.suppress(OSError):
                peak = max(peak, memory_of(process.pid))
            time.sleep(0.2)

    watcher = threading.Thread(target=watch)
    watcher.start()
    told = process.communicate()[1]
    seconds = time.perf_counter() - began
    if process.returncode != 0:
        raise SystemExit(f"failed: {command}: {told}")
    watcher.join()
    return seconds, peak, told


def seconds_of(part: str, told: str) -> float:
    """Return the seconds of a part of ``derive``, from the line in which it tells them."""
    found = re.search(rf"{part} ([0-9.]+)", told.rpartition("(")[2])
    if found is None:
        raise SystemExit(f"derive tells no time of {part}: {told}")
    return float(found[1])


def new_case(path: Path) -> Path:
    """Make an empty case file, replacing an older one."""
    path.unlink(missing_ok=True)
    run(*WORKBENCH, "new", path, "--title", "Benchmark", "--examiner", "nobody")
    return path


def milliseconds(act: Callable[[], object], rounds: int = 5) -> float:
    """Return the median time of an act in milliseconds."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def compare_loading(folder: Path, bench: Path, events: int, rounds: int) -> None:
    """Time ``add`` and the plain loader in turn; nothing else runs meanwhile, so memory is watched in a run of its own."""
    logs = make_logs(folder, bench, events)
    case, plain = folder / "compare.case", folder / "plain.db"
    ratios, ours, theirs = [], [], []
    for number in range(rounds):
        plain_seconds = run(sys.executable, bench / "plain_loader.py", logs, plain)
        new_case(case)
        seconds = run(*ADD, case, logs)
        ratios.append(plain_seconds / seconds)
        ours.append(events / seconds)
        theirs.append(events / plain_seconds)
        row(f"round {number + 1}", f"add {seconds:.2f} s, plain {plain_seconds:.2f} s, {ratios[-1]:.2f}")
    row(f"add, {events:,} events", f"{statistics.median(ours):,.0f} events/s")
    row("plain loader, same files", f"{statistics.median(theirs):,.0f} events/s")
    row("ratio, median of pairs", f"{statistics.median(ratios):.2f}", "1.5 or more")
    sizes = case.stat().st_size, plain.stat().st_size
    row("case file, plain database", f"{sizes[0] / 1e6:.1f} MB, {sizes[1] / 1e6:.1f} MB")
    row("size ratio", f"{sizes[0] / sizes[1]:.3f}", "0.25 or less")
    new_case(case)
    _, peak, _ = run_watched(*ADD, case, logs)
    row("peak memory of add, all processes", f"{peak / 1e6:.0f} MB", "under 500 MB")


def make_logs(folder: Path, bench: Path, events: int) -> Path:
    """Make a folder of CloudTrail files, once."""
    logs = folder / f"logs-{events}"
    if not logs.is_dir():
        run(sys.executable, bench / "make_cloudtrail.py", logs, "--events", str(events))
    return logs


def read_large(folder: Path, bench: Path, events: int) -> None:
    """Time reading a large case."""
    logs = make_logs(folder, bench, events)
    case = folder / f"large-{events}.case"
    if not case.exists():
        new_case(case)
        seconds, peak, _ = run_watched(*ADD, case, logs)
        row(f"add, {events:,} events", f"{events / seconds:,.0f} events/s, {peak / 1e6:.0f} MB")
        deriving, peak, told = run_watched(*WORKBENCH, "derive", case)
        row(f"derive, {events:,} events", f"{deriving:.1f} s, {peak / 1e6:.0f} MB", "under 1 GB")
        for part, goal in (("sessions and links", 0.5), ("gaps", 0.25), ("changes", 0.25)):
            took = seconds_of(part, told)
            row(f"{part} against add", f"{took:.1f} s: {took / seconds:.2f}", f"{goal} or less")
    row(f"case file of {events:,} events", f"{case.stat().st_size / 1e6:.1f} MB")
    read_layer(case)
    say(case)
    read_screen(case)
    read_while_adding(case, folder, logs)


QUERIES = (
    "action:GetSecretValue",
    "identity:user-0150",
    "verb:delete AND outcome:denied",
    "resource:*secret*",
    "account:123837392027 AND error:*Denied*",
    "terraform",
)


def read_layer(case: Path) -> None:
    """Time the questions that the screens ask of the case file."""
    with CaseReader.open(case) as reader:
        ids = [number for chunk in reader.scan() for number in chunk.ids]
        middle = len(ids) // 2
        row(
            "keys of all events",
            f"{milliseconds(lambda: sum(len(chunk.ids) for chunk in reader.scan()), 3):.0f} ms",
        )
        row(
            "a page of 60 in the middle",
            f"{milliseconds(lambda: reader.events(ids[middle : middle + 60])):.1f} ms",
            "100 ms",
        )
        row("the last page", f"{milliseconds(lambda: reader.events(ids[-60:])):.1f} ms", "100 ms")
    for text in QUERIES:
        took = milliseconds(lambda text=text: first_page(case, text))
        row(f"first page of {text}", f"{took:.0f} ms, {first_page(case, text)} rows", "150 ms")


def say(case: Path) -> None:
    """Time committing notes and tags; each is durable when it returns."""
    with CaseReader.open(case) as reader:
        ids = next(iter(reader.scan())).ids
        references = [str(stored.ref) for stored in reader.events(ids[:30])]
    took = milliseconds(lambda: write_note(case, "A note of a line.", actor="nobody"), 30)
    row("committing a note", f"{took:.1f} ms", "50 ms")
    wishes = iter(
        [
            TagWish(grade=Grade.INFERRED, reason="The record names the user.", references=(each,))
            for each in references
        ]
    )
    took = milliseconds(lambda: commit_tag(case, next(wishes), actor="nobody"), len(references))
    row("looking at an event and committing a tag", f"{took:.1f} ms", "50 ms")


def first_page(case: Path, text: str) -> int:
    """Open a case, ask for a filter's first page and return how many events it has."""
    with CaseReader.open(case) as reader:
        for chunk in reader.scan(parse(text), first=60):
            if chunk.ids:
                return len(reader.events(chunk.ids[:60]))
    return 0


def read_screen(case: Path) -> None:
    """Time the real program on a pseudo-terminal, from process start."""
    with sqlite3.connect(f"{case.as_uri()}?mode=ro", uri=True) as connection:
        (first, last) = connection.execute(
            "SELECT min(time), max(time) FROM event WHERE disposition < 2"
        ).fetchone()
    shown = [time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(moment // 1_000_000)) for moment in (first, last)]
    starts, jumps, homes = [], [], []
    for _ in range(3):
        began = time.perf_counter()
        with Terminal([*WORKBENCH, "open", str(case)], columns=160, rows=50) as terminal:
            terminal.wait_for(shown[0])
            starts.append(time.perf_counter() - began)
            time.sleep(3)
            for key, text, into in ((b"\x1b[F", shown[1], jumps), (b"\x1b[H", shown[0], homes)):
                terminal.forget()
                began = time.perf_counter()
                terminal.send(key)
                terminal.wait_for(text)
                into.append(time.perf_counter() - began)
    row("first page on screen, from process start", f"{statistics.median(starts) * 1000:.0f} ms", "1,000 ms")
    row("jump to the end, on screen", f"{statistics.median(jumps) * 1000:.0f} ms", "100 ms")
    row("jump to the start, on screen", f"{statistics.median(homes) * 1000:.0f} ms", "100 ms")


def read_while_adding(case: Path, folder: Path, logs: Path) -> None:
    """Read pages while another process adds evidence."""
    copy = folder / "busy.case"
    shutil.copyfile(case, copy)
    more = folder / "more"
    more.mkdir(exist_ok=True)
    for number, source in enumerate(sorted(logs.iterdir())[:20]):
        shutil.copyfile(source, more / source.name)
        with (more / source.name).open("ab") as file:
            file.write(f"{number}".encode())
    process = subprocess.Popen(
        [*map(str, WORKBENCH), "add", str(copy), str(more)], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    worst = count = 0
    while process.poll() is None:
        began = time.perf_counter()
        with CaseReader.open(copy) as reader:
            reader.events(next(iter(reader.scan(first=60))).ids[:60])
        worst = max(worst, time.perf_counter() - began)
        count += 1
        time.sleep(0.05)
    row("first page while add runs", f"{worst * 1000:.0f} ms at worst of {count}")


def one_line(folder: Path, size: int) -> None:
    """Add a JSON file of one line."""
    logs = folder / "huge"
    logs.mkdir(exist_ok=True)
    path = logs / "huge.json"
    record = {
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "IAMUser",
            "arn": "arn:aws:iam::111122223333:user/x",
            "accountId": "111122223333",
        },
        "eventTime": "2026-01-01T00:00:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "awsRegion": "us-east-1",
        "eventType": "AwsApiCall",
        "recipientAccountId": "111122223333",
        "sourceIPAddress": "192.0.2.1",
        "userAgent": "x" * 400,
        "requestParameters": {"key": "k" * 200},
        "responseElements": None,
    }
    with path.open("wb") as file:
        file.write(b'{"Records":[')
        number = written = 0
        while written < size:
            record["eventID"] = f"{number:08x}-0000-4000-8000-000000000000"
            data = json.dumps(record).encode()
            written += file.write((b"," if number else b"") + data)
            number += 1
        file.write(b"]}")
    case = new_case(folder / "huge.case")
    seconds, peak, _ = run_watched(*ADD, case, logs)
    row(
        f"{written / 1e9:.1f} GB of JSON in one line",
        f"{number / seconds:,.0f} events/s, {peak / 1e6:.0f} MB",
        "under 500 MB",
    )
    path.unlink()
    case.unlink()


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bench", type=Path, default=ROOT.parent / "shared" / "bench")
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--huge", action="store_true", help="also a 2 GB file of one line")
    parser.add_argument("--keep", type=Path, help="folder for the files, kept for the next run")
    options = parser.parse_args()
    if not (options.bench / "make_cloudtrail.py").is_file():
        raise SystemExit(f"there is no make_cloudtrail.py in {options.bench}; give --bench")
    folder = options.keep or Path(tempfile.mkdtemp(prefix="workbench-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    versions = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    print(f"{platform.platform()}, {os.cpu_count()} cores, {versions}")
    try:
        compare_loading(folder, options.bench, options.events, options.rounds)
        if options.large:
            read_large(folder, options.bench, options.large)
        if options.huge:
            one_line(folder, 2_000_000_000)
    finally:
        if not options.keep:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
