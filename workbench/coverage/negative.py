"""The guard on negative statements: whether “no evidence of X” may be stated at all, and in which words.

The rule (evidence notes, 1.5): such a statement names its sources and its period, shows that these recorded that kind of act
then, and lists the gaps in the way. An empty search proves nothing by itself.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from workbench.clock import SECOND
from workbench.coverage.facts import HOUR, SLOT, ActCount, Stream
from workbench.coverage.making import between, count, listed, moment
from workbench.coverage.recorders import Question, Recorder, recorders
from workbench.model.digest import Validation
from workbench.model.event import Verb
from workbench.model.gap import ANY_LOG, Breakable, Gap

_MINUTE = 60 * SECOND


class Absence(enum.StrEnum):
    """What may be said of the absence of an act."""

    RULED_OUT = "ruled out"
    QUALIFIED = "qualified"
    NOT_STATABLE = "not statable"


Stretch = tuple[int, int]
"""First and last instant, microseconds UTC."""


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """How far a part of a log is shown to have recorded such acts then.

    Attributes:
        recorder: Which part.
        same_kind: Records of the same service and verb in the period; where nobody has counted those, in the case.
        in_period: Records of this part of the log in the period.
        complete: Whether digests prove that nothing of it is missing in the period.
        unshown: Stretches of the period in which nothing shows that it recorded such acts: hours, cut where it or the log ends.
    """

    recorder: Recorder
    same_kind: int
    in_period: int
    complete: bool
    unshown: tuple[Stretch, ...] = ()


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What may be said.

    Attributes:
        absence: Whether anything may.
        sentence: The one that is allowed, word for word.
        proofs: The logs that would have recorded it, with what shows that they did so then.
        gaps: The gaps in the way.
        caveats: Gaps that do not bear on absence, and must be named beside it.
        lacking: What would have to be there for more.
    """

    absence: Absence
    sentence: str
    proofs: tuple[Proof, ...]
    gaps: tuple[Gap, ...]
    caveats: tuple[Gap, ...]
    lacking: tuple[str, ...]

    @property
    def partial(self) -> bool:
        """Whether it holds for some hours of the period only."""
        return self.absence is Absence.QUALIFIED and any(
            each.unshown for each in self.proofs if each.in_period and not each.recorder.beside
        )


def may_state_absence(
    question: Question,
    *,
    streams: Sequence[Stream],
    acts: Sequence[ActCount],
    gaps: Sequence[Gap],
    validation: Validation,
    same_kind: Callable[[Recorder], Mapping[int, int]] | None = None,
) -> Answer:
    """Answer whether it may be stated that something did not happen, and give the sentence that is allowed.

    Args:
        question: The statement.
        streams: Every part of every log on hand.
        acts: What was recorded how often.
        gaps: What the evidence cannot show.
        validation: What digests prove.
        same_kind: Counts the records of the same service and verb in the period, by number of the hour since 1970. Without it
            nothing is ruled out: that such acts are recorded at some time does not show that they were then.
    """
    would = recorders(question)
    proofs = tuple(_proof(each, question, streams, acts, validation, same_kind) for each in would)
    near = [
        gap
        for gap in gaps
        if gap.meets(question.start, question.end)
        and any(_concerns(gap, each) for each in would)
        and _of_verb(gap, question, acts)
    ]
    in_the_way = tuple(
        gap for gap in near if Breakable.ABSENCE in gap.breaks and ANY_LOG not in gap.scope.logs
    )
    caveats = tuple(gap for gap in near if gap not in in_the_way)
    what = f"{question.verb.value} of {question.object}"
    period = f"{between(question.start, question.end)} (UTC)"
    shown = [each for each in proofs if each.in_period and (each.same_kind or each.recorder.by_default)]
    main = [each for each in shown if not each.recorder.beside]
    whole = [each for each in main if each.complete and each.same_kind and not each.unshown]
    unshown = [each for each in main if each.unshown]
    lacking = () if question.found else tuple(_lacking(proofs, would))
    if question.found:
        absence = Absence.NOT_STATABLE
        sentence = _there_are(question, what, period)
    elif question.untold or question.unnamed or question.at_least:
        absence = Absence.NOT_STATABLE
        reasons = []
        if question.untold:
            reasons.append(f"{_untold(question)}{_first(question)}")
        elif question.at_least:
            reasons.append("there are more records of that service and verb than were looked at")
        if question.unnamed:
            reasons.append(f"no record names a thing of the type {question.unnamed}")
        sentence = (
            f"Whether there was any {what} {period} can be neither shown nor ruled out: {'; '.join(reasons)}."
        )
    elif not would:
        absence = Absence.NOT_STATABLE
        sentence = f"Whether there was any {what} {period} can be neither shown nor ruled out: no log is known that records it."
    elif not main:
        absence = Absence.NOT_STATABLE
        names = listed(dict.fromkeys(_name(each) for each in would if not each.beside))
        sentence = (
            f"Whether there was any {what} {period} can be neither shown nor ruled out: {names} would have recorded it,"
            " and the evidence does not show that it did so then"
            + (f" ({_ids(in_the_way)})." if in_the_way else ".")
        )
    elif in_the_way:
        absence = Absence.QUALIFIED
        sentence = (
            f"No record of {what} was found in {_told(shown)} {period}. That it did not happen is not shown: {_ids(in_the_way)}"
            f" {'lies' if len(in_the_way) == 1 else 'lie'} in the way ({listed(gap.scope.text for gap in in_the_way)})."
            + "".join(_except(each) for each in unshown)
        )
    elif whole and all(each.complete for each in proofs if each.recorder.beside):
        absence = Absence.RULED_OUT
        sentence = (
            f"No {what} is recorded in {_told(whole)} {period}; signed digests prove the records of that period"
            " complete and unaltered, and acts of this kind were recorded"
            f" ({count(sum(each.same_kind for each in whole), 'record')} of them then)."
        )
    else:
        absence = Absence.QUALIFIED
        sentence = (
            f"No record of {what} was found in {_told(shown)} {period}. No gap is known there;"
            " that the records are complete is not proven." + "".join(_except(each) for each in unshown)
        )
    if caveats:
        sentence += f" Beside it: {_ids(caveats)}."
    return Answer(
        absence=absence, sentence=sentence, proofs=proofs, gaps=in_the_way, caveats=caveats, lacking=lacking
    )


