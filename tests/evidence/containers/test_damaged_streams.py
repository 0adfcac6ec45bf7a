"""Random damage: nothing raises, nothing that the reference tools can still read is lost."""

from __future__ import annotations

import contextlib
import gzip
import random
import subprocess
import sys
import tarfile
import textwrap
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.evidence.containers import Limits

from .builders import COMPRESSORS, LOG, tar_header, tar_of, zip_of
from .conftest import Deliver

# Fewer repetitions than in LOG, so that a flipped bit lies in the middle of many kinds of symbols.
VARIED = b"".join(b'{"id":"%016x","n":%d}\n' % (random.Random(n).getrandbits(64), n) for n in range(3000))

WHOLE = {
    "gzip": gzip.compress(VARIED),
    "gzip members": b"".join(gzip.compress(VARIED[n : n + 9000]) for n in range(0, len(VARIED), 9000)),
    "zstd": COMPRESSORS["zstd"](VARIED),
    "tar": tar_of({"a": VARIED[:5000], "b" * 150: VARIED[:700], "c": b""}),
    "gzip+tar": gzip.compress(tar_of({"a": VARIED[:5000], "b.gz": gzip.compress(VARIED)})),
    "zip": zip_of({"a": VARIED, "b.gz": gzip.compress(VARIED), "c/": b"", "d": b""}),
}


def readable_by_zlib(data: bytes) -> bytes:
    """What zlib gets out of one gzip member when it is fed byte by byte."""
    engine = zlib.decompressobj(31)
    output = []
    with contextlib.suppress(zlib.error):
        output.extend(engine.decompress(bytes([byte])) for byte in data)
    return b"".join(output)


@given(cut=st.integers(0, len(WHOLE["gzip"]) - 1))
@settings(max_examples=150, deadline=None)
def test_truncated_gzip_gives_all_that_is_left(deliver: Deliver, cut: int) -> None:
    data = WHOLE["gzip"][:cut]
    if cut < 3:
        assert deliver(data).only.container == ""
        return
    content = deliver(data).only
    assert content.data == readable_by_zlib(data)
    assert VARIED.startswith(content.data)
    assert "cut off" in content.damage


@given(place=st.integers(10, len(WHOLE["gzip"]) - 9), flip=st.integers(1, 255))
@settings(max_examples=150, deadline=None)
def test_corrupted_gzip_gives_all_before_the_fault(deliver: Deliver, place: int, flip: int) -> None:
    data = bytearray(WHOLE["gzip"])
    data[place] ^= flip
    content = deliver(bytes(data)).only
    readable = readable_by_zlib(bytes(data))
    assert content.data.startswith(readable)
    # Only the bits that fill up the last byte of the compressed data mean nothing.
    assert content.damage or (content.data == VARIED and place == len(data) - 9)


@given(cut=st.integers(4, len(WHOLE["zstd"]) - 1))
@settings(max_examples=100, deadline=None)
def test_truncated_zstd_gives_all_whole_blocks(deliver: Deliver, cut: int) -> None:
    data = WHOLE["zstd"][:cut]
    content = deliver(data).only
    assert content.data == zstandard.ZstdDecompressor().decompressobj().decompress(data)
    assert VARIED.startswith(content.data)
    assert "cut off" in content.damage


