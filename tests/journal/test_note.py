"""Checkpoints are notes as C2SP defines them: its published examples hold, and what it forbids is refused."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from workbench.journal.note import (
    COSIGNATURE,
    ED25519,
    Checkpoint,
    NoteError,
    PublicKey,
    Signature,
    signed_bytes,
)

# c2sp.org/tlog-cosignature, its example.
EXAMPLE = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZ\
qhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""
SECRET = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
KEY = PublicKey("r.doe", SECRET.public_key().public_bytes_raw())


def signed(checkpoint: Checkpoint, kind: int, time: int = 0) -> Checkpoint:
    name = checkpoint.origin if kind == ED25519 else KEY.name
    data = SECRET.sign(signed_bytes(checkpoint.text, kind, time))
    if kind == COSIGNATURE:
        data = time.to_bytes(8) + data
    return checkpoint.with_signatures(Signature(name, KEY.id_for(name, kind), data))


def test_the_published_example():
    found = Checkpoint.parse(EXAMPLE)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert found.note == EXAMPLE
    assert found.signatures[1].cosigned_at == 1679315147  # as in the message the page shows
    assert found.signed_by(KEY) is None


def test_a_published_key_line():
    """The key of Go's checksum database, as golang.org/x/mod documents it."""
    line = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    assert PublicKey.from_vkey(line).vkey == line
    with pytest.raises(NoteError, match="copied wrongly"):
        PublicKey.from_vkey(line.replace("033de0ae", "033de0af"))


def test_signatures_hold_for_their_text_alone():
    checkpoint = signed(
        signed(Checkpoint("incident-workbench/1", 7, b"r" * 32), ED25519), COSIGNATURE, 1_700_000_000
    )
    again = Checkpoint.parse(checkpoint.note)
    assert again == checkpoint
    assert again.signed_by(KEY) is True
    assert again.cosigned_by(KEY) is True
    for other in (
        Checkpoint("incident-workbench/1", 8, b"r" * 32, again.signatures),
        Checkpoint("incident-workbench/1", 7, b"s" * 32, again.signatures),
    ):
        assert other.signed_by(KEY) is False
        assert other.cosigned_by(KEY) is False
    later = again.signatures[1]
    moved = Signature(later.name, later.key_id, (1_700_000_001).to_bytes(8) + later.data[8:])
    assert Checkpoint(again.origin, 7, again.root, (moved,)).cosigned_by(KEY) is False


def test_a_checkpoint_written_down_without_signatures():
    plain = Checkpoint("incident-workbench/1", 7, b"r" * 32)
    assert Checkpoint.parse(plain.text) == plain
    assert Checkpoint.parse(plain.text.replace("\n", "\r\n") + "\r\n") == plain


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n1\n",
        "origin\n01\n" + base64.b64encode(bytes(32)).decode(),
        "origin\n-1\n" + base64.b64encode(bytes(32)).decode(),
        "origin\n1\n" + base64.b64encode(bytes(31)).decode(),
        "origin\n1\n" + base64.b64encode(bytes(32)).decode() + "\nmore",
        EXAMPLE.replace("Az3g", "A*3g"),
        EXAMPLE + "junk\n",
        EXAMPLE.replace("\u2014 witness.example.com/w1 jWbPPw", "\u2014 witness.example.com/w1 "),
    ],
)
def test_what_is_no_checkpoint(text):
    with pytest.raises(NoteError):
        Checkpoint.parse(text)


@pytest.mark.parametrize("name", ["", "R. Doe", "a+b", "a\nb", "a\u00a0b"])
def test_names_that_no_key_may_have(name):
    with pytest.raises(NoteError):
        PublicKey(name, bytes(32))