def _there_are(question: Question, what: str, period: str) -> str:
    named = listed(question.named) or question.object
    least = "at least " if question.at_least else ""
    several = question.found != 1 or question.at_least
    more = f"; {_untold(question)}" if question.untold else ""
    return (
        f"There {'are' if several else 'is'} {least}{count(question.found, 'record')} of"
        f" {question.verb.value} of {named} {period}{_first(question)}: the absence of {what} cannot be stated{more}."
    )


def _untold(question: Question) -> str:
    least = "at least " if question.at_least else ""
    more = "more " if question.found else ""
    return (
        f"{least}{count(question.untold, f'{more}record')} of {question.verb.value} in that service"
        f" {'does' if question.untold == 1 and not least else 'do'} not tell whether {question.object} was meant"
    )


def _first(question: Question) -> str:
    return f" (to check, the first: {listed(question.first)})" if question.first else ""


def _except(proof: Proof) -> str:
    """Return for which hours nothing may be said."""
    hours = listed(f"{moment(start)} to {moment(end)}" for start, end in proof.unshown)
    return f" For these times nothing shows that {_name(proof.recorder)} recorded such acts, and nothing is said: {hours}."


def _proof(
    recorder: Recorder,
    question: Question,
    streams: Iterable[Stream],
    acts: Iterable[ActCount],
    validation: Validation,
    same_kind: Callable[[Recorder], Mapping[int, int]] | None,
) -> Proof:
    own = [
        each
        for each in streams
        if each.key.source == recorder.source
        and recorder.category in (None, each.key.category)
        and recorder.account in (None, each.key.account)
        and recorder.region in (None, each.key.region)
    ]
    low, high = question.start // SLOT, question.end // SLOT
    of_kind = {} if same_kind is None else same_kind(recorder)
    complete = _complete(recorder, own, validation) if same_kind is not None else []
    shown = list(_shown(own, None if recorder.by_default else of_kind, low, high))
    # Digests prove that the files are all there; that a trail was told to record data they do not.
    stretches = shown + (complete if recorder.by_default else [])
    return Proof(
        recorder=recorder,
        same_kind=sum(of_kind.values())
        if same_kind is not None
        else sum(
            each.events
            for each in acts
            if each.source == recorder.source
            and each.verb == question.verb.value
            and recorder.category in (None, each.category)
            and recorder.account in (None, each.account)
            and recorder.service in (None, each.service)
        ),
        in_period=sum(each.slots[slot] for each in own for slot in each.slots if low <= slot <= high),
        complete=any(start <= question.start and question.end <= end for start, end in complete),
        unshown=tuple(_between(stretches, question.start, question.end)) if same_kind is not None else (),
    )


