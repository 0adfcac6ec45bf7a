"""Checkpoints as signed notes, so that tools of others can read and check them.

The forms are those of C2SP (https://c2sp.org/signed-note, /tlog-checkpoint and /tlog-cosignature, all version 1): a text of
three lines — origin, size, root — an empty line, and signature lines. The keeper of a case signs with signature type 0x01 under
the origin as key name; a reviewer on another machine cosigns with type 0x04, which holds the time of doing so, under a name
of their own. Standard library alone.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from workbench.journal.ed25519 import signature_holds

ED25519 = 0x01
"""Signature type of a plain Ed25519 signature over the text."""

COSIGNATURE = 0x04
"""Signature type of a timestamped Ed25519 cosignature."""

_DASH = "\u2014 "
_MOST_SIGNATURES = 64
_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]+\Z")


class NoteError(ValueError):
    """A text is not what it should be; the message says in what."""


def _unbase64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError(f"{text[:60]!r} is not base64") from error
    if base64.b64encode(data).decode() != text:
        raise NoteError(f"{text[:60]!r} is not base64 in its one standard form")
    return data


@dataclass(frozen=True)
class PublicKey:
    """A public key with the name of its holder.

    Attributes:
        name: Names the holder; no spaces, no plus sign.
        key: The 32 bytes of an Ed25519 public key.
    """

    name: str
    key: bytes

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise NoteError(
                f"{self.name!r} cannot name a key: spaces, control characters and + are not allowed"
            )
        if len(self.key) != 32:
            raise NoteError(f"{len(self.key)} bytes are no Ed25519 public key")

    def id_for(self, name: str, kind: int) -> bytes:
        """Return the four bytes that stand for this key in signature lines of a name and type."""
        return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + self.key).digest()[:4]

    @property
    def vkey(self) -> str:
        """The key as one line: name, id and base64 of type and key, joined by plus signs."""
        encoded = base64.b64encode(bytes([ED25519]) + self.key).decode()
        return f"{self.name}+{self.id_for(self.name, ED25519).hex()}+{encoded}"

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the key, hexadecimal: what two people compare."""
        return hashlib.sha256(self.key).hexdigest()

    @classmethod
    def from_vkey(cls, line: str) -> PublicKey:
        """Read a key from its line.

        Raises:
            NoteError: If it is none.
        """
        parts = line.strip().split("+", 2)
        if len(parts) != 3:
            raise NoteError("a public key is one line NAME+ID+BASE64")
        material = _unbase64(parts[2])
        if material[:1] not in (bytes([ED25519]), bytes([COSIGNATURE])):
            raise NoteError("the key is not an Ed25519 key")
        found = cls(parts[0], material[1:])
        if found.id_for(found.name, material[0]).hex() != parts[1]:
            raise NoteError("the id of the key does not fit its name and bytes: it was copied wrongly")
        return found


@dataclass(frozen=True)
class Signature:
    """A signature line.

    Attributes:
        name: Name of the key.
        key_id: Four bytes that tell keys of one name apart.
        data: What the key's algorithm made.
    """

    name: str
    key_id: bytes
    data: bytes

    @property
    def line(self) -> str:
        """The line, without its newline."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.data).decode()}"

    @property
    def cosigned_at(self) -> int | None:
        """When a cosignature says that it was made, seconds since 1970; ``None`` for a signature of another length."""
        return int.from_bytes(self.data[:8]) if len(self.data) == 72 else None


@dataclass(frozen=True)
class Checkpoint:
    """The size and root of a journal, with what was signed of it.

    Attributes:
        origin: Which journal: ``incident-workbench/`` and the id of the case.
        size: How many entries.
        root: Root of the Merkle tree over them.
        signatures: Signature lines; none if it was only written down.
    """

    origin: str
    size: int
    root: bytes
    signatures: tuple[Signature, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed: three lines, with the last newline."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @property
    def note(self) -> str:
        """The whole note."""
        return self.text + "\n" + "".join(f"{signature.line}\n" for signature in self.signatures)

    def with_signatures(self, *more: Signature) -> Checkpoint:
        """Return the same checkpoint with further signature lines; one that it has already is not repeated."""
        added = tuple(each for each in more if each not in self.signatures)
        return Checkpoint(self.origin, self.size, self.root, (*self.signatures, *added))

    def signed_by(self, key: PublicKey) -> bool | None:
        """Tell whether the holder of a key signed this as its keeper; ``None`` if no line is of that key."""
        return self._held(key, self.origin, ED25519)

    def cosigned_by(self, key: PublicKey) -> bool | None:
        """Tell whether the holder of a key cosigned this; ``None`` if no line is of that key."""
        return self._held(key, key.name, COSIGNATURE)

    def _held(self, key: PublicKey, name: str, kind: int) -> bool | None:
        key_id = key.id_for(name, kind)
        lines = [each for each in self.signatures if (each.name, each.key_id) == (name, key_id)]
        if not lines:
            return None
        return all(_holds(key, kind, each, self.text) for each in lines)

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read a checkpoint, signed or not.

        Raises:
            NoteError: If it is none.
        """
        body, mark, rest = text.replace("\r\n", "\n").rpartition("\n\n")
        if not mark or not rest.startswith(_DASH):
            body, rest = text.replace("\r\n", "\n").strip("\n"), ""
        lines = body.split("\n")
        if len(lines) != 3:
            raise NoteError(f"a checkpoint has three lines (origin, size, root), this has {len(lines)}")
        origin, size, root = lines
        if not origin or not re.fullmatch(r"0|[1-9][0-9]{0,15}", size):
            raise NoteError(
                "a checkpoint has the origin on its first line and the number of entries on its second"
            )
        digest = _unbase64(root)
        if len(digest) != 32:
            raise NoteError("the third line of a checkpoint is not a SHA-256 in base64")
        return cls(origin, int(size), digest, _signatures(rest))


def _signatures(text: str) -> tuple[Signature, ...]:
    found = []
    for line in text.splitlines():
        name, _, encoded = line.removeprefix(_DASH).partition(" ")
        if not line.startswith(_DASH) or not _NAME.match(name):
            raise NoteError("after the empty line of a note only signature lines may stand")
        data = _unbase64(encoded)
        if len(data) < 5:
            raise NoteError(f"the signature of {name} is too short")
        found.append(Signature(name, data[:4], data[4:]))
    if len(found) > _MOST_SIGNATURES:
        raise NoteError(f"{len(found)} signatures are more than anybody makes")
    return tuple(found)


def signed_bytes(text: str, kind: int, time: int = 0) -> bytes:
    """Return the bytes that a signature over a text is made over.

    Args:
        text: The text of a checkpoint.
        kind: The signature type.
        time: For a cosignature, when it is made, seconds since 1970.
    """
    return text.encode() if kind == ED25519 else f"cosignature/v1\ntime {time}\n{text}".encode()


def _holds(key: PublicKey, kind: int, signature: Signature, text: str) -> bool:
    if kind == ED25519:
        return signature_holds(key.key, signed_bytes(text, kind), signature.data)
    time = signature.cosigned_at
    if time is None or time >= 2**63:
        return False
    return signature_holds(key.key, signed_bytes(text, kind, time), signature.data[8:])
