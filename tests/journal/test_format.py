"""The vectors in FORMAT.md hold, computed a second way: by hashlib, pymerkle and the library that signs."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pymerkle
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import workbench.journal
from workbench.journal.canonical import canonical, parse
from workbench.journal.check import check_record, read_outside
from workbench.journal.entry import FORM
from workbench.journal.note import Checkpoint, PublicKey
from workbench.journal.record import FORMS, origin_of

TEXT = Path(workbench.journal.__file__).with_name("FORMAT.md").read_text(encoding="utf-8")
ENTRIES, LEAVES, ROOTS, KEYS, NOTE, WORDS = re.findall(r"```\n(.*?)\n```", TEXT, re.DOTALL)
DATA = [line.encode() for line in ENTRIES.split("\n")]


def test_entries_are_canonical():
    for data in DATA:
        assert rfc8785.dumps(json.loads(data)) == data
        assert canonical(parse(data)) == data
        assert json.loads(data)["form"] == FORM
    assert FORM in FORMS


def test_leaves_and_roots():
    assert [hashlib.sha256(b"\0" + data).hexdigest() for data in DATA] == LEAVES.split()
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    roots = [hashlib.sha256().hexdigest()]
    for data in DATA:
        tree.append_entry(data)
        roots.append(tree.get_root().hex())
    assert roots == ROOTS.split()


def test_keys_and_signatures():
    secrets = [Ed25519PrivateKey.from_private_bytes(bytes(range(first, first + 32))) for first in (0, 1)]
    keys = [PublicKey.from_vkey(line) for line in KEYS.split()]
    assert [key.key for key in keys] == [secret.public_key().public_bytes_raw() for secret in secrets]
    text, _, lines = (NOTE + "\n").partition("\n\n")
    text += "\n"
    keeper, reviewer = (base64.b64decode(line.split()[2]) for line in lines.splitlines())
    secrets[0].public_key().verify(keeper[4:], text.encode())
    secrets[1].public_key().verify(reviewer[12:], f"cosignature/v1\ntime 1700001000\n{text}".encode())
    assert keeper[:4] == hashlib.sha256(text.split("\n")[0].encode() + b"\n\x01" + keys[0].key).digest()[:4]
    assert reviewer[:4] == hashlib.sha256(b"reviewer@example.com\n\x04" + keys[1].key).digest()[:4]
    checkpoint = Checkpoint.parse(NOTE + "\n")
    assert checkpoint.signed_by(keys[0])
    assert checkpoint.cosigned_by(keys[1])
    assert checkpoint.root.hex() == ROOTS.split()[-1]
    assert checkpoint.origin == origin_of(json.loads(DATA[0])["body"]["case_id"])


def test_the_words():
    checkpoint = Checkpoint.parse(NOTE + "\n")
    assert read_outside(f"{checkpoint.origin}\n3\n{WORDS}\n").root == checkpoint.root


def test_the_verifier_takes_them():
    """It says what it should of each: nothing is wrong, but the third entry names no clock that goes with the others."""
    record = check_record(DATA)
    assert record.findings == []
    assert record.tree.root().hex() == ROOTS.split()[-1]


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"1", b'{"a":1.5}', b'{"a":NaN}', b'{"a":1,"a":1}', b'{"b":1,"a":1}', b'{"a": 1}', b'{"a":9007199254740992}',
        b'{"a":"\\u00e9"}', b'{"a":"\\ud800"}', b'\xef\xbb\xbf{}', b'{"a":1}\n', b'{"a":01}', b'{"a":-0}', b"[" * 5000,
        b'{"a":' * 5000, b'{"a":"\xff"}',
    ],
)  # fmt: skip
def test_what_is_not_canonical_is_refused(data):
    with pytest.raises(ValueError, match=r"."):
        parse(data)