@pytest.mark.parametrize("kind", WHOLE)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_any_damage_is_survived(deliver: Deliver, kind: str, data: st.DataObject) -> None:
    damaged = bytearray(WHOLE[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        # The ends of containers hold their directories and checksums: aim there more often.
        near = data.draw(st.sampled_from([0, len(damaged) // 2, max(0, len(damaged) - 300)]))
        place = min(len(damaged), near + data.draw(st.integers(0, 600)))
        new = data.draw(st.one_of(st.binary(max_size=8), st.sampled_from([b"PK\3\4", b"\xff" * 4, bytes(4)])))
        damaged[place : place + data.draw(st.sampled_from([0, len(new), 500]))] = new
    deliver(bytes(damaged))


@given(
    fields=st.fixed_dictionaries(
        {},
        optional={
            "mode": st.binary(max_size=8),
            "size": st.binary(max_size=12),
            "mtime": st.binary(max_size=12),
            "type": st.binary(min_size=1, max_size=1),
            "magic": st.binary(max_size=100),
        },
    ),
    body=st.binary(max_size=2000),
)
@settings(max_examples=300, deadline=None)
def test_any_tar_header_with_a_right_checksum_is_survived(
    deliver: Deliver, fields: dict[str, bytes], body: bytes
) -> None:
    deliver(tar_header(b"x", **fields) + body)
    # And behind a good member, which must come out whatever follows it.
    assert deliver(tar_of({"a": b"1"})[:1024] + tar_header(b"x", **fields) + body).contents[0].data == b"1"


@given(body=st.binary(max_size=600), kind=st.sampled_from([tarfile.XHDTYPE, tarfile.XGLTYPE, b"L", b"K"]))
@settings(max_examples=200, deadline=None)
def test_any_extended_header_is_survived(deliver: Deliver, body: bytes, kind: bytes) -> None:
    header = tar_header(b"x", type=kind, size=b"%011o\0" % len(body))
    delivery = deliver(header + body + bytes(-len(body) % 512) + tar_of({"a": b"1"}))
    assert delivery.contents[-1].data in (b"1", b"")


def test_damage_in_a_member_leaves_the_others_whole(deliver: Deliver) -> None:
    damaged = bytearray(gzip.compress(LOG))
    damaged[5000] ^= 0xFF
    members = {"1": gzip.compress(LOG), "2": bytes(damaged), "3": gzip.compress(LOG)}
    for archive in (tar_of(members), zip_of(members), gzip.compress(tar_of(members))):
        delivery = deliver(archive)
        first, second, third = delivery.contents
        assert first.data == third.data == LOG
        assert first.damage == third.damage == delivery.damage == ""
        assert second.damage
        assert second.data.startswith(LOG[:1000])


def test_a_large_damaged_gzip_is_read_up_to_the_fault(deliver: Deliver) -> None:
    noise = b"log" + random.Random(1).randbytes(40 << 20)
    packed = bytearray(gzip.compress(noise, 1))
    packed[39 << 20] ^= 0xFF
    direct = deliver(bytes(packed)).only
    assert direct.damage
    assert len(direct.data) > 38 << 20
    # Inside an archive so large a stream cannot be read twice, and the reason admits what that costs.
    member = deliver(tar_of({"a": bytes(packed[:-20])})).only
    assert "may be missing" in member.damage
    assert len(member.data) > 38 << 20


_MEASURE = """
    import resource, sys
    from pathlib import Path
    from workbench.evidence.containers import Limits, open_delivered

    path, ratio = Path(sys.argv[1]), int(sys.argv[2])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    total = 0
    with open_delivered(path, Limits(max_ratio=ratio)) as delivered:
        for content in delivered.contents():
            for chunk in content.chunks():
                total += len(chunk)
    print(total, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def zstd_bomb(blocks: int) -> bytes:
    return b"\x28\xb5\x2f\xfd\x00\x58" + (((1 << 17) << 3 | 2).to_bytes(3, "little") + b"a") * blocks


@pytest.mark.parametrize(
    ("bomb", "output"),
    [
        (lambda: gzip.compress(bytes(64 << 20)) * 8, 512 << 20),
        (lambda: gzip.compress(gzip.compress(bytes(64 << 20)) * 8), 512 << 20),
        (lambda: zip_of({"a": bytes(256 << 20)}), 256 << 20),
        (lambda: zstd_bomb(4000), 500 << 20),
        (lambda: gzip.compress(tar_of({"a": zstd_bomb(2000)})), 250 << 20),
    ],
    ids=["gzip", "gzip in gzip", "zip", "zstd", "zstd in tar.gz"],
)
@pytest.mark.parametrize("ratio", [200, 10**9])
def test_memory_stays_bounded(tmp_path: Path, bomb: Callable[[], bytes], output: int, ratio: int) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(bomb())
    command = [sys.executable, "-c", textwrap.dedent(_MEASURE), str(path), str(ratio)]
    result = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3]
    )
    total, kibibytes = map(int, result.stdout.split())
    assert kibibytes < 50_000
    if ratio == 10**9:
        assert total == output
    else:
        assert total <= max(16 << 20, 200 * path.stat().st_size) + (2 << 20)


def test_ratio_is_measured_over_the_whole_archive(deliver: Deliver) -> None:
    # Each member stays below the free 16 MiB; together they are a bomb all the same.
    members = {f"{n}": bytes(10 << 20) for n in range(10)}
    delivery = deliver(zip_of(members), Limits(max_ratio=100))
    assert sum(len(content.data) for content in delivery.contents) < 30 << 20
    assert "--max-ratio" in delivery.contents[-1].damage
