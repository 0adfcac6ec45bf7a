"""Damaged and malicious containers: all that can be read is delivered, what is wrong is told, nothing else happens."""

from __future__ import annotations

import gzip
import os
import random
import tarfile
from collections.abc import Callable
from typing import NamedTuple

import pytest
import zstandard

from workbench.evidence.containers import Limits

from .builders import (
    COMPRESSORS,
    LOG,
    encrypted,
    overlapping_zip,
    patched,
    pax,
    tar_header,
    tar_of,
    tar_special,
    with_hidden_member,
    zip_fields,
    zip_of,
    zip_of_two_names,
)
from .conftest import Deliver

GZ = gzip.compress(LOG)
ZST = COMPRESSORS["zstd"](LOG)
PAIR = {"a.log": LOG, "b.log": b"b" * 2000}
TAR = tar_of(PAIR, tarfile.USTAR_FORMAT)
ZIP = zip_of(PAIR)
FIRST_ONLY = {"a.log": LOG}


class Case(NamedTuple):
    """A hostile file and what must come of it; ``members`` None means: look at ``prefix_of`` instead."""

    data: bytes
    members: dict[str, bytes] | None
    content_damage: str = ""
    file_damage: str = ""
    prefix_of: bytes = b""
    limits: Limits | None = None


EVIL_NAMES = [
    "../../etc/passwd",
    "/etc/passwd",
    "C:\\Windows\\x",
    "\\\\host\\share",
    "a/../../b",
    "con",
    "a\x1b[31mb\nc",
    "x" * 300,
]

