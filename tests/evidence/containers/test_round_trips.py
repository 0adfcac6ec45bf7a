"""Whatever the standard tools pack comes out again; the packers are the independent oracle."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.clock import SECOND
from workbench.errors import EvidenceError
from workbench.evidence.containers import Limits, open_delivered

from .builders import COMPRESSORS, LOG, tar_of, zip_of
from .conftest import Deliver

# Text that cannot be taken for a container, of lengths around the sizes that matter inside.
contents = st.one_of(
    st.text(max_size=200).map(lambda text: b"log " + text.encode()),
    st.builds(
        lambda seed, size: (b"log " + (seed + b"\n") * (size // (len(seed) + 1) + 1))[:size],
        st.binary(min_size=1, max_size=300),
        st.sampled_from([0, 1, 511, 512, 513, 4096, 65_536, 262_144, 300_000, 1_048_577]),
    ),
)
names = st.lists(
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0/"), min_size=1, max_size=60
    ).filter(lambda name: name not in (".", "..") and "\\" not in name),
    max_size=5,
    unique=True,
)
chunk_sizes = st.sampled_from([1_000, 65_536, 262_143, 1 << 20, 1 << 22])


@given(data=contents, size=chunk_sizes)
@settings(max_examples=40, deadline=None)
def test_plain_file(deliver: Deliver, data: bytes, size: int) -> None:
    delivery = deliver(data, size=size)
    assert delivery.only == ("", "", None, data, "")
    assert delivery.damage == ""


@pytest.mark.parametrize("kind", COMPRESSORS)
@given(parts=st.lists(contents, min_size=1, max_size=4), size=chunk_sizes)
@settings(max_examples=40, deadline=None)
def test_compressed_file_of_several_parts(deliver: Deliver, kind: str, parts: list[bytes], size: int) -> None:
    delivery = deliver(b"".join(map(COMPRESSORS[kind], parts)), Limits(max_ratio=10**9), size)
    content = delivery.only
    assert (content.member, content.container, content.data) == ("", kind, b"".join(parts))
    assert (content.damage, delivery.damage) == ("", "")


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
@pytest.mark.parametrize("outer", ["", *COMPRESSORS])
@given(names=names, data=st.lists(contents, min_size=5, max_size=5), size=chunk_sizes)
@settings(max_examples=25, deadline=None)
def test_tar(deliver: Deliver, form: int, outer: str, names: list[str], data: list[bytes], size: int) -> None:
    members = dict(zip([name.rstrip("/") or "x" for name in names], data, strict=False))
    packed = tar_of(members, form)
    delivery = deliver(COMPRESSORS[outer](packed) if outer else packed, Limits(max_ratio=10**9), size)
    if members:
        assert delivery.members == members
        assert {content.container for content in delivery.contents} == {f"{outer}+tar".lstrip("+")}
        assert {content.modified_at for content in delivery.contents} == {1_688_989_338 * SECOND}
        assert {content.damage for content in delivery.contents} == {""}
    assert delivery.damage == ""


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@given(names=names, data=st.lists(contents, min_size=5, max_size=5), size=chunk_sizes)
@settings(max_examples=40, deadline=None)
def test_zip(deliver: Deliver, method: int, names: list[str], data: list[bytes], size: int) -> None:
    members = dict(zip(names, data, strict=False))
    delivery = deliver(zip_of(members, method), Limits(max_ratio=10**9), size)
    assert delivery.members == members
    assert [content.member for content in delivery.contents] == list(members)
    assert {content.container for content in delivery.contents} <= {"zip"}
    assert {(content.damage, content.modified_at) for content in delivery.contents} <= {("", None)}
    assert delivery.damage == ""


@pytest.mark.parametrize("inner", COMPRESSORS)
@pytest.mark.parametrize("archive", ["zip", "tar", "gzip+tar", "zstd+tar"])
def test_compressed_members_of_an_archive(deliver: Deliver, archive: str, inner: str) -> None:
    members = {f"day{n}.log": LOG + b"%d" % n for n in range(5)}
    packed = {name: COMPRESSORS[inner](data) for name, data in members.items()}
    data = zip_of(packed) if archive == "zip" else tar_of(packed)
    if "+" in archive:
        data = COMPRESSORS[archive.partition("+")[0]](data)
    delivery = deliver(data)
    assert delivery.members == members
    assert {content.container for content in delivery.contents} == {f"{archive}+{inner}"}
    assert delivery.damage == ""


def test_large_file_is_streamed_and_hashed(deliver: Deliver) -> None:
    noise = os.urandom(1 << 20)
    data = b"log" + noise * 40
    assert deliver(data).only.data == data
    packed = gzip.compress(data, 1)
    assert len(packed) > 32 << 20
    assert deliver(packed).only.data == data
    assert deliver(tar_of({"big": packed, "small": b"x"})).members == {"big": data, "small": b"x"}
    assert deliver(zip_of({"big": packed, "small": b"x"})).members == {"big": data, "small": b"x"}


def test_gzip_with_every_optional_header_field(deliver: Deliver) -> None:
    deflate = zlib.compressobj(wbits=-15)
    body = deflate.compress(LOG) + deflate.flush()
    header = b"\x1f\x8b\x08\x1e" + (1_688_989_338).to_bytes(4, "little") + b"\x00\x03"
    fields = b"\x04\x00ABCD" + b"name" * 5000 + b"\0" + b"comment\0" + b"\x12\x34"
    trailer = zlib.crc32(LOG).to_bytes(4, "little") + len(LOG).to_bytes(4, "little")
    delivery = deliver(header + fields + body + trailer)
    assert delivery.only == ("", "gzip", 1_688_989_338 * SECOND, LOG, "")


def test_gzip_padded_with_zeros_is_whole(deliver: Deliver) -> None:
    delivery = deliver(gzip.compress(LOG) + bytes(10_000))
    assert (delivery.only.data, delivery.only.damage, delivery.damage) == (LOG, "", "")


def test_zstd_with_skippable_frames(deliver: Deliver) -> None:
    skippable = b"\x5a\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"12345"
    delivery = deliver(skippable + zstandard.compress(LOG) + skippable + zstandard.compress(b"x"))
    assert delivery.only == ("", "zstd", None, LOG + b"x", "")


@pytest.mark.parametrize("level", [1, 3, 19])
@pytest.mark.parametrize("write_content_size", [True, False])
def test_zstd_blocks_of_all_types(deliver: Deliver, level: int, write_content_size: bool) -> None:
    # Noise makes raw blocks, one byte repeated makes run-length blocks, the log makes compressed ones.
    data = os.urandom(300_000) + b"a" * 1_000_000 + LOG
    engine = zstandard.ZstdCompressor(level=level, write_content_size=write_content_size).compressobj()
    assert deliver(engine.compress(data) + engine.flush()).only.data == data


def test_zip_written_to_a_pipe_has_its_sizes_behind_the_data(deliver: Deliver) -> None:
    class Pipe(io.RawIOBase):
        written = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.written += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[arg-type]
        archive.writestr("a.log", LOG)
        archive.writestr("b.log", b"b")
        with archive.open("c.log", "w", force_zip64=True) as member:
            member.write(b"c")
    delivery = deliver(pipe.written)
    assert delivery.members == {"a.log": LOG, "b.log": b"b", "c.log": b"c"}
    assert delivery.damage == ""
    # And when the directory is lost: the end of the data itself tells where the next member begins.
    cut = pipe.written[: pipe.written.index(b"PK\x01\x02")]
    delivery = deliver(cut)
    assert delivery.members == {"a.log": LOG, "b.log": b"b", "c.log": b"c"}
    assert "no end record" in delivery.damage


def test_zip64_directory(deliver: Deliver) -> None:
    members = {f"{n}": b"%d" % n for n in range(70_000)}
    delivery = deliver(zip_of(members, zipfile.ZIP_STORED))
    assert delivery.members == members
    assert delivery.damage == ""


def test_empty_archives(deliver: Deliver) -> None:
    assert deliver(zip_of({})) == ([], "")
    assert deliver(b"") == ([("", "", None, b"", "")], "")
    assert deliver(gzip.compress(b"")).only.data == b""


def test_folders_are_passed_over_silently(deliver: Deliver) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        folder = tarfile.TarInfo("logs")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        archive.addfile(tarfile.TarInfo("logs/a"))
    assert deliver(buffer.getvalue()).members == {"logs/a": b""}
    delivery = deliver(zip_of({"logs/": b"", "logs/a": b"1"}))
    assert (delivery.members, delivery.damage) == ({"logs/a": b"1"}, "")


def test_old_v7_tar_without_magic(deliver: Deliver) -> None:
    block = bytearray(tar_of({"a.log": b"hello"}, tarfile.USTAR_FORMAT))
    block[257:512] = bytes(255)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block[:512])
    assert deliver(bytes(block)).members == {"a.log": b"hello"}


def test_zip_time_with_a_zone(deliver: Deliver) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("a.log")
        info.extra = b"UT\x05\x00\x01" + (1_688_989_338).to_bytes(4, "little")
        archive.writestr(info, b"x")
    assert deliver(buffer.getvalue()).only.modified_at == 1_688_989_338 * SECOND


def test_three_compressions_are_undone_and_no_more(deliver: Deliver) -> None:
    three = gzip.compress(zstandard.compress(gzip.compress(LOG)))
    assert deliver(three).only[1:] == ("gzip+zstd+gzip", deliver(three).only.modified_at, LOG, "")
    delivery = deliver(gzip.compress(three))
    assert delivery.only.container == "gzip+gzip+zstd"
    assert gzip.decompress(delivery.only.data) == LOG
    assert "more than 3 times" in delivery.only.damage
    # An archive's own compression counts.
    assert deliver(zip_of({"a": gzip.compress(gzip.compress(LOG))})).only.data == LOG
    assert "more than 3 times" in deliver(zip_of({"a": three})).only.damage


@pytest.mark.parametrize(
    ("packed", "word"),
    [
        (bz2.compress(LOG), "bzip2"),
        (bz2.compress(b""), "bzip2"),
        (lzma.compress(LOG), "xz"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(50), "7-Zip"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(50), "RAR"),
        (b"\x04\x22\x4d\x18" + bytes(50), "LZ4"),
    ],
)
def test_unsupported_kinds_are_kept_as_they_are(deliver: Deliver, packed: bytes, word: str) -> None:
    delivery = deliver(packed)
    assert (delivery.only.container, delivery.only.data) == ("", packed)
    assert delivery.only.damage == f"{word} is not supported: decompress it and add it"
    inside = deliver(zip_of({"a": packed})).only
    assert (inside.data, inside.damage) == (packed, delivery.only.damage)


@pytest.mark.parametrize(
    "text", [b"BZh9 is how a log line may begin\n", b"PK and more", b"\x1f\x8b", b"7z logs"]
)
def test_text_that_begins_like_a_container_is_text(deliver: Deliver, text: bytes) -> None:
    assert deliver(text).only == ("", "", None, text, "")


def test_contents_that_are_not_read_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(tar_of({"a": gzip.compress(LOG), "b": LOG, "c": b"3"})))
    with open_delivered(path) as delivered:
        found = []
        for content in delivered.contents():
            if content.member == "b":
                next(content.chunks(10))
            if content.member == "c":
                found.append(b"".join(content.chunks()))
        assert found == [b"3"]
        assert len(delivered.sha256) == 64


def test_the_hash_is_not_told_before_it_is_known(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(LOG)
    with open_delivered(path) as delivered, pytest.raises(RuntimeError):
        _ = delivered.sha256


def test_a_file_that_grows_while_it_is_read_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(LOG)
    with open_delivered(path) as delivered:
        for content in delivered.contents():
            with path.open("ab") as more:
                more.write(b"one more line")
            assert b"".join(content.chunks()) == LOG
        assert delivered.damage
        assert "changed while it was being read" in delivered.damage.reason


def test_what_cannot_be_opened_says_so(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="No such file"):
        open_delivered(tmp_path / "missing\x1b[31m")
    with pytest.raises(EvidenceError, match="regular file"):
        open_delivered(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(EvidenceError, match="regular file"):
        open_delivered(tmp_path / "pipe")
    with pytest.raises(EvidenceError, match="null"):
        open_delivered(tmp_path / "nul\0")
