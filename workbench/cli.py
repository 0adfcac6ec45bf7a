"""The command line: every act and every question of the workbench, for scripts and for people without a screen.

Conventions: the case file comes first; results go to stdout, progress and messages to stderr; exit status 0 means done,
1 that a check found something or a file was left out, 2 wrong usage or unusable input, 130 stopped by the person.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

import workbench
from workbench.errors import QueryError, WorkbenchError
from workbench.text import printable, visible

if TYPE_CHECKING:
    from workbench.casework.add_evidence import AddResult, Progress

CASE = click.argument("case", type=click.Path(path_type=Path, dir_okay=False))
EXAMINER = click.option(
    "--examiner",
    metavar="NAME",
    help="Who you are, for the journal. Default: $WORKBENCH_EXAMINER, else the machine's user.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")

TIMEZONE = click.option(
    "--timezone",
    metavar="ZONE",
    callback=lambda ctx, param, value: _known_zone(value),
    help="Zone of times that have none, an IANA name (Europe/Berlin). Without it such times are kept as text only,"
    " unless the log's documentation says which zone they are in.",
)
SOURCE = click.option(
    "--source",
    metavar="NAME",
    help="Source of records that several readers know; others are read as ever. Names: `workbench sources`.",
)
MAPPING = click.option(
    "--mapping",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="A mapping file for records that no reader knows (`workbench sources mapping` explains it). Kept in the case.",
)

_Command = TypeVar("_Command", bound=Callable[..., Any])


class _Group(click.Group):
    """Prints the workbench's own errors as one line and ends with their exit status."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except QueryError as error:
            from workbench.search import explain

            click.echo(explain(error, ctx.obj or ""), err=True)
            sys.exit(error.exit_status)
        except WorkbenchError as error:
            click.echo(f"workbench: {visible(str(error))}", err=True)
            sys.exit(error.exit_status)
        except BrokenPipeError:
            # The reader of the output has seen enough; keep the interpreter from complaining at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)


