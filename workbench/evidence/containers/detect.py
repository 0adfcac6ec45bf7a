"""What a stream is, told by its first bytes; names are never asked."""

from __future__ import annotations

import enum

from workbench.evidence.containers.tar import BLOCK, parse_header

HEAD = BLOCK
"""Bytes that decide: the length of a tar header."""

_ZSTD_SKIPPABLE = range(0x184D2A50, 0x184D2A60)
"""Magic numbers of skippable frames (RFC 8878, 3.1.2)."""


class Kind(enum.StrEnum):
    """What a stream turned out to be. Values of supported kinds are the words of ``Content.container``."""

    PLAIN = ""
    GZIP = "gzip"
    ZSTD = "zstd"
    ZIP = "zip"
    TAR = "tar"
    DAMAGED_TAR = "damaged tar"
    BZIP2 = "bzip2"
    XZ = "xz"
    SEVEN_ZIP = "7-Zip"
    RAR = "RAR"
    LZ4 = "LZ4"


UNSUPPORTED = frozenset({Kind.BZIP2, Kind.XZ, Kind.SEVEN_ZIP, Kind.RAR, Kind.LZ4})
"""Recognised so that a person can be told what to do; their bytes are kept as they are."""

# PK\5\6 opens an archive without members (APPNOTE 4.3.16). bzip2 is told by the mark of its first block
# or of its end as well, because a text may begin with "BZh".
_MAGIC = (
    (b"\x1f\x8b\x08", Kind.GZIP),
    (b"\x28\xb5\x2f\xfd", Kind.ZSTD),
    (b"PK\x03\x04", Kind.ZIP),
    (b"PK\x05\x06", Kind.ZIP),
    (b"\xfd7zXZ\x00", Kind.XZ),
    (b"7z\xbc\xaf\x27\x1c", Kind.SEVEN_ZIP),
    (b"Rar!\x1a\x07", Kind.RAR),
    (b"\x04\x22\x4d\x18", Kind.LZ4),
)
_BZIP2_MARKS = (b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90")


def detect(head: bytes) -> Kind:
    """Tell what a stream is.

    Args:
        head: Its first 512 bytes, fewer if it is shorter.
    """
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if int.from_bytes(head[:4], "little") in _ZSTD_SKIPPABLE:
        return Kind.ZSTD
    if head.startswith(b"BZh") and head[4:10] in _BZIP2_MARKS:
        return Kind.BZIP2
    return _detect_tar(head)


def _detect_tar(head: bytes) -> Kind:
    """Tell a tar archive by the checksum of its first header.

    The word "ustar" alone does not make an archive: whoever can place five bytes at offset 257 of a log
    would make it unreadable.
    """
    # The digits are looked at first because this is asked of every plain file, and decoding takes longer.
    checksum = head[148:156].strip(b" \0")
    if checksum.isdigit() and parse_header(head):
        return Kind.TAR
    return Kind.DAMAGED_TAR if head[257:262] == b"ustar" and 0 in head else Kind.PLAIN
