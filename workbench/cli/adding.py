"""Making a case and adding evidence to it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workbench.cli.group import CASE, EXAMINER, JSON, main, open_screens
from workbench.cli.reading_options import MAPPING, SOURCE, TIMEZONE, reading_options
from workbench.text import printable, visible

if TYPE_CHECKING:
    from workbench.casefile.derived.facts import Progress as Looked
    from workbench.casework.add_evidence import AddResult, Progress


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
@click.option(
    "--kind",
    type=click.Choice(["log", "document"]),
    default="log",
    show_default=True,
    help="document: tickets, statements, inventories, photographs; kept whole, citable like a record.",
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
            documents=given["kind"] == "document",
            **reading_options(**chosen("timezone", "source", "mapping")),
        ),
        processes=given["processes"],
    )
    with _interruptible() as interrupted:
        with _progress(progress) as report:
            result = add_evidence(
                case,
                list(paths),
                actor=current_actor(examiner),
                options=options,
                progress=report,
                cancelled=interrupted,
            )
        # What is done is also said: a wish to stop that comes now changes nothing of it.
        _print_added(result, as_json=as_json)
        _derive(case, current_actor(examiner), progress, result, interrupted)
        late = [f"--{name}" for name in ("timezone", "source", "mapping") if given[name] and result.known]
        if late:
            click.echo(
                f"the files that were in the case already are not read again: {' and '.join(late)} changes nothing for"
                " them; to have them read otherwise, add them to a new case",
                err=True,
            )
    if late or result.failed:
        sys.exit(1)


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
    from workbench.casework.session_text import derived_summary_lines

    with _progress("auto") as report:
        build_demo(case, report)
    if sys.stdin.isatty() and sys.stdout.isatty():
        open_screens(case)
        return
    with CaseReader.open(case) as reader:
        derived = derived_summary_lines(reader.derived.summary(), case)
        for line in summary_lines(reader.summary(), case, derived, all_files=False):
            click.echo(line)
    click.echo(f"\nOpen it on a terminal with: workbench open {visible(str(case))}")


def _derive(
    case: Path, actor: str, progress: str, result: AddResult, interrupted: Callable[[], bool]
) -> None:
    """Rebuild what the new evidence touches of sessions and links; if that cannot be done now, say how to do it later."""
    from workbench.casework.add_evidence import Progress
    from workbench.cli.sessions import run_derive
    from workbench.errors import CancelledError, CaseFileBusyError

    with _progress(progress) as report:

        def told(looked: Looked) -> None:
            if interrupted():
                raise CancelledError("stopped")
            files = result.added
            report(Progress(files, files, looked.events, looked.total, looked.events, "sessions and links"))

        try:
            run_derive(case, actor, progress=told)
        except (CancelledError, CaseFileBusyError):
            click.echo(
                f"sessions and links are not up to date: workbench derive {visible(str(case))}", err=True
            )


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
