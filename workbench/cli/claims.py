"""Tags and findings: what responders claim. Everything is appended to the journal and nothing edited."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from workbench.cli.group import CASE, EXAMINER, JSON, main
from workbench.cli.saying import actor_of, clean, common_acts, made, print_all, print_history, reason_of, said
from workbench.text import visible

Function = TypeVar("Function", bound=Callable[..., Any])

_GRADES = ("attributed", "inferred", "unproven", "excluded")
_LEVELS = ("credential", "session", "device", "account-holder", "organisation", "person")
_CODES = (
    "no_record",
    "gap",
    "conflicting",
    "insufficient",
    "source_unreliable",
    "ambiguous_identity",
    "not_yet_examined",
)
_LIKELY = (
    "almost no chance",
    "very unlikely",
    "unlikely",
    "roughly even chance",
    "likely",
    "very likely",
    "almost certain",
)
_EFFECTS = ("E0", "E1", "E2", "E3", "E4", "EN", "EX")


def _review_options(function: Function) -> Function:
    """Give a command what reviews, objects to, takes back and recalls one of its things."""
    for option in (
        click.option("--history", metavar="ID", help="Print all versions of it, with who, when and why."),
        click.option(
            "--retract", metavar="ID", help="Take it back without another in its place; --reason says why."
        ),
        click.option("--dissent", metavar="TEXT", help="With --review: object to it, and why."),
        click.option(
            "--errors", type=click.IntRange(0), default=0, help="With --sampled: how many were wrong."
        ),
        click.option(
            "--sampled", type=click.IntRange(0), default=0, help="With --review: events looked at one by one."
        ),
        click.option("--review", metavar="ID", help="Sign it as a second person, who is not its author."),
        click.option("--all", "every", is_flag=True, help="List superseded versions, too."),
        click.option(
            "--override", metavar="WHY", help="Commit it against a rule; it is printed wherever it is."
        ),
        click.option("--supersede", metavar="ID", help="The one that this takes the place of; both stay."),
        click.option("--likelihood", type=click.Choice(_LIKELY), help="How likely (terms of ICD 203)."),
        click.option(
            "--confidence",
            type=click.Choice(["low", "moderate", "high"]),
            help="How good the basis of that is.",
        ),
    ):
        function = option(function)
    return function


@main.command("tag")
@CASE
@click.argument("refs", nargs=-1)
@click.option("--as", "grade", type=click.Choice(_GRADES), help="How well it is shown.")
@click.option("--filter", "query", metavar="QUERY", help="Every event that fits, instead of REF.")
@click.option("--subject", help="Whose acts. Default: the one identity that the records name.")
@click.option("--level", type=click.Choice(_LEVELS), default="credential", show_default=True)
@click.option("--reason", help="How you know, in a sentence of at least three words.")
@click.option(
    "--cite", "cites", multiple=True, metavar="REF", help="What it rests on. Default: as the links propose."
)
@click.option(
    "--shows",
    multiple=True,
    metavar='"DOC: TEXT"',
    help="Cite a document, and say what it shows of whom or of what; it is printed as your word.",
)
@click.option("--against", multiple=True, metavar="REF", help="What speaks against it, unresolved.")
@click.option(
    "--instead",
    "alternatives",
    multiple=True,
    metavar="TEXT",
    help="Who else it could have been; references in the text are taken as what excludes that.",
)
@click.option("--assuming", "assumptions", multiple=True, metavar="TEXT", help="What is taken for granted.")
@click.option("--would-change", metavar="TEXT", help="What would falsify or raise it.")
@click.option("--closes", metavar="TEXT", help="How what was named as able to falsify it was settled.")
@click.option("--reason-code", type=click.Choice(_CODES), help="Of an unproven one: why.")
@click.option("--resolve", metavar="TEXT", help="Of an unproven one: what would resolve it.")
@click.option("--answers", metavar="TEXT", help="What you answer to errors that a reviewer found.")
@click.option(
    "--reaffirm", metavar="ID", help="Say a stale one again, of what the records say now; --reason says why."
)
@click.option("--stale", is_flag=True, help="List only those that are stale; exit status 1 if there are any.")
@_review_options
@JSON
@EXAMINER
@click.pass_context
def tag(ctx: click.Context, /, case: Path, refs: tuple[str, ...], as_json: bool, **given: Any) -> None:
    """Say of events whose acts they are, and how well that is shown. Without --as: what the links support; without REF: all tags.

    REF is the reference of an event (HASH:OFFSET) or the id of a session (S-…); that of a tag (T-…) shows all versions of it.

    attributed: they are the subject's acts, and records prove it. inferred: they are, as far as can be reasoned. unproven: it is
    open, and why. excluded: the subject did NOT do them: records bind them to somebody else. An act that was agreed, such as a
    pentest, is not excluded: it is attributed to whoever did it, and its finding is authorised (finding --act authorised).

    \b
    workbench tag acme.case 5b1fe902:18204 --as attributed --reason "The record carries the key."
    workbench tag acme.case S-64e4bd29aa8e --as inferred --subject jdoe --level account-holder --reason "…"
    workbench tag acme.case --filter 'credential:AKIA*' --as attributed --reason "…"
    """
    given = clean(given)
    if common_acts(case, given, as_json):
        return
    if given["reaffirm"]:
        from workbench.casework.tag import reaffirm

        said(reaffirm(case, given["reaffirm"], reason_of(given), actor=actor_of(given)))
        return
    if given["query"] is not None:
        ctx.obj = ctx.find_root().obj = given["query"]
    if refs and all(ref[:2].upper() == "T-" for ref in refs) and given["query"] is None:
        if given["grade"] is not None:
            raise click.UsageError(
                f"{clean({'id': refs[0]})['id']} is a tag: --supersede takes its place, without REF"
            )
        for ref in refs:
            print_history(case, ref, as_json=as_json)
        return
    if given["grade"] is None and not refs and given["query"] is None:
        _list_tags(case, as_json=as_json, every=given["every"], only_stale=given["stale"])
        return
    if given["grade"] is None:
        _show_chosen(case, refs, given["query"], as_json=as_json)
        return
    from workbench.casefile.reader import CaseReader
    from workbench.casework.colleagues import others_say
    from workbench.casework.tag import TagWish, commit_tag, remarks

    reason_of(given)
    wish = made(
        TagWish,
        given,
        references=refs,
        cites=given["cites"] or None,
        level=given["level"].replace("-", " "),
        supersedes=given["supersede"],
    )
    kept = commit_tag(case, wish, actor=actor_of(given))
    said(kept)
    with CaseReader.open(case) as reader:
        told = [*others_say(reader, reader.claims.events_of(kept.origin.entry), kept.origin.author)]
    for remark in (*remarks(kept.body), *told):
        click.echo(visible(remark), err=True)


def _list_tags(case: Path, *, as_json: bool, every: bool, only_stale: bool) -> None:
    from workbench.casefile.reader import CaseReader
    from workbench.casework.claim_json import tag_object
    from workbench.casework.claim_text import tag_lines
    from workbench.casework.tag import states, states_now

    with CaseReader.open(case) as reader:
        kept = reader.claims.tags(every=every)
        if only_stale:
            kept = [state.kept for state in states(reader, kept) if state.stale]
        found = states_now(reader, kept)
        counts = reader.claims.counts(reader.event_count())
    print_all(found, tag_object if as_json else None, tag_lines)
    parts = [f"{count:,} {grade}" for grade, count in counts.by_grade.items()]
    if counts.mixed:
        parts.append(f"{counts.mixed:,} under tags that say different things")
    parts.append(f"{counts.untagged:,} untagged")
    click.echo(f"events: {', '.join(parts)}; {counts.tagged + counts.untagged:,} in all", err=True)
    if only_stale and found:
        raise SystemExit(1)


def _show_chosen(case: Path, refs: tuple[str, ...], query: str | None, *, as_json: bool) -> None:
    from workbench.casefile.reader import CaseReader
    from workbench.casework.choosing import choose
    from workbench.casework.claim_json import chosen_object
    from workbench.casework.claim_text import chosen_lines

    with CaseReader.open(case) as reader:
        found = choose(reader, refs, query)
    print_all([found], chosen_object if as_json else None, chosen_lines)


@main.command("finding")
@CASE
@click.option("--effect", type=click.Choice(_EFFECTS), help="How far the evidence goes.")
@click.option("--subject", help="Who or what acted.")
@click.option("--verb", help="What was done, for example read_secret.")
@click.option("--object", "objects", multiple=True, help="What it was done to.")
@click.option(
    "--from",
    "start",
    metavar="TIME",
    help="Begin of the period: from the beginning of that day, minute or second.",
)
@click.option(
    "--to", "end", metavar="TIME", help="End of the period: to the end of that day, minute or second."
)
@click.option("--cite", "cites", multiple=True, metavar="REF", help="Events, documents, tags it rests on.")
@click.option(
    "--shows",
    multiple=True,
    metavar='"DOC: TEXT"',
    help="Cite a document, and say what it shows of whom or of what; it is printed as your word.",
)
@click.option("--gap", "gaps", multiple=True, metavar="ID", help="What keeps more from being said.")
@click.option("--coverage", metavar="TEXT", help="For EX: what was logged throughout the period.")
@click.option(
    "--impact", type=click.Choice(["altered", "deleted", "disclosed", "unavailable"]), help="For E4."
)
@click.option(
    "--act",
    "authority",
    type=click.Choice(["authorised", "unauthorised", "undetermined"]),
    help="Whether it was allowed. Default: undetermined.",
)
@click.option("--basis", multiple=True, metavar="REF", help="What that rests on: a document, a record.")
@click.option("--basis-text", metavar="TEXT", help="The same in words.")
@click.option("--text", help="Anything in your own words; it is marked as yours.")
@click.option("--reason", help="With --retract: why.")
@click.option("--stale", is_flag=True, help="List only those that are stale; exit status 1 if there are any.")
@_review_options
@JSON
@EXAMINER
def finding(case: Path, as_json: bool, **given: Any) -> None:
    """State what happened to a resource, as far as the evidence goes. Without --effect: the board of all findings.

    E0 could have been reached, E1 attempted, E2 access recorded, E3 effect recorded, E4 impact proven, EN cannot be determined,
    EX ruled out. The statement is worded by the level; whether access was observed and whether impact is proven are two answers.

    With --supersede, what is not given stays as in the version before.

    \b
    workbench finding acme.case --effect E2 --subject jdoe --verb read_secret --object prod/db --cite 5b1fe902:18204
    """
    given = clean(given)
    if common_acts(case, given, as_json):
        return
    if given["effect"] is None and given["supersede"] is None:
        _list_findings(case, as_json=as_json, every=given["every"], only_stale=given["stale"])
        return
    from workbench.casework.finding import FindingWish, commit_finding

    for name in ("subject", "verb"):
        if not given[name] and not given["supersede"]:
            raise click.UsageError(f"--{name} is missing")
    wish = made(FindingWish, given, supersedes=given["supersede"])
    said(commit_finding(case, wish, actor=actor_of(given)))


def _list_findings(case: Path, *, as_json: bool, every: bool, only_stale: bool) -> None:
    from workbench.casefile.reader import CaseReader
    from workbench.casework.claim_json import finding_object
    from workbench.casework.claim_text import finding_lines
    from workbench.casework.finding import finding_states

    with CaseReader.open(case) as reader:
        found = finding_states(reader, reader.claims.findings(every=every))
    if only_stale:
        found = [state for state in found if state.stale]
    print_all(found, finding_object if as_json else None, finding_lines)
    if only_stale:
        raise SystemExit(1 if found else 0)
    if not found:
        click.echo("there are no findings yet: --effect states one", err=True)