@click.group(
    cls=_Group,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(workbench.__version__, prog_name="incident-workbench")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Rebuild what happened from audit logs, and prove it.

    Without a command, the case picker opens. A first case:

    \b
      workbench new cases/acme.case --title "ACME 2023-07" --examiner "R. Doe"
      workbench add cases/acme.case LOGS/
      workbench info cases/acme.case
      workbench open cases/acme.case
    """
    if ctx.invoked_subcommand is None:
        _open_screens(None)


@main.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--title", required=True, help="What you call the case.")
@click.option(
    "--examiner", metavar="NAME", help="Who makes it. Default: $WORKBENCH_EXAMINER, else the machine's user."
)
def new(case: Path, title: str, examiner: str | None) -> None:
    """Make a new, empty case file CASE (usually cases/NAME.case)."""
    from workbench.casework.actor import current_actor
    from workbench.casework.new_case import new_case

    new_case(case, title=title, examiner=current_actor(examiner))
    click.echo(
        f"made {visible(str(case))}; add logs with: workbench add {visible(str(case))} FOLDER", err=True
    )


@main.command()
@CASE
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True)
@EXAMINER
@click.option("--custodian", help="Who held the logs before.")
@click.option("--acquired-at", metavar="TIME", help="When they were acquired, RFC 3339 if you can.")
@click.option("--acquired-by", metavar="NAME", help="Who acquired them.")
@click.option("--how", help="By which means, for example 'aws s3 sync'.")
@click.option("--note", help="Anything else about the acquisition.")
@click.option(
    "--max-ratio",
    type=click.IntRange(1),
    help="Accept files that unpack to more than this many times their size.",
)
@click.option(
    "--max-content", type=click.IntRange(1), metavar="BYTES", help="Accept contents of up to this size."
)
@click.option("--max-members", type=click.IntRange(1), help="Accept archives of up to this many members.")
@click.option(
    "--max-record", type=click.IntRange(1), metavar="BYTES", help="Read single records of up to this size."
)
@TIMEZONE
@SOURCE
@MAPPING
@click.option(
    "--processes", type=click.IntRange(1), help="Reading processes. Default: by the machine's cores."
)
@click.option(
    "--progress",
    type=click.Choice(["auto", "bar", "json", "none"]),
    default="auto",
    help="How progress shows on stderr. auto: a bar on a terminal, else nothing.",
)
@JSON
def add(
    case: Path, paths: tuple[Path, ...], examiner: str | None, progress: str, as_json: bool, **given: Any
) -> None:
    """Add the files and folders PATHS to CASE as evidence, and read the events in them.

    Files may be packed (.gz, .zip, .tar, .tar.gz, .zst); they are recognised by content, not by name. Their bytes are
    kept in the case file. A file that is in the case already is recognised by its SHA-256 and skipped. Stopping (Ctrl+C)
    or a crash loses no file that was acknowledged: the same command again adds the rest.

    Which log each record is of is recognised by the record itself: `workbench sources` lists the logs that are known.
    """
    from workbench.casework.actor import current_actor
    from workbench.casework.add_evidence import AddOptions, add_evidence
    from workbench.casework.ingest.reading import ReadingOptions
    from workbench.evidence.containers import Limits
    from workbench.evidence.pieces import SplitLimits
    from workbench.model.evidence import Acquisition

    def chosen(*names: str) -> dict[str, Any]:
        values = {name: given[name] for name in names if given[name] is not None}
        return {name: printable(value) if isinstance(value, str) else value for name, value in values.items()}

    options = AddOptions(
        acquisition=Acquisition(**chosen("custodian", "acquired_at", "acquired_by", "how", "note")),
        reading=ReadingOptions(
            containers=Limits(**chosen("max_ratio", "max_content", "max_members")),
            splitting=SplitLimits(**chosen("max_record")),
            **_reading(**chosen("timezone", "source", "mapping")),
        ),
        processes=given["processes"],
    )
    with _progress(progress) as report, _interruptible() as interrupted:
        result = add_evidence(
            case,
            list(paths),
            actor=current_actor(examiner),
            options=options,
            progress=report,
            cancelled=interrupted,
        )
    _print_added(result, as_json=as_json)
    if result.failed:
        sys.exit(1)


def _known_zone(name: str | None) -> str | None:
    """Check the name of a zone.

    Raises:
        click.BadParameter: If there is none of that name; says the nearest.
    """
    import zoneinfo

    if name is None or name in zoneinfo.available_timezones():
        return name
    from workbench.search.fields import nearest

    near, _ = nearest(name, sorted(zoneinfo.available_timezones()))
    raise click.BadParameter(f"there is no zone {visible(name)}; did you mean {near}?")


def _reading(
    timezone: str | None = None, source: str | None = None, mapping: tuple[Path, ...] = ()
) -> dict[str, Any]:
    """Return what the options say about reading records.

    Raises:
        WorkbenchError: If a mapping file cannot be read.
    """
    from workbench.casework.ingest.reading import MappingText
    from workbench.errors import MappingError

    mappings = []
    for path in mapping:
        try:
            mappings.append(MappingText(printable(path.name), path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            raise MappingError(
                f"{visible(str(path))} cannot be read", "a mapping is a TOML file in UTF-8"
            ) from error
    return {"timezone": timezone, "source": source, "mappings": tuple(mappings)}


@main.group(invoke_without_command=True)
@JSON
@click.pass_context
def sources(ctx: click.Context, as_json: bool) -> None:
    """List the logs that can be read, and what to collect of each.

    \b
    workbench sources explain FILE       which reader would take it, and why
    workbench sources mapping            how to read a log that is not listed
    """
    if ctx.invoked_subcommand is not None:
        return
    from workbench.casework.as_json import json_line
    from workbench.casework.source_text import source_lines, source_object
    from workbench.sources.registry import READERS

    if as_json:
        for reader in READERS:
            click.echo(json_line(source_object(reader)))
    else:
        for line in source_lines(READERS):
            click.echo(line)


@sources.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@TIMEZONE
@SOURCE
@MAPPING
@JSON
def explain(file: Path, as_json: bool, **given: Any) -> None:
    """Say which reader would take the records of FILE, by what it knows them, and show three of them as events.

    Nothing is written. Of an archive each member is looked at. Exit status 1 if no record would become an event.
    """
    from workbench.casework.as_json import json_line
    from workbench.casework.explain_file import explain_file
    from workbench.casework.ingest.reading import ReadingOptions
    from workbench.casework.source_text import explanation_lines, explanation_object

    contents = explain_file(file, ReadingOptions(**_reading(**given)))
    if as_json:
        for content in contents:
            click.echo(json_line(explanation_object(content)))
    else:
        for line in explanation_lines(contents):
            click.echo(line)
    if not any(content.readers for content in contents):
        sys.exit(1)


@sources.command()
def mapping() -> None:
    """Explain mapping files: how to read a log that is not listed."""
    from workbench.sources.mapping import MAPPING_HELP

    click.echo(MAPPING_HELP)


@main.command()
@CASE
@JSON
@click.option("--files", is_flag=True, help="List every evidence file, however many.")
def info(case: Path, as_json: bool, files: bool) -> None:
    """Show what CASE holds: where every byte and every record of its evidence went, in sums that add up."""
    from workbench.casefile.reader import CaseReader
    from workbench.casework.as_json import json_line, summary_object
    from workbench.casework.report_text import summary_lines

    with CaseReader.open(case) as reader:
        summary = reader.summary()
    if as_json:
        click.echo(json_line(summary_object(summary)))
    else:
        for line in summary_lines(summary, case, all_files=files):
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
            f"nothing in this case has {visible(condition)}; raw:TEXT looks into whole records", err=True
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
@EXAMINER
def evidence(case: Path, ref: str | None, reveal: bool, target: Path | None, examiner: str | None) -> None:
    """Print the raw record REF of CASE, or write an evidence file back out; without REF, list the evidence.

    REF is HASH:OFFSET as the timeline and `events` show it, HASH:OFFSET+LENGTH for any range of bytes or, with
    --extract, the name or content hash of an evidence file. Values of secrets in a record are masked unless --reveal.
    """
    from workbench.casefile.reader import CaseReader
    from workbench.casework import reveal as acts
    from workbench.casework.actor import current_actor
    from workbench.casework.report_text import evidence_lines
    from workbench.model.references import parse_reference

    if ref is None:
        if target is not None or reveal:
            raise click.UsageError("say which: REF is missing")
        with CaseReader.open(case) as reader:
            for line in evidence_lines(reader.evidence()):
                click.echo(line)
        return
    if target is not None:
        done = acts.extract(case, ref, target, current_actor(examiner))
        click.echo(
            f"wrote {visible(str(done.path))}: {done.item.size:,} bytes, SHA-256 {done.item.content_sha256} checked",
            err=True,
        )
        return
    reference = parse_reference(ref)
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


@main.command()
@CASE
@JSON
def journal(case: Path, as_json: bool) -> None:
    """Print what people did to CASE, oldest first: made, opened, added, extracted, revealed.

    With --json each line is the canonical JSON (RFC 8785) of one entry, byte for byte as it is kept.
    """
    from workbench.casefile.reader import CaseReader
    from workbench.casework.report_text import journal_text

    with CaseReader.open(case) as reader:
        for entry in reader.journal():
            click.echo(entry if as_json else journal_text(entry))


@main.command("open")
@click.argument("case", type=click.Path(path_type=Path))
def open_case(case: Path) -> None:
    """Open CASE on the screen; a folder opens the case picker there. Opening changes nothing in the file."""
    _open_screens(case)


@main.command()
@click.option(
    "--case",
    type=click.Path(path_type=Path),
    default=Path("cases/demo.case"),
    show_default=True,
    help="Where to build it.",
)
def demo(case: Path) -> None:
    """Build the demo case from sample_logs/ and open it; without a terminal, print `info` and how to open it."""
    from workbench.casefile.reader import CaseReader
    from workbench.casework.demo import build_demo
    from workbench.casework.report_text import summary_lines

    with _progress("auto") as report:
        build_demo(case, report)
    if sys.stdin.isatty() and sys.stdout.isatty():
        _open_screens(case)
        return
    with CaseReader.open(case) as reader:
        for line in summary_lines(reader.summary(), case, all_files=False):
            click.echo(line)
    click.echo(f"\nOpen it on a terminal with: workbench open {visible(str(case))}")


def _open_screens(case: Path | None) -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise WorkbenchError(
            "the screens need a terminal", "use `workbench info` or `workbench events` in scripts; see --help"
        )
    from workbench.tui.app import run

    sys.exit(run(case))


def _print_record(data: bytes) -> None:
    """Print bytes as they are into a pipe or file, and as visible text on a terminal, which they could attack."""
    if sys.stdout.isatty():
        click.echo(visible(data.decode("utf-8", "backslashreplace"), keep_newlines=True))
        return
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _print_added(result: AddResult, *, as_json: bool) -> None:
    from workbench.casework.as_json import json_line
    from workbench.casework.report_text import added_lines, added_object

    for line in added_lines(result):
        click.echo(line, err=True)
    if as_json:
        click.echo(json_line(added_object(result)))


@contextlib.contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl+C into a wish to stop; a second one stops at once."""
    import signal

    wished = False

    def wish(number: int, frame: object) -> None:
        nonlocal wished
        if wished:
            raise KeyboardInterrupt
        wished = True
        click.echo("stopping after what is being written; Ctrl+C again stops at once", err=True)

    before = signal.signal(signal.SIGINT, wish)
    try:
        yield lambda: wished
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _progress(kind: str) -> Iterator[Callable[[Progress], None]]:
    """Show progress on stderr: a bar for people, JSON lines for programs, or nothing."""
    if kind == "auto":
        kind = "bar" if sys.stderr.isatty() else "none"
    if kind == "none":
        yield lambda _: None
    elif kind == "json":
        import msgspec

        from workbench.casework.as_json import json_line

        yield lambda progress: click.echo(json_line(msgspec.structs.asdict(progress)), err=True)
    else:
        yield from _bar()


def _bar() -> Iterator[Callable[[Progress], None]]:
    bar: Any = None

    def shown(progress: Progress | None) -> str:
        if progress is None:
            return ""
        return f"{progress.files_done:,}/{progress.files_total:,} files, {progress.events:,} events"

    def report(progress: Progress) -> None:
        nonlocal bar
        if bar is None:
            length = max(1, progress.bytes_total)
            bar = click.progressbar(length=length, file=sys.stderr, label="adding", item_show_func=shown)
            bar.__enter__()
        bar.update(progress.bytes_done - bar.pos, progress)

    try:
        yield report
    finally:
        if bar is not None:
            bar.render_finish()