def _shown(
    own: Iterable[Stream], of_kind: Mapping[int, int] | None, low: int, high: int
) -> Iterator[Stretch]:
    """Yield the hours in which records show that a log recorded such acts, cut off where the log begins and ends.

    Args:
        own: Its parts.
        of_kind: Which hours hold records of the kind; ``None`` if any record of the log shows it.
        low: The first stretch of five minutes that is asked about.
        high: The last.
    """
    for each in own:
        # To the minute: what an hour holds shows nothing of the part of it before the first record on hand, or after the last.
        first = None if each.first is None else each.first // _MINUTE * _MINUTE
        last = None if each.last is None else (each.last // _MINUTE + 1) * _MINUTE - 1
        hours = {slot * SLOT // HOUR for slot in each.slots if low <= slot <= high}
        for hour in hours if of_kind is None else of_kind:
            start, end = hour * HOUR, (hour + 1) * HOUR - 1
            start, end = (
                max(start, start if first is None else first),
                min(end, end if last is None else last),
            )
            if start <= end:
                yield start, end


def _complete(recorder: Recorder, own: Iterable[Stream], validation: Validation) -> list[Stretch]:
    """Return when digests prove that nothing is missing of any place that a recorder records."""
    if recorder.account is None or recorder.source != "aws.cloudtrail":
        return []
    found: list[Stretch] | None = None
    for place in sorted({(each.key.account or "", each.key.region or "") for each in own}):
        there = [
            (each.start, each.end)
            for each in validation.complete
            if (each.account or "", each.region or "") == place
        ]
        found = there if found is None else list(_both(found, there))
    return found or []


def _both(some: Iterable[Stretch], others: Sequence[Stretch]) -> Iterator[Stretch]:
    for low, high in some:
        for start, end in others:
            if max(low, start) <= min(high, end):
                yield max(low, start), min(high, end)


def _between(stretches: Iterable[Stretch], start: int, end: int) -> Iterator[Stretch]:
    """Yield what of a period none of the stretches covers."""
    for low, high in sorted(stretches):
        if low > start:
            yield start, min(low - 1, end)
        start = max(start, high + 1)
        if start > end:
            return
    yield start, end


def _concerns(gap: Gap, recorder: Recorder) -> bool:
    """Whether a gap is about what a recorder would have recorded; what is not known counts as concerned."""
    scope = gap.scope
    if ANY_LOG in scope.logs:
        # What a log group held is not known: named beside every log of AWS.
        if not recorder.source.startswith("aws."):
            return False
    elif recorder.source not in (scope.logs or (gap.source,)):
        return False
    if recorder.account is not None and scope.accounts and recorder.account not in scope.accounts:
        return False
    if recorder.region is not None and (
        (scope.regions and recorder.region not in scope.regions) or recorder.region in scope.beside
    ):
        return False
    if recorder.category is not None and scope.categories and recorder.category not in scope.categories:
        return False
    return recorder.service is None or not (
        (scope.services and recorder.service not in scope.services)
        or recorder.service in scope.beside_services
    )


def _of_verb(gap: Gap, question: Question, acts: Iterable[ActCount]) -> bool:
    """Whether a gap is about operations that do what is asked about; one of which the case says nothing counts as such."""
    # What a list of secrets leaves out bears on reading them, whichever of the two verbs it was given.
    reads = {Verb.READ.value, Verb.READ_SECRET.value}
    wanted = reads if question.verb.value in reads else {question.verb.value}
    verbs: dict[str, set[str]] = {}
    for each in acts:
        if each.source == gap.source:
            verbs.setdefault(each.action, set()).add(each.verb)
    known = [verbs.get(action, wanted) for action in gap.scope.actions]
    return not known or any(wanted & each for each in known)


def _lacking(proofs: Iterable[Proof], would: Sequence[Recorder]) -> Iterable[str]:
    if not would:
        yield "a log that records such acts"
    for each in proofs:
        if not each.in_period:
            yield f"{_name(each.recorder)} of the period ({each.recorder.why})"
        elif not each.same_kind:
            yield f"a record of this kind in {_name(each.recorder)}: that it records them is not shown"
        elif each.unshown:
            yield f"what shows that {_name(each.recorder)} recorded such acts in each hour of the period"
        elif not each.complete:
            yield f"proof that {_name(each.recorder)} is complete in the period"


def _told(proofs: Iterable[Proof]) -> str:
    return listed(
        f"{_name(each.recorder)} ({count(each.in_period, 'record')} of the period)" for each in proofs
    )


def _name(recorder: Recorder) -> str:
    parts = (recorder.source, recorder.category, recorder.account, recorder.region)
    return " ".join(part for part in parts if part)


def _ids(gaps: Iterable[Gap]) -> str:
    return listed(gap.id for gap in gaps)
