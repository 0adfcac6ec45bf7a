"""A letter to a custodian that asks for what closes gaps."""

from __future__ import annotations

import textwrap
from collections.abc import Container, Iterator, Sequence

from workbench.coverage.checklists import checklist_of
from workbench.coverage.making import between
from workbench.model.gap import Gap
from workbench.text import visible

_WIDTH = 92


def letter(
    gaps: Sequence[Gap],
    *,
    case: str,
    examiner: str,
    custodian: str | None,
    date: str,
    disputed: Container[str] = (),
) -> Iterator[str]:
    """Yield the lines of a letter. It states what is missing, never why: that is the custodian's to say.

    Args:
        gaps: What is to be closed.
        case: Title of the case.
        examiner: Who asks.
        custodian: Whom.
        date: Day of the letter.
        disputed: Ids of the gaps of which somebody said that they are none.
    """
    yield f"To:       {visible(custodian) if custodian else '…'}"
    yield f"From:     {visible(examiner)}"
    yield f"Date:     {date}"
    yield f"Subject:  Request for log data, {visible(case)}"
    yield ""
    yield from _text(
        "In the records we were given, the following cannot be shown. Please send what is named under “please"
        " send”, or tell us that it"
        " does not exist, was not kept, or was never recorded: that answer is of use as well. Please keep what"
        " you hold of this period"
        " from being deleted until we have confirmed receipt."
    )
    for number, gap in enumerate(gaps, 1):
        yield ""
        yield f"{number}. {visible(gap.source)}: {visible(gap.scope.text)}"
        yield from _text(f"period: {between(gap.start, gap.end)} (UTC)", "   ")
        yield from _text(f"what is missing: {visible(gap.detected)}", "   ")
        yield from _text(f"because of it: {visible(gap.effect)}", "   ")
        yield from _text(f"please send: {visible(gap.request)}", "   ")
        said = "; that it is missing is disputed" if gap.id in disputed else ""
        yield f"   our reference: {gap.id} (rule {gap.rule} {gap.version}){said}"
    yield ""
    yield from _text(
        "With every file, please state who exported it, when, on which machine, with which command or page, for which period and"
        " filter, in which time zone, and its SHA-256. Please send files as they were exported: not opened, not"
        " sorted, not saved by a"
        " spreadsheet."
    )
    for source in dict.fromkeys(gap.source for gap in gaps):
        told = checklist_of(source)
        if told is None:
            continue
        yield ""
        yield f"How to collect {source}:"
        for each in (*told.ask, *told.commands):
            yield from _text(f"- {each}", "  ")
    yield ""
    yield visible(examiner)


def _text(text: str, indent: str = "") -> Iterator[str]:
    yield from textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + ("  " if indent else ""),
        break_long_words=False,
        break_on_hyphens=False,
    )
