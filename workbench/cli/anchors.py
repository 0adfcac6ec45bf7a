"""Keys, checkpoints, and anchors: how a checkpoint leaves the machine without a network and comes back witnessed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.cli.files import FILE, text_of, write_new
from workbench.cli.group import CASE, EXAMINER, main
from workbench.text import visible

if TYPE_CHECKING:
    from workbench.casework.record.keys import SigningKey

PASSPHRASE = "WORKBENCH_KEY_PASSPHRASE"
"""Environment variable with the passphrase of the key, for scripts; without it, it is asked for."""

KEY = click.option(
    "--key",
    "key_file",
    type=FILE,
    metavar="KEYFILE",
    required=True,
    help="Your key, as `workbench key new` made it.",
)


@main.group()
def key() -> None:
    """Make and show signing keys. They are kept outside every case file, on a stick if you can."""


@key.command("new")
@click.argument("path", type=FILE)
@click.option("--name", required=True, help="Names you in signatures: no spaces, such as r.doe@example.com.")
def key_new(path: Path, name: str) -> None:
    """Make a key in the file PATH, encrypted with a passphrase, and its public half in PATH.pub.

    Give the public half to those who will check your cases before they need it: a key that comes with the case proves little.
    """
    from workbench.casework.record.keys import new_key, public_path

    public = new_key(path, name, _passphrase(path, again=True))
    click.echo(public.vkey)
    click.echo(f"fingerprint {public.fingerprint}", err=True)
    click.echo(
        f"give {visible(str(public_path(path)))} to those who will check; keep {visible(str(path))}", err=True
    )


@key.command("show")
@click.argument("path_or_line")
def key_show(path_or_line: str) -> None:
    """Print the public key of a key file, of a .pub file or of a key line, with its fingerprint."""
    from workbench.casework.record.keys import read_public

    public = read_public(path_or_line)
    click.echo(f"{visible(public.vkey)}\nfingerprint {public.fingerprint}")


@main.command()
@CASE
@click.option(
    "--key",
    "key_file",
    type=FILE,
    metavar="KEYFILE",
    help="Your key; without it, the checkpoints are listed.",
)
@click.option("--replaced-by", type=FILE, metavar="KEYFILE", help="Replace the key by this one: both sign.")
@click.option("--out", type=FILE, metavar="FILE", help="Write the signed checkpoint to FILE, too.")
@EXAMINER
def checkpoint(
    case: Path, key_file: Path | None, replaced_by: Path | None, out: Path | None, examiner: str | None
) -> None:
    """Sign the journal of CASE as it is now, and print the checkpoint. Without --key, list checkpoints and anchors.

    A checkpoint only protects what is in it once somebody outside holds it: `workbench anchor` says how.
    """
    from workbench.casework.actor import current_actor
    from workbench.casework.record import checkpoints
    from workbench.casework.record.text import anchor_lines, tail_text
    from workbench.clock import SystemClock

    if key_file is None:
        record = checkpoints.record_of(case)
        for line in anchor_lines(record):
            click.echo(line)
        click.echo(tail_text(record.tail, SystemClock().now()), err=True)
        return
    actor = current_actor(examiner)
    opened = _open_key(key_file)
    if replaced_by is not None:
        signed = checkpoints.replace_key(case, opened, _open_key(replaced_by), actor=actor)
    else:
        signed = checkpoints.sign(case, opened, actor=actor)
    if out is not None:
        write_new(out, signed.note.encode())
    click.echo(signed.note, nl=False)
    click.echo(
        "it protects nothing while it lies in the case file alone: workbench anchor print, or anchor request",
        err=True,
    )


@main.group()
def anchor() -> None:
    """Take checkpoints out of the machine without a network, and take back what others made of them."""


@anchor.command("print")
@CASE
@click.option("--qr/--no-qr", default=True, help="With a QR code of the signed checkpoint.")
@click.option("--given-to", metavar="WHO", help="Note in the journal who holds it now.")
@click.option("--how", default="", help="With --given-to: how, such as 'on paper' or 'read by telephone'.")
@EXAMINER
def anchor_print(case: Path, qr: bool, given_to: str | None, how: str, examiner: str | None) -> None:
    """Print the newest checkpoint of CASE: signed text, 24 words to read aloud, QR code.

    The words stand for all 256 bits of the root. Either form, typed into a file, is what `verify --against` reads.
    """
    import segno

    from workbench.casework.actor import current_actor
    from workbench.casework.record import checkpoints
    from workbench.casework.record.text import spoken_lines

    stated = checkpoints.newest(checkpoints.sound_record(case))
    click.echo(stated.checkpoint.note)
    for line in spoken_lines(stated.checkpoint):
        click.echo(line)
    if qr:
        click.echo()
        segno.make(stated.checkpoint.note, micro=False, error="m").terminal(compact=True)
    if given_to is not None:
        checkpoints.hand_out(case, to=given_to, how=how, actor=current_actor(examiner))
        click.echo(f"noted: {visible(given_to)} holds it", err=True)


@anchor.command("request")
@CASE
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
def anchor_request(case: Path, folder: Path) -> None:
    """Write requests about the newest checkpoint of CASE into FOLDER, on removable media.

    \b
    NAME.checkpoint   the signed checkpoint
    NAME.tsq          a timestamp request (RFC 3161) over it; send it to an authority as
                      curl -H 'Content-Type: application/timestamp-query' --data-binary @NAME.tsq URL > NAME.tsr
    NAME.review       for a reviewer on another machine: workbench anchor cosign NAME.review --key …
    """
    from workbench.casework.record import checkpoints, timestamps

    record = checkpoints.sound_record(case)
    signed = checkpoints.newest(record).checkpoint
    base = folder / f"{(record.case_id or '')[:8]}-{signed.size}"
    for suffix, content in (
        (timestamps.CHECKPOINT_SUFFIX, signed.note.encode()),
        (timestamps.REQUEST_SUFFIX, timestamps.new_request(signed.note)),
        (".review", checkpoints.review_request(record).encode()),
    ):
        path = base.with_name(base.name + suffix)
        write_new(path, content)
        click.echo(visible(str(path)))


@anchor.command("cosign")
@click.argument("request", type=FILE)
@KEY
@click.option("--last", type=FILE, metavar="FILE", help="The checkpoint of this case that you cosigned last.")
@click.option(
    "--out", type=FILE, required=True, metavar="FILE", help="Where to write the cosigned checkpoint."
)
def anchor_cosign(request: Path, key_file: Path, last: Path | None, out: Path) -> None:
    """Cosign the checkpoint in REQUEST, on the reviewer's machine; no case file is needed.

    Keep what you cosigned, and give it as --last the next time: then a journal that was rewritten in between is refused.
    """
    from workbench.casework.record import checkpoints
    from workbench.journal.check import read_outside
    from workbench.journal.note import NoteError

    try:
        held = None if last is None else read_outside(text_of(last))
    except NoteError as error:
        raise checkpoints.CheckpointError(
            f"{visible(str(last))} holds no checkpoint", visible(str(error))
        ) from error
    reviewed = checkpoints.cosign(text_of(request), _open_key(key_file), last=held)
    write_new(out, reviewed.checkpoint.note.encode())
    seen = (
        "it is the first checkpoint of this case that you see"
        if reviewed.compared_with is None
        else f"it continues the {reviewed.compared_with} entries that you had seen"
    )
    click.echo(
        f"cosigned {reviewed.checkpoint.size} entries of {visible(reviewed.checkpoint.origin)}; {seen}\n"
        f"keeper {visible(reviewed.keeper.name)}, fingerprint {reviewed.keeper.fingerprint}: is that whom you expect?",
        err=True,
    )


@anchor.command("receive")
@CASE
@click.argument("file", type=FILE)
@click.option(
    "--reviewer", metavar="KEY", help="Public key of the reviewer (a .pub file), for a cosigned checkpoint."
)
@click.option(
    "--trust", type=FILE, metavar="PEM", help="Certificates of the timestamp authority, for a NAME.tsr."
)
@EXAMINER
def anchor_receive(
    case: Path, file: Path, reviewer: str | None, trust: Path | None, examiner: str | None
) -> None:
    """Take FILE back into CASE: a timestamp response (NAME.tsr, with NAME.tsq beside it) or a cosigned checkpoint."""
    from workbench.casework.actor import current_actor
    from workbench.casework.record import checkpoints, keys, timestamps

    actor = current_actor(examiner)
    if file.suffix == timestamps.RESPONSE_SUFFIX:
        given = b"" if trust is None else text_of(trust).encode()
        stated, judged = timestamps.receive(case, file, trust=given, actor=actor)
        click.echo(
            f"timestamp of {judged.time} over {stated.checkpoint.size} entries: {judged.verdict}"
            f"{f' by {judged.by}' if judged.by else ''}{f' ({visible(judged.why)})' if judged.why else ''}",
            err=True,
        )
        return
    if reviewer is None:
        raise click.UsageError("whose cosignature is it? --reviewer is missing")
    public = keys.read_public(reviewer)
    cosigned = checkpoints.receive_cosigned(case, text_of(file), public, actor=actor)
    click.echo(f"cosigned by {visible(public.name)}: {cosigned.size} entries", err=True)


def _open_key(path: Path) -> SigningKey:
    from workbench.casework.record.keys import open_key, read_public

    read_public(str(path))
    return open_key(path, _passphrase(path))


def _passphrase(path: Path, *, again: bool = False) -> str:
    given = os.environ.get(PASSPHRASE)
    if given is not None:
        return given
    asked: str = click.prompt(
        f"passphrase of {visible(str(path))}", hide_input=True, confirmation_prompt=again, err=True
    )
    return asked
