"""Files are shared out among the processes that read them."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.casework.ingest.messages import ContentStarted, FileEnded
from workbench.casework.ingest.processes import reading_processes
from workbench.casework.ingest.reading import ReadingOptions, Task

_LINE = b"2024-05-01T10:00:00Z a line that no reader knows\n"


@pytest.mark.parametrize(("files", "lines"), [(3, 30_000), (150, 1)])
def test_every_file_is_read_once_and_in_order(tmp_path: Path, files: int, lines: int) -> None:
    """Few large files and many small ones."""
    for number in range(files):
        (tmp_path / f"{number}.log").write_bytes(b"%d %b" % (number, _LINE * lines))
    tasks = [
        Task(number, path, size=path.stat().st_size) for number, path in enumerate(sorted(tmp_path.iterdir()))
    ]
    begun: Counter[int] = Counter()
    ended: Counter[int] = Counter()
    with reading_processes(ReadingOptions(), 2) as read, contextlib.closing(read(tasks)) as packets:
        for packet in packets:
            for number, message in packet:
                begun[number] += isinstance(message, ContentStarted)
                ended[number] += isinstance(message, FileEnded)
                assert ended[number] <= begun[number]
    assert begun == ended == Counter(range(files))


def test_no_process_is_handed_all_large_files(tmp_path: Path) -> None:
    """What is not handed out yet can go to whoever is done first."""
    for number in range(12):
        (tmp_path / f"{number}.log").write_bytes(_LINE * 30_000)
    taken = 0

    def tasks() -> Iterator[Task]:
        nonlocal taken
        for number, path in enumerate(sorted(tmp_path.iterdir())):
            taken += 1
            yield Task(number, path, size=path.stat().st_size)

    with reading_processes(ReadingOptions(), 2) as read, contextlib.closing(read(tasks())) as packets:
        next(packets)
        assert taken <= 6
