"""What events add up to: sessions, identities, credentials, links and lineage. Reading changes nothing in the case."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from workbench.cli.group import CASE, EXAMINER, JSON, main
from workbench.text import visible

if TYPE_CHECKING:
    from workbench.casefile.derived.facts import Progress
    from workbench.casefile.reader import CaseReader

Result = TypeVar("Result")

_OUTDATED = "evidence was added since sessions were derived: run `workbench derive {}` first; what follows is the older state"


def warn_if_outdated(reader: CaseReader, case: Path) -> None:
    """Say so if what is shown does not follow from all evidence yet."""
    if not reader.derived.current():
        click.echo(_OUTDATED.format(visible(str(case))), err=True)


@main.command("derive")
@CASE
@EXAMINER
@click.option("--anew", is_flag=True, help="Rebuild everything, not only what new evidence touches.")
def derive_case(case: Path, examiner: str | None, anew: bool) -> None:
    """Rebuild the sessions and links of CASE. `add` does it by itself; after a crash, or for a check, run it here.

    The result is a function of the evidence: it is the same however often and in whatever order evidence was added.
    """
    from workbench.casework.actor import current_actor

    if not run_derive(case, current_actor(examiner), anew=anew):
        click.echo("sessions and links are up to date", err=True)


def run_derive(
    case: Path, actor: str, *, anew: bool = False, progress: Callable[[Progress], None] | None = None
) -> bool:
    """Bring the derived layer up to date and say what changed; return whether there was anything to do."""
    from workbench.casework.derive import derive
    from workbench.casework.session_text import derived_line

    if progress is None:
        result = _with_bar(lambda report: derive(case, actor=actor, anew=anew, progress=report))
    else:
        result = derive(case, actor=actor, anew=anew, progress=progress)
    if result is None:
        return False
    if result.events:
        click.echo(derived_line(result), err=True)
    if result.stale:
        from workbench.casework.claim_text import stale_line

        for state in result.stale:
            click.echo(stale_line(state), err=True)
    return True


def _with_bar(work: Callable[[Callable[[Progress], None]], Result]) -> Result:
    if not sys.stderr.isatty():
        return work(lambda _: None)
    with click.progressbar(length=1000, file=sys.stderr, label="sessions") as bar:
        return work(lambda progress: bar.update(1000 * progress.events // max(1, progress.total) - bar.pos))


@main.command()
@CASE
@click.argument("query", default="")
@JSON
@click.option(
    "--all", "every", is_flag=True, help="List each call of a service whose caller is not known, too."
)
@click.pass_context
def sessions(ctx: click.Context, case: Path, query: str, as_json: bool, every: bool) -> None:
    """Print the sessions of CASE as a tree: which was opened with a credential that another issued, and how well that is shown.

    With QUERY, only the sessions that hold an event which fits it.

    \b
    workbench sessions acme.case
    workbench sessions acme.case 'verb:delegate AND outcome:success'
    workbench events acme.case 'session:S-64e4bd29aa8e'
    """
    from workbench.casefile.reader import CaseReader
    from workbench.casework.as_json import json_line
    from workbench.casework.session_json import session_object
    from workbench.casework.session_text import session_lines
    from workbench.search import parse

    ctx.obj = query
    ctx.find_root().obj = query
    parsed = parse(query)
    with CaseReader.open(case) as reader:
        warn_if_outdated(reader, case)
        wanted = None
        if parsed is not None:
            found: dict[str, None] = {}
            for chunk in reader.scan(parsed):
                found.update(dict.fromkeys(reader.derived.sessions_of(chunk.ids).values()))
            wanted = list(found)
        if as_json:
            for session in reader.derived.sessions(wanted):
                opened = [] if session.opened_by is None else [session.opened_by]
                click.echo(json_line(session_object(session, reader.derived.refs(opened))))
            return
        shown = list(reader.derived.sessions(wanted))
        for line in session_lines(shown, every=every):
            click.echo(line)
        if not shown:
            _say_empty(reader, case)


def _say_empty(reader: CaseReader, case: Path) -> None:
    if reader.event_count() == 0:
        click.echo(f"the case holds no events yet: workbench add {visible(str(case))} FOLDER", err=True)
    else:
        click.echo("nothing fits", err=True)


@main.command()
@CASE
@JSON
@click.option(
    "--strength", type=click.Choice(["proven", "inferred", "asserted", "unproven"]), help="Only these."
)
@click.option("--rule", metavar="NAME", help="Only those of this rule.")
@click.option(
    "--forwarded",
    is_flag=True,
    help="Also the links of calls that services forwarded: there can be very many.",
)
def links(case: Path, as_json: bool, strength: str | None, rule: str | None, forwarded: bool) -> None:
    """Print every link of CASE: what joins two records, by which rule, how well, what speaks against it.

    Links of strength unproven are holes: places where the chain cannot go on, with what would close them.
    """
    from workbench.casefile.reader import CaseReader
    from workbench.casework.as_json import json_line
    from workbench.casework.session_json import events_cited, link_object
    from workbench.casework.session_text import link_lines

    printed = False
    with CaseReader.open(case) as reader:
        warn_if_outdated(reader, case)
        found = list(reader.derived.links())
        if forwarded or rule == "aws-forwarded":
            found += reader.derived.forwarded()
        for start in range(0, len(found), 500):
            chunk = [
                link
                for link in found[start : start + 500]
                if strength in (None, link.strength.value) and rule in (None, link.rule)
            ]
            refs = reader.derived.refs(events_cited(chunk))
            for link in chunk:
                printed = True
                if as_json:
                    click.echo(json_line(link_object(link, refs)))
                else:
                    for line in link_lines(link, refs):
                        click.echo(line)
        if not printed:
            _say_empty(reader, case)


@main.command("lineage")
@CASE
@click.argument("start")
@JSON
def lineage_of(case: Path, start: str, as_json: bool) -> None:
    """Print what led to START and what came of it, edge by edge with the reason on each.

    START is the id of a session (S-…) or the reference of an event (HASH:OFFSET), as `sessions` and `events` show them.
    """
    from workbench.casefile.reader import CaseReader
    from workbench.casework.as_json import json_line
    from workbench.casework.lineage import lineage_from
    from workbench.casework.lineage_json import lineage_objects
    from workbench.casework.lineage_text import lineage_lines

    with CaseReader.open(case) as reader:
        warn_if_outdated(reader, case)
        found = lineage_from(reader, start)
    if as_json:
        for each in lineage_objects(found):
            click.echo(json_line(each))
        return
    for line in lineage_lines(found):
        click.echo(line)


@main.command()
@CASE
@JSON
@click.option(
    "--merge",
    nargs=2,
    metavar="ID ID",
    help="Decide that two identities are one. It is written into the journal.",
)
@click.option("--apart", nargs=2, metavar="ID ID", help="Decide that they are not.")
@click.option("--undecided", nargs=2, metavar="ID ID", help="Take back what was decided of them.")
@click.option("--reason", help="Why.")
@EXAMINER
def identities(
    case: Path,
    as_json: bool,
    merge: tuple[str, str] | None,
    apart: tuple[str, str] | None,
    undecided: tuple[str, str] | None,
    reason: str | None,
    examiner: str | None,
) -> None:
    """Print the identities of CASE with their names over time, which may be one under two names, and what was decided.

    A decision lies over what the evidence says and changes no session and no strength; a later one supersedes it, and both
    stay in the journal.
    """
    from workbench.casefile.reader import CaseReader
    from workbench.casework.actor import current_actor
    from workbench.casework.as_json import json_line
    from workbench.casework.identities import Word, decide, decisions
    from workbench.casework.session_json import identity_object
    from workbench.casework.session_text import identity_lines

    asked = {Word.MERGE: merge, Word.APART: apart, Word.UNDECIDED: undecided}
    chosen = [(word, pair) for word, pair in asked.items() if pair]
    if len(chosen) > 1:
        raise click.UsageError("one of --merge, --apart and --undecided")
    for word, pair in chosen:
        if not reason:
            raise click.UsageError("say why: --reason is missing")
        done = decide(
            case, actor=current_actor(examiner), one=pair[0], other=pair[1], decision=word, reason=reason
        )
        click.echo(
            f"journal entry {done.seq}: {done.decision} {visible(done.names[0])} and {visible(done.names[1])}",
            err=True,
        )
        if done.unlike:
            click.echo(f"warning: these differ by what they are: {visible(done.unlike)}", err=True)
        return
    with CaseReader.open(case) as reader:
        warn_if_outdated(reader, case)
        found, proposed, decided = reader.derived.identities(), reader.derived.matches(), decisions(reader)
    if as_json:
        for identity in found:
            click.echo(json_line(identity_object(identity, proposed, decided)))
        return
    for line in identity_lines(found, proposed, decided):
        click.echo(line)


@main.command()
@CASE
@JSON
@click.option(
    "--limit", type=click.IntRange(0), help="Print at most this many, those with most events first."
)
def credentials(case: Path, as_json: bool, limit: int | None) -> None:
    """Print the credentials of CASE: which event issued each, how long it was good, when and from where it was used."""
    from itertools import islice

    from workbench.casefile.reader import CaseReader
    from workbench.casework.as_json import json_line
    from workbench.casework.session_json import credential_object
    from workbench.casework.session_text import credential_lines

    with CaseReader.open(case) as reader:
        warn_if_outdated(reader, case)
        found = list(reader.derived.credentials())
        shown = found if limit is None else found[:limit]
        refs = reader.derived.refs(
            {
                event
                for one in shown
                for event in (one.issued_by, one.opened_by, one.revoked_by)
                if event is not None
            }
        )
    if as_json:
        for one in islice(found, limit):
            click.echo(json_line(credential_object(one, refs)))
        return
    for line in credential_lines(found, refs, limit):
        click.echo(line)
