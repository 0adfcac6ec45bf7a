"""What was left behind and what could have been reached, for people. All log text passes through visible()."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbench.casework.change_json import Cited
from workbench.casework.change_text import (
    UNTOLD,
    acts_words,
    created_words,
    cut_text,
    doubt_words,
    silence_words,
)
from workbench.casework.could_reach import Reached
from workbench.casework.left_behind import LeftBehind
from workbench.casework.resource_history import History, last_had
from workbench.casework.session_json import Refs, instant
from workbench.changes.exposure import LOOKED_FOR, NOT_JUDGED
from workbench.changes.reach import Reach
from workbench.model.change import Basis, Fate
from workbench.text import visible

FATES = {
    Fate.STANDING: "nothing in the evidence undid",
    Fate.INACTIVE: "made inactive: there, and can be made active again",
    Fate.PERHAPS: "may have been undone",
    Fate.GONE: "gone, by an act that is not in the evidence",
    Fate.UNTOLD: "whether anything undid it cannot be told",
    Fate.UNDONE: "undone",
}
"""What is said of the fates of what was left behind, in the order in which they are shown."""


NO_POLICY = "no policy of it is in the case"
NO_ALL_CLEAR = "what it could have reached is not known; this is no all-clear"


def exposure_lines(found: Sequence[LeftBehind], refs: Refs) -> Iterator[str]:
    """Yield what was left behind, what nothing undid first."""
    for fate, title in FATES.items():
        listed = [each for each in found if each.exposure.fate is fate]
        if listed:
            yield f"{title}: {len(listed):,}"
        for left in listed:
            each = left.exposure
            ref = refs[each.event].short if each.event in refs else ""
            yield (
                f"  {instant(each.time) or 'no time'}  {each.kind.value:<11}  {visible(each.title)}  {left.session or ''}  {ref}"
            )
            yield f"      {cut_text(each.what)}"
            if left.silent is not None:
                yield f"    ? {doubt_words(left.silent)}"
            if each.remark is not None and not each.untold:
                about = f" ({refs[each.remark_event or 0].short})" if each.remark_event in refs else ""
                yield f"      {cut_text(each.remark)}{about}"
            for denied in each.against:
                yield f"      a deny stands against it: {cut_text(denied)}"
            if each.undone_by is not None:
                another = each.undone_by != each.event and each.undone_by in refs
                by = f" by {refs[each.undone_by].short}" if another else ""
                yield f"      undone {instant(each.undone_at) or ''}{by}: {visible(each.undone_how or '')}"
    if not found:
        yield "no change that leaves something behind"
    yield f"looked for: {LOOKED_FOR}; {NOT_JUDGED}"


def reach_lines(history: History, reached: Reached, cited: Cited, refs: Refs) -> Iterator[str]:
    """Yield what a principal could have reached, or when it last could."""
    yield f"{visible(history.resource.title)} could have reached (E0, exposure: none of it is access):"
    if history.silent.events:
        yield f"  ? {acts_words(history.silent)} by then {UNTOLD}: it could have been more, or less"
        for words in silence_words(history.silent):
            yield f"      {words}"
    for each in reached.listed:
        where = _where(each, refs)
        if each.words:
            yield f"  {cut_text(each.words)}  ({where})"
        elif each.policy == each.group:
            yield f"  ?  it is in {where}, of which no policy is in the case: what that allows is not known"
        else:
            yield f"  ?  what {where} allows is not in the case"
        for denied in each.against:
            yield f"       a deny stands against it: {cut_text(denied)}"
        if each.silent is not None:
            yield f"    ? {doubt_words(each.silent)}"
    for one in reached.given:
        yield f"  ?  {cut_text(one.words)}{_cited(one.event, refs)}: what that reaches is not looked at"
    if not reached.listed:
        yield from _none_left(history, cited)
    yield f"  {visible(reached.beside)}"


def _where(each: Reach, refs: Refs) -> str:
    """Return where a policy stands, what says so, and by which membership it counts."""
    own = "" if each.policy == each.group else f"{visible(each.policy)}{_cited(each.event, refs)}"
    if each.group is None:
        return own
    of = "group " if not own else " of group "
    return f"{own}{of}{visible(each.group)}, member{_cited(each.member_by, refs)}"


def _cited(event: int | None, refs: Refs) -> str:
    if event is None or event not in refs:
        return ""
    return f" [{'snapshot ' if event < 0 else ''}{refs[event].short}]"


def _none_left(history: History, cited: Cited) -> Iterator[str]:
    """Yield that a principal has no policies, why, and when it last had some."""
    when = f"as of {instant(history.as_of)}" if history.as_of is not None else "at the end of the evidence"
    had = last_had(history)
    there = history.states.get("")
    if there is not None and there.basis is not Basis.UNKNOWN and there.value is None:
        ended = cited.events.get(there.event or 0)
        by = "" if ended is None else f": deleted {instant(ended.event.time.micros)} ({ended.ref.short})"
        yield f"  nothing {when}{by}"
    elif history.created is not None and not history.states:
        yield f"  nothing {when}: it did not exist yet ({created_words(history.created)})"
    elif had is None:
        yield f"  {NO_POLICY}: {NO_ALL_CLEAR}"
    else:
        yield f"  {NO_POLICY} {when}: {NO_ALL_CLEAR}"
    if had is not None:
        until = "" if had.until is None else f" until {instant(had.until)}"
        shown = "" if had.seen is None else f": `--as-of {instant(had.seen)}` shows what they allowed"
        yield f"  it had policies from {instant(had.since)}{until}{shown}"
