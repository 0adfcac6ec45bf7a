"""Reading a whole case file gives way to whoever writes to it."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from workbench.casefile.page_check import REST, begun_again, giving_way, pages_damaged

_ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n, kept"


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.case"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, text)")
        connection.executemany("INSERT INTO kept (text) VALUES (?)", [("x" * 100,)] * 2_000)
    return path


def reader(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
    )


def test_a_writer_waits_for_milliseconds(large: Path) -> None:
    """An endless read holds its lock; with the watch a commit goes through all the same, and the read begins again."""
    begun: list[float] = []
    stopped = threading.Event()

    def read() -> None:
        begun.append(time.monotonic())
        if stopped.is_set():
            return
        with contextlib.closing(reader(large)) as connection, giving_way(connection, large):
            connection.execute(_ENDLESS).fetchone()

    thread = threading.Thread(target=lambda: begun_again(large, read), daemon=True)
    thread.start()
    while not begun:
        time.sleep(0.01)
    time.sleep(0.1)
    with contextlib.closing(sqlite3.connect(large, timeout=10)) as writer:
        start = time.monotonic()
        with writer:
            writer.execute("INSERT INTO kept (text) VALUES ('new')")
        took = time.monotonic() - start
    stopped.set()
    thread.join(10)
    assert not thread.is_alive()
    assert took < 2, f"the writer waited for {took:.2f} s"
    assert len(begun) == 2
    assert begun[1] - begun[0] >= REST


def test_without_giving_way_a_writer_would_wait(large: Path) -> None:
    with contextlib.closing(reader(large)) as connection:

        def read() -> None:
            with contextlib.suppress(sqlite3.OperationalError):
                connection.execute(_ENDLESS)

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        time.sleep(0.1)
        with (
            contextlib.closing(sqlite3.connect(large, timeout=0.3)) as writer,
            pytest.raises(sqlite3.OperationalError),
            writer,
        ):
            writer.execute("INSERT INTO kept (text) VALUES ('new')")
        connection.interrupt()
        thread.join(10)
        assert not thread.is_alive()


def test_other_errors_are_told(large: Path) -> None:
    with (
        contextlib.closing(reader(large)) as connection,
        pytest.raises(sqlite3.OperationalError, match="nothing"),
    ):
        begun_again(large, lambda: connection.execute("SELECT * FROM nothing"))


def test_damaged_pages_are_found(large: Path) -> None:
    with contextlib.closing(reader(large)) as connection:
        assert pages_damaged(connection, large) == []
    data = bytearray(large.read_bytes())
    page = 4096
    data[20 * page : 21 * page] = bytes(page)
    large.write_bytes(data)
    with contextlib.closing(reader(large)) as connection:
        assert pages_damaged(connection, large)
