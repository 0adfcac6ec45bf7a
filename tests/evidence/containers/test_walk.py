from __future__ import annotations

import itertools
import os
import shutil
import socket
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import EvidenceError
from workbench.evidence.containers import Unreadable, walk


def test_file_is_itself_also_through_a_link(tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    file.write_bytes(b"x")
    link = tmp_path / "link"
    link.symlink_to(file)
    assert list(walk(file)) == [file]
    assert list(walk(link)) == [link]


def test_missing_path_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="No such file"):
        list(walk(tmp_path / "missing"))
    with pytest.raises(EvidenceError, match="null"):
        list(walk(tmp_path / "a\0b"))


@given(
    paths=st.lists(
        st.lists(st.sampled_from(["a", "b", "A", "é", "a.b", "a b", "\udcff"]), min_size=1, max_size=4),
        max_size=12,
    )
)
@settings(max_examples=50, deadline=None)
def test_all_files_in_the_order_of_their_names(
    tmp_path_factory: pytest.TempPathFactory, paths: list[list[str]]
) -> None:
    top = tmp_path_factory.mktemp("walk")
    expected = set()
    for parts in paths:
        folder = top.joinpath(*(f"d{part}" for part in parts[:-1]))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / parts[-1]).touch()
        expected.add(folder / parts[-1])
    found = [path for path in walk(top) if isinstance(path, Path)]
    assert set(found) == expected
    assert len(found) == len(expected)
    keys = [[os.fsencode(part) for part in path.relative_to(top).parts] for path in found]
    assert keys == sorted(keys)


def test_links_and_special_files_are_reported_and_never_opened(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").touch()
    (top / "file").touch()
    (top / "to-file").symlink_to(outside / "secret")
    (top / "to-folder").symlink_to(outside)
    (top / "to-nothing").symlink_to("missing")
    (top / "to-itself").symlink_to(top)
    os.mkfifo(top / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(top / "socket"))
        found = list(walk(top))
    assert found == [
        top / "file",
        Unreadable(top / "pipe", "not a regular file: it was not opened"),
        Unreadable(top / "socket", "not a regular file: it was not opened"),
        *(
            Unreadable(top / name, "a symbolic link: it was not followed")
            for name in ("to-file", "to-folder", "to-itself", "to-nothing")
        ),
    ]
    assert list(walk(top / "pipe")) == [Unreadable(top / "pipe", "not a regular file: it was not opened")]


def test_unreadable_folder_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "locked").mkdir()
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "file").touch()
    scandir = os.scandir

    def refuse(path: Path) -> os._ScandirIterator[str]:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert list(walk(tmp_path)) == [
        Unreadable(tmp_path / "locked", "Permission denied"),
        tmp_path / "open" / "file",
    ]


def test_folders_deeper_than_a_path_may_be_long(tmp_path: Path) -> None:
    name = "d" * 200
    start = Path.cwd()
    os.chdir(tmp_path)
    try:
        for _ in range(30):
            os.mkdir(name)  # noqa: PTH102 - relative on purpose: the whole path would be too long
            os.chdir(name)
        found = list(walk(tmp_path))
        assert len(found) == 1
        assert isinstance(found[0], Unreadable)
        assert "too long" in found[0].reason
    finally:
        os.chdir(start)
        shutil.rmtree(tmp_path / name)


def test_large_folder_begins_at_once(tmp_path: Path) -> None:
    for number in range(20_000):
        os.close(os.open(tmp_path / f"{number:06}", os.O_CREAT))
    started = time.perf_counter()
    first = list(itertools.islice(walk(tmp_path), 3))
    assert time.perf_counter() - started < 2
    assert [path.name for path in first if isinstance(path, Path)] == ["000000", "000001", "000002"]
    assert sum(1 for _ in walk(tmp_path)) == 20_000
