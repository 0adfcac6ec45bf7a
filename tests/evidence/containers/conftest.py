from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from workbench.evidence.containers import Limits, open_delivered


class Read(NamedTuple):
    member: str
    container: str
    modified_at: int | None
    data: bytes
    damage: str


class Delivery(NamedTuple):
    contents: list[Read]
    damage: str

    @property
    def only(self) -> Read:
        assert len(self.contents) == 1
        return self.contents[0]

    @property
    def members(self) -> dict[str, bytes]:
        return {content.member: content.data for content in self.contents}


Deliver = Callable[..., Delivery]


def read_delivered(path: Path, limits: Limits | None = None, size: int = 1 << 20) -> Delivery:
    """Read a file to its end and check what must hold for any file at all."""
    contents = []
    with open_delivered(path, limits) as delivered:
        for content in delivered.contents():
            assert content.damage is None
            chunks = list(content.chunks(size))
            assert all(1 <= len(chunk) <= size for chunk in chunks)
            damage = content.damage.reason if content.damage else ""
            contents.append(
                Read(content.member, content.container, content.modified_at, b"".join(chunks), damage)
            )
        original = path.read_bytes()
        assert delivered.sha256 == hashlib.sha256(original).hexdigest()
        assert delivered.size == len(original)
        delivery = Delivery(contents, delivered.damage.reason if delivered.damage else "")
    for damage in (delivery.damage, *(content.damage for content in contents)):
        assert not damage or damage.isprintable()
    return delivery


@pytest.fixture(scope="module")
def deliver(tmp_path_factory: pytest.TempPathFactory) -> Deliver:
    path = tmp_path_factory.mktemp("delivered") / "file"

    def deliver(data: bytes, limits: Limits | None = None, size: int = 1 << 20) -> Delivery:
        path.write_bytes(data)
        return read_delivered(path, limits, size)

    return deliver