CASES: dict[str, Callable[[], Case]] = {
    # gzip
    "gzip cut in its header": lambda: Case(GZ[:5], {"": b""}, "cut off in its header"),
    "gzip cut behind its header": lambda: Case(GZ[:10], {"": b""}, "cut off"),
    "gzip cut in the middle": lambda: Case(GZ[: len(GZ) // 2], None, "cut off", prefix_of=LOG),
    "gzip cut before its checksum": lambda: Case(GZ[:-8], {"": LOG}, "cut off in its checksum"),
    "gzip cut in its checksum": lambda: Case(GZ[:-3], {"": LOG}, "cut off in its checksum"),
    "gzip with a wrong checksum": lambda: Case(patched(GZ, -8, b"\0\0\0\0"), {"": LOG}, "checksum"),
    "gzip with a wrong length": lambda: Case(patched(GZ, -4, b"\0\0\0\0"), {"": LOG}, "checksum"),
    "gzip with garbage behind": lambda: Case(GZ + b"garbage", {"": LOG}, "", "7 bytes after the end"),
    "gzip with text behind zeros": lambda: Case(
        GZ + bytes(600) + b"x", {"": LOG}, "", "601 bytes after the end"
    ),
    "gzip with a second member of no method": lambda: Case(
        GZ + b"\x1f\x8b\x07" + bytes(20), {"": LOG}, "is damaged"
    ),
    "gzip with reserved flags": lambda: Case(
        patched(GZ, 3, b"\xe0"), {"": b""}, "header at byte 0 is damaged"
    ),
    "gzip whose name never ends": lambda: Case(b"\x1f\x8b\x08\x08" + b"n" * 10_000, {"": b""}, "cut off"),
    "gzip whose extra field never ends": lambda: Case(
        b"\x1f\x8b\x08\x04" + bytes(6) + b"\xff\xff123", {"": b""}, "cut off"
    ),
    "gzip of noise": lambda: Case(b"\x1f\x8b\x08\0" + bytes(6) + b"\xff" * 5000, None, "damaged"),
    "gzip with a wrong first checksum of two": lambda: Case(
        patched(GZ, -8, b"\0\0\0\0") + GZ, {"": LOG + LOG}, "checksum"
    ),
    "gzip of 50,000 empty members": lambda: Case(gzip.compress(b"") * 50_000 + GZ, {"": LOG}),
    "gzip bomb": lambda: Case(
        gzip.compress(bytes(100 << 20)), None, "--max-ratio", prefix_of=bytes(100 << 20)
    ),
    "gzip bomb in a gzip bomb": lambda: Case(
        gzip.compress(gzip.compress(bytes(200 << 20))), None, "--max-ratio", prefix_of=bytes(100 << 20)
    ),
    "gzip bomb in a zip": lambda: Case(
        zip_of({"a": gzip.compress(bytes(100 << 20))}), None, "--max-ratio", prefix_of=bytes(100 << 20)
    ),
    "gzip longer than a content may be": lambda: Case(
        GZ,
        {"": LOG[:1000]},
        "stopped after 1,000 bytes of content (--max-content",
        limits=Limits(max_content=1000),
    ),
    "plain file longer than a content may be": lambda: Case(
        LOG, {"": b""}, "--max-content", limits=Limits(max_content=0)
    ),
    "gzip holding a zip": lambda: Case(gzip.compress(ZIP), {"": ZIP}, "zip archive inside a compressed file"),
    # Zstandard
    "zstd cut in its header": lambda: Case(ZST[:5], {"": b""}, "cut off in a frame header"),
    "zstd cut in the middle": lambda: Case(ZST[: len(ZST) // 2], None, "cut off", prefix_of=LOG),
    "zstd cut before its checksum": lambda: Case(ZST[:-4], {"": LOG}, "cut off"),
    "zstd with a wrong checksum": lambda: Case(patched(ZST, -1, bytes([ZST[-1] ^ 1])), {"": LOG}, "damaged"),
    "zstd with garbage behind": lambda: Case(ZST + b"garbage", {"": LOG}, "", "7 bytes after the end"),
    "zstd with a reserved block type": lambda: Case(
        zstandard.compress(b"")[:-3] + b"\x07\0\0" + bytes(9), {"": b""}, "damaged"
    ),
    "zstd skippable frame cut off": lambda: Case(
        b"\x50\x2a\x4d\x18\xff\xff\xff\xffxx", {"": b""}, "skippable"
    ),
    "zstd that wants a window of 2 GiB": lambda: Case(
        b"\x28\xb5\x2f\xfd\x00\xa8" + b"\x01\0\0", {"": b""}, "window of 2,147,483,648"
    ),
    "zstd that wants a dictionary": lambda: Case(
        b"\x28\xb5\x2f\xfd\x21\x07\x01\x09\0\0a", {"": b""}, "dictionary 7"
    ),
    "zstd bomb of run-length blocks": lambda: Case(
        b"\x28\xb5\x2f\xfd\x00\x58"
        + (0x20000 << 3 | 2).to_bytes(3, "little") * 1
        + b"\0"
        + ((0x20000 << 3 | 2).to_bytes(3, "little") + b"\0") * 100_000,
        None,
        "--max-ratio",
        prefix_of=bytes(100 << 20),
    ),
    # tar
    "tar cut in a member": lambda: Case(
        TAR[:1000], {"a.log": LOG[:488]}, "cut off after 488 of its", "end mark"
    ),
    "tar cut between members": lambda: Case(
        TAR[: 512 + -(-len(LOG) // 512) * 512], FIRST_ONLY, "", "without its end mark"
    ),
    "tar cut in a header": lambda: Case(
        TAR[: 612 + -(-len(LOG) // 512) * 512], FIRST_ONLY, "", "100 bytes after byte"
    ),
    "tar whose second header is damaged": lambda: Case(
        patched(TAR, 512 + -(-len(LOG) // 512) * 512, b"\xff" * 8) + tar_of({"c": b"3"}),
        FIRST_ONLY | {"c": b"3"},
        "",
        "bytes after byte",
    ),
    "tar whose first header is damaged": lambda: Case(
        patched(TAR, 0, b"\xff"), {"": patched(TAR, 0, b"\xff")}, "first header is damaged"
    ),
    "tar with an archive behind its end": lambda: Case(TAR + tar_of({"c": b"3"}), PAIR | {"c": b"3"}),
    "tar with garbage behind its end": lambda: Case(TAR + b"garbage", PAIR, "", "7 bytes after byte"),
    "tar member that claims 8 EiB": lambda: Case(
        tar_header(size=b"\x80\0\0\0\x7f" + b"\xff" * 7) + b"rest",
        {"x": b"rest"},
        "cut off after 4 of",
        "end mark",
    ),
    "tar member of negative size": lambda: Case(
        tar_of({"a": b"1"})[:1024] + tar_header(size=b"\xff" * 12) + bytes(1024),
        {"a": b"1"},
        "",
        "512 bytes after",
    ),
    "tar whose numbers are no numbers": lambda: Case(
        tar_of({"a": b"1"})[:1024] + tar_header(mtime=b"zzz") + bytes(1024),
        {"a": b"1"},
        "",
        "512 bytes after",
    ),
    "tar with a symbolic link": lambda: Case(tar_special(b"2"), {"a": b"1"}, "", 'symbolic link "evil"'),
    "tar with a hard link": lambda: Case(tar_special(b"1"), {"a": b"1"}, "", 'hard link "evil"'),
    "tar with a character device": lambda: Case(tar_special(b"3"), {"a": b"1"}, "", "character device"),
    "tar with a block device": lambda: Case(tar_special(b"4"), {"a": b"1"}, "", "block device"),
    "tar with a pipe": lambda: Case(tar_special(b"6"), {"a": b"1"}, "", "pipe"),
    "tar with a member of unknown type": lambda: Case(tar_special(b"Z"), {"evil": b"", "a": b"1"}),
    "tar with a pax header of 8 GiB": lambda: Case(
        tar_header(type=b"x", size=b"77777777777\0") + b"1", {}, "", "was passed over"
    ),
    "tar with a damaged pax header": lambda: Case(
        pax(b"999 path=x\n") + tar_of({"a": b"1"}), {"a": b"1"}, "", "extended header is damaged"
    ),
    "tar with a pax record of length 0": lambda: Case(
        pax(b"0 path=x\n") + tar_of({"a": b"1"}), {"a": b"1"}, "", "extended header is damaged"
    ),
    "tar with a pax size of letters": lambda: Case(pax(b"11 size=zz\n") + tar_of({"a": b"1"}), {"a": b"1"}),
    "tar with a pax time beyond all time": lambda: Case(
        pax(b"29 mtime=9999999999999999999\n") + tar_of({"a": b"1"}), {"a": b"1"}
    ),
    "tar with a global pax name": lambda: Case(pax(b"10 path=y\n", b"g") + tar_of({"a": b"1"}), {"y": b"1"}),
    "tar with global keys of no meaning": lambda: Case(
        b"".join(pax(b"14 key%03d=abc\n" % n, b"g") for n in range(1000)) + tar_of({"a": b"1"}), {"a": b"1"}
    ),
    "tar with a sparse member": lambda: Case(
        pax(b"22 GNU.sparse.major=1\n") + tar_of({"a": b"1"}), {"a": b"1"}, "sparse"
    ),
    "tar with an old sparse member": lambda: Case(
        tar_header(b"s", type=b"S", size=b"00000000003\0", magic=b"ustar  \0")
        + b"abc"
        + bytes(509)
        + tar_of({"a": b"1"}),
        None,
        "sparse",
    ),
    "tar with the same name twice": lambda: Case(
        tar_of({"same": b"1"})[:1024] + tar_of({"same": b"2"}), None, prefix_of=b"12"
    ),
    "tar in a tar": lambda: Case(tar_of({"in.tar": TAR}), {"in.tar": TAR}, "an archive inside an archive"),
    "tar.gz in a zip": lambda: Case(
        zip_of({"t": gzip.compress(TAR)}), {"t": TAR}, "an archive inside an archive"
    ),
    "tar.gz cut off": lambda: Case(
        gzip.compress(tar_of({"a": b"1", "n": random.Random(1).randbytes(9000)}))[:-2000],
        None,
        "cut off after",
        "compressed data is cut off",
    ),
    "tar.gz with a wrong checksum": lambda: Case(
        patched(gzip.compress(TAR), -8, b"\0\0\0\0"), PAIR, "", "checksum"
    ),
    "tar with too many entries": lambda: Case(
        tar_of({f"{n}": b"" for n in range(9)}),
        {f"{n}": b"" for n in range(5)},
        "",
        "first 5 entries",
        limits=Limits(max_members=5),
    ),
    "text with ustar at its place": lambda: Case(
        b"l" * 257 + b"ustar" + b"l" * 400, {"": b"l" * 257 + b"ustar" + b"l" * 400}
    ),
    # zip
    "zip cut in a member": lambda: Case(ZIP[:500], None, "cut off", "no end record", prefix_of=LOG),
    "zip cut before its directory": lambda: Case(ZIP[: ZIP.index(b"PK\1\2")], PAIR, "", "no end record"),
    "zip cut in its directory": lambda: Case(ZIP[: ZIP.index(b"PK\1\2") + 60], PAIR, "", "no end record"),
    "zip whose directory is damaged": lambda: Case(
        patched(ZIP, ZIP.index(b"PK\1\2"), b"XX"), PAIR, "", "entry 1 is damaged"
    ),
    "zip that is only a magic number": lambda: Case(
        b"PK\3\4", {"": b"PK\3\4"}, "kept as it is", "no end record"
    ),
    "zip of noise": lambda: Case(
        b"PK\3\4" + b"\xff" * 999, {"": b"PK\3\4" + b"\xff" * 999}, "kept as it is", "own"
    ),
    "zip of local headers that all claim the rest of the file": lambda: Case(
        patched(zip_fields(data=b"")[:35], 18, b"\xff\xff\xff\x7f" * 2) * 3000,
        None,
        "where the archive says",
        "overlap over and over",
    ),
    "zip end record alone, pointing away": lambda: Case(
        b"PK\5\6" + b"\xff" * 18, {"": b"PK\5\6" + b"\xff" * 18}, "kept as it is", "unusable"
    ),
    "zip with garbage behind": lambda: Case(ZIP + b"garbage", PAIR, "", "7 bytes after the end"),
    "zip joined to another": lambda: Case(ZIP + zip_of({"c": b"3"}), {"c": b"3"}, "", "belong to no member"),
    "zip with a member hidden from its directory": lambda: Case(
        with_hidden_member(ZIP), FIRST_ONLY, "", "belong to no member"
    ),
    "zip that counts wrong": lambda: Case(
        zip_fields(count=7), FIRST_ONLY, "", "1 entries where its end record says 7"
    ),
    "zip encrypted": lambda: Case(encrypted(ZIP), {"a.log": b"", "b.log": PAIR["b.log"]}, "encrypted"),
    "zip of an unknown method": lambda: Case(
        zip_fields(method=14), {"a.log": b""}, "method LZMA is not supported"
    ),
    "zip with a wrong checksum": lambda: Case(zip_fields(crc=1), FIRST_ONLY, "checksum is wrong"),
    "zip with a wrong size": lambda: Case(zip_fields(size=5), FIRST_ONLY, "where the archive says 5"),
    "zip with a member longer than the file": lambda: Case(
        zip_fields(packed=10**9), {"a.log": b""}, "overlap"
    ),
    "zip with an offset outside": lambda: Case(
        zip_fields(offset=10**9), FIRST_ONLY, "", "points outside the archive"
    ),
    "zip with an offset to nowhere": lambda: Case(
        zip_fields(offset=7), {"a.log": b""}, "local header is missing", "belong to no member"
    ),
    "zip with two names for one member": lambda: Case(
        zip_fields(local_name=b"b.log"), FIRST_ONLY, 'is another one: "b.log"'
    ),
    "zip with a symbolic link": lambda: Case(
        zip_fields(data=b"/etc/passwd", made_by=3 << 8, attributes=0o120777 << 16),
        None,
        "kept",
        "symbolic link",
    ),
    "zip with a pipe": lambda: Case(
        zip_fields(data=b"", made_by=3 << 8, attributes=0o010777 << 16), None, "kept", "special file"
    ),
    "zip with a folder that holds bytes": lambda: Case(zip_fields(name=b"dir/"), {"dir/": LOG}),
    "zip with a name that is no UTF-8": lambda: Case(
        zip_fields(name=b"\xff.log", flags=0x800), {"\udcff.log": LOG}
    ),
    "zip with a name in code page 437": lambda: Case(zip_fields(name=b"\x81.log"), {"ü.log": LOG}),
    "zip with a broken extra field": lambda: Case(zip_fields(extra=b"\x01\0\xff\xff\0"), FIRST_ONLY),
    "zip with 1,000 members of the same bytes": lambda: Case(overlapping_zip(1000), None, "overlap"),
    "zip with the same name twice": lambda: Case(zip_of_two_names(), None, prefix_of=b"12"),
    "zip in a zip, with a wrong checksum": lambda: Case(
        zip_fields(name=b"in.zip", data=ZIP, crc=1),
        {"in.zip": ZIP},
        "extract it and add it; its checksum is wrong",
    ),
    "zip in a zip": lambda: Case(zip_of({"in.zip": ZIP}), {"in.zip": ZIP}, "an archive inside an archive"),
    "zip bomb": lambda: Case(
        zip_of({"a": bytes(100 << 20)}), None, "--max-ratio", prefix_of=bytes(100 << 20)
    ),
    "zip with too many entries": lambda: Case(
        zip_of({f"{n}": b"" for n in range(9)}),
        {f"{n}": b"" for n in range(5)},
        "",
        "first 5 entries",
        limits=Limits(max_members=5),
    ),
    "zip cut off with too many entries": lambda: Case(
        zip_of({f"{n}": b"" for n in range(9)})[:-22],
        {f"{n}": b"" for n in range(5)},
        "",
        "first 5 entries",
        limits=Limits(max_members=5),
    ),
    **{
        f"zip with the name {name[:20]!r}": lambda name=name: Case(zip_of({name: b"1"}), {name: b"1"})
        for name in EVIL_NAMES
    },
    **{
        f"tar with the name {name[:20]!r}": lambda name=name: Case(tar_of({name: b"1"}), {name: b"1"})
        for name in EVIL_NAMES
    },
}


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize("name", CASES)
def test_hostile_container(
    deliver: Deliver, name: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(str(tmp_path))
    case = CASES[name]()
    delivery = deliver(case.data, case.limits)
    data = b"".join(content.data for content in delivery.contents)
    damage = "; ".join(content.damage for content in delivery.contents if content.damage)
    if case.members is not None:
        assert delivery.members == case.members
    elif case.prefix_of:
        assert case.prefix_of.startswith(data)
    assert case.content_damage in damage
    assert bool(case.content_damage) == bool(damage)
    assert case.file_damage in delivery.damage
    assert bool(case.file_damage) == bool(delivery.damage)
    assert len(data) <= max(16 << 20, 201 * (len(case.data) + (256 << 10)))
    assert os.listdir() == []  # noqa: PTH208 - nothing may be written beside the case
