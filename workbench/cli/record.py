"""The record layer: the journal, the check of a case, and merging two copies."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from workbench.cli.files import FILE, text_of
from workbench.cli.group import CASE, EXAMINER, JSON, main
from workbench.text import printable, visible


@main.command()
@CASE
@JSON
@click.option(
    "--proof",
    type=click.IntRange(1),
    metavar="ENTRY",
    help="Prove that an entry is in the journal: entry, path, root.",
)
@click.option(
    "--consistency", nargs=2, type=click.IntRange(0), metavar="SIZE SIZE",
    help="Prove that the journal of the first size is the beginning of that of the second.",
)  # fmt: skip
@click.option(
    "--merged", type=click.IntRange(1), metavar="ENTRY", help="Print the journal that this entry took over."
)
@click.option(
    "--clock", "compared", metavar="WITH", help="Note that you compared the machine's clock with another."
)
@click.option("--offset", metavar="TEXT", help="With --clock: by how much the other was ahead, as +1.5 s.")
@EXAMINER
def journal(
    case: Path,
    as_json: bool,
    proof: int | None,
    consistency: tuple[int, int] | None,
    merged: int | None,
    compared: str | None,
    offset: str | None,
    examiner: str | None,
) -> None:
    """Print what people did to CASE, oldest first, and how much of it no checkpoint outside covers.

    With --json each line is the canonical JSON (RFC 8785) of one entry, byte for byte as it is kept and hashed;
    `python -m workbench.journal.check` checks such a file with nothing but Python.
    """
    from workbench.casefile.reader import CaseReader
    from workbench.casework.as_json import json_line
    from workbench.casework.entry_text import journal_lines

    if compared is not None:
        _note_clock(case, compared, offset, examiner)
        return
    with CaseReader.open(case) as reader:
        if proof is not None or consistency is not None:
            from workbench.casework.record.proofs import consistency_object, inclusion_object

            entries = list(reader.journal())
            found = inclusion_object(entries, proof) if proof is not None else None
            click.echo(json_line(found or consistency_object(entries, *(consistency or (0, 0)))))
            return
        entries = list(reader.journal()) if merged is None else list(reader.merged_journal(merged))
    for entry in entries:
        for line in [entry] if as_json else journal_lines(entry):
            click.echo(line)
    if merged is None and not as_json:
        from workbench.casework.record.text import tail_text
        from workbench.clock import SystemClock
        from workbench.journal.record import read_record

        click.echo(tail_text(read_record(entries).tail, SystemClock().now()), err=True)


def _note_clock(case: Path, compared: str, offset: str | None, examiner: str | None) -> None:
    from workbench.casefile.case_writer import write_case
    from workbench.casework.actor import current_actor
    from workbench.journal.entry import EntryKind

    if not offset:
        raise click.UsageError("say by how much it was ahead: --offset is missing")
    body = {"with": printable(compared), "offset": printable(offset)}
    with write_case(case, current_actor(examiner)) as writer, writer.transaction():
        place = writer.act(EntryKind.CLOCK_COMPARED, body)
    click.echo(f"journal entry {place}: the clock was compared with {visible(compared)}", err=True)


@main.command("verify")
@CASE
@JSON
@click.option(
    "--against", type=FILE, multiple=True, metavar="CHECKPOINT",
    help="A checkpoint that was kept outside: the signed text, or origin, size and the 24 words.",
)  # fmt: skip
@click.option(
    "--key",
    "known",
    multiple=True,
    metavar="KEY",
    help="Public key of a keeper, from elsewhere than the case.",
)
@click.option(
    "--trust", type=FILE, metavar="PEM", help="Certificates of timestamp authorities that you trust."
)
@click.option("--deep", is_flag=True, help="Make the derived layer anew from the evidence and compare.")
@click.option("--quick", is_flag=True, help="Check the file's pages and the record alone, not the evidence.")
def verify_case(
    case: Path,
    as_json: bool,
    against: tuple[Path, ...],
    known: tuple[str, ...],
    trust: Path | None,
    deep: bool,
    quick: bool,
) -> None:
    """Check CASE: evidence by hash, the journal by its Merkle tree, with --deep what was derived by deriving it anew.

    Says what is wrong, where, and what the check cannot show. Exit status 1 if anything is wrong.
    """
    from workbench.casework.as_json import json_line
    from workbench.casework.record import keys
    from workbench.casework.record.text import verification_lines, verification_objects
    from workbench.casework.record.verify import verify
    from workbench.clock import SystemClock
    from workbench.errors import WorkbenchError
    from workbench.journal.check import Outside, read_outside
    from workbench.journal.note import NoteError

    if deep and quick:
        raise click.UsageError("--deep and --quick exclude each other")
    held = []
    for path in against:
        try:
            held.append(Outside(visible(str(path)), read_outside(text_of(path))))
        except NoteError as error:
            raise WorkbenchError(f"{visible(str(path))} holds no checkpoint", visible(str(error))) from error
    with _bar() as told:
        found = verify(
            case,
            outside=held,
            keys=[keys.read_public(each) for each in known],
            trust=None if trust is None else text_of(trust).encode(),
            deep=deep,
            quick=quick,
            told=told,
        )
    now = SystemClock().now()
    if as_json:
        for each in verification_objects(found, now):
            click.echo(json_line(each))
    else:
        for line in verification_lines(found, case, now):
            click.echo(line)
    if found.failed:
        sys.exit(1)


@main.command("merge")
@CASE
@click.argument("other", type=FILE)
@JSON
@EXAMINER
def merge_cases(case: Path, other: Path, as_json: bool, examiner: str | None) -> None:
    """Take the journal of OTHER, a copy of the same case, over into CASE: whole, under its own root, still verifiable.

    Its tags, findings, notes and custody show here beside yours, nothing else of it takes effect by itself. Conflicts are listed,
    for a person to settle by entries of their own. Evidence is not taken over; what is missing is listed, for `add`.

    Exit status 1 if there is anything to settle.
    """
    from workbench.casework.actor import current_actor
    from workbench.casework.as_json import json_line
    from workbench.casework.record.merge import merge, merge_object

    done = merge(case, other, actor=current_actor(examiner))
    if as_json:
        click.echo(json_line(merge_object(done)))
    else:
        for each in done.conflicts:
            click.echo(
                f"entry {each.ours} here, {each.theirs} there: {visible(each.about)}: {visible(each.what)}"
            )
        for line in done.effects:
            click.echo(line)
        for name, sha256 in done.missing:
            click.echo(f"evidence that is only there: {visible(name)}  {sha256}")
    if done.seq is None:
        click.echo(f"nothing to take over: all {done.entries} entries are known here", err=True)
    else:
        click.echo(
            f"journal entry {done.seq}: took over {done.entries} entries, {done.common} of them common;"
            f" workbench journal {visible(str(case))} --merged {done.seq} prints them",
            err=True,
        )
    if done.conflicts:
        click.echo(
            "the lists mark what is in conflict until a later version of one, or taking one back, settles it",
            err=True,
        )
    if done.conflicts or done.missing:
        sys.exit(1)


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar for each step on a terminal; quiet otherwise."""
    if not sys.stderr.isatty():
        yield lambda _, __, ___: None
        return
    shown: list[tuple[str, click._termui_impl.ProgressBar[int]]] = []

    def finish() -> None:
        while shown:
            shown.pop()[1].render_finish()

    def told(step: str, done: int, total: int) -> None:
        if not shown or shown[-1][0] != step:
            finish()
            bar = click.progressbar(length=1000, file=sys.stderr, label=step)
            bar.__enter__()
            shown.append((step, bar))
        bar = shown[-1][1]
        bar.update(1000 * done // max(1, total) - bar.pos)

    try:
        yield told
    finally:
        finish()
