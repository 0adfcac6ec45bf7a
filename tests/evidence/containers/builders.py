"""Containers made byte by byte, whole and hostile."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
import zlib

import pytest
import zstandard

LOG = b'{"Records":[' + b",".join(b'{"id":%d,"name":"GetObject"}' % n for n in range(20_000)) + b"]}"


def tar_of(members: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, data in members.items():
            header = tarfile.TarInfo(name)
            header.size = len(data)
            header.mtime = 1_688_989_338
            archive.addfile(header, io.BytesIO(data))
    return buffer.getvalue()


def zip_of(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


COMPRESSORS = {
    "gzip": gzip.compress,
    "zstd": lambda data: zstandard.ZstdCompressor(write_checksum=True).compress(data),
}


def patched(data: bytes, offset: int, new: bytes) -> bytes:
    offset %= len(data)
    return data[:offset] + new + data[offset + len(new) :]


def tar_header(name: bytes = b"x", **fields: bytes) -> bytes:
    """A ustar header with fields set to any bytes, its checksum right."""
    places = {
        "mode": 100,
        "uid": 108,
        "gid": 116,
        "size": 124,
        "mtime": 136,
        "type": 156,
        "link": 157,
        "magic": 257,
    }
    block = bytearray(512)
    block[: len(name)] = name
    values = {"mode": b"0000644\0", "size": b"00000000000\0", "type": b"0", "magic": b"ustar\x0000"} | fields
    for field, value in values.items():
        block[places[field] : places[field] + len(value)] = value
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def tar_special(kind: bytes) -> bytes:
    return tar_header(b"evil", type=kind, link=b"/etc/passwd") + tar_of({"a": b"1"})


def pax(records: bytes, kind: bytes = b"x") -> bytes:
    size = b"%011o\0" % len(records)
    return tar_header(b"pax", type=kind, size=size) + records + bytes(-len(records) % 512)


def zip_fields(name: bytes = b"a.log", data: bytes = LOG, **change: int | bytes) -> bytes:
    """A zip archive of one stored member, any field of its directory entry changed."""
    entry = {
        "made_by": 20, "flags": 0, "method": 0, "crc": zlib.crc32(data), "packed": len(data), "size": len(data),
        "extra": b"", "attributes": 0, "offset": 0, "local_name": name, "count": 1,
    } | change  # fmt: skip
    local_name, extra = entry["local_name"], entry["extra"]
    local = struct.pack(
        "<4s5H3L2H", b"PK\3\4", 20, entry["flags"], entry["method"], 0, 0, entry["crc"], len(data), len(data),
        len(local_name), 0,
    ) + local_name + data  # fmt: skip
    central = struct.pack(
        "<4s6H3L5H2L", b"PK\1\2", entry["made_by"], 20, entry["flags"], entry["method"], 0, 0, entry["crc"],
        entry["packed"], entry["size"], len(name), len(extra), 0, 0, 0, entry["attributes"], entry["offset"],
    ) + name + extra  # fmt: skip
    end = struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, entry["count"], entry["count"], len(central), len(local), 0
    )
    return local + central + end


def overlapping_zip(copies: int) -> bytes:
    """Many directory entries that all point to one and the same bytes, as zip bombs are made."""
    kernel = zip_of({"a": bytes(1 << 20)})
    start = kernel.index(b"PK\1\2")
    entry = kernel[start : kernel.index(b"PK\5\6")]
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, copies, copies, len(entry) * copies, start, 0)
    return kernel[:start] + entry * copies + end


def zip_of_two_names() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("same", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("same", b"2")
    return buffer.getvalue()


def encrypted(archive: bytes) -> bytes:
    """A zip archive whose first member is marked as encrypted."""
    data = bytearray(archive)
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    return bytes(data)


def with_hidden_member(archive: bytes) -> bytes:
    """A zip archive without the second entry of its directory: the member's bytes are still there."""
    at = archive.index(b"PK\1\2")
    second = archive.index(b"PK\1\2", at + 1)
    end = archive.index(b"PK\5\6")
    record = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, second - at, at, 0)
    return archive[:second] + record + archive[end + 22 :]
