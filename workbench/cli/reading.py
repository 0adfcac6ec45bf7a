"""Looking into a case: nothing here changes it but revealing and extracting, which are journalled."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from workbench.cli.group import CASE, EXAMINER, JSON, main, open_screens
from workbench.text import printable, visible


@main.command()
@CASE
@JSON
@click.option("--files", is_flag=True, help="List every evidence file, however many.")
def info(case: Path, as_json: bool, files: bool) -> None:
    """Show what CASE holds: where every byte and every record of its evidence went, in sums that add up."""
    from workbench.casefile.reader import CaseReader
    from workbench.casework.as_json import json_line, summary_object
    from workbench.casework.report_text import summary_lines
    from workbench.casework.session_json import derived_object
    from workbench.casework.session_text import derived_summary_lines

    with CaseReader.open(case) as reader:
        summary, derived = reader.summary(), reader.derived.summary()
        refs = reader.derived.refs(event for skew in derived.skews for event in skew.evidence)
    if as_json:
        click.echo(json_line(summary_object(summary) | {"derived": derived_object(derived, refs)}))
    else:
        for line in summary_lines(summary, case, derived_summary_lines(derived, case), all_files=files):
            click.echo(line)
    if not summary.accounting.balances:
        sys.exit(1)


@main.command()
@CASE
@click.argument("query", default="")
@JSON
@click.option("--limit", type=click.IntRange(0), help="Print at most this many events.")
@click.option("--count", is_flag=True, help="Print only how many there are.")
@click.pass_context
def events(ctx: click.Context, case: Path, query: str, as_json: bool, limit: int | None, count: bool) -> None:
    """Print the events of CASE that fit QUERY, in the order of the timeline.

    \b
    workbench events acme.case 'action:GetSecretValue' --json
    workbench events acme.case 'identity:bert-jan AND verb:(delegate OR read_secret)'
    workbench events acme.case 'time:[2023-07-10T11:55 TO 2023-07-10T12:00] NOT outcome:success'

    `workbench help-query` explains the language and lists the fields.
    """
    from workbench.casefile.reader import CaseReader
    from workbench.casework.as_json import event_line, json_line
    from workbench.casework.report_text import event_text
    from workbench.search import parse

    ctx.obj = query
    ctx.find_root().obj = query
    parsed = parse(query)
    printed = found = 0
    with CaseReader.open(case) as reader:
        for chunk in reader.scan(parsed):
            found += len(chunk.ids)
            wanted = len(chunk.ids) if limit is None else min(len(chunk.ids), limit - printed)
            for start in range(0, 0 if count else wanted, 500):
                for stored in reader.events(chunk.ids[start : min(start + 500, wanted)]):
                    click.echo(json_line(event_line(stored)) if as_json else event_text(stored))
            printed += wanted
            if limit is not None and printed >= limit and not count:
                break
        missing = reader.nowhere(parsed) if parsed is not None and not found else []
    if count:
        click.echo(found)
    elif limit is not None and found > printed:
        click.echo(f"the first {printed:,} events; there are more (--limit)", err=True)
    elif not found:
        click.echo(
            "no event fits" if parsed else "the case holds no events yet: workbench add CASE FOLDER", err=True
        )
    for condition in missing:
        click.echo(
            f"no field of any event has {visible(condition)}; raw:TEXT looks into whole records", err=True
        )


@main.command("help-query")
def help_query() -> None:
    """Explain the query language of `events` and of the filter box."""
    from workbench.search import describe

    click.echo(describe())


@main.command()
@CASE
@click.argument("ref", required=False)
@click.option("--reveal", is_flag=True, help="Print secrets in clear. It is written into the journal.")
@click.option(
    "--extract", "target", type=click.Path(path_type=Path), metavar="PATH",
    help="Write the evidence file that REF names to PATH, byte for byte. It is written into the journal.",
)  # fmt: skip
@click.option(
    "--unread", is_flag=True, help="List every record and byte range that did not become an event, and why."
)
@click.option(
    "--withdraw",
    is_flag=True,
    help="Exclude the file REF from all that is derived; nothing is deleted. Needs --reason.",
)
@click.option("--restore", is_flag=True, help="Take a withdrawn file back in. Needs --reason.")
@click.option("--reason", help="Why it is withdrawn or restored, for the journal.")
@EXAMINER
def evidence(
    case: Path, ref: str | None, reveal: bool, target: Path | None, unread: bool, withdraw: bool, restore: bool,
    reason: str | None, examiner: str | None,
) -> None:  # fmt: skip
    """Print the raw record REF of CASE, write an evidence file out, or withdraw one; without REF, list the evidence.

    REF is HASH:OFFSET as the timeline and `events` show it, HASH:OFFSET+LENGTH for any range of bytes, the name or the start
    of the hash of a document or, with --extract, of any evidence file. Values of secrets in a record are masked unless --reveal.
    """
    from workbench.casefile.reader import CaseReader
    from workbench.casework import reveal as acts
    from workbench.casework.actor import current_actor
    from workbench.casework.citing import record_named
    from workbench.casework.report_text import evidence_lines

    if unread:
        with CaseReader.open(case) as reader:
            for sha256, start, length, what, why in reader.unread():
                click.echo(f"{sha256[:8]}:{start}+{length}  {what}  {visible(why)}")
        return
    if ref is None:
        if target is not None or reveal or withdraw or restore:
            raise click.UsageError("say which: REF is missing")
        with CaseReader.open(case) as reader:
            for line in evidence_lines(reader.evidence()):
                click.echo(line)
        return
    if withdraw or restore:
        _withdraw(case, ref, reason, current_actor(examiner), back=restore)
        return
    if target is not None:
        done = acts.extract(case, ref, target, current_actor(examiner))
        click.echo(
            f"wrote {visible(str(done.path))}: {done.item.size:,} bytes, SHA-256 {done.item.content_sha256} checked",
            err=True,
        )
        return
    with CaseReader.open(case) as reader:
        reference = record_named(reader, ref)
    if reveal:
        _print_record(acts.reveal(case, reference, current_actor(examiner)))
        return
    with CaseReader.open(case) as reader:
        record = reader.record(reference)
    if record.secrets:
        click.echo(
            f"{record.secrets} secret values are masked; --reveal prints them, and is journalled", err=True
        )
    _print_record(record.masked if record.secrets else record.data)


def _withdraw(case: Path, name: str, reason: str | None, actor: str, *, back: bool) -> None:
    from workbench.casework.withdraw import withdraw
    from workbench.cli.sessions import run_derive

    if not reason:
        raise click.UsageError("say why: --reason is missing")
    contents = withdraw(case, name, printable(reason), actor=actor, back=back)
    events = sum(each.events for each in contents)
    word = (
        "is back in the derived layer"
        if back
        else "is withdrawn: kept, and excluded from all that is derived"
    )
    click.echo(f"{visible(contents[0].name)} ({events:,} events) {word}", err=True)
    run_derive(case, actor)


@main.command("open")
@click.argument("case", type=click.Path(path_type=Path))
def open_case(case: Path) -> None:
    """Open CASE on the screen; a folder opens the case picker there. Opening changes nothing in the file."""
    open_screens(case)


def _print_record(data: bytes) -> None:
    """Print bytes as they are into a pipe or file, and as visible text on a terminal, which they could attack."""
    if sys.stdout.isatty():
        click.echo(visible(data.decode("utf-8", "backslashreplace"), keep_newlines=True))
        return
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
