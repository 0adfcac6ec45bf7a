"""Signing keys: made, kept outside every case file under a passphrase, and used.

A key file is PKCS#8 (RFC 5958) encrypted by PBES2 (RFC 8018): PBKDF2 with HMAC-SHA-256, AES-256 in CBC mode. It begins with the
public key as a line of text, which readers of PEM skip (RFC 7468 section 2). The library's own encryption of PKCS#8 derives
the key in 2,048 rounds, too few for a file on a stick that can be lost; that is why the envelope is made here. Any tool opens it.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path

from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from workbench.errors import WorkbenchError
from workbench.journal.note import (
    COSIGNATURE,
    ED25519,
    Checkpoint,
    NoteError,
    PublicKey,
    Signature,
    signed_bytes,
)
from workbench.text import visible

ROUNDS = 600_000
"""Rounds of PBKDF2 with HMAC-SHA-256 that OWASP's password storage page asks for (2023); a quarter of a second."""

SHORTEST_PASSPHRASE = 12
"""Characters of a passphrase at least."""

_LABEL = "workbench-key: "
_PBES2 = bytes.fromhex("06092a864886f70d01050d")
_PBKDF2 = bytes.fromhex("06092a864886f70d01050c")
_HMAC_SHA256 = bytes.fromhex("06082a864886f70d02090500")
_AES256_CBC = bytes.fromhex("060960864801650304012a")


class KeyFileError(WorkbenchError):
    """A key cannot be made, read or opened."""


class SigningKey:
    """An opened key."""

    def __init__(self, public: PublicKey, private: Ed25519PrivateKey) -> None:
        self.public = public
        self._private = private

    def sign(self, checkpoint: Checkpoint) -> Checkpoint:
        """Return a checkpoint signed as the keeper of its journal."""
        data = self._private.sign(signed_bytes(checkpoint.text, ED25519))
        name = checkpoint.origin
        return checkpoint.with_signatures(Signature(name, self.public.id_for(name, ED25519), data))

    def cosign(self, checkpoint: Checkpoint, time: int) -> Checkpoint:
        """Return a checkpoint cosigned by somebody who saw it.

        Args:
            checkpoint: The checkpoint.
            time: When, seconds since 1970.
        """
        data = self._private.sign(signed_bytes(checkpoint.text, COSIGNATURE, time))
        name = self.public.name
        return checkpoint.with_signatures(
            Signature(name, self.public.id_for(name, COSIGNATURE), time.to_bytes(8) + data)
        )


def new_key(path: Path, name: str, passphrase: str) -> PublicKey:
    """Make a key and write it to a file that does not exist yet, its public half beside it with the suffix ``.pub``.

    Raises:
        KeyFileError: If the file exists or cannot be written, the name cannot name a key, or the passphrase is too short.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise KeyFileError(
            f"the passphrase has fewer than {SHORTEST_PASSPHRASE} characters", "take four words or more"
        )
    private = Ed25519PrivateKey.generate()
    try:
        public = PublicKey(name, private.public_key().public_bytes_raw())
    except NoteError as error:
        raise KeyFileError(visible(str(error)), "such as r.doe@example.com") from error
    text = f"{_LABEL}{public.vkey}\n{_sealed(private, passphrase)}"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        public_path(path).write_text(f"{public.vkey}\n", encoding="utf-8")
    except FileExistsError as error:
        raise KeyFileError(
            f"{visible(str(path))} exists already", "a key is never overwritten: choose another name"
        ) from error
    except OSError as error:
        raise KeyFileError(
            f"{visible(str(path))} cannot be written ({error.strerror})", "choose a writable folder"
        ) from error
    return public


def public_path(path: Path) -> Path:
    """Return where the public half of a key file is written."""
    return path.with_name(f"{path.name}.pub")


def read_public(text: str) -> PublicKey:
    """Read a public key from a key line, or from the path of a file that holds one, a key file included.

    Raises:
        KeyFileError: If there is none.
    """
    line = text
    if "+" not in text or Path(text).exists():
        line = _read(Path(text)).partition("\n")[0].removeprefix(_LABEL)
    try:
        return PublicKey.from_vkey(line)
    except NoteError as error:
        raise KeyFileError(f"{visible(text)[:80]} holds no public key ({visible(str(error))})") from error


def open_key(path: Path, passphrase: str) -> SigningKey:
    """Open a key file.

    Raises:
        KeyFileError: If it is none, or the passphrase is wrong.
    """
    public = read_public(str(path))
    try:
        private = serialization.load_pem_private_key(_read(path).encode(), passphrase.encode())
    except (ValueError, TypeError) as error:
        raise KeyFileError(
            f"{visible(str(path))} cannot be opened", "the passphrase is wrong, or it is no encrypted key"
        ) from error
    if not isinstance(private, Ed25519PrivateKey) or private.public_key().public_bytes_raw() != public.key:
        raise KeyFileError(
            f"{visible(str(path))} holds another key than its first line says", "do not use it"
        )
    return SigningKey(public, private)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise KeyFileError(
            f"{visible(str(path))} cannot be read ({reason})",
            "make a key with: workbench key new PATH --name NAME",
        ) from error


def _sealed(private: Ed25519PrivateKey, passphrase: str) -> str:
    """Return a private key as encrypted PKCS#8 in PEM."""
    plain = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    salt, start = os.urandom(16), os.urandom(16)
    secret = PBKDF2HMAC(hashes.SHA256(), 32, salt, ROUNDS).derive(passphrase.encode())
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES256(secret), modes.CBC(start)).encryptor()
    sealed = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    derivation = _sequence(
        _PBKDF2,
        _sequence(_octets(salt), _tagged(0x02, ROUNDS.to_bytes(4).lstrip(b"\0")), _sequence(_HMAC_SHA256)),
    )
    algorithm = _sequence(_PBES2, _sequence(derivation, _sequence(_AES256_CBC, _octets(start))))
    encoded = base64.b64encode(_sequence(algorithm, _octets(sealed))).decode()
    lines = [encoded[at : at + 64] for at in range(0, len(encoded), 64)]
    return "\n".join(
        ["-----BEGIN ENCRYPTED PRIVATE KEY-----", *lines, "-----END ENCRYPTED PRIVATE KEY-----", ""]
    )


def _tagged(tag: int, content: bytes) -> bytes:
    """Return a value in DER. Nothing here is longer than 255 bytes."""
    length = bytes([len(content)]) if len(content) < 128 else bytes([0x81, len(content)])
    return bytes([tag]) + length + content


def _sequence(*parts: bytes) -> bytes:
    return _tagged(0x30, b"".join(parts))


def _octets(content: bytes) -> bytes:
    return _tagged(0x04, content)
