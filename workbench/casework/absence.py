"""Asking a case whether something may be said not to have happened: the search, and the guard over its result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import msgspec

from workbench.casefile.reader import CaseReader
from workbench.clock import rfc3339
from workbench.coverage.facts import HOUR
from workbench.coverage.naming import Names, Parts, names_of, relatives
from workbench.coverage.negative import Answer, may_state_absence
from workbench.coverage.recorders import Question, Recorder, recorders
from workbench.errors import WorkbenchError
from workbench.model.event import Verb
from workbench.search import parse
from workbench.search.query import Pattern

_COUNTED = 10_000
"""Records counted at most; more say nothing more."""

_LOOKED_AT = 1_000
"""Records of which it is told what they name."""

_LISTED = 3

_VERBS = {Verb.READ: (Verb.READ, Verb.READ_SECRET)}
"""Verbs that are another verb too: whoever reads a secret reads."""


def ask_absence(
    reader: CaseReader,
    *,
    verb: Verb,
    target: str,
    start: int | None = None,
    end: int | None = None,
    account: str | None = None,
    source: str | None = None,
) -> Answer:
    """Answer whether a case allows to say that nobody did this to that.

    Args:
        reader: The case.
        verb: What was not done.
        target: To what: a native name (``*`` stands for anything) or a type such as ``s3:object``.
        start: From when, microseconds UTC; the case's first event by default.
        end: To when; its last event by default.
        account: In which account.
        source: In which log; in all that would have recorded it by default.

    Raises:
        WorkbenchError: If the case holds no event with a time.
    """
    streams = reader.coverage.streams()
    dated = [each for each in streams if each.first is not None and each.last is not None]
    if not dated:
        raise WorkbenchError("the case holds no event with a time", "add evidence first")
    start = min(each.first or 0 for each in dated) if start is None else start
    end = max(each.last or 0 for each in dated) if end is None else end
    period = f"time:[{rfc3339(start, 6)} TO {rfc3339(end, 6)}]"

    def numbers(condition: str) -> list[int]:
        found: list[int] = []
        for chunk in reader.scan(parse(condition)):
            found += chunk.ids
            if len(found) >= _COUNTED:
                break
        return found

    def of_kind(recorder: Recorder, verbs: str) -> str:
        parts = [f"({verbs})", f"source:{_quoted(recorder.source)}"]
        for name in ("service", "account", "region", "category"):
            value = getattr(recorder, name)
            if value is not None:
                parts.append(f"{name}:{_quoted(value)}")
        return " AND ".join([*parts, period])

    def same_kind(recorder: Recorder) -> Counter[int]:
        found: Counter[int] = Counter()
        for chunk in reader.scan(parse(of_kind(recorder, f"verb:{verb}"))):
            found.update(time // HOUR for time in chunk.times)
        return found

    question = Question(
        verb=verb,
        object=target,
        start=start,
        end=end,
        account=account,
        source=source,
    )
    names = names_of(target)
    verbs = " OR ".join(f"verb:{each}" for each in _VERBS.get(verb, (verb,)))
    ids = numbers(f"({verbs}) AND ({_condition(names)}) AND {period}")
    found, loosely = len(ids), False
    if _is_type(target):
        loosely = target.casefold() not in reader.coverage.types()
        of_type = [number for each in recorders(question) for number in numbers(of_kind(each, verbs))]
        if not loosely:
            of_type = _of_type(reader, of_type, target)
        loosely = loosely and len(of_type) > found
        found = max(found, len(of_type))
    if names.service is None and not (_is_type(target) and found):
        question = msgspec.structs.replace(question, known=_known(reader, numbers, names, target))
    question = msgspec.structs.replace(
        question,
        found=found,
        at_least=found >= _COUNTED,
        loosely=loosely,
        named=_named(reader, ids, names),
    )
    return may_state_absence(
        question,
        streams=streams,
        acts=reader.coverage.acts(),
        gaps=reader.coverage.gaps(),
        validation=reader.coverage.validation(),
        same_kind=same_kind,
    )


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _is_type(target: str) -> bool:
    """Whether a type is asked about (``s3:object``), of which records hold service and category, and not a name."""
    service, _, kind = target.partition(":")
    return bool(service and kind) and ":" not in kind and "/" not in kind


def _of_type(reader: CaseReader, events: list[int], target: str) -> list[int]:
    """Return the events that act upon a thing of a type, or upon something of which no type is told."""
    wanted = (target.casefold(), "")
    return [
        stored.id
        for place in range(0, len(events), _LOOKED_AT)
        for stored in reader.events(events[place : place + _LOOKED_AT])
        if any((each.type or "").casefold() in wanted for each in stored.event.resources)
        or not stored.event.resources
    ]


def _condition(names: Names) -> str:
    """Return the condition that finds what acts upon a thing, whatever the records call it."""
    told = [_resource(each) for each in names.anywhere]
    # A whole name also fits the last part of a longer one; what another namespace holds is no collection that it lies in.
    told += [
        f"(service:kubernetes AND {_resource(each)} AND NOT resource:*{_quoted('/' + each[0])})"
        for each in names.collections
    ]
    if names.service is not None:
        where = {"service": names.service, "account": names.account, "region": names.region}
        own = " AND ".join(f"{field}:{_quoted(value)}" for field, value in where.items() if value)
        told += [f"({own})"] if names.whole else [f"({own} AND {_resource(each)})" for each in names.aws]
    return " OR ".join(told)


def _resource(parts: Parts) -> str:
    return "resource:" + "*".join(_quoted(each) if each else "" for each in Pattern.of(parts).parts)


def _called(name: str, patterns: Iterable[Parts]) -> bool:
    return any(Pattern.of(each).matches(name) for each in patterns)


def _named(reader: CaseReader, events: list[int], names: Names) -> tuple[str, ...]:
    """Return what events name of a thing, the most frequent first."""
    counted: Counter[str] = Counter()
    for stored in reader.events(events[:_LOOKED_AT]):
        for each in stored.event.resources:
            if _called(each.name, (*names.anywhere, *names.aws)):
                counted[each.name] += 1
            elif _called(each.name, names.collections):
                counted[f"{each.name} (the whole collection, and so each in it)"] += 1
    listed = [name for name, _ in counted.most_common(_LISTED)]
    return (*listed, f"{len(counted) - _LISTED:,} others") if len(counted) > _LISTED else tuple(listed)


def _known(
    reader: CaseReader, numbers: Callable[[str], list[int]], names: Names, target: str
) -> tuple[tuple[str, str | None], ...]:
    """Return the logs that hold records of a thing, or else of its nearest like, with what they say it is."""
    for patterns in (
        (*names.anywhere, *names.aws, *names.collections),
        *((each,) for each in relatives(target)),
    ):
        found = {
            (stored.source, each.type)
            for stored in reader.events(
                numbers(" OR ".join(_resource(each) for each in patterns))[:_LOOKED_AT]
            )
            for each in stored.event.resources
            if _called(each.name, patterns)
        }
        if found:
            return tuple(sorted(found, key=lambda each: (each[0], each[1] or "")))
    return ()
