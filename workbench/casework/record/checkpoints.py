"""Checkpoints: signed over the whole journal, given to people outside, cosigned by a reviewer on another machine.

Only a checkpoint that somebody else holds makes a rewritten journal show. Every act on one is itself an entry.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import msgspec

from workbench.casefile.case_writer import CaseWriter, write_case
from workbench.casefile.reader import CaseReader
from workbench.casework.record.keys import SigningKey
from workbench.clock import SECOND, Clock, SystemClock, rfc3339
from workbench.errors import WorkbenchError
from workbench.journal.check import check_record
from workbench.journal.entry import EntryKind
from workbench.journal.merkle import consistency_holds
from workbench.journal.note import COSIGNATURE, Checkpoint, NoteError, PublicKey
from workbench.journal.record import Record, StatedCheckpoint, read_record
from workbench.text import printable, visible

REQUEST = "incident-workbench review request 1"
"""First member of a request to a reviewer: what the file is, and in which form."""


class CheckpointError(WorkbenchError):
    """A checkpoint cannot be signed, cosigned or taken back."""

    exit_status = 1


def record_of(case: Path) -> Record:
    """Read the journal of a case without checking it."""
    with CaseReader.open(case) as reader:
        return read_record(reader.journal())


def sound_record(case: Path) -> Record:
    """Read the journal of a case and make sure that it does not contradict itself.

    Raises:
        CheckpointError: If it does: nothing is signed over a journal that is not as it was left, and no checkpoint is ever
            signed that does not continue the earlier ones.
    """
    with CaseReader.open(case) as reader:
        record = check_record(reader.journal(), stored=reader.stored_record())
    wrong = [finding for finding in record.findings if finding.failed]
    if wrong:
        raise CheckpointError(
            f"{visible(wrong[0].where)}: {visible(wrong[0].what)}",
            "nothing is signed over it: see `workbench verify`",
        )
    return record


def sign(case: Path, key: SigningKey, *, actor: str, clock: Clock | None = None) -> Checkpoint:
    """Sign the journal as it is now. A key that the journal does not know yet is introduced by an entry before.

    Raises:
        CheckpointError: If the journal contradicts itself.
        CaseFileError: If the case cannot be written.
    """
    with write_case(case, actor, clock) as writer:
        known = {each.key for _, each in record_of(case).keys}
        if key.public.key not in known:
            with writer.transaction():
                writer.act(
                    EntryKind.KEY_INTRODUCED,
                    {"fingerprint": key.public.fingerprint, "key": key.public.vkey},
                )
        signed = key.sign(_now(case))
        _write(writer, EntryKind.CHECKPOINT_SIGNED, {"checkpoint": signed.note, "key": key.public.vkey})
    return signed


def replace_key(
    case: Path, old: SigningKey, new: SigningKey, *, actor: str, clock: Clock | None = None
) -> Checkpoint:
    """Replace a key by another: a checkpoint signed with both says so.

    Raises:
        CheckpointError: If the journal contradicts itself.
    """
    with write_case(case, actor, clock) as writer:
        signed = new.sign(old.sign(_now(case)))
        _write(
            writer,
            EntryKind.KEY_REPLACED,
            {
                "checkpoint": signed.note,
                "fingerprint": new.public.fingerprint,
                "key": new.public.vkey,
                "replaces": old.public.vkey,
            },
        )
    return signed


def newest(record: Record) -> StatedCheckpoint:
    """Return the newest signed checkpoint of a journal.

    Raises:
        CheckpointError: If there is none.
    """
    signed = [each for each in record.checkpoints if each.kind == EntryKind.CHECKPOINT_SIGNED.value]
    if not signed:
        raise CheckpointError(
            "no checkpoint of this case was signed yet", "workbench checkpoint CASE --key KEYFILE"
        )
    return signed[-1]


def hand_out(case: Path, *, to: str, how: str, actor: str, clock: Clock | None = None) -> StatedCheckpoint:
    """Note that the newest checkpoint was given to somebody, who can later hold it against the case.

    Raises:
        CheckpointError: If there is none, or nobody is named.
    """
    if not to.strip():
        raise CheckpointError("nobody is named to whom it was given", "say who holds it now")
    stated = newest(sound_record(case))
    body = {"checkpoint": stated.checkpoint.note, "how": printable(how.strip()), "to": printable(to.strip())}
    with write_case(case, actor, clock) as writer:
        _write(writer, EntryKind.CHECKPOINT_HANDED_OUT, body)
    return stated


def review_request(record: Record) -> str:
    """Return what a reviewer is asked: the newest checkpoint, and the proofs that it continues earlier ones."""
    stated = newest(record)
    new = stated.checkpoint
    earlier = sorted({each.checkpoint.size for each in record.checkpoints if each.checkpoint.size < new.size})
    proofs = {str(size): _base64(record.tree.consistency_proof(size, new.size)) for size in earlier}
    assert stated.key is not None
    request = {"request": REQUEST, "checkpoint": new.note, "key": stated.key.vkey, "consistency": proofs}
    return json.dumps(request, indent=1, ensure_ascii=False) + "\n"


class Reviewed(msgspec.Struct, frozen=True):
    """A checkpoint that a reviewer cosigned.

    Attributes:
        checkpoint: It, with the cosignature.
        keeper: Key of the one who keeps the case.
        compared_with: Size of the earlier checkpoint that it was shown to continue; ``None`` if it is the first one seen.
    """

    checkpoint: Checkpoint
    keeper: PublicKey
    compared_with: int | None


def cosign(
    request: str, key: SigningKey, *, last: Checkpoint | None = None, clock: Clock | None = None
) -> Reviewed:
    """Cosign what a request asks for, on the reviewer's machine; no case file is needed.

    Args:
        request: Text of the request.
        key: The reviewer's key.
        last: The checkpoint of this case that the reviewer saw last: the new one must continue it.
        clock: Where the time of the cosignature comes from.

    Raises:
        CheckpointError: If the request cannot be read, its signature does not hold, the reviewer is the keeper, or the new
            checkpoint does not continue the last one.
    """
    try:
        asked = json.loads(request)
        if asked["request"] != REQUEST:
            raise NoteError("its first member is another")
        new, keeper = Checkpoint.parse(asked["checkpoint"]), PublicKey.from_vkey(asked["key"])
        proofs = {
            int(size): [base64.b64decode(each, validate=True) for each in proof]
            for size, proof in asked["consistency"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(
            f"this is no review request ({visible(str(error))})", "make one with: workbench anchor request"
        ) from error
    if not new.signed_by(keeper):
        raise CheckpointError("the checkpoint is not signed with the key in the request", "do not cosign it")
    if keeper.key == key.public.key:
        raise CheckpointError("the key is the keeper's own", "a reviewer is another person with another key")
    if last is not None:
        proof = proofs.get(last.size, [])
        if last.origin != new.origin or not consistency_holds(
            last.size, last.root, new.size, new.root, proof
        ):
            raise CheckpointError(
                f"it does not continue the checkpoint of {last.size} entries that you hold",
                "do not cosign it: the journal was rewritten, or the request holds no proof from that checkpoint",
            )
    time = (clock or SystemClock()).now() // SECOND
    return Reviewed(key.cosign(new, time), keeper, None if last is None else last.size)


def receive_cosigned(
    case: Path, text: str, reviewer: PublicKey, *, actor: str, clock: Clock | None = None
) -> Checkpoint:
    """Take a cosigned checkpoint back into the case.

    Raises:
        CheckpointError: If it is none of this case, or the reviewer's signature does not hold.
    """
    try:
        cosigned = Checkpoint.parse(text)
    except NoteError as error:
        raise CheckpointError(f"this is no checkpoint ({visible(str(error))})", "") from error
    record = sound_record(case)
    if reviewer.key in {each.key for _, each in record.keys}:
        raise CheckpointError("the key is one that signs for this case", "a reviewer is another person")
    if not cosigned.cosigned_by(reviewer):
        raise CheckpointError(
            "it bears no cosignature of that key that holds", "ask the reviewer for the public key, or again"
        )
    if cosigned.text not in {each.checkpoint.text for each in record.checkpoints}:
        raise CheckpointError("it is no checkpoint of this case", "is it the right case file?")
    key_id = reviewer.id_for(reviewer.name, COSIGNATURE)
    made = next(each.cosigned_at or 0 for each in cosigned.signatures if each.key_id == key_id)
    body = {
        "checkpoint": cosigned.note,
        "fingerprint": reviewer.fingerprint,
        "key": reviewer.vkey,
        "cosigned_at": rfc3339(made * SECOND),
    }
    with write_case(case, actor, clock) as writer:
        _write(writer, EntryKind.CHECKPOINT_COSIGNED, body)
    return cosigned


def _now(case: Path) -> Checkpoint:
    record = sound_record(case)
    assert record.origin is not None
    return Checkpoint(record.origin, record.tree.size, record.tree.root())


def _write(writer: CaseWriter, kind: EntryKind, body: dict[str, Any]) -> None:
    with writer.transaction():
        writer.act(kind, body)


def _base64(hashes: list[bytes]) -> list[str]:
    return [base64.b64encode(each).decode() for each in hashes]
